"""LC602: modules of different layers or features that import each other."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding, Severity
from layercheck.graphs.cycles import Cycle
from layercheck.graphs.imports import Import
from layercheck.program.entities import Module
from layercheck.project.matrix import may_use
from layercheck.project.model import Confidence
from layercheck.rules.measures.words import evidence, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View


class ImportCycle(Rule):
    """Modules of different layers or features import each other.

    ## What it does
    Looks for groups of modules that load each other while they are imported, and reports a shortest
    cycle of each group that crosses from one package to another. Cycles inside one package, cycles
    among entities alone, and imports for type checkers do not count.

    ## Why is this bad
    Neither side can be understood, tested or moved without the other, and whether the program
    starts at all depends on which of them is imported first.

    ## Example
    ```python
    # app/services/invoices.py
    from app.tasks.reminders import schedule


    def overdue() -> list[int]:
        schedule(7)
        return [7]
    # app/tasks/reminders.py
    from app.services import invoices


    def schedule(invoice_id: int) -> None:
        print(invoice_id)


    def remind_all() -> None:
        for invoice_id in invoices.overdue():
            schedule(invoice_id)
    ```

    ## Use instead
    ```python
    # app/services/invoices.py
    from typing import Protocol


    class Reminders(Protocol):
        def schedule(self, invoice_id: int) -> None: ...


    def overdue(reminders: Reminders) -> list[int]:
        reminders.schedule(7)
        return [7]
    # app/tasks/reminders.py
    from app.services import invoices


    class PrintedReminders:
        def schedule(self, invoice_id: int) -> None:
            print(invoice_id)


    def remind_all() -> None:
        invoices.overdue(PrintedReminders())
    ```

    ## Options
    - `rules.LC602.lazy`: also count imports inside functions; off by default.
    - `rules.LC602.within-package`: also report cycles inside one package; off by default.

    ## Known limits
    One cycle is printed per group of modules; breaking it may uncover the next.
    """

    code = "LC602"
    name = "import-cycle"
    severity = Severity.WARNING

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per group of modules."""
        within = view.config.option(self.code, "within-package", False)
        lazy = view.config.option(self.code, "lazy", False)

        def counts(one: Module, other: Module) -> bool:
            return within or not _belong_together(view, one, other)

        for cycle in view.imports.cycles(lazy, counts):
            layers = {view.project.layer(module).layer for module in cycle.nodes}
            if layers != {"entity"}:
                yield self._finding(view, cycle)

    def _finding(self, view: View, cycle: Cycle[Module, Import]) -> Finding:
        project = view.project
        edges = _from_the_wrong_edge(view, cycle.edges)
        names = [edge.module.name for edge in edges]
        if len(names) == 2:
            message = f"`{names[0]}` and `{names[1]}` import each other"
        else:
            message = f"{len(names)} modules import each other: {' -> '.join((*names, names[0]))}"
        if len(cycle.members) > len(names):
            message += f" (a shortest cycle among {len(cycle.members)} modules)"
        modules = [edge.module for edge in edges]
        return self.finding(
            project.place(modules[0], edges[0].at),
            message,
            help="let one side own an interface or a value that the other needs, and drop this import",
            element=names[0],
            layer=project.layer(modules[0]).layer,
            target=", ".join(sorted(names)),
            evidence=evidence(project, *modules),
            chain=tuple(
                step(project, edge.module, edge.at, "import", f"{edge.module.name} -> {_written(edge)}")
                for edge in edges
            ),
        )


def _from_the_wrong_edge(view: View, edges: tuple[Import, ...]) -> tuple[Import, ...]:
    """Return the cycle from the first import that goes against the layers, else as it is."""
    layer = view.project.layer
    for index, edge in enumerate(edges):
        if isinstance(edge.written, Module) and not may_use(
            layer(edge.module).layer, layer(edge.written).layer, view.config
        ):
            return (*edges[index:], *edges[:index])
    return edges


def _written(edge: Import) -> str:
    return edge.written.name if isinstance(edge.written, Module) else edge.written


def _belong_together(view: View, one: Module, other: Module) -> bool:
    """Return whether two modules are of one package, or of one layer and a package inside the other's."""
    package, its = _package(one), _package(other)
    if package == its or _hands_on(view, one, other) or _hands_on(view, other, one):
        return True
    is_nested = f"{package}.".startswith(f"{its}.") or f"{its}.".startswith(f"{package}.")
    return is_nested and view.project.layer(one).layer == view.project.layer(other).layer


def _hands_on(view: View, package: Module, inner: Module) -> bool:
    """Return whether ``package`` is the file of a package around ``inner`` that has no layer of its own."""
    is_around = package.source.is_package and inner.name.startswith(f"{package.name}.")
    return is_around and view.project.layer(package).confidence <= Confidence.WEAK


def _package(module: Module) -> str:
    return module.name if module.source.is_package else module.name.rpartition(".")[0]
