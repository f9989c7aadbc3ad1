"""LC506: an exception handler that no application knows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from layercheck.facts import records as r
from layercheck.finding import Finding, Severity
from layercheck.graphs.exception_types import BASE_EXCEPTION, ExceptionType, dotted, types_of
from layercheck.inference.frames import Frame
from layercheck.inference.values import Instance, Value
from layercheck.program.entities import Entity, Function, Module
from layercheck.rules.measures.mentions import Mentions
from layercheck.rules.measures.parameters import parameters, product
from layercheck.rules.measures.words import enumerate_words, evidence, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

REGISTERING = frozenset({"exception_handler", "add_exception_handler"})
REQUESTS = frozenset({"fastapi.Request", "starlette.requests.Request"})
APPLICATIONS = frozenset({"fastapi.FastAPI", "starlette.applications.Starlette"})


class HandlerNeverRegistered(Rule):
    """An exception handler exists, but no application ever gets it.

    ## What it does
    Reports a function that takes a request and an exception and returns a response, and a function
    that registers exception handlers on an application it is handed, where nothing in the project
    uses them: no call, no registration, no table, not even a text with their name.

    ## Why is this bad
    The code looks right and every test of the handler passes, yet each exception it is meant for
    becomes "500 Internal Server Error".

    ## Example
    ```python
    # app/errors.py
    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse


    class DomainError(Exception):
        pass


    def on_domain_error(request: Request, error: DomainError) -> JSONResponse:
        return JSONResponse({"detail": "refused"}, status_code=409)


    def register_handlers(app: FastAPI) -> None:
        app.add_exception_handler(DomainError, on_domain_error)
    # app/main.py
    from fastapi import FastAPI

    from app.errors import DomainError

    app = FastAPI()


    @app.post("/orders")
    def place_order(quantity: int) -> str:
        if quantity > 10:
            raise DomainError
        return "placed"
    ```

    ## Use instead
    ```python
    # app/errors.py
    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse


    class DomainError(Exception):
        pass


    def on_domain_error(request: Request, error: DomainError) -> JSONResponse:
        return JSONResponse({"detail": "refused"}, status_code=409)


    def register_handlers(app: FastAPI) -> None:
        app.add_exception_handler(DomainError, on_domain_error)
    # app/main.py
    from fastapi import FastAPI

    from app.errors import DomainError, register_handlers

    app = FastAPI()
    register_handlers(app)


    @app.post("/orders")
    def place_order(quantity: int) -> str:
        if quantity > 10:
            raise DomainError
        return "placed"
    ```

    ## Known limits
    A handler whose name is used for something else, too, is taken for used, and so is all of a
    project with files that could not be read. Methods, decorated functions and handlers without
    annotations are not judged, nor are packages that make no application: they may be libraries.
    """

    code = "LC506"
    name = "handler-never-registered"
    severity = Severity.ERROR
    fix = "unsafe"

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per function that handles or registers, and is never used."""
        if view.unread:
            return
        usage = _Usage(view)
        for function in view.project.program.functions:
            if not usage.may_be_judged(function):
                continue
            registered = usage.registered(function)
            if registered is not None:
                if usage.is_unused(function):
                    told = f"`{spoken(function)}` registers {_handlers(registered)}, but nothing calls it"
                    yield self._finding(view, function, told, "call it where the application is made")
                continue
            for frame in view.calls.frames(function):
                handled = usage.handled(frame)
                if handled:
                    if usage.is_unused(function):
                        told = f"exception handler `{spoken(function)}` for `{handled}` is registered nowhere"
                        yield self._finding(view, function, told, "register it on the application")
                    break

    def _finding(self, view: View, function: Function, message: str, help: str) -> Finding:
        project, header = view.project, getattr(function.node, "header", function.at)
        return self.finding(
            project.place(function, header),
            message,
            help=help,
            element=function.qualname,
            layer=project.layer(function).layer,
            target=function.name,
            evidence=evidence(project, function),
            chain=(step(project, function, header, "unused", f"{spoken(function)} is used nowhere"),),
        )


