"""Sessions a function is given, and what becomes of them."""

from __future__ import annotations

import enum
from collections.abc import Iterator

import msgspec

from layercheck.facts import records as r
from layercheck.inference.values import NOTHING, Values
from layercheck.location import NOWHERE, Span
from layercheck.program.entities import Class, Entity, Function
from layercheck.rules.measures.parameters import attribute, parameters
from layercheck.rules.measures.syntax import path_of
from layercheck.rules.view import View


class Doing(enum.Enum):
    """What may be done with a session."""

    CALL = "calls"
    HAND = "hands it to"
    READ = "reads it"


class Use(msgspec.Struct, frozen=True):
    """One use of a session: a method of it that is called, or what it is handed to, as the code says it."""

    doing: Doing
    name: str
    at: Span


class Held(msgspec.Struct, frozen=True):
    """A session some code holds: ``name`` as the code says it (``db``, ``self.db``), where it is declared.

    ``uses`` are what the function does with it, in source order.
    """

    name: str
    type: str
    element: Entity
    at: Span
    uses: tuple[Use, ...]


def held_parameters(view: View, function: Function) -> Iterator[Held]:
    """Yield the parameters of ``function`` that are sessions or connections, whoever hands them over."""
    spans = {param.name: param.at for param in function.params}
    held: dict[str, Values] = {}
    for frame in view.calls.frames(function):
        for name, values in parameters(view.project, frame).items():
            held[name] = held.get(name, NOTHING) | values
    for name, values in held.items():
        if view.project.sessions.are_among(values):
            kind = _type_name(view, values)
            yield Held(name, kind, function, spans[name], tuple(_uses(function, name, "")))


def held_attributes(view: View, cls: Class, function: Function | None) -> Iterator[Held]:
    """Yield the attributes ``cls`` declares as sessions, with the uses ``function`` makes of them."""
    for base in view.project.inference.hierarchy.order(cls):
        if not isinstance(base, Class):
            continue
        for name, statement in base.annotations.items():
            values = attribute(view.project, base, name)
            if view.project.sessions.are_among(values):
                uses: tuple[Use, ...] = ()
                if function is not None and function.params:
                    uses = tuple(_uses(function, function.params[0].name, name))
                yield Held(f"self.{name}", _type_name(view, values), base, statement.at, uses)


def held_locals(view: View, function: Function) -> Iterator[Held]:
    """Yield the local names annotated as sessions whose value is read from the state of a request."""
    frame = view.calls.declared(function)
    if frame is None:
        return
    run = view.project.inference.static_activation(function.parent, frame.outer, None)
    for node in function.nodes_of(r.Annotated):
        match node:
            case r.Annotated(
                target=r.Name(id=name),
                annotation=annotation,
                value=r.Attribute(value=r.Attribute(name="state")),
            ):
                values = view.project.inference.annotate(run, annotation)
                if view.project.sessions.are_among(values):
                    uses = tuple(_uses(function, name, ""))
                    yield Held(name, _type_name(view, values), function, node.at, uses)


def _uses(function: Function, name: str, attribute: str) -> Iterator[Use]:
    """Yield what ``function`` does with a name, or with an attribute of it."""

    def is_it(node: object) -> bool:
        if attribute:
            return isinstance(node, r.Attribute) and node.name == attribute and _is_name(node.value, name)
        return _is_name(node, name)

    explained: set[int] = set()
    for node in _deeply(function):
        if isinstance(node, r.Call):
            target = node.func
            if isinstance(target, r.Attribute) and is_it(target.value):
                explained.add(id(target.value))
                yield Use(Doing.CALL, target.name, node.at)
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                if is_it(argument):
                    explained.add(id(argument))
                    yield Use(Doing.HAND, path_of(node.func), node.at)
        elif is_it(node) and id(node) not in explained:
            yield Use(Doing.READ, "", NOWHERE)


def _deeply(function: Function) -> Iterator[r.Node]:
    yield from function.nodes
    for nested in function.nested:
        yield from _deeply(nested)


def _is_name(node: object, name: str) -> bool:
    return isinstance(node, r.Name) and node.id == name


def _type_name(view: View, values: Values) -> str:
    found = (view.project.sessions.class_of(value) for value in values)
    return next((name.rpartition(".")[2] for name in found if name), "session")
