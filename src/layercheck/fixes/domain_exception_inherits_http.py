"""LC503: derive the exception from the domain exception whose handler answers as FastAPI would."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from layercheck.finding import Finding
from layercheck.fixes.answers import other_answers_anywhere
from layercheck.fixes.code import Code, Refused
from layercheck.fixes.constructions import Constructions
from layercheck.fixes.fix import Change, Context, Fix, State
from layercheck.fixes.imports import Imports
from layercheck.fixes.meanings import meaning_of_text
from layercheck.fixes.responses import HTTP, answers_http_itself, reads_error, returned_response
from layercheck.location import line_of
from layercheck.program.entities import Class, Function
from layercheck.rules.measures.clauses import clauses

_TAKEN = ("status_code", "detail")


class DeriveFromDomain(Fix):
    """Replaces ``HTTPException`` among the bases by a domain exception that carries the same.

    Its registered handler has to answer with the ``status_code`` and the ``detail`` of the exception.
    """

    code = "LC503"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the class with another base."""
        cls = context.element(finding.element)
        if not isinstance(cls, Class):
            raise Refused("several classes have the same name")
        if answers_http_itself(context):
            raise Refused("a handler is registered for HTTPException, which may answer in another way")
        base = _domain_base(context)
        _check(context, cls)
        code = context.code(cls.module.path)
        node = _definition(code, cls)
        imports = Imports(context, code, cls.module)
        for arg in node.bases:
            if meaning_of_text(context, cls.module, code.source(arg.value)) in HTTP:
                edit = code.replace(arg.value, imports.element(base))
                return Change(f"derived it from {base.name}", (edit,), imports=imports.needed)
        raise Refused("HTTPException is not among the bases by name")

    def objection(self, finding: Finding, before: State, after: State) -> str:
        """Return which route would answer otherwise."""
        return other_answers_anywhere(before, after)


def _domain_base(context: Context) -> Class:
    """Return the one domain exception whose handler answers with what the exception carries."""
    types = context.view.exceptions.types
    found: dict[Class, None] = {}
    for mapping in context.view.project.mappings:
        cls, handler = mapping.exception, mapping.handler
        if isinstance(cls, Class) and handler is not None and not types.is_http(cls):
            try:
                response = returned_response(context, handler)
            except Refused:
                continue
            if reads_error(response, *_TAKEN) and _keeps(cls):
                found[cls] = None
    if len(found) != 1:
        names = ", ".join(cls.name for cls in found) or "none"
        raise Refused(f"there has to be one domain exception whose handler reads its status_code: {names}")
    return next(iter(found))


def _keeps(cls: Class) -> bool:
    """Return whether a class is made like an HTTPException: of a status and a detail."""
    own = cls.methods.get("__init__")
    names = [one.name for one in own.params[1:3]] if own is not None else []
    return tuple(names) == _TAKEN and own is not None and all(
        one.default is not None for one in own.params[3:] if one.kind not in ("var", "kwvar")
    )


def _check(context: Context, cls: Class) -> None:
    """Raise `Refused` where somebody would miss the HTTPException."""
    view = context.view
    family = [cls, *view.project.inference.hierarchy.descendants(cls)]
    layers = {view.project.layer(function).layer for function in view.project.program.functions}
    for clause in clauses(view, layers):
        if any(kind in HTTP for kind in clause.kinds):
            caught = {one for frame, known in clause.runs for one in view.exceptions.caught(frame, known)}
            if not caught.isdisjoint(family):
                raise Refused(f"{clause.function.qualname} catches it as an HTTPException")
    for one in family:
        if not all(_has_detail(given) for given in _made(context, one)):
            raise Refused(f"{one.name} is made without a detail")
        if "headers" in one.annotations or "headers" in _source(context, one):
            raise Refused(f"{one.name} may carry headers")


def _source(context: Context, cls: Class) -> str:
    code = context.code(cls.module.path)
    return code.source(_definition(code, cls))


def _made(context: Context, cls: Class) -> Iterator[cst.Call]:
    """Yield the calls that hand a status and a detail on: of its constructor, or of those who make one."""
    order = context.view.project.inference.hierarchy.order(cls)
    if any("__init__" in one.methods for one in order if isinstance(one, Class) and one is not cls):
        if "__init__" not in cls.methods:
            return  # it is made as the class above it is
    if "__init__" in cls.methods:
        code = context.code(cls.module.path)
        start, end = code.span(_definition(code, cls))
        for call in code.nodes(cst.Call):
            if start <= code.span(call)[0] < end and code.source(call.func) == "super().__init__":
                yield call
        return
    for caller, node in context.view.measure(Constructions).of.get(cls, ()):
        path = caller.module.path if isinstance(caller, Function) else caller.path
        yield context.code(path).exactly(cst.Call, node.at)


def _has_detail(call: cst.Call) -> bool:
    named = {arg.keyword.value for arg in call.args if arg.keyword is not None}
    plain = [arg for arg in call.args if arg.keyword is None and not arg.star]
    is_whole = len(plain) + len(named) == len(call.args)
    return is_whole and "headers" not in named and ("detail" in named or len(plain) == 2)


def _definition(code: Code, cls: Class) -> cst.ClassDef:
    for node in code.nodes(cst.ClassDef):
        if node.name.value == cls.name and code.range(node.name).start.line == line_of(cls.node.name_at):
            return node
    raise Refused(f"{cls.name} is not where it was expected")
