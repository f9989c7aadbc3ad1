"""LC610: import-linter contracts of the project that are broken or cannot run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from layercheck.config.places import place_in
from layercheck.facts.read import read_facts
from layercheck.facts.unreadable import Unreadable
from layercheck.finding import Finding, Severity, Step
from layercheck.graphs.contracts import Cause, Link, Verdict, check_contracts, settings_files
from layercheck.location import Place
from layercheck.program.build import build_program
from layercheck.program.entities import Module
from layercheck.project.model import UNKNOWN
from layercheck.rules.rule import Rule
from layercheck.rules.view import View
from layercheck.sources import Role
from layercheck.sources.paths import is_below


class BrokenImportContract(Rule):
    """An import-linter contract of the project is broken.

    ## What it does
    Runs the contracts in `[tool.importlinter]`, `.importlinter` or `setup.cfg` and reports every chain
    of imports that breaks one, with all its steps. The settings are looked for in the project root
    and in the directories that lead to the import roots. A contract that cannot run is an error too;
    one whose type is code of its own is left out, as that code would have to be imported.

    ## Why is this bad
    A contract is a decision of this project, and `lint-imports` fails on it.

    ## Example
    ```python
    # app/models.py
    from app.views import render


    def show() -> str:
        return render()
    # app/views.py
    def render() -> str:
        return "a page"
    # setup.cfg
    [importlinter]
    root_package = app

    [importlinter:contract:views-on-top]
    name = Views stand above models
    type = layers
    layers =
        app.views
        app.models
    ```

    ## Use instead
    ```python
    # app/models.py
    def show() -> str:
        return "a page"
    # app/views.py
    from app.models import show


    def render() -> str:
        return show()
    # setup.cfg
    [importlinter]
    root_package = app

    [importlinter:contract:views-on-top]
    name = Views stand above models
    type = layers
    layers =
        app.views
        app.models
    ```

    ## Options
    None; contracts have their own, `ignore_imports` among them.

    ## Known limits
    Directories without `__init__.py`, which import-linter leaves out, are read like any other. Files
    that `exclude` or `.gitignore` name are not read.
    """

    code = "LC610"
    name = "broken-import-contract"
    severity = Severity.ERROR

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per chain that breaks a contract, and per contract that cannot run."""
        root = Path(view.tree.project_root)
        for file in settings_files(root, view.tree.roots):
            modules = list(_modules(view, file.rpartition("/")[0]))
            for verdict in check_contracts(root, file, modules):
                yield self._finding(view, verdict, {module.name: module for module in modules})

    def _finding(self, view: View, verdict: Verdict, modules: dict[str, Module]) -> Finding:
        root = Path(view.tree.project_root)
        named = f"contract `{verdict.contract}`" if verdict.contract else f"`{verdict.file}`"
        if verdict.cause is not Cause.BROKEN:
            return self.finding(
                place_in(root, verdict.file, verdict.contract or "importlinter"),
                f"{named} {verdict.text}",
                help="`lint-imports` runs it" if verdict.cause is Cause.LEFT_OUT else "mend the contract",
                element=verdict.file,
                layer=UNKNOWN.layer,
                target=verdict.contract,
                severity=Severity.ADVICE if verdict.cause is Cause.LEFT_OUT else None,
            )
        module = modules.get(verdict.module)
        steps = tuple(step for link in verdict.chain for step in _steps(view, link, modules))
        return self.finding(
            steps[0].place if steps else _start(root, verdict, module),
            f"{named} is broken: {verdict.text}",
            help=verdict.guidance or f"drop one of these imports, or change the contract in `{verdict.file}`",
            element=verdict.module,
            layer=view.project.layer(module).layer if module else UNKNOWN.layer,
            target=f"{verdict.contract}: {verdict.chain[-1].imported if verdict.chain else verdict.module}",
            chain=steps,
            related=tuple(link.places[0] for link in verdict.others if link.places),
        )


def _steps(view: View, link: Link, modules: dict[str, Module]) -> Iterator[Step]:
    module = modules.get(link.importer)
    if module is not None and link.places:
        layer = view.project.layer(module).layer
        text = f"{link.importer} -> {link.imported}"
        yield Step(link.places[0], link.importer, layer, "import", text)


def _start(root: Path, verdict: Verdict, module: Module | None) -> Place:
    if module is not None:
        return Place(module.path, 1, 1, 1, 1)
    return place_in(root, verdict.file, verdict.contract)


def _modules(view: View, directory: str) -> Iterator[Module]:
    """Yield all modules whose import root lies in ``directory``; tests and migrations are read for it."""
    for module in view.project.program.modules:
        if is_below(module.source.root, directory):
            yield module
    others = []
    for source in view.tree.sources:
        if source.role is not Role.CODE and is_below(source.path, directory):
            try:
                others.append((source, read_facts(source.read(view.tree.project_root))))
            except (OSError, Unreadable):
                continue
    yield from build_program(others).modules
