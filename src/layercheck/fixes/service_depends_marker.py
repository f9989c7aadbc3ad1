"""LC205: strip the markers of a constructor, and let a provider do what they did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from layercheck.facts import records as r
from layercheck.finding import Finding
from layercheck.fixes.answers import other_answers_anywhere
from layercheck.fixes.code import Code, Edit, Refused
from layercheck.fixes.constructions import Constructions
from layercheck.fixes.fix import Change, Context, Fix, Needed, State
from layercheck.fixes.forms import injected
from layercheck.fixes.homes import home_of, module_name
from layercheck.fixes.imports import Imports, names_in
from layercheck.fixes.injecting import may_be_overridden
from layercheck.fixes.meanings import meaning_of_text
from layercheck.fixes.providers import (
    aliased,
    is_before,
    is_marker,
    new_provider,
    snake,
)
from layercheck.fixes.signature import Signature, definition
from layercheck.program.entities import Class, Function, Module

_INNER = frozenset({"service", "repository"})


class BuildByProvider(Fix):
    """Makes the parameters of a constructor plain ones, and adds a provider with the markers.

    Whatever was injected the class is injected what the provider makes.
    """

    code = "LC205"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the class without markers, the provider, and those who use it."""
        function = context.element(finding.element)
        cls = function.owner if isinstance(function, Function) else None
        if not isinstance(function, Function) or cls is None or function.name != "__init__":
            raise Refused("only what a constructor takes can be handed over by a provider")
        _check(context, cls, function)
        code = context.code(cls.module.path)
        stripped = _Stripped(context, code, function)
        marks = list(_marks(context, cls))
        if not marks:
            return Change("made the parameters plain ones", tuple(stripped.edits), imports=stripped.needed)
        return _with_provider(context, cls, function, stripped, marks)

    def objection(self, finding: Finding, before: State, after: State) -> str:
        """Return where the class would still be injected by itself, or which route would answer otherwise."""
        name = finding.element.removesuffix(".__init__")
        for provider, uses in after.view.project.providers.items():
            if isinstance(provider, Class) and provider.qualname == name:
                return f"{uses[0].module.path} would still be injected the class itself"
        return other_answers_anywhere(before, after)


def _check(context: Context, cls: Class, function: Function) -> None:
    """Raise `Refused` where somebody relies on the markers."""
    view = context.view
    if not isinstance(cls.parent, Module):
        raise Refused("the class is not defined at the top of its module")
    if view.project.inference.hierarchy.descendants(cls):
        raise Refused("other classes derive from it")
    if may_be_overridden(view, cls.name):
        raise Refused("it may be overridden as a dependency, by the class")
    if any(one.kind != "plain" for one in function.params):
        raise Refused("the constructor has other than plain parameters")
    marked = {one for one in injected(context, function)}
    names = [one.name for one in function.params[1:]]
    for caller, call in view.measure(Constructions).of.get(cls, ()):
        given = {*names[: len(call.args)], *(one.name for one in call.keywords)}
        if not marked <= given:
            raise Refused(f"{caller.qualname} makes it without what is injected")


class _Stripped:
    """The parameters of a constructor without markers; ``texts`` are those they were written as."""

    def __init__(self, context: Context, code: Code, function: Function) -> None:
        self.edits: list[Edit] = []
        self.texts: list[tuple[str, bool]] = []
        self.names: dict[str, None] = {}
        self._context = context
        self._code = code
        self._module = function.module
        self._imports = Imports(context, code, function.module)
        node = definition(code, function)
        signature = Signature(code, node)
        marked = injected(context, function)
        has_default = False
        for one in function.params[1:]:
            param = signature.param(one.name)
            assert param is not None
            self.texts.append((signature.text(param), param.default is not None))
            self._note(param)
            if one.name not in marked:
                has_default = has_default or param.default is not None
                continue
            if has_default:
                raise Refused("a parameter with a default stands before those that are injected")
            start, end = signature.span(param)
            self.edits.append(Edit(code.path, start, end, self._plain(param)))

    @property
    def needed(self) -> tuple[Needed, ...]:
        """What the file has to import for the plain parameters."""
        return self._imports.needed

    def _note(self, param: cst.Param) -> None:
        annotation = param.annotation.annotation if param.annotation is not None else None
        for part in (annotation, param.default):
            if part is not None:
                self.names.update(dict.fromkeys(names_in(part)))

    def _plain(self, param: cst.Param) -> str:
        """Return a parameter without its marker."""
        name = param.name.value
        if param.annotation is None:
            return name
        node = param.annotation.annotation
        if param.default is not None:
            return f"{name}: {self._code.source(node)}"
        if isinstance(node, cst.Subscript):
            return f"{name}: {self._code.source(_first(node))}"
        found = meaning_of_text(self._context, self._module, self._code.source(node))
        module, _, last = found.rpartition(".") if isinstance(found, str) else ("", "", "")
        origin = self._context.element(module)
        if isinstance(origin, Module):
            for statement in origin.facts.body:
                alias, value = aliased(statement)
                if alias == last and isinstance(value, r.Subscript):
                    code = self._context.code(origin.path)
                    inner = _first(code.exactly(cst.Subscript, value.at))
                    for each in names_in(inner):
                        self._imports.copied(each, origin)
                    return f"{name}: {code.source(inner)}"
        raise Refused(f"the type of {name} is not written down")