class _Usage:
    """Knows which functions a project uses."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._hierarchy = view.project.inference.hierarchy
        self._handling = {one.handler for one in view.project.mappings}
        self._homes = set(_homes(view))
        self._scanned = {
            one.target
            for one in view.imports.imports
            if isinstance(one.target, Module) and not one.name and any(not use.path for use in one.uses)
        }

    def may_be_judged(self, function: Function) -> bool:
        """Return whether ``function`` is a plain one, of a package that makes an application."""
        node = function.node
        return (
            isinstance(node, r.Function)
            and function.owner is None
            and not node.decorators
            and _home(function.module) in self._homes
            and function.module not in self._scanned
        )

    @cached_property
    def _mentions(self) -> Mentions:
        return self._view.measure(Mentions)

    def is_unused(self, function: Function, seen: frozenset[Function] = frozenset()) -> bool:
        """Return whether nothing uses ``function`` but itself and what is unused like it."""
        seen |= {function}
        if not all(self._leads_nowhere(caller, seen) for caller in self._view.calls.callers(function)):
            return False
        return all(self._leads_nowhere(one.element, seen) for one in self._mentions.of(function.name))

    def _leads_nowhere(self, element: Entity, seen: frozenset[Function]) -> bool:
        """Return whether ``element`` is one of ``seen``, or as unused and handed an application, too."""
        if isinstance(element, Function) and any(_is_inside(element, one) for one in seen):
            return True
        if not isinstance(element, Function) or not self.may_be_judged(element):
            return False
        return bool(self._applications(element)) and self.is_unused(element, seen)

    def registered(self, function: Function) -> list[str] | None:
        """Return for which exceptions ``function`` registers handlers, None for a function that does not.

        It does so on an application it is handed; the exceptions are named as written. A parameter
        without annotation that is registered on can be nothing but an application.
        """
        open_ = {one.name for one in function.params if one.annotation is None and one.kind == "plain"}
        nodes = list(function.nodes_of(r.Call))
        nodes += [
            decorator
            for nested in function.nested
            if isinstance(nested.node, r.Function)
            for decorator in nested.node.decorators
            if isinstance(decorator, r.Call)
        ]
        found = [
            (owner, node)
            for node in sorted(nodes, key=lambda node: node.at)
            if isinstance(node.func, r.Attribute)
            and node.func.name in REGISTERING
            and isinstance(node.func.value, r.Name)
            and (owner := node.func.value.id) in {one.name for one in function.params}
        ]
        taken = self._applications(function) | open_ if found else set()
        names = [_written(node) for owner, node in found if owner in taken]
        return [name for name in dict.fromkeys(names) if name not in function.bound] if names else None

    def handled(self, frame: Frame) -> str:
        """Return the exception ``frame`` handles, empty where it is no handler of exceptions."""
        function = frame.entity
        if not isinstance(function, Function) or function in self._handling or len(function.params) != 2:
            return ""
        if any(one.annotation is None or one.kind != "plain" for one in function.params):
            return ""
        request, error = parameters(self._view.project, frame).values()
        if not request or not all(_is_of(value, REQUESTS) for value in request):
            return ""
        kinds = list(types_of(error))
        types = self._view.exceptions.types
        if not kinds or not all(types.is_a(kind, BASE_EXCEPTION) for kind in kinds):
            return ""
        return _bare(kinds[0]) if self._returns_response(function, frame) else ""

    def _returns_response(self, function: Function, frame: Frame) -> bool:
        inference = self._view.project.inference
        results = inference.heap.read(("return", frame), None)
        results |= inference.declared_result(function, frame.outer, frame)
        return any(
            kind.endswith("Response") and kind.startswith(("fastapi.", "starlette."))
            for value in product(results)
            for kind in map(str, types_of(frozenset((value,))))
        )

    def _applications(self, function: Function) -> set[str]:
        """Return the parameters of ``function`` that take an application."""
        return {
            name
            for frame in self._view.calls.frames(function)
            for name, values in parameters(self._view.project, frame).items()
            if any(map(self._is_application, values))
        }

    def _is_application(self, value: Value) -> bool:
        if not isinstance(value, Instance):
            return False
        bases = (value.cls,) if isinstance(value.cls, str) else self._hierarchy.order(value.cls)
        return any(base in APPLICATIONS for base in bases)


def _is_of(value: object, names: frozenset[str]) -> bool:
    return isinstance(value, Instance) and value.class_name in names


def _is_inside(function: Function, outer: Function) -> bool:
    current: Entity = function
    while not isinstance(current, Module):
        if current is outer:
            return True
        current = current.parent
    return False


def _homes(view: View) -> Iterator[tuple[str, str]]:
    """Yield the packages that make an application, and those its modules import."""
    apps = {place.path for place in view.project.apps}
    for module, imports in view.imports.of_module.items():
        if module.path in apps:
            yield _home(module)
            for one in imports:
                if isinstance(one.target, Module):
                    yield _home(one.target)


def _home(module: Module) -> tuple[str, str]:
    """Return the import root and the package ``module`` belongs to; modules beside each other share one."""
    head, dot, _ = module.name.partition(".")
    return module.source.root, head if dot or module.source.is_package else ""


def _handlers(names: list[str]) -> str:
    told = enumerate_words(f"`{name}`" for name in names) if names else ""
    return f"handlers for {told}" if told else "exception handlers"


def _written(call: r.Call) -> str:
    """Return the exception or status a call registers a handler for, by its last name."""
    keywords = (one.value for one in call.keywords if one.name == "exc_class_or_status_code")
    match next(iter((*call.args[:1], *keywords)), None):
        case r.Name(id=name) | r.Attribute(name=name):
            return name
        case r.Constant(value=value):
            return str(value)
    return "..."


def _bare(kind: ExceptionType) -> str:
    return dotted(kind).rpartition(".")[2]
