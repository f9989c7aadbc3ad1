"""LC004: modules of no known layer."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.config.schema import Config
from layercheck.finding import Finding, Severity
from layercheck.location import Place
from layercheck.project.coverage import holds_code, is_classified
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_OPTION = "max-unclassified"


class UnclassifiedModule(Rule):
    """Neither a module nor anything in it has a layer.

    ## What it does
    Reports the modules whose layer nothing gives away: no name, no framework, nothing they do. Modules
    that only import and hand on do not count. Where no more than `max-unclassified` are left, it is
    silent.

    Off, and active as soon as `max-unclassified` is set.

    ## Why is this bad
    No rule judges code of no layer. With this rule, new modules cannot slip past the others.

    ## Example
    ```python
    # app/billing/meter.py
    class Meter:
        def tick(self) -> None:
            with open("meter.txt", "a") as file:
                file.write("tick")
    ```

    ## Use instead
    ```python
    # app/services/meter.py
    class Meter:
        def tick(self) -> None:
            with open("meter.txt", "a") as file:
                file.write("tick")
    ```

    ## Options
    - `rules.LC004.max-unclassified`: how many modules may be without a layer; 0.
    - `layers`: patterns for the known layers, and layers of your own.

    ## Known limits
    A module counts as classified as soon as one class or function in it has a layer.
    """

    code = "LC004"
    name = "unclassified-module"
    severity = None

    @classmethod
    def default(cls, config: Config) -> Severity | None:
        """Return that the rule is on where the settings say how many modules may be without a layer."""
        return cls.severity_when_named if _OPTION in config.rules.get(cls.code, {}) else None

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per module, where there are too many of them."""
        project = view.project
        modules = [
            module
            for module in project.program.modules
            if holds_code(module) and not is_classified(project, module)
        ]
        most = view.config.option(self.code, _OPTION, 0)
        if len(modules) <= most:
            return
        limit = f" ({len(modules)} modules without one > {most})" if most else ""
        for module in modules:
            yield self.finding(
                Place(module.path, 1, 1, 1, 1),
                f"`{module.name}` has no layer{limit}",
                help="name its layer in `layers`, or with `# layercheck: layer=...` in its first lines",
                element=module.name,
                layer=project.layer(module).layer,
                target="",
            )
