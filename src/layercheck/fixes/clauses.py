"""Taking ``except`` clauses away: a class of one, a whole one, or the ``try`` with its last."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import libcst as cst

from layercheck.fixes.code import Code, Edit, Refused


def class_names(node: cst.ExceptHandler) -> list[str]:
    """Return the last names of the classes a clause catches."""
    if isinstance(node.type, cst.Tuple):
        return [_last(element.value) for element in node.type.elements]
    return [_last(node.type)]


def without_class(code: Code, node: cst.ExceptHandler, names: Collection[str]) -> list[Edit]:
    """Return the edits that let a clause no longer catch ``names``, as `class_names` tells them."""
    named = class_names(node)
    if missing := [name for name in names if name not in named]:
        raise Refused(f"the clause does not call the class {missing[0]}")
    kept = [index for index, name in enumerate(named) if name not in names]
    if kept:
        assert isinstance(node.type, cst.Tuple)
        return list(_shorter(code, node.type, kept))
    statement = code.parent(node)
    assert isinstance(statement, cst.Try)
    if len(statement.handlers) > 1 or (statement.finalbody is not None and statement.orelse is None):
        return [code.delete(*code.span_with_comments(node))]
    if statement.finalbody is not None:
        raise Refused("its `try` has `else` and `finally`, which need a clause")
    return list(_unwrapped(code, statement))


def _last(node: cst.BaseExpression | None) -> str:
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def _shorter(code: Code, classes: cst.Tuple, kept: list[int]) -> Iterator[Edit]:
    elements = classes.elements
    if len(kept) == 1:
        start, end = code.span(classes)
        if classes.lpar:
            start, end = code.text.rindex("(", 0, start), code.text.index(")", end) + 1
        yield Edit(code.path, start, end, code.source(elements[kept[0]].value))
        return
    for index, element in enumerate(elements):
        if index in kept:
            continue
        if index < kept[-1]:
            yield code.delete(code.span(element.value)[0], code.span(elements[index + 1].value)[0])
        else:
            yield code.delete(code.span(elements[index - 1].value)[1], code.span(element.value)[1])


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
