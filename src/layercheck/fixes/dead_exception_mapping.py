"""LC502: take away ``except`` clauses for what nothing raises."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from layercheck.finding import Finding, Severity
from layercheck.fixes.code import Code, Edit, Refused
from layercheck.fixes.fix import Change, Context, Fix


class DropClause(Fix):
    """Takes a dead class out of an ``except`` clause, with the clause or the ``try`` where that is all."""

    code = "LC502"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the function without the class in its clause."""
        if finding.severity is Severity.ADVICE:
            raise Refused("it is not certain that nothing raises it")
        code = context.code(finding.place.path)
        for node in code.nodes(cst.ExceptHandler):
            start = code.range(node).start
            if (start.line, start.column) == (finding.place.line, finding.place.column - 1):
                break
        else:
            raise Refused("only `except` clauses are removed, not registrations")
        name = finding.target.rpartition(".")[2]
        named = _named(node)
        if name not in named:
            raise Refused(f"the clause does not call the class {name}")
        if len(named) > 1:
            assert isinstance(node.type, cst.Tuple)
            return Change(f"removed {name} from the clause", _shorter(code, node.type, named.index(name)))
        statement = code.parent(node)
        assert isinstance(statement, cst.Try)
        if len(statement.handlers) > 1 or (statement.finalbody is not None and statement.orelse is None):
            return Change(f"removed the clause for {name}", (code.delete(*code.span_with_comments(node)),))
        if statement.finalbody is not None:
            raise Refused("its `try` has `else` and `finally`, which need a clause")
        return Change(f"removed the `try` that only caught {name}", tuple(_unwrapped(code, statement)))


def _named(node: cst.ExceptHandler) -> list[str]:
    """Return the last names of the classes a clause catches."""
    if isinstance(node.type, cst.Tuple):
        return [_last(element.value) for element in node.type.elements]
    return [_last(node.type)]


def _last(node: cst.BaseExpression | None) -> str:
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def _shorter(code: Code, classes: cst.Tuple, index: int) -> tuple[Edit, ...]:
    elements = classes.elements
    if len(elements) == 2:
        start, end = code.span(classes)
        if classes.lpar:
            start, end = code.text.rindex("(", 0, start), code.text.index(")", end) + 1
        return (Edit(code.path, start, end, code.source(elements[1 - index].value)),)
    if index + 1 < len(elements):
        return (code.delete(code.span(elements[index].value)[0], code.span(elements[index + 1].value)[0]),)
    return (code.delete(code.span(elements[index - 1].value)[1], code.span(elements[index].value)[1]),)


def _unwrapped(code: Code, statement: cst.Try) -> Iterator[Edit]:
    """Yield the edits that leave the body of a ``try``, and of its ``else``, without the words around."""
    if not isinstance(statement.body, cst.IndentedBlock):
        raise Refused("the `try` stands on one line")
    place = code.range(statement)
    indent = code.indent_of(place.start.line)
    handler, *_ = statement.handlers
    first, last = code.span_with_comments(handler)
    if code.text[code.line_start(place.start.line) : code.line_start(place.start.line + 1)].strip() != "try:":
        raise Refused("the line of the `try` says more")
    start = code.line_start(place.start.line)
    yield code.delete(start, code.line_start(place.start.line + 1))
    body_end = code.line_of(first) - 1
    yield from code.dedented(place.start.line + 1, body_end, indent)
    if statement.orelse is None:
        yield code.delete(first, last)
        return
    if not isinstance(statement.orelse.body, cst.IndentedBlock):
        raise Refused("the `else` stands on one line")
    word = code.range(statement.orelse).start.line
    if code.text[code.line_start(word) : code.line_start(word + 1)].strip() != "else:":
        raise Refused("the line of the `else` says more")
    yield code.delete(first, code.line_start(word + 1))
    end = code.line_of(code.span_with_comments(statement.orelse)[1])
    yield from code.dedented(word + 1, end, indent)
