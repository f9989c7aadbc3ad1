"""Which statements of a handler move to a service, and which stay because they answer over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from layercheck.fixes.extract.chains import Chains, refuse_at
from layercheck.fixes.extract.names import binds, reads
from layercheck.fixes.extract.target import Target
from layercheck.inference.values import Instance
from layercheck.program.entities import Class
from layercheck.rules.measures.parameters import product

_RESPONSE = "starlette.responses.Response"
_PYDANTIC = ("pydantic.BaseModel", "sqlmodel.SQLModel")


class Parts(NamedTuple):
    """The statements that move, those that stay, and the names the latter need of the former.

    ``refusals`` are answers that are given early, in what moves: errors that are returned.
    """

    moving: tuple[cst.BaseStatement, ...]
    staying: tuple[cst.BaseStatement, ...]
    outs: tuple[str, ...]
    refusals: tuple[cst.Return, ...] = ()

    @property
    def returns(self) -> bool:
        """Whether what moves ends with the answer itself."""
        return not self.staying and _is_return(self.moving[-1])


def split(target: Target, chains: Chains) -> Parts:
    """Return what moves and what stays; raises `Refused` where the two cannot be told apart."""
    answers = Answers(target)
    body = target.body
    cut = len(body)
    while cut > 1 and _may_stay(answers, chains, body[cut - 1]):
        cut -= 1
    moving, staying = body[:cut], body[cut:]
    early = [
        one for statement in moving for one in _returns(statement) if statement is not moving[-1] or one.value
    ]
    inner = [one for one in early if not any(one is child for child in moving[-1].children)]
    refusals: tuple[cst.Return, ...] = ()
    if staying and inner:
        if all(_is_refusal(target, answers, one, moving) for one in inner):
            refusals = tuple(inner)
        else:
            moving, staying = body, ()
    if not staying:
        for one in every_return(moving):
            if one.value is not None and answers.is_web(one.value):
                what = "answers with a response of its own before the end"
                if chains.mentions(one.value):
                    what = "makes the response from the session itself"
                raise refuse_at(target, one, f"it {what}")
    if chains.mentions(*staying):
        raise refuse_at(target, staying[0], "the answer uses the session")
    outs = tuple(name for name in binds(*moving) if name in reads(*staying))
    return Parts(tuple(moving), tuple(staying), outs, refusals)


class Answers:
    """Tells what is an answer over HTTP from what a service may know."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._hierarchy = target.view.project.inference.hierarchy

    def is_answer(self, node: cst.CSTNode) -> bool:
        """Return whether an expression makes a response, a schema, or plain data for a client."""
        if isinstance(
            node, (cst.Dict, cst.SimpleString, cst.FormattedString, cst.Integer, cst.ConcatenatedString)
        ):
            return True
        if isinstance(node, cst.Name) and node.value in ("True", "False", "None"):
            return True
        return self.is_web(node) or any(self._is_schema(one) for one in _calls(node))

    def is_web(self, node: cst.CSTNode) -> bool:
        """Return whether an expression uses names of the web framework, or makes a response."""
        web = self._target.view.config.types.web
        for name in reads(node):
            if self._target.origins.knows(name):
                origin = self._target.origins.of(name)
                if origin is not None and origin.module.partition(".")[0] in web:
                    return True
        return any(self._makes_response(one) for one in _calls(node))

    def is_of_request(self, node: cst.BaseExpression) -> bool:
        """Return whether a call is one of a parameter that belongs to HTTP: a response, background tasks."""
        root: cst.BaseExpression = node
        while isinstance(root, (cst.Call, cst.Attribute)):
            root = root.func if isinstance(root, cst.Call) else root.value
        if not isinstance(root, cst.Name) or not isinstance(node, cst.Call):
            return False
        web = self._target.view.config.types.web
        values = self._target.parameters.get(root.value, frozenset())
        return any(isinstance(v, Instance) and v.class_name.partition(".")[0] in web for v in values)

    def _makes_response(self, call: cst.Call) -> bool:
        site = self._target.site(call)
        web = self._target.view.config.types.web
        for value in site.result if site is not None else ():
            if isinstance(value, Instance):
                if isinstance(value.cls, str):
                    if value.cls.partition(".")[0] in web:
                        return True
                elif any(base.partition(".")[0] in web for base in self._hierarchy.outside(value.cls)):
                    return True
        return False

    def _is_schema(self, call: cst.Call) -> bool:
        site = self._target.site(call)
        classes = set(site.classes) if site is not None else set()
        func = call.func
        while isinstance(func, cst.Attribute):
            func = func.value
        if isinstance(func, cst.Name):
            classes |= {one for one in self._classes(func.value)}
        if not classes and site is not None:
            given = product(site.result)
            classes = {one.cls for one in given if isinstance(one, Instance) and isinstance(one.cls, Class)}
            if len(classes) < len(given):
                return False
        return any(self._is_plain_data(one) for one in classes)

    def _classes(self, name: str) -> Iterator[Class]:
        imports, module = self._target.view.imports, self._target.function.module
        for one in imports.of_module[module]:
            if one.bound == name:
                yield from (entity for entity in imports.elements(one) if isinstance(entity, Class))
        yield from (one for one in module.classes if one.name == name)

    def _is_plain_data(self, cls: Class) -> bool:
        layer = self._target.view.project.layer(cls).layer
        if layer == "schema":
            return True
        return layer != "entity" and any(self._hierarchy.derives(cls, base) for base in _PYDANTIC)


def _is_refusal(
    target: Target, answers: Answers, node: cst.Return, moving: tuple[cst.BaseStatement, ...]
) -> bool:
    """Return whether an early answer is an error: a response the handler can make without the service."""
    is_guard = target.code.around(node, cst.If) is not None
    if node.value is None or not is_guard or not isinstance(node.value, (cst.Call, cst.Dict)):
        return False
    return answers.is_answer(node.value) and not set(reads(node.value)) & set(binds(*moving))


def _may_stay(answers: Answers, chains: Chains, statement: cst.BaseStatement) -> bool:
    """Return whether a statement only answers: it builds a response, or hands one back."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return False
    if chains.mentions(statement):
        return False
    small = statement.body[0]
    if isinstance(small, cst.Expr):
        return answers.is_of_request(small.value)
    if isinstance(small, cst.Return):
        return small.value is None or answers.is_answer(small.value)
    if isinstance(small, cst.Assign):
        is_local = all(isinstance(one.target, cst.Name) for one in small.targets)
        return is_local and (
            answers.is_answer(small.value)
            and not isinstance(small.value, (cst.SimpleString, cst.Integer, cst.Name))
        )
    return False


def _is_return(statement: cst.BaseStatement) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[0], cst.Return)


def _returns(node: cst.CSTNode) -> Iterator[cst.Return]:
    if isinstance(node, cst.Return):
        yield node
    if not isinstance(node, (cst.FunctionDef, cst.Lambda)):
        for child in node.children:
            yield from _returns(child)


def every_return(statements: tuple[cst.BaseStatement, ...]) -> Iterator[cst.Return]:
    """Yield the statements that return, without those of functions inside."""
    for statement in statements:
        yield from _returns(statement)


def _calls(node: cst.CSTNode) -> Iterator[cst.Call]:
    if isinstance(node, cst.Call):
        yield node
    for child in node.children:
        yield from _calls(child)
