"""What a project does as a rule, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from layercheck.inference.frames import Frame
from layercheck.outcome import LayerCount
from layercheck.pipeline.analysis import Analysis
from layercheck.pipeline.summary import layer_counts
from layercheck.program.entities import Class, Function, Module
from layercheck.project.coverage import holds_code, is_classified
from layercheck.rules.measures.database import Database, Touch
from layercheck.rules.measures.handlers import handlers
from layercheck.rules.measures.sessions import held_attributes, held_parameters
from layercheck.rules.view import View

OWNERS = ("dependency", "service", "router", "repository", "uow")
"""Who may own transactions, as the setting names them."""

_ENDS = frozenset({"commit", "begin"})
_PROVIDERS = frozenset({"dependency", "database"})


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many."""

    some: int
    all: int

    @property
    def ratio(self) -> float:
        """The share as a number from 0 to 1; 0 of nothing."""
        return self.some / self.all if self.all else 0.0

    def __str__(self) -> str:
        return f"{self.some} of {self.all}"


@dataclass(frozen=True, slots=True)
class Habits:
    """The habits of a project.

    ``commits`` counts the functions that end transactions, by the layer they speak for; a provider of
    sessions counts as often as it is injected.
    ``handlers`` and ``services`` are those that hold a session; a service is a class, or a public
    function outside classes. ``mappings`` is how many exceptions have a registered handler.
    ``present`` are the layers really used, ``features`` the directories of features, ``folders`` the
    names of all folders. ``unknown`` are the paths of modules without a layer.
    """

    layers: tuple[LayerCount, ...]
    present: frozenset[str]
    features: tuple[str, ...]
    folders: frozenset[str]
    routes: int
    handlers: Share
    services: Share
    commits: Counter[str]
    mappings: int
    unknown: tuple[str, ...]


def habits(analysis: Analysis) -> Habits:
    """Return what the code of ``analysis`` does."""
    view, project = analysis.view, analysis.project
    answering = [handler.function for handler in handlers(view)]
    serving = list(_services(view))
    modules = project.program.modules
    return Habits(
        layers=layer_counts(analysis),
        present=project.presence.layers,
        features=tuple(sorted(set(project.presence.homes.values()))),
        folders=frozenset(part for module in modules for part in module.path.split("/")[:-1]),
        routes=len(project.routes),
        handlers=Share(sum(_holds_session(view, one) for one in answering), len(answering)),
        services=Share(sum(_holds_session(view, one) for one in serving), len(serving)),
        commits=_commits(view),
        mappings=len({mapping.exception for mapping in project.mappings}),
        unknown=tuple(
            module.path for module in modules if holds_code(module) and not is_classified(project, module)
        ),
    )


def _services(view: View) -> Iterator[Class | Function]:
    project = view.project
    elements: tuple[Class | Function, ...] = (*project.program.classes, *project.program.functions)
    for element in elements:
        if project.layer(element).layer != "service" or not isinstance(element.parent, Module):
            continue
        if isinstance(element, Class) or not element.name.startswith("_"):
            yield element


def _holds_session(view: View, element: Class | Function) -> bool:
    if isinstance(element, Function):
        owner = element.owner
        held = owner is not None and any(one.uses for one in held_attributes(view, owner, element))
        return held or any(True for _ in held_parameters(view, element))
    if any(True for _ in held_attributes(view, element, None)):
        return True
    return any(any(True for _ in held_parameters(view, method)) for method in _functions(element))


def _functions(cls: Class) -> Iterable[Function]:
    return [method for method in cls.methods.values() if isinstance(method, Function)]


def _commits(view: View) -> Counter[str]:
    database, project = Database(view), view.project
    found: Counter[str] = Counter()
    for function in project.program.functions:
        frames = view.calls.frames(function)
        owner = _owner(view, function)
        ends = any(_ends(touch) for frame in frames for touch in database.touches(frame))
        if owner == "dependency" and (ends or _begins(view, frames)):
            # one provider ends the transactions of all who have it injected
            found[owner] += max(1, len(project.providers.get(function, ())))
        elif ends and (owner == "uow" or not any(database.opens(frame) for frame in frames)):
            found[owner] += 1
    return found


def _ends(touch: Touch) -> bool:
    return touch.operation.target.rpartition(".")[2] in _ENDS


def _begins(view: View, frames: Iterable[Frame]) -> bool:
    """Return whether a session is opened whose transaction ends with the block it is opened for."""
    return any(
        name.endswith(".begin") and view.project.sessions.opened_by(name, receiver)
        for frame in frames
        for site in frame.sites.values()
        for name, receiver in site.externals.items()
    )


def _owner(view: View, function: Function) -> str:
    if function.owner is not None and view.project.sessions.is_unit_of_work(function.owner):
        return "uow"
    layer = view.project.layer(function).layer
    return "dependency" if layer in _PROVIDERS else layer
