"""What a service is made of: the classes its constructor takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from layercheck.fixes.code import Code, Edit, Refused
from layercheck.fixes.extract.names import Origin
from layercheck.fixes.extract.services import Service, constructor_of


@dataclass(frozen=True, slots=True)
class Collaborator:
    """What a service is made of: a class, the attribute that holds it, and how it is made of the session."""

    name: str
    attribute: str
    origin: Origin
    of_session: bool = True

    @property
    def parameter(self) -> str:
        """The parameter of the constructor."""
        return self.attribute.lstrip("_")

    def made(self, session: str) -> str:
        """Return the expression that makes it."""
        return f"{self.name}({session})" if self.of_session else session


def constructor_edits(
    service: Service, node: cst.ClassDef, code: Code, missing: Sequence[Collaborator]
) -> list[Edit]:
    """Return the edits that let a constructor take more."""
    if not missing:
        return []
    constructor = constructor_of(node)
    if constructor is None or not isinstance(constructor.body, cst.IndentedBlock):
        raise Refused(f"{service.name} has no constructor that could take more")
    params = constructor.params
    last = params.params[-1]
    if params.star_kwarg is not None or params.kwonly_params or last.default is not None:
        raise Refused(f"the constructor of {service.name} takes more than plain parameters")
    end: cst.CSTNode = last.annotation.annotation if last.annotation is not None else last.name
    added = "".join(f", {one.parameter}: {one.name}" for one in missing)
    body = constructor.body.body
    line = code.range(body[-1]).end.line + 1
    indent = code.indent(body[-1])
    lines = "".join(f"{indent}self.{one.attribute} = {one.parameter}\n" for one in missing)
    return [
        code.insert(code.span(end)[1], added),
        code.insert_line(line, lines),
    ]
