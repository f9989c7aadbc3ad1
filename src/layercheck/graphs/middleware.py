"""Middleware, by its shape: what stands around every request."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.facts import records as r
from layercheck.program.entities import Class, Entity, Function, Module

NEXT = "call_next"
ROUTE_HANDLER_MAKER = "get_route_handler"
BASE_CLASS = "starlette.middleware.base.BaseHTTPMiddleware"
SCOPE = "scope"
ASGI = frozenset({SCOPE, "receive", "send"})


def is_middleware(function: Function) -> bool:
    """Return whether ``function`` takes the next step of a request, or is called as ASGI wants it."""
    names = [param.name for param in function.params]
    return NEXT in names or (function.owner is not None and len(names) >= len(ASGI) and ASGI.issubset(names))


def belongs_to_middleware(element: Entity) -> bool:
    """Return whether ``element`` is middleware or stands inside one."""
    current = element
    while isinstance(current, (Function, Class)):
        functions = [current] if isinstance(current, Function) else current.methods.values()
        if any(is_middleware(function) for function in functions):
            return True
        current = current.parent
    return False


def next_step(function: Function, is_dispatch: bool) -> str:
    """Return the parameter of ``function`` that is the next step of a request, "" where there is none.

    It is the last one of what the framework calls with a request (``is_dispatch``), and has its usual
    name in helpers and in functions that are defined inside.
    """
    if is_dispatch and function.params:
        return function.params[-1].name
    around = (function, *_outer(function))
    return NEXT if any(param.name == NEXT for one in around for param in one.params) else ""


def has_scope(function: Function) -> bool:
    """Return whether ``function``, or one it is defined in, binds what ASGI calls a request."""
    return any(SCOPE in one.bound for one in (function, *_outer(function)))


def passes_on(function: Function, call: r.Call, step: str) -> bool:
    """Return whether ``call`` hands the request of ``function`` on, itself or to a helper that does.

    ``call_next(request)``, ``self.retry(request, call_next)``, ``self.app(scope, receive, send)``; a
    response is called like an application, but it is made in the function.
    """
    if step and any(isinstance(one, r.Name) and one.id == step for one in (call.func, *call.args)):
        return True
    if len(call.args) != 3 or getattr(call.args[0], "id", "") != SCOPE:
        return False
    match call.func:
        case r.Attribute(value=r.Name(id="self")) | r.Attribute(value=r.Call(func=r.Name(id="super"))):
            return True
        case r.Name(id=name):
            return any(param.name == name for outer in _outer(function) for param in outer.params)
    return False


def _outer(function: Function) -> Iterator[Function]:
    """Yield the functions ``function`` is defined in, innermost first."""
    current: Entity = function.parent
    while not isinstance(current, Module):
        if isinstance(current, Function):
            yield current
        current = current.parent


def route_class(function: Entity) -> Class | None:
    """Return the class of routes that answers its requests with ``function``, None for any other function.

    ``APIRoute.get_route_handler`` returns it, and it runs what the base class returned: see
    https://fastapi.tiangolo.com/how-to/custom-request-and-route/.
    """
    outer = function.parent if isinstance(function, Function) else None
    return outer.owner if isinstance(outer, Function) and outer.name == ROUTE_HANDLER_MAKER else None
