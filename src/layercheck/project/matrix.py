"""Which layer may use which, as data.

The table is the default of every project; settings add edges (``allow-edges``) and layers of their
own. A layer may always use itself. Code that is not reported (tests, migrations, scripts) and code
of no known layer is bound by nothing.
"""

from __future__ import annotations

import enum

from layercheck.config.schema import Config

MAY_USE: dict[str, frozenset[str]] = {
    "app": frozenset({
        "router", "dependency", "service", "repository", "entity", "schema", "database",
        "infrastructure", "task", "exception", "util", "config",
    }),
    "router": frozenset({"dependency", "service", "schema", "exception", "util", "config", "task"}),
    "dependency": frozenset({
        "service", "repository", "database", "infrastructure", "schema", "entity", "exception", "util",
        "config",
    }),
    "service": frozenset({
        "repository", "entity", "schema", "exception", "infrastructure", "util", "config", "task",
    }),
    "repository": frozenset({"entity", "database", "schema", "exception", "util", "config"}),
    "entity": frozenset({"exception", "util", "database"}),
    "schema": frozenset({"exception", "util", "entity", "config"}),
    "database": frozenset({"config", "util", "entity"}),
    "infrastructure": frozenset({"schema", "exception", "util", "config"}),
    "task": frozenset({
        "service", "repository", "entity", "schema", "exception", "util", "config", "database",
        "infrastructure",
    }),
    "exception": frozenset({"util", "config"}),
    "util": frozenset({"config"}),
    "config": frozenset({"util", "entity", "schema"}),
}  # fmt: skip
"""What a layer may use at run time, besides itself."""

UNBOUND = frozenset({"test", "migration", "script", "unknown"})
"""Layers nothing is demanded of."""

RANK = (
    "app", "router", "task", "dependency", "service", "repository", "infrastructure", "database",
    "entity", "schema", "exception", "config", "util",
)  # fmt: skip
"""The layers from the outermost to the innermost."""

ALIASES = {
    "crud": "repository",
    "use_cases": "service",
    "adapters": "infrastructure",
    "interfaces": "router",
    "presentation": "router",
}
"""Names other layouts have for the same layers."""


class Condition(enum.StrEnum):
    """What an edge of the matrix is bound to, beyond the two layers."""

    ENQUEUE = "only to enqueue it"
    BASE = "only for the declarative base"


CONDITIONS: dict[tuple[str, str], Condition] = {
    ("router", "task"): Condition.ENQUEUE,
    ("service", "task"): Condition.ENQUEUE,
    ("entity", "database"): Condition.BASE,
}
"""The edges of `MAY_USE` that hold only for one purpose."""


def may_use(source: str, target: str, config: Config) -> bool:
    """Return whether code of layer ``source`` may use code of layer ``target`` at run time.

    The settings come first: an edge they allow is allowed, and a layer of the project's own may use
    what it lists. Nothing forbids the known layers to use an own layer, except that what a layer
    lists as its own must not use it back: an own layer stands above what it may use.
    """
    if source == target or source in UNBOUND or target in UNBOUND:
        return True
    if (source, target) in config.allow_edges:
        return True
    own = config.own_layers.get(source)
    if own is not None:
        return target in own.may_use
    above = config.own_layers.get(target)
    if above is not None:
        return source not in above.may_use
    return target in MAY_USE.get(source, frozenset())


def condition(source: str, target: str, config: Config) -> Condition | None:
    """Return what the edge from ``source`` to ``target`` is bound to, None where it is free."""
    if (source, target) in config.allow_edges:
        return None
    return CONDITIONS.get((source, target))


def rank(layer: str) -> int:
    """Return the place of ``layer`` from the outside in; layers the table lacks stand innermost."""
    return RANK.index(layer) if layer in RANK else len(RANK)
