"""A new domain exception for an ``HTTPException``: its name, where it goes, and the response it is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus

import libcst as cst

from layercheck.facts import records as r
from layercheck.fixes.code import Code, Refused
from layercheck.fixes.error_mappings import Mapped, clause, handler_stub, maps_by_handlers
from layercheck.fixes.fix import Change, Context, Definition
from layercheck.fixes.homes import home_of, module_name
from layercheck.fixes.imports import Imports
from layercheck.fixes.meanings import meaning_of_text
from layercheck.fixes.responses import own_http_handler
from layercheck.inference.frames import Frame
from layercheck.location import Span
from layercheck.program.entities import Class, Function, Module

_WORD = re.compile(r"[A-Za-z]+|\d+")
_PLAIN = re.compile(r"[A-Za-z0-9 .,!'-]+")
_SMALL = frozenset({"a", "an", "the", "is", "was", "has", "have", "been", "this", "that", "does", "with"})
_MOST_WORDS = 5
_OUTCOMES = {400: "Invalid", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 410: "Gone", 422: "Invalid"}
"""What the statuses of outcomes of the business are called."""
_ROLES = re.compile(r"(Services?|Manager|UseCase|Interactor|Handler|Impl)$")


def name_for(function: Function, status: int, text: str) -> str:
    """Return the name of an exception: what its text says, else the subject of the service and the status.

    Raises `Refused` where neither is told.
    """
    if status not in _OUTCOMES:
        raise Refused(f"{status} is no outcome of the business that could have a name")
    words = [word for word in _WORD.findall(text.replace("'", "")) if word.lower() not in _SMALL]
    if _PLAIN.fullmatch(text) and 2 <= len(words) <= _MOST_WORDS and not words[0].isdigit():
        return "".join(word[:1].upper() + word[1:] for word in words)
    owner = function.owner
    stem = _ROLES.sub("", owner.name) if owner is not None else ""
    if not stem or (owner is not None and stem == owner.name):
        raise Refused("the text does not say in a few words what is wrong")
    return f"{stem}{_OUTCOMES[status]}"


def _constant(detail: cst.BaseExpression | None) -> str:
    if isinstance(detail, cst.SimpleString):
        value = detail.evaluated_value
        return value if isinstance(value, str) else ""
    if isinstance(detail, cst.FormattedString):
        parts = [part.value for part in detail.parts if isinstance(part, cst.FormattedStringText)]
        return " ".join(parts).strip()
    return ""


def _of_constant(context: Context, code: Code, module: Module, detail: cst.BaseExpression) -> str:
    """Return the text of a constant of the project; raises `Refused` for anything that may be no text."""
    meant = meaning_of_text(context, module, code.source(detail))
    place, _, name = meant.rpartition(".") if isinstance(meant, str) else ("", "", "")
    origin = context.element(place)
    values = [
        statement.value for statement in (origin.facts.body if isinstance(origin, Module) else ())
        if isinstance(statement, r.Assign) and any(_is_named(target, name) for target in statement.targets)
    ]  # fmt: skip
    match values:
        case [r.Constant(kind="str", value=str() as text)]:
            return text
    raise Refused("its detail is no plain text")


def _is_named(target: r.Target, name: str) -> bool:
    return isinstance(target, r.Name) and target.id == name


def new_exception(
    context: Context,
    code: Code,
    function: Function,
    raising: Span,
    status: int,
    detail: cst.BaseExpression | None,
) -> tuple[Mapped, str, list[Change]]:
    """Return a new exception for one ``raise`` of ``function``, what makes one, and the changes it needs.

    These are its definition and its response, which is the one before, word for word: a clause in the route
    handler raises the same ``HTTPException``, a new handler asks the one registered for that.
    """
    if detail is not None and not isinstance(detail, (cst.SimpleString, cst.FormattedString)):
        text = _of_constant(context, code, function.module, detail)
    else:
        text = _constant(detail)
    name = name_for(function, status, text)
    path = home_of(context, function.module, "exception")
    if name in context.code(path).names:
        raise Refused(f"the name {name} is taken in {path}")
    module = context.module(path)
    base, imports = "Exception", Imports(context, context.code(path), module)
    root = _root(context, path)
    if root is not None:
        base = imports.element(root)
    definition = Definition(path, name, f'class {name}({base}):\n    """{_told(name)}."""\n')
    mapped = Mapped(name, module_name(context, path, function.module), status, "str({error})")
    made = code.source(detail) if detail is not None else repr(HTTPStatus(status).phrase).replace("'", '"')
    changes = [Change("", imports=imports.needed, definitions=(definition,))]
    if maps_by_handlers(context):
        changes.append(handler_stub(context, mapped, own_http_handler(context, status)))
    else:
        for handler, places in _handlers(context, function, raising):
            changes.append(clause(context, handler, places, mapped))
    return mapped, made, changes


def _told(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower().capitalize()


def _root(context: Context, path: str) -> Class | None:
    """Return the one exception of a file that others of it derive from, if it is made of a text."""
    hierarchy, types = context.view.project.inference.hierarchy, context.view.exceptions.types
    module = context.module(path)
    found = [
        cls for cls in (module.classes if module is not None else ())
        if types.is_exception(cls) and not types.is_http(cls) and "__init__" not in cls.methods
        and hierarchy.descendants(cls) and not any(isinstance(one, Class) for one in hierarchy.order(cls)[1:])
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _handlers(context: Context, function: Function, raising: Span) -> Iterator[tuple[Function, list[Span]]]:
    """Yield the route handlers that a ``raise`` of ``function`` leaves, with where it comes from in each."""
    view = context.view
    frames = [frame for frame in view.calls.frames(function) if raising in frame.raises]
    found: dict[Function, dict[Span, None]] = {}
    for route in view.project.routes:
        starts: list[Frame | None] = [route.entry, *(one.frame for one in route.dependencies)]
        for start in dict.fromkeys(starts):
            for raised in view.exceptions.escapes(start) if start is not None else ():
                for way in view.exceptions.ways(start, raised) if start is not None else ():
                    if way.frame in frames and way.site.at == raising:
                        own = [edge for edge in way.edges if edge.source.entity is route.handler]
                        first = own[0] if own and start is route.entry else None
                        if first is None or first.kind == "depends":
                            raise Refused("a dependency raises it: register a handler on the application")
                        found.setdefault(route.handler, {})[first.site.at] = None
    if not found:
        raise Refused("no route is known that it leaves")
    yield from ((handler, list(places)) for handler, places in found.items())
