"""Middleware, by its shape: what stands around every request."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.program.entities import Class, Entity, Function

NEXT = "call_next"
ROUTE_HANDLER_MAKER = "get_route_handler"
ASGI = frozenset({"scope", "receive", "send"})


def is_middleware(function: Function) -> bool:
    """Return whether ``function`` takes the next step of a request, or is called as ASGI wants it."""
    names = {param.name for param in function.params}
    return NEXT in names or (function.owner is not None and names >= ASGI)


def belongs_to_middleware(element: Entity) -> bool:
    """Return whether ``element`` is middleware or stands inside one."""
    current = element
    while isinstance(current, (Function, Class)):
        functions = [current] if isinstance(current, Function) else current.methods.values()
        if any(is_middleware(function) for function in functions):
            return True
        current = current.parent
    return False


def goes_on(node: r.Node) -> bool:
    """Return whether ``node`` hands a request on: ``call_next(request)``, ``self.app(scope, ...)``."""
    match node:
        case r.Call(func=r.Name(id=name)):
            return name == NEXT
        case r.Call(func=r.Attribute(value=r.Name(id="self")), args=(r.Name(id="scope"), _, _)):
            return True
    return False


def route_class(function: Entity) -> Class | None:
    """Return the class of routes that answers its requests with ``function``, None for any other function.

    ``APIRoute.get_route_handler`` returns it, and it runs what the base class returned: see
    https://fastapi.tiangolo.com/how-to/custom-request-and-route/.
    """
    outer = function.parent if isinstance(function, Function) else None
    return outer.owner if isinstance(outer, Function) and outer.name == ROUTE_HANDLER_MAKER else None


def answers(node: r.Node) -> bool:
    """Return whether ``node`` may hand the request of a route class on: ``await handler(request)``."""
    return isinstance(node, r.Await) and isinstance(node.value, r.Call)
