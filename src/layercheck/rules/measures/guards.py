"""Control flow of a handler: the guards a thin handler may have, and all that decides more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from layercheck.facts import records as r
from layercheck.rules.measures.rows import Origin, Origins
from layercheck.rules.measures.syntax import line, plain

Question = Literal["absent", "request", "present", "state"]
"""What a test asks: is a row missing, what does the request say, is a row there, how is it."""

_COMPLAINTS = {
    "present": "guard on a row that exists in line {}",
    "state": "decides on the state of a row in line {}",
}


class Flow(msgspec.Struct):
    """What the control flow of a body amounts to.

    ``guards`` counts the guards a thin handler may have, ``decisions`` says in words what else
    decides. ``raises`` are the ``raise`` statements of guards and of ``try`` statements that map a
    database error.
    """

    guards: int = 0
    mappings: int = 0
    decisions: list[str] = []
    raises: list[r.Raise] = []


class FlowReader:
    """Reads the body of one function.

    ``is_silent`` tells statements that do not count (``pass``, logging); ``maps_errors`` whether an
    ``except`` clause is for errors of the database only.
    """

    def __init__(
        self,
        origins: Origins,
        is_silent: Callable[[r.Stmt], bool],
        maps_errors: Callable[[r.Handler], bool],
    ) -> None:
        self._origins = origins
        self._is_silent = is_silent
        self._maps_errors = maps_errors
        self.flow = Flow()

    def read(self, body: Sequence[r.Stmt], after: Sequence[r.Stmt] = ()) -> Flow:
        """Return the flow of ``body``, which ``after`` follows, added to what was read before."""
        for index, statement in enumerate(body):
            following = (*body[index + 1 :], *after)
            match statement:
                case r.If():
                    self._if(statement, following)
                case r.For() | r.While():
                    self.flow.decisions.append(f"loop in line {line(statement)}")
                case r.With():
                    self.read(statement.body, following)
                case r.Try():
                    self._try(statement, following)
                case r.Match():
                    self._match(statement)
        return self.flow

    def _if(self, statement: r.If, following: Sequence[r.Stmt]) -> None:
        body, orelse = self._loud(statement.body), self._loud(statement.orelse)
        asked = question(statement.test, self._origins)
        otherwise = orelse or tuple(following[:1])
        if asked == "present" and _is(body, r.Return) and not otherwise:
            self.flow.guards += 1
        elif asked == "present" and _is(body, r.Return) and _is(otherwise, r.Raise):
            self._guard(otherwise[0])
            if orelse:
                return
        elif orelse or not (_is(body, r.Raise) or _is(body, r.Return)):
            self.flow.decisions.append(f"branch in line {line(statement)}")
        elif asked in _COMPLAINTS:
            self.flow.decisions.append(_COMPLAINTS[asked].format(line(statement)))
            self._allow(body[0])
        else:
            self._guard(body[0])

    def _guard(self, outcome: r.Stmt) -> None:
        self.flow.guards += 1
        self._allow(outcome)

    def _allow(self, outcome: r.Stmt) -> None:
        if isinstance(outcome, r.Raise):
            self.flow.raises.append(outcome)

    def _try(self, statement: r.Try, following: Sequence[r.Stmt]) -> None:
        maps = not statement.finalbody and all(self._maps_errors(handler) for handler in statement.handlers)
        self.flow.mappings += 1
        if not maps or self.flow.mappings > 1:
            self.flow.decisions.append(f"try in line {line(statement)}")
        for handler in statement.handlers:
            self.flow.raises.extend(inner for inner in handler.body if isinstance(inner, r.Raise))
        self.read(statement.body, (*statement.orelse, *following))
        self.read(statement.orelse, following)

    def _match(self, statement: r.Match) -> None:
        bodies = [self._loud(case.body) for case in statement.cases]
        asks_for_row = self._origins.of(statement.subject) is Origin.ROW
        refusals = [
            body
            for case, body in zip(statement.cases, bodies, strict=True)
            if _is_none(case.pattern.value) and _is(body, r.Raise)
        ]
        others = [body for body in bodies if body not in refusals]
        if asks_for_row and len(refusals) == 1 and all(_is(body, r.Return) for body in others):
            self._guard(refusals[0][0])
        else:
            self.flow.decisions.append(f"match in line {line(statement)}")

    def _loud(self, body: Sequence[r.Stmt]) -> tuple[r.Stmt, ...]:
        return tuple(statement for statement in body if not self._is_silent(statement))


def question(test: r.Expr, origins: Origins) -> Question:
    """Return what ``test`` asks; of several questions the one that decides most."""
    match test:
        case r.BoolOp(values=values):
            asked = {question(value, origins) for value in values}
            return next(one for one in ("state", "present", "absent", "request") if one in asked)
        case r.Unary(op="not", operand=operand):
            return _opposite(question(operand, origins))
        case r.Compare(left=left, ops=("is" | "==",), rights=(right,)) if _is_none(right):
            return _opposite(_presence(left, origins))
        case r.Compare(left=left, ops=("is not" | "!=",), rights=(right,)) if _is_none(right):
            return _presence(left, origins)
        case r.Compare(left=left, ops=("==",), rights=(right,)) if _is_zero(right):
            return _opposite(_presence(left, origins))
        case r.Compare(left=left, ops=("!=" | ">",), rights=(right,)) if _is_zero(right):
            return _presence(left, origins)
    return _presence(test, origins)


def _presence(expression: r.Expr, origins: Origins) -> Question:
    """Return what the truth of ``expression`` says about a row."""
    origin = origins.of(expression)
    if origin is Origin.REQUEST:
        return "request"
    if origin is Origin.DERIVED or isinstance(plain(expression), r.Compare):
        return "state"
    return "present"


def _opposite(asked: Question) -> Question:
    match asked:
        case "present":
            return "absent"
        case "absent":
            return "present"
    return asked


def _is(body: Sequence[r.Stmt], kind: type[r.Stmt]) -> bool:
    return len(body) == 1 and isinstance(body[0], kind)


def _is_none(expression: r.Expr | None) -> bool:
    return isinstance(expression, r.Constant) and expression.kind == "none"


def _is_zero(expression: r.Expr) -> bool:
    return isinstance(expression, r.Constant) and expression.kind == "int" and expression.value == 0
