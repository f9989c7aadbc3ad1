"""What a handler answers with errors: each becomes a domain exception, and a clause that answers it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from layercheck.fixes.code import Edit
from layercheck.fixes.extract.chains import refuse_at
from layercheck.fixes.extract.names import binds, reads
from layercheck.fixes.extract.target import Target
from layercheck.fixes.extract.wording import exception_name
from layercheck.graphs.exception_types import type_of

_STATUS = re.compile(r"(?:\w+\.)*HTTP_(\d{3})_\w+|(\d{3})")


@dataclass(frozen=True, slots=True)
class Error:
    """A business error: the exception raised for it, and how the handler answers it.

    ``answer`` is the statement of the clause; ``told`` what the exception carries, as code.
    ``status`` and ``detail`` are the same as code, for handlers registered on the application.
    """

    name: str
    answer: str
    told: str
    status: str
    detail: str
    headers: str
    text: str

    @property
    def uses_error(self) -> bool:
        """Whether the clause needs the exception itself."""
        return bool(self.told) or " from error" in self.answer


@dataclass(slots=True)
class Errors:
    """Collects the errors of one handler; ``subject`` is what they are about, ``suffix`` ends their names.

    ``local`` are names the handler does not know, parameters of a function that moves with it.
    """

    target: Target
    subject: str
    suffix: str
    found: dict[str, Error] = field(default_factory=dict)
    local: frozenset[str] = frozenset()

    def read(self, part: Sequence[cst.BaseStatement], refusals: Sequence[cst.Return]) -> list[Edit]:
        """Return the edits that raise domain exceptions instead of answers; raises `Refused`."""
        edits = [self._returned(node) for node in refusals]
        code = self.target.code
        for node in code.nodes(cst.Raise):
            if not any(_holds(self.target, statement, node) for statement in part):
                continue
            site = self.target.handler.frame.raises.get(self.target.span(node))
            kinds = [kind for value in site.values if (kind := type_of(value)) is not None] if site else []
            types = self.target.view.exceptions.types
            if not any(types.is_http(kind) for kind in kinds):
                continue
            if node.exc is None:
                raise refuse_at(self.target, node, "it raises an HTTP error again that it caught")
            edits.append(code.replace(node.exc, self._raised(node, node.exc, part)))
        return edits

    def _returned(self, node: cst.Return) -> Edit:
        """Return the edit that raises what was answered early."""
        assert node.value is not None
        code = self.target.code
        args = _arguments(node.value) if isinstance(node.value, cst.Call) else {}
        texts = [text for one in _all(node.value) if (text := _constant(one)) is not None and " " in text]
        number = _number(code.source(args["status_code"])) if "status_code" in args else None
        name = exception_name(texts[0] if texts else None, number, self.subject, self.suffix)
        answer = f"return {code.source(node.value)}"
        told = self._known(Error(name, answer, "", "", "", "", texts[0] if texts else ""))
        return code.replace(node, f"raise {told}")

    def _raised(self, node: cst.Raise, exc: cst.BaseExpression, part: Sequence[cst.BaseStatement]) -> str:
        """Return the expression that is raised instead."""
        code, target = self.target.code, self.target
        own = {*binds(*part), *self.local}
        args = _arguments(exc) if isinstance(exc, cst.Call) else {}
        status, detail = args.get("status_code"), args.get("detail")
        number = _number(code.source(status)) if status is not None else None
        hidden = _caught(target, node)
        local = [name for name in reads(exc) if name in own or name in hidden]
        text = _constant(detail)
        told = ""
        answer = code.source(exc)
        if target.session in reads(exc):
            raise refuse_at(target, node, "the answer is made with the session")
        if local:
            inside = reads(detail) if detail is not None else {}
            others = [arg for name, arg in args.items() if name != "detail"]
            if (
                detail is None
                or not _is_text(target, detail, part)
                or any(set(reads(one)) & set(local) for one in others)
            ):
                raise refuse_at(
                    target, node, f"the answer is made of `{local[0]}`, which only the service knows"
                )
            assert inside
            told = code.source(detail)
            start, end = code.span(exc)
            first, last = code.span(detail)
            answer = code.text[start:first] + "str(error)" + code.text[last:end]
        name = exception_name(text or _template(detail), number, self.subject, self.suffix)
        headers = code.source(args["headers"]) if "headers" in args else ""
        shown = "str(error)" if told else (code.source(detail) if detail is not None else "")
        status_text = code.source(status) if status is not None else ""
        error = Error(
            name, f"raise {answer} from error", told, status_text, shown,
            headers, text or "",
        )  # fmt: skip
        return self._known(error)

    def _known(self, error: Error) -> str:
        name, number = error.name, 2
        while name in self.found and self.found[name].answer != error.answer:
            name, number = f"{error.name}{number}", number + 1
        self.found.setdefault(
            name, Error(name, error.answer, error.told, error.status, error.detail, error.headers, error.text)
        )
        return f"{name}({error.told})" if error.told else name


def _number(text: str) -> int | None:
    """Return the status an expression says."""
    written = _STATUS.fullmatch(text)
    return int(written[1] or written[2]) if written else None


def _all(node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    if isinstance(node, cst.BaseExpression):
        yield node
    for child in node.children:
        yield from _all(child)


def _arguments(call: cst.Call) -> dict[str, cst.BaseExpression]:
    given: dict[str, cst.BaseExpression] = {}
    for name, arg in zip(("status_code", "detail", "headers"), call.args, strict=False):
        given[name if arg.keyword is None else arg.keyword.value] = arg.value
    for arg in call.args:
        if arg.keyword is not None:
            given[arg.keyword.value] = arg.value
    return given


def _constant(node: cst.BaseExpression | None) -> str | None:
    if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None


def _template(node: cst.BaseExpression | None) -> str | None:
    """Return the words of an f-string without what is put in."""
    if isinstance(node, cst.FormattedString):
        return "".join(part.value for part in node.parts if isinstance(part, cst.FormattedStringText))
    return None


def _is_text(target: Target, node: cst.BaseExpression, part: Sequence[cst.BaseStatement]) -> bool:
    if isinstance(node, cst.Name):
        given = [
            one for one in target.code.nodes(cst.Assign) if any(_holds(target, outer, one) for outer in part)
        ]
        values = [one.value for one in given if node.value in binds(one)]
        is_plain = all(
            len(one.targets) == 1 and isinstance(one.targets[0].target, cst.Name)
            for one in given
            if node.value in binds(one)
        )
        return (
            bool(values)
            and is_plain
            and all(not isinstance(one, cst.Name) and _is_text(target, one, part) for one in values)
        )
    if isinstance(node, (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString)):
        return True
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "str"


def _caught(target: Target, node: cst.CSTNode) -> set[str]:
    """Return the names except clauses around ``node`` give to what they caught."""
    found: set[str] = set()
    clause = target.code.around(node, cst.ExceptHandler)
    while clause is not None:
        if clause.name is not None:
            found.update(binds(clause.name))
        clause = target.code.around(clause, cst.ExceptHandler)
    return found


def _holds(target: Target, statement: cst.CSTNode, node: cst.CSTNode) -> bool:
    (start, end), (first, last) = target.code.span(statement), target.code.span(node)
    return start <= first and last <= end
