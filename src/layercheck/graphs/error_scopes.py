"""Where an expression stands that may speak of an exception: what its names hold there."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from layercheck.facts import records as r
from layercheck.graphs.exception_types import ExceptionType
from layercheck.graphs.numbers import Given
from layercheck.inference.frames import CallSite, Frame
from layercheck.program.build import statements
from layercheck.program.entities import Function, Module, Program
from layercheck.program.names import absolute_name, resolve_module


class Thrown(msgspec.Struct, frozen=True):
    """An exception object: its class and what it was made with."""

    kind: ExceptionType
    given: Given = Given(is_open=True)


class Scope(msgspec.Struct, frozen=True):
    """Where an expression stands: the numbers its names hold, and the name of the exception.

    ``thrown`` is the exception called ``error``, ``self_name`` what a constructor calls its object, ``depth``
    how many calls lead here.
    """

    module: Module
    frame: Frame | None = None
    numbers: Mapping[str, int | None] = {}
    error: str | None = None
    thrown: Thrown | None = None
    self_name: str | None = None
    depth: int = 0

    def assigned(self, name: str) -> r.Expr | None:
        """Return the one expression a local name is assigned."""
        frame = self.frame
        if frame is None or not isinstance(frame.entity, Function) or name not in frame.entity.bound:
            return None
        found: list[r.Expr] = []
        for statement in statements(frame.entity.body):
            match statement:
                case (
                    r.Assign(targets=(r.Name(id=target),), value=value)
                    | r.Annotated(target=r.Name(id=target), value=value)
                ) if target == name and value is not None:
                    found.append(value)
        return found[0] if len(found) == 1 else None

    def site(self, node: r.Expr) -> CallSite | None:
        """Return what is known of a call; None for what is none."""
        if not isinstance(node, r.Call) or self.frame is None:
            return None
        return self.frame.sites.get((node.at, "call"))

    def is_error(self, node: r.Expr) -> bool:
        """Return whether ``node`` is the exception or its class."""
        match node:
            case r.Name(id=name):
                return name == self.error
            case r.Call(func=r.Name(id="type"), args=(value,)) | r.Attribute(value=value, name="__class__"):
                return self.is_error(value)
        return False


def display_of(
    program: Program, table: r.Expr, module: Module, depth: int
) -> tuple[Module, r.Mapping | None]:
    """Return the dict display a module-level name is bound to, and its module.

    ``depth`` is how many imports of the name are followed.
    """
    if not isinstance(table, r.Name) or depth == 0:
        return module, table if isinstance(table, r.Mapping) else None
    for statement in module.facts.body:
        match statement:
            case (
                r.Assign(targets=(r.Name(id=name),), value=r.Mapping() as display)
                | r.Annotated(target=r.Name(id=name), value=r.Mapping() as display)
            ) if name == table.id:
                return module, display
            case r.ImportFrom(names=names):
                for alias in names:
                    if (alias.asname or alias.name) == table.id:
                        source = resolve_module(program, module, absolute_name(module, statement))
                        if source is not None:
                            return display_of(program, r.Name(alias.name, alias.at), source, depth - 1)
    return module, None