def _first(node: cst.Subscript) -> cst.BaseExpression:
    first = node.slice[0].slice
    if not isinstance(first, cst.Index):
        raise Refused("an annotation is no plain one")
    return first.value


class _Mark(NamedTuple):
    """A ``Depends`` that names a class; ``named`` is its argument, None for a bare one."""

    module: Module
    code: Code
    call: cst.Call
    named: cst.Arg | None


def _marks(context: Context, cls: Class) -> Iterator[_Mark]:
    """Yield the markers by which ``cls`` is injected."""
    modules = dict.fromkeys(use.module for use in context.view.project.providers.get(cls, ()))
    for module in (*modules, *(one for one in context.view.project.program.modules if one not in modules)):
        if cls.name not in context.data(module.path).decode("utf-8", "replace"):
            continue
        code = context.code(module.path)
        for call in code.nodes(cst.Call):
            if not is_marker(context, code, module, call):
                continue
            named = next((one for one in call.args if one.keyword is None), None)
            if named is not None:
                text = code.source(named.value)
            elif any(one.keyword is not None and one.keyword.value == "dependency" for one in call.args):
                continue
            else:
                text = _declared(code, call)
            if meaning_of_text(context, module, text) is cls:
                yield _Mark(module, code, call, named)


def _declared(code: Code, call: cst.Call) -> str:
    """Return the type a bare marker is the default of, or stands behind in ``Annotated``."""
    around = code.parent(call)
    if isinstance(around, (cst.Param, cst.AnnAssign)) and around.annotation is not None:
        return code.source(around.annotation.annotation)
    subscript = code.around(call, cst.Subscript)
    if subscript is not None and code.source(subscript.value).rpartition(".")[2] == "Annotated":
        return code.source(_first(subscript))
    return ""


def _with_provider(
    context: Context, cls: Class, function: Function, stripped: _Stripped, marks: list[_Mark]
) -> Change:
    for mark in marks:
        if _is_inside_inner(context, mark):
            raise Refused(f"{mark.module.path} injects it into a service or repository; that goes first")
    path = home_of(context, cls.module, "dependency")
    if path == cls.module.path:
        raise Refused("there is no one module where its provider belongs")
    code, home = context.code(path), context.module(path)
    name = f"get_{snake(cls.name)}"
    if name in code.names:
        raise Refused(f"the name {name} is taken in {path}")
    own = Imports(context, code, home, refuses_circles=False)
    named = own.element(cls)
    for each in stripped.names:
        own.copied(each, cls.module)
    texts = [text for text, _ in sorted(stripped.texts, key=lambda one: one[1])]
    handed = ", ".join(one.name for one in function.params[1:])
    offset = _offset(code, home, marks, stripped.names)
    provider = new_provider(path, name, texts, named, f"{named}({handed})", offset)
    needed = [*stripped.needed, *own.needed]
    edits = list(stripped.edits)
    for mark in marks:
        imports = Imports(context, mark.code, mark.module, refuses_circles=False)
        used = name if mark.module is home else imports.made(module_name(context, path, cls.module), name, ())
        edits.append(_renamed(mark, used))
        needed += imports.needed
    return Change(
        f"moved what makes it to the provider {name}",
        tuple(edits),
        imports=tuple(dict.fromkeys(needed)),
        definitions=(provider,),
    )


def _renamed(mark: _Mark, name: str) -> Edit:
    if mark.named is not None:
        return mark.code.replace(mark.named.value, name)
    start = mark.code.span(mark.call.func)[1]
    opening = mark.code.text.index("(", start) + 1
    return mark.code.insert(opening, f"{name}, " if mark.call.args else name)


def _is_inside_inner(context: Context, mark: _Mark) -> bool:
    """Return whether a marker stands in the signature of a service or repository."""
    line = mark.code.range(mark.call).start.line
    for function in mark.module.functions:
        node = function.node
        if isinstance(node, r.Function) and function.owner is not None:
            header = context.view.project.place(function, node.header)
            if header.line <= line <= header.end_line:
                return context.view.project.layer(function).layer in _INNER
    return False


def _offset(code: Code, home: Module | None, marks: list[_Mark], names: dict[str, None]) -> int | None:
    """Return where the provider goes: in front of the first function of its file that needs it."""
    first: cst.FunctionDef | None = None
    for mark in marks:
        if mark.module is home:
            around = code.around(mark.call, cst.FunctionDef)
            while around is not None and not isinstance(code.parent(around), cst.Module):
                around = code.around(around, cst.FunctionDef)
            if around is None:
                raise Refused(f"{code.path} needs the provider outside of a function")
            if first is None or code.span(around)[0] < code.span(first)[0]:
                first = around
    if first is None or home is None:
        return None
    for function in home.functions:
        if function.name == first.name.value and isinstance(function.parent, Module):
            late = [each for each in names if each in home.bound and not is_before(home, each, function)]
            if any(not _is_imported(home, each) for each in late):
                raise Refused(f"{late[0]} is defined behind what needs the provider")
    return code.statement_start(first)


def _is_imported(home: Module, name: str) -> bool:
    return any(
        isinstance(one, (r.Import, r.ImportFrom)) and any((a.asname or a.name) == name for a in one.names)
        for one in home.facts.body
    )
