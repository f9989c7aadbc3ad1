"""LC507: answer with a constant text, and keep the exception as the cause."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus

import libcst as cst

from layercheck.finding import Finding
from layercheck.fixes.code import Code, Refused
from layercheck.fixes.fix import Change, Context, Fix
from layercheck.fixes.responses import logs

_TO_TEXT = frozenset({"str", "repr"})
_LOOSE_END = re.compile(r"[\s:,;(\[{'\"=\u2013\u2014-]+$")
_STATUS = re.compile(r"HTTP_(\d{3})_\w+")
_DEFAULT = HTTPStatus.INTERNAL_SERVER_ERROR


class SayLess(Fix):
    """Replaces the text of the exception by one that says no more than the code does.

    Of an f-string stays what stands before the exception; else the words of the status are the text. Where
    the clause logs nothing, the title says so: the response may have been all that showed the error.
    """

    code = "LC507"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the clause with another text; a ``raise`` gets the exception as its cause."""
        code = context.code(finding.place.path)
        answer = finding.chain[-1].place
        if len(finding.chain) != 1:
            raise Refused("the text reaches the response through other functions")
        call = code.at(cst.Call, answer.line, answer.column)
        handler = code.around(call, cst.ExceptHandler)
        if handler is None or handler.name is None or not isinstance(handler.name.name, cst.Name):
            raise Refused("the exception is not caught where the response is made")
        if code.range(handler).start.line != finding.place.line:
            raise Refused("the response is made in another clause")
        error = handler.name.name.value
        texts = list(_texts(call, error))
        if not texts:
            raise Refused("the text takes a way through other expressions")
        phrase = _phrase(code, call)
        edits = [code.replace(node, _without(code, node, error, phrase)) for node in texts]
        statement = code.parent(call)
        if isinstance(statement, cst.Raise) and statement.cause is None:
            edits.append(code.insert(code.span(call)[1], f" from {error}"))
        elif not isinstance(statement, cst.Raise) and _uses(handler, error) == sum(
            _count(text, error) for text in texts
        ):
            name = code.span(handler.name.name)
            assert handler.type is not None
            edits.append(code.delete(code.span(handler.type)[1], name[1]))
        told = "" if _is_logged(code, handler) else ", which nothing logs there"
        return Change(f"replaced the text of the exception{told}", tuple(edits))


def _is_logged(code: Code, handler: cst.ExceptHandler) -> bool:
    """Return whether a clause logs, anywhere in it."""
    return any(logs(one) and code.around(one, cst.ExceptHandler) is handler for one in code.nodes(cst.Expr))


def _texts(call: cst.Call, error: str) -> Iterator[cst.BaseExpression]:
    """Yield the values that hold the text of ``error``, in arguments and the mappings among them."""
    pending = [arg.value for arg in call.args]
    while pending:
        node = pending.pop(0)
        if isinstance(node, cst.Dict):
            pending += [element.value for element in node.elements if isinstance(element, cst.DictElement)]
        elif _is_error(node, error) or (isinstance(node, cst.FormattedString) and _count(node, error)):
            yield node


def _is_error(node: cst.BaseExpression, error: str) -> bool:
    """Return whether an expression is nothing but the exception or its text."""
    if isinstance(node, cst.Call) and len(node.args) == 1 and isinstance(node.func, cst.Name):
        return node.func.value in _TO_TEXT and _is_error(node.args[0].value, error)
    return isinstance(node, cst.Name) and node.value == error


def _without(code: Code, node: cst.BaseExpression, error: str, phrase: str) -> str:
    """Return the text of ``node`` without the exception: what stands before it in an f-string."""
    if not isinstance(node, cst.FormattedString):
        return f'"{phrase}"'
    if "r" in node.prefix.lower() or len(node.quote) > 1:
        raise Refused("the text is a raw or long string")
    parts = list(node.parts)
    first = next(index for index, part in enumerate(parts) if _count(part, error))
    after = parts[first + 1 :]
    if any(not isinstance(part, cst.FormattedStringText) or part.value.strip(" .!)]}'\"") for part in after):
        raise Refused("the text goes on behind the exception")
    kept = parts[:first]
    text = "".join(code.source(part) for part in kept[:-1]) + _trimmed(code, kept)
    if not text:
        return f"{node.quote}{phrase}{node.quote}"
    if any(isinstance(part, cst.FormattedStringExpression) for part in kept):
        return f"{node.start}{text}{node.quote}"
    return f"{node.quote}{text.replace('{{', '{').replace('}}', '}')}{node.quote}"


def _trimmed(code: Code, parts: list[cst.BaseFormattedStringContent]) -> str:
    """Return the last of ``parts`` without the signs that led on to the exception."""
    if not parts:
        return ""
    text = code.source(parts[-1])
    return text if isinstance(parts[-1], cst.FormattedStringExpression) else _LOOSE_END.sub("", text)


def _phrase(code: Code, call: cst.Call) -> str:
    """Return the words of the status ``call`` answers with, as far as it is written down."""
    named = [arg.value for arg in call.args if arg.keyword is not None and arg.keyword.value == "status_code"]
    first = [arg.value for arg in call.args[:1] if arg.keyword is None]
    for node in (*named, *first):
        number = node.value if isinstance(node, cst.Integer) else ""
        if found := _STATUS.search(code.source(node)):
            number = found[1]
        if number.isdecimal() and int(number) in set(HTTPStatus):
            return HTTPStatus(int(number)).phrase
    return _DEFAULT.phrase


def _count(node: cst.CSTNode, name: str) -> int:
    """Return how often ``name`` is read inside ``node``."""
    own = isinstance(node, cst.Name) and node.value == name
    return own + sum(_count(child, name) for child in node.children)


def _uses(handler: cst.ExceptHandler, name: str) -> int:
    return _count(handler.body, name)
