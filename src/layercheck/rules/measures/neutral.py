"""Things any layer may share: enums, constants, loggers, functions that only compute, units of work."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.facts.nodes import written_name
from layercheck.inference.values import (
    NOTHING,
    ClassValue,
    Const,
    Container,
    External,
    Instance,
    Made,
    TupleValue,
    Value,
)
from layercheck.program.entities import Class, Entity, Function, Module
from layercheck.project.doings import INFRASTRUCTURE_PACKAGES
from layercheck.project.known import DECLARING, carries_marker
from layercheck.project.operations import OperationKind
from layercheck.rules.view import View

_OF_GETTERS = (r.Return, r.Evaluate, r.Scope, r.If, r.Assign, r.Annotated, r.Import, r.ImportFrom)
"""Statements of a function that makes something, or hands out what it made before."""

_WRAPPING = frozenset({"__call__", "__enter__", "__aenter__"})
_ENDING = frozenset({OperationKind.COMMIT, OperationKind.ROLLBACK})
ENUMS = ("enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag")
LOGGERS = frozenset({"logging.Logger", "structlog.BoundLogger", "loguru.logger"})


def is_neutral(view: View, module: Module, element: Entity, name: str) -> bool:
    """Return whether what is imported from ``module`` is of no layer, wherever it stands.

    ``element`` is the class or function, or the module itself where ``name`` is a variable. A function
    or constant among services is a part of these.
    """
    values = view.project.inference.heap.read(("name", module, name), None) if name else NOTHING
    if values and all(_is_logger(value) for value in values):
        return True
    if view.measure(Boundaries).holds(element):
        return True
    if isinstance(element, Module) and view.project.layer(module).evidence == DECLARING:
        return not any(carries_marker(value) for value in values)
    if isinstance(element, Class):
        return any(base in ENUMS for base in view.project.inference.hierarchy.order(element))
    if view.project.layer(module).layer == "service":
        return False
    if isinstance(element, Function):
        return element not in view.project.handlers and _is_pure(view, element)
    return bool(values) and all(
        _is_constant(value) or _names_plain_type(value) or _is_plain_object(view, value) for value in values
    )


def gives_client(view: View, element: Entity) -> bool:
    """Return whether a function takes nothing and only hands out a client of a library for the outside."""
    if not isinstance(element, Function) or element.params or not isinstance(element.node, r.Function):
        return False
    if not all(isinstance(one, _OF_GETTERS) for one in element.node.body):
        return False
    inference = view.project.inference
    returned = inference.heap.read(("return", inference.declared_frame(element, None)), None)
    return bool(returned) and all(map(_is_client, returned))


def _is_client(value: Value) -> bool:
    name = value.cls if isinstance(value, Instance) else getattr(value, "name", "")
    return isinstance(name, str) and name.partition(".")[0] in INFRASTRUCTURE_PACKAGES


class Boundaries:
    """Tells what puts other code between commit and rollback: units of work, decorators, context managers."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._known: dict[Entity, bool] = {}

    def holds(self, element: Entity) -> bool:
        """Return whether ``element`` is one: it commits and rolls back what it wraps, and runs nothing."""
        known = self._known.get(element)
        if known is None:
            known = self._known[element] = self._is_boundary(element)
        return known

    def _is_boundary(self, element: Entity) -> bool:
        if isinstance(element, Class):
            if self._view.project.sessions.is_unit_of_work(element):
                return True
            wraps = bool(_WRAPPING & element.methods.keys())
            functions = list(element.methods.values())
        elif isinstance(element, Function):
            wraps = bool(element.nested) or _is_context_manager(element)
            functions = [element]
        else:
            return False
        kinds: set[OperationKind] = set()
        while functions and wraps:
            function = functions.pop()
            functions.extend(function.nested)
            for frame in self._view.calls.frames(function):
                found = self._view.project.sessions.operations_of(frame)
                kinds.update(operation.kind for _, operation in found)
        return kinds >= _ENDING and not kinds & {OperationKind.READ, OperationKind.WRITE}


def _is_context_manager(function: Function) -> bool:
    decorators = function.node.decorators if isinstance(function.node, r.Function) else ()
    names = {written_name(decorator) for decorator in decorators}
    return bool(names & {"contextmanager", "asynccontextmanager"})


def _is_constant(value: Value) -> bool:
    """Return whether a value is written down, or a plain one however it was computed."""
    if isinstance(value, Instance):
        return isinstance(value.cls, str) and value.cls.startswith("builtins.")
    return isinstance(value, (Const, TupleValue, Container))


def _names_plain_type(value: Value) -> bool:
    """Return whether a value is a ``NewType`` of something that is no class of the program."""
    if not isinstance(value, Made) or value.name != "typing.NewType":
        return False
    return not any(isinstance(meant, ClassValue) for meant in value.argument(1, "tp"))


def _is_plain_object(view: View, value: Value) -> bool:
    """Return whether a value is an object of a class among the helpers, which is what it counts for."""
    if not isinstance(value, Instance) or not isinstance(value.cls, Class):
        return False
    return view.project.layer(value.cls).layer == "util"


def _is_logger(value: Value) -> bool:
    name = value.name if isinstance(value, External) else getattr(value, "cls", "")
    return name in LOGGERS


def _is_pure(view: View, function: Function) -> bool:
    """Return whether ``function`` is of no layer of its own and calls builtins or nothing."""
    if function in view.project.layers and view.project.layer(function).layer != "util":
        return False
    for _, site in view.calls.sites(function):
        if any(frame.entity.module is not function.module for frame, _ in site.edges) or site.classes:
            return False
        packages = {outside.partition(".")[0] for outside in site.externals}
        if not packages <= {"builtins", "math", "datetime", "re", "json", "string", "uuid", "decimal"}:
            return False
        if site.reason:
            return False
    return all(_is_pure(view, inner) for inner in function.nested)
