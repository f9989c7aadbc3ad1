"""LC601: import for type checkers alone what only annotations name."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from layercheck.facts import records as r
from layercheck.finding import Finding
from layercheck.fixes.code import Code, Edit, Refused
from layercheck.fixes.fix import Change, Context, Fix
from layercheck.fixes.import_lines import import_lines
from layercheck.fixes.imports import Imports
from layercheck.fixes.leftovers import without_names
from layercheck.graphs.imports import Import, Kind
from layercheck.graphs.uses import Use
from layercheck.location import Place, column_of, line_of
from layercheck.program.build import TYPE_CHECKING_NAME
from layercheck.program.entities import Class, Function, Module
from layercheck.rules.measures.syntax import path_of

_PLAIN = frozenset({
    "staticmethod", "classmethod", "property", "cached_property", "abstractmethod", "override", "overload",
    "final", "contextmanager", "asynccontextmanager", "setter",
})  # fmt: skip
"""Decorators that do not read the annotations of what they decorate."""

_READERS = frozenset({
    "dishka", "injector", "punq", "lagom", "kink", "wireup", "fastapi_injector", "that_depends",
})  # fmt: skip
"""Libraries that read the annotations of constructors to find out what to hand them."""


class ImportForTypes(Fix):
    """Moves an import under ``if TYPE_CHECKING:``; annotations become text where they are evaluated.

    Refused where FastAPI, pydantic or another library reads the annotations when the program runs.
    """

    code = "LC601"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the module with the import where only type checkers see it."""
        module = context.module(finding.place.path)
        if module is None:
            raise Refused("the file takes no part")
        code = context.code(module.path)
        names = set(finding.target.split(", "))
        moved = [
            one for one in context.view.imports.of_module[module]
            if one.dotted in names and Place.of(module.path, one.at) == finding.place
        ]  # fmt: skip
        for one in moved:
            _check(context, one)
        statement, small = _statement(code, finding)
        edits = list(without_names(code, statement, small, {one.bound for one in moved}))
        if not _is_lazy(module):
            edits += _quoted(code, [use for one in moved for use in one.uses])
        imports = Imports(context, code, module)
        text = _text(code, small, {one.bound for one in moved})
        gone = {edit.start: edit.end for edit in edits}
        edits.append(_guarded(code, text, imports.name("typing", TYPE_CHECKING_NAME), gone))
        return Change("moved it under TYPE_CHECKING", tuple(edits), imports=imports.needed)


def _check(context: Context, one: Import) -> None:
    """Raise `Refused` where the name is needed when the program runs."""
    if one.kind is not Kind.ANNOTATION:
        raise Refused("it is needed when the program runs")
    view, project = context.view, context.view.project
    if one.name in (view.imports.taken(one.module) or ()):
        raise Refused("other modules import it from here")
    for use in one.uses:
        element = use.element
        if project.layer(element).layer in ("router", "dependency"):
            raise Refused("FastAPI reads the annotations of routers and dependencies")
        if isinstance(element, Function):
            is_known = element in project.providers or element in project.handlers
            if is_known or element in project.dependencies or element.owner in project.providers:
                raise Refused(f"FastAPI reads the annotations of {element.qualname}")
            if isinstance(element.node, r.Function) and not all(map(_is_plain, element.node.decorators)):
                raise Refused(f"a decorator of {element.qualname} may read its annotations")
            if element.name == "__init__" and _has_reader(context):
                raise Refused("a library reads the annotations of constructors")
        elif isinstance(element, Class):
            if project.inference.hierarchy.outside(element) or element.node.decorators:
                raise Refused(f"the annotations of {element.qualname} may be read")


def _is_plain(decorator: r.Expr) -> bool:
    return path_of(decorator).rpartition(".")[2] in _PLAIN


def _has_reader(context: Context) -> bool:
    imports = context.view.imports.imports
    return any(isinstance(one.target, str) and one.target.partition(".")[0] in _READERS for one in imports)


def _is_lazy(module: Module) -> bool:
    """Return whether the annotations of a module are never evaluated."""
    return any(
        isinstance(one, r.ImportFrom) and one.module == "__future__" and one.names[0].name == "annotations"
        for one in module.facts.body
    )


def _statement(code: Code, finding: Finding) -> tuple[cst.SimpleStatementLine, cst.ImportFrom]:
    for statement, small in import_lines(code):
        if code.range(statement).start.line == finding.place.line and isinstance(small, cst.ImportFrom):
            if not isinstance(small.names, cst.ImportStar):
                return statement, small
    raise Refused("the import is not one of names, at the top of the file")


def _text(code: Code, small: cst.ImportFrom, names: set[str]) -> str:
    """Return the import of ``names`` alone, from where ``small`` imports them."""
    assert not isinstance(small.names, cst.ImportStar)
    kept = [one for one in small.names if (one.evaluated_alias or one.evaluated_name) in names]
    dots = "." * len(small.relative)
    source = code.source(small.module) if small.module is not None else ""
    shown = (
        f"{one.evaluated_name} as {one.evaluated_alias}" if one.evaluated_alias else one.evaluated_name
        for one in kept
    )  # fmt: skip
    return f"from {dots}{source} import {', '.join(shown)}\n"


def _guarded(code: Code, text: str, guard: str, gone: dict[int, int]) -> Edit:
    """Return what puts an import under the guard: the one there is, else a new one behind the imports.

    ``gone`` are the starts of what is taken away, with the ends.
    """
    step = code.module.default_indent
    for statement in code.module.body:
        if isinstance(statement, cst.If) and isinstance(statement.body, cst.IndentedBlock):
            if code.source(statement.test).rpartition(".")[2] == TYPE_CHECKING_NAME:
                last = statement.body.body[-1]
                return code.insert_line(code.range(last).end.line + 1, f"{code.indent(last)}{text}")
    block = f"if {guard}:\n{step}{text}"
    kept = [one for one, _ in import_lines(code) if code.span(one)[0] not in gone]
    if not kept:
        return code.insert(max(gone.values()), f"{block}\n")
    return code.insert_line(code.range(kept[-1]).end.line + 1, f"\n{block}")


def _quoted(code: Code, uses: list[Use]) -> Iterator[Edit]:
    """Yield the edits that make text of the annotations that name what is moved."""
    done: set[int] = set()
    for use in uses:
        start = code.offset(line_of(use.at), column_of(use.at))
        for node in code.nodes(cst.Annotation):
            first, last = code.span(node.annotation)
            if first <= start < last and first not in done:
                done.add(first)
                text = code.source(node.annotation)
                if isinstance(node.annotation, cst.SimpleString):
                    continue
                if any(sign in text for sign in "\"'\n"):
                    raise Refused("an annotation cannot be written as text")
                yield Edit(code.path, first, last, f'"{text}"')
