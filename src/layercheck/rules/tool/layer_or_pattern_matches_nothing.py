"""LC003: settings and comments that match nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from pathspec import GitIgnoreSpec

from layercheck.config.load import presets
from layercheck.config.places import place_of
from layercheck.config.schema import LAYERS
from layercheck.finding import Finding, Severity
from layercheck.project.model import UNKNOWN
from layercheck.project.overrides import comments, unmatched
from layercheck.rules.measures import comments as measures
from layercheck.rules.measures.words import enumerate_words
from layercheck.rules.rule import Rule
from layercheck.rules.view import View


class LayerOrPatternMatchesNothing(Rule):
    """A setting or comment speaks of code that does not exist.

    ## What it does
    Reports patterns of `layers` and `per-file-ignores`, `roots`, `features`, `allow-edges` and layers of
    one's own that match no code, and `# layercheck: layer=` comments that name no layer or stand on no
    definition. An `exclude` pattern that leaves out nothing is a warning: what it names may be
    generated, and missing in a fresh checkout.

    ## Why is this bad
    A rule that is told to look in an empty place finds nothing, and everybody believes it looked.

    ## Example
    ```python
    # app/billing.py
    # layercheck: layer=servcie
    def total(prices: list[int]) -> int:
        return sum(prices)
    ```

    ## Use instead
    ```python
    # app/billing.py
    # layercheck: layer=service
    def total(prices: list[int]) -> int:
        return sum(prices)
    ```

    ## Options
    None.

    ## Known limits
    Of the layers of a preset only those are judged that the preset adds. Hidden files are never read,
    whether `exclude` names them or not.
    """

    code = "LC003"
    name = "layer-or-pattern-matches-nothing"
    severity = Severity.ERROR

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per pattern, layer and comment."""
        yield from self._layers(view)
        yield from self._files(view)
        yield from self._edges(view)
        yield from self._comments(view)

    def _layers(self, view: View) -> Iterator[Finding]:
        config, given = view.config, presets()[view.config.preset].get("layers", {})
        told: set[str] = set()
        for layer, pattern in unmatched(view.project, config):
            if pattern not in _patterns(given.get(layer, ())):
                told.add(layer)
                yield self._setting(view, "layers", layer, pattern, f"pattern `{pattern}` matches no module")
        known = {assignment.layer for assignment in view.project.layers.values()}
        for layer in config.own_layers:
            if layer in known or layer in told:
                continue
            if layer in given:
                message = f"no code is of the layer `{layer}` of `{config.preset}`"
                yield self._setting(view, "preset", "", config.preset, message)
            else:
                yield self._setting(view, "layers", layer, layer, "no code is of this layer")

    def _files(self, view: View) -> Iterator[Finding]:
        config, tree = view.config, view.tree
        for pattern in config.per_file_ignores:
            spec = GitIgnoreSpec.from_lines([pattern])
            if not any(spec.match_file(source.path) for source in tree.sources):
                message = f"pattern `{pattern}` matches no file"
                yield self._setting(view, "per-file-ignores", "", pattern, message)
        for pattern in tree.idle_excludes:
            message = f"pattern `{pattern}` leaves out nothing"
            yield self._setting(view, "exclude", "", pattern, message, Severity.WARNING)
        for root in config.roots:
            if not any(PurePosixPath(source.path).is_relative_to(root) for source in tree.sources):
                yield self._setting(view, "roots", "", root, f"`{root}` holds no Python file")
        if config.features is not None and not view.project.presence.homes:
            message = f"pattern `{config.features}` matches no directory"
            yield self._setting(view, "features", "", config.features, message)

    def _edges(self, view: View) -> Iterator[Finding]:
        given = presets()[view.config.preset].get("allow-edges", ())
        known = {assignment.layer for assignment in view.project.layers.values()}
        for edge in view.config.allow_edges:
            missing = [layer for layer in dict.fromkeys(edge) if layer not in known]
            if missing and list(edge) not in given:
                layers = enumerate_words(f"`{layer}`" for layer in missing)
                message = f"`{edge[0]}` to `{edge[1]}`: no code is of the layer {layers}"
                yield self._setting(view, "allow-edges", "", " -> ".join(edge), message)

    def _setting(
        self, view: View, key: str, layer: str, value: str, text: str, severity: Severity = Severity.ERROR
    ) -> Finding:
        whole = f"{key}.{layer}" if layer else key
        return self.finding(
            place_of(view.config, key, value.partition(" -> ")[0]),
            f"`{whole}`: {text}",
            help="mend it, or remove it",
            element=whole,
            layer=layer or UNKNOWN.layer,
            target=value,
            severity=severity,
        )

    def _comments(self, view: View) -> Iterator[Finding]:
        known = (*LAYERS, *view.config.own_layers)
        for module in view.project.program.modules:
            for pragma, element in comments(module):
                if pragma.value not in known:
                    near = difflib.get_close_matches(pragma.value, known, n=1)
                    text = "is no layer" + (f"; did you mean `{near[0]}`?" if near else "")
                elif element is None:
                    text = "stands on no definition and not in the first comment block"
                else:
                    continue
                yield self.finding(
                    measures.place_of(module.path, pragma),
                    f"`layer={pragma.value}` {text}",
                    help="put the comment on a `def` or `class`, or at the top of the file, with a layer"
                    " there is",
                    element=module.name,
                    layer=view.project.layer(module).layer,
                    target=pragma.value,
                )


def _patterns(written: Any) -> list[str]:
    """Return the patterns of a layer as settings write it: a list, or a table with modules."""
    return list(written.get("modules", ()) if isinstance(written, dict) else written)
