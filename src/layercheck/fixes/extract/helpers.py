"""Functions beside a handler that are handed the session: they move along, as methods of the service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import libcst as cst

from layercheck.fixes.code import Code, Edit
from layercheck.fixes.extract import wording
from layercheck.fixes.extract.chains import Chain, refuse_at
from layercheck.fixes.extract.names import Origin, binds, reads
from layercheck.fixes.extract.repositories import Parameter, canonical, class_node
from layercheck.fixes.extract.services import Service
from layercheck.fixes.extract.target import Target
from layercheck.fixes.extract.text import STEP, moved, signature, whole
from layercheck.fixes.extract.translations import unwrapped
from layercheck.fixes.extract.typing_text import Written
from layercheck.inference.frames import Frame
from layercheck.program.entities import Function
from layercheck.rules.measures.handlers import Handler


@dataclass(frozen=True, slots=True)
class Helper:
    """A function that becomes a private method of the service: ``text`` is the method, at a class's indent.

    ``is_new`` is false where the service has it already.
    """

    function: Function
    name: str
    text: str
    needs: tuple[Origin, ...]
    is_new: bool


@dataclass(slots=True)
class Helpers:
    """Finds the functions one handler hands its session to, and writes each once.

    ``read`` takes one apart as a handler is: it gives the edits of its text.
    """

    target: Target
    service: Service
    width: int
    read: Callable[[Target], tuple[list[Edit], list[Origin]]]
    found: dict[Function, Helper] = field(default_factory=dict)
    _open: set[Function] = field(default_factory=set)

    def of(self, target: Target, chain: Chain) -> Function | None:
        """Return the function a chain hands the session to, None where it does not belong to the handler."""
        site = target.site(chain.calls[-1])
        frames = [frame for frame, _ in site.edges] if site is not None else []
        if len(frames) != 1 or (site is not None and (site.externals or site.classes)):
            return None
        entity = frames[0].entity
        project = target.view.project
        if (
            not isinstance(entity, Function)
            or entity.parent is not entity.module
            or entity in project.handlers
        ):
            return None
        if entity.module is not self.target.function.module or entity in project.providers:
            return None
        return entity

    def call(self, target: Target, chain: Chain, function: Function) -> Edit:
        """Return the edit that calls the method instead, after writing it."""
        call = chain.calls[-1]
        helper = self.found.get(function)
        if helper is None:
            if function in self._open:
                raise refuse_at(target, call, f"`{function.name}` calls itself")
            self._open.add(function)
            helper = self.found[function] = self._helper(target, chain, function)
        code = target.code
        kept = [
            code.source(arg).rstrip().rstrip(",") for arg in call.args if not _is(arg.value, target.session)
        ]
        if len(kept) != len(call.args) - 1 or target.session in reads(
            *(arg for arg in call.args if not _is(arg.value, target.session))
        ):
            raise refuse_at(target, call, f"it hands the session to `{function.name}` more than once")
        return code.replace(call, f"self.{helper.name}({', '.join(kept)})")

    def _helper(self, target: Target, chain: Chain, function: Function) -> Helper:
        site = target.site(chain.calls[-1])
        assert site is not None
        inner = self._target(target, chain, function, next(frame for frame, _ in site.edges))
        edits, needs = self.read(inner)
        code = inner.code
        start, end = whole(code, inner.body)
        body = moved(code, start, end, edits, STEP + STEP).strip("\r\n").replace(code.newline, "\n")
        body = unwrapped(body)
        node = next(Code("helper", f"def method():\n{body}\n".encode()).nodes(cst.FunctionDef))
        if inner.session in reads(node.body):
            raise refuse_at(
                target, chain.calls[-1], f"`{function.name}` uses the session in a function of its own"
            )
        params = [one for name, one in inner.params.items() if name != inner.session]
        own = {*binds(node.body), *inner.params, "self"}
        every = list(needs)
        for name in reads(
            node.body,
            *(one.annotation for one in params if one.annotation),
            *(one.default for one in params if one.default),
            *([inner.node.returns] if inner.node.returns else []),
        ):
            if name not in own and name not in {one.bound for one in needs}:
                origin = inner.origins.of(name)
                if origin is not None:
                    every.append(origin)
        known, is_new = self._name(function, params, body)
        head = "async def" if inner.node.asynchronous is not None else "def"
        tail = f" -> {code.source(inner.node.returns.annotation)}:" if inner.node.returns is not None else ":"
        keyword = [_parameter(code, one) for one in params]
        if inner.node.params.kwonly_params:
            first = next((i for i, one in enumerate(params) if one in inner.node.params.kwonly_params), None)
            if first is not None:
                keyword.insert(first, "*")
        lines = signature(f"{head} {known}", ["self", *keyword], tail, STEP, self.width)
        doc = inner.node.get_docstring()
        if doc is not None:
            documented = inner.node.body.body[0]
            told = code.source(documented).strip().split(code.newline)
            old = code.indent(documented)
            lines.append(f"{STEP}{STEP}{told[0]}")
            lines += [f"{STEP}{STEP}{one.removeprefix(old)}" if one.strip() else "" for one in told[1:]]
        return Helper(function, known, "\n".join([*lines, body]), tuple(every), is_new)

    def _target(self, target: Target, chain: Chain, function: Function, frame: Frame) -> Target:
        """Return the function as what is to be taken apart."""
        code = target.code
        where = chain.calls[-1]
        node = next(
            (
                one
                for one in code.module.body
                if isinstance(one, cst.FunctionDef) and one.name.value == function.name
            ),
            None,
        )
        if (
            node is None
            or node.decorators
            or function.is_generator
            or not isinstance(node.body, cst.IndentedBlock)
        ):
            raise refuse_at(
                target, where, f"it hands the session to `{function.name}`, which is no plain function"
            )
        if node.params.star_kwarg is not None or isinstance(node.params.star_arg, cst.Param):
            raise refuse_at(
                target, where, f"it hands the session to `{function.name}`, which takes any arguments"
            )
        names = [one.name.value for one in (*node.params.posonly_params, *node.params.params)]
        session = ""
        for index, arg in enumerate(where.args):
            if _is(arg.value, target.session):
                session = (
                    arg.keyword.value
                    if arg.keyword is not None
                    else names[index]
                    if index < len(names)
                    else ""
                )
        if not session or any(arg.star for arg in where.args):
            raise refuse_at(target, where, f"it is not clear how `{function.name}` takes the session")
        body = tuple(node.body.body[1:] if node.get_docstring() is not None else node.body.body)
        handler = Handler(function, frame, target.handler.routes)
        return Target(
            target.context, handler, code, node, session, target.session_type, target.provider, body
        )

    def _name(self, function: Function, params: list[cst.Param], body: str) -> tuple[str, bool]:
        """Return the name of the method, and whether the service lacks it."""
        names = tuple(Parameter(one.name.value, Written("")) for one in params)
        wanted = canonical(names, tuple(body.splitlines()), "")
        wished = f"_{function.name.lstrip('_')}"
        existing = self.service.existing
        if existing is not None:
            code = self.target.context.code(existing.module.path)
            for one in class_node(code, existing).body.body:
                if (
                    isinstance(one, cst.FunctionDef)
                    and one.name.value.startswith(wished)
                    and isinstance(one.body, cst.IndentedBlock)
                ):
                    start, end = whole(code, _without_docstring(one))
                    if canonical(names, tuple(code.text[start:end].splitlines()), "") == wanted:
                        return one.name.value, False
        return wording.free(wished, [*self.service.methods, *(one.name for one in self.found.values())]), True

    def unused(self) -> Iterator[Edit]:
        """Yield the edits that remove the functions nobody else calls."""
        moved_away = {self.target.function, *self.found}
        for helper in self.found.values():
            callers = set(self.target.view.calls.callers(helper.function))
            node = next(
                one
                for one in self.target.code.module.body
                if isinstance(one, cst.FunctionDef) and one.name.value == helper.function.name
            )
            if callers <= moved_away and not self._is_named(helper.function):
                yield _removal(self.target.code, node)

    def _is_named(self, function: Function) -> bool:
        """Return whether a function is used by its name where it is not called by what moved."""
        code = self.target.code
        taken = self.target.view.imports.taken(function.module)
        if taken is None or function.name in taken:
            return True
        inside = [
            self.target.node,
            *(
                one
                for one in code.module.body
                if isinstance(one, cst.FunctionDef)
                and any(one.name.value == helper.name for helper in self.found)
            ),
        ]
        spans = [code.span(one) for one in inside]
        for one in code.nodes(cst.Name):
            if one.value == function.name and not code.is_label(one):
                at = code.span(one)[0]
                parent = code.parent(one)
                is_definition = isinstance(parent, cst.FunctionDef) and parent.name is one
                if not is_definition and not any(start <= at < end for start, end in spans):
                    return True
        return False


def _parameter(code: Code, param: cst.Param) -> str:
    """Return a parameter as it is written."""
    last: cst.CSTNode = param.default or (param.annotation.annotation if param.annotation else param.name)
    return code.text[code.span(param.name)[0] : code.span(last)[1]]


def _without_docstring(node: cst.FunctionDef) -> tuple[cst.BaseStatement, ...]:
    body = tuple(node.body.body) if isinstance(node.body, cst.IndentedBlock) else ()
    return body[1:] if node.get_docstring() is not None and len(body) > 1 else body


def _removal(code: Code, node: cst.FunctionDef) -> Edit:
    """Return the edit that removes a function, up to what follows it."""
    body = list(code.module.body)
    index = body.index(node)
    start = code.span_with_comments(node)[0]
    if index + 1 < len(body):
        return code.delete(start, code.span_with_comments(body[index + 1])[0])
    return code.delete(len(code.text[:start].rstrip()) + 1, len(code.text))


def _is(node: cst.BaseExpression, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name
