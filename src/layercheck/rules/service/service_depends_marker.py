"""LC205: services and repositories that only FastAPI can build."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from layercheck.finding import Finding, Severity
from layercheck.inference.signatures import is_marker
from layercheck.inference.values import Values
from layercheck.location import Span
from layercheck.program.entities import Class, Function, Module
from layercheck.rules.measures.words import evidence, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_JUDGED = frozenset({"service", "repository"})


class ServiceDependsMarker(Rule):
    """`Depends` in the signature of a service or repository.

    ## What it does
    Reports `Depends(...)` or `Security(...)` as a default or in the `Annotated` type, also through an
    alias, of a parameter of a service or repository, and of an attribute its class declares. One
    finding per signature, at the first marker.

    ## Why is this bad
    A default that only FastAPI understands is a trap for whoever builds the class elsewhere, in a
    worker or a test, and the wiring is no longer in one place.

    ## Example
    ```python
    # app/services/reports.py
    from fastapi import Depends

    class Printer:
        def run(self, text: str) -> str: ...

    class ReportService:
        def __init__(self, printer: Printer = Depends(Printer)) -> None:
            self.printer = printer

        def weekly(self) -> str:
            return self.printer.run("week")
    ```

    ## Use instead
    ```python
    # app/services/reports.py
    class Printer:
        def run(self, text: str) -> str: ...

    class ReportService:
        def __init__(self, printer: Printer) -> None:
            self.printer = printer

        def weekly(self) -> str:
            return self.printer.run("week")

    # app/dependencies.py
    from typing import Annotated

    from fastapi import Depends

    from app.services.reports import Printer, ReportService

    def get_report_service(printer: Annotated[Printer, Depends()]) -> ReportService:
        return ReportService(printer)
    ```

    ## Options
    * `rules.LC205.allow-depends-in`: patterns of dotted names whose signatures may have markers.
    * `layers.dependency`: modules that wire by their nature.

    ## Known limits
    Markers of other dependency-injection libraries are not reported.
    """

    code = "LC205"
    name = "service-depends-marker"
    severity = Severity.WARNING
    fix = "unsafe"

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each signature, or class, with a marker."""
        allowed: tuple[str, ...] = view.config.option(self.code, "allow-depends-in", ())
        elements: list[Function | Class] = [*view.project.program.functions, *view.project.program.classes]
        for element in elements:
            if view.project.layer(element).layer not in _JUDGED or _matches(element, allowed):
                continue
            if isinstance(element, Class):
                marked = _in_class(view, element)
            else:
                marked = _in_signature(view, element)
            if marked is not None:
                yield self._report(view, element, *marked)

    def _report(self, view: View, element: Function | Class, name: str, marker: str, at: Span) -> Finding:
        project = view.project
        layer = project.layer(element).layer
        return self.finding(
            project.place(element, at),
            f"{layer} {spoken(element)} has `{marker}` for `{name}` in its signature",
            help=f"take `{name}` as a plain parameter, and let a provider hand it over",
            element=element.qualname,
            layer=layer,
            target=name,
            severity=softened(project, self.severity, element),
            evidence=evidence(project, element),
            chain=(step(project, element, at, "depends", f"{spoken(element)} marks {name}"),),
        )


def _in_signature(view: View, function: Function) -> tuple[str, str, Span] | None:
    """Return the first parameter with a marker, what marks it, and where it stands."""
    frame = view.calls.declared(function)
    if frame is None or function in view.project.handlers or _wires(view, function):
        return None
    for meaning in view.project.inference.signature(function, frame.outer, frame):
        for marker in _markers(*meaning.metadata, meaning.default):
            return meaning.name, marker, meaning.at
    return None


def _wires(view: View, function: Function) -> bool:
    """Return whether ``function`` is a provider, wherever it stands: only FastAPI runs it, if anybody."""
    if function.owner is not None:
        return False
    callers = (caller for caller in view.calls.callers(function) if not isinstance(caller, Module))
    return function in view.project.providers or not any(callers)


def _in_class(view: View, cls: Class) -> tuple[str, str, Span] | None:
    """Return the first attribute with a marker that the body of ``cls`` declares."""
    inference = view.project.inference
    for name, statement in cls.annotations.items():
        run = inference.static_activation(cls, None, None)
        metadata = inference.class_annotation(run, cls, statement)[1]
        for marker in _markers(*metadata, inference.heap.read(("class", cls, name), None)):
            return name, marker, statement.at
    return None


def _markers(*groups: Values) -> Iterator[str]:
    for values in groups:
        for value in values:
            if is_marker(value):
                yield value.name.rpartition(".")[2]


def _matches(element: Function | Class, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(element.qualname, pattern) for pattern in patterns)
