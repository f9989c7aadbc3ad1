"""What is handed the request: code that only runs while one is answered."""

from __future__ import annotations

from layercheck.inference.values import Instance, Values
from layercheck.program.entities import Class, Function
from layercheck.project.identity import is_exception
from layercheck.project.model import Project

REQUESTS = frozenset({
    "starlette.requests.Request", "starlette.requests.HTTPConnection", "starlette.websockets.WebSocket",
})  # fmt: skip


def takes_request(project: Project, element: Class | Function) -> bool:
    """Return whether a function, or the constructor of a class, has a parameter for the request."""
    if isinstance(element, Function):
        frame = project.inference.declared_frame(element, None)
        meanings = project.inference.signature(element, None, frame)
        return any(_has_request(meaning.declared) for meaning in meanings)
    constructors = (
        base.methods["__init__"]
        for base in project.inference.hierarchy.order(element)
        if isinstance(base, Class) and "__init__" in base.methods
    )
    first = next(constructors, None)
    return first is not None and takes_request(project, first)


def handles_requests(project: Project, element: Class | Function) -> bool:
    """Return whether a function, or any method of a class, has a parameter for the request."""
    functions = element.methods.values() if isinstance(element, Class) else (element,)
    return any(takes_request(project, function) for function in functions)


def answers_exceptions(project: Project, function: Function) -> bool:
    """Return whether ``function`` takes a request and an exception, as handlers of exceptions do."""
    frame = project.inference.declared_frame(function, None)
    taken = [meaning.declared for meaning in project.inference.signature(function, None, frame)]
    return len(taken) == 2 and _has_request(taken[0]) and _has_exception(project, taken[1])


def _has_exception(project: Project, values: Values) -> bool:
    outside = project.inference.hierarchy.outside
    kinds = [value.cls for value in values if isinstance(value, Instance)]
    return bool(kinds) and all(
        any(map(is_exception, outside(kind) if isinstance(kind, Class) else [kind])) for kind in kinds
    )


def _has_request(values: Values) -> bool:
    return any(isinstance(value, Instance) and value.cls in REQUESTS for value in values)
