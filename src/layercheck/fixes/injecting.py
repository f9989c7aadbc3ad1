"""Turning what a route handler makes itself into parameters that providers fill."""

from __future__ import annotations

import re
from collections.abc import Iterable

import libcst as cst

from layercheck.facts import records as r
from layercheck.fixes.code import Code, Edit, Refused
from layercheck.fixes.fix import Change, Context, Definition
from layercheck.fixes.forms import Form, Maker
from layercheck.fixes.homes import home_of, module_name
from layercheck.fixes.imports import Imports, names_in
from layercheck.fixes.meanings import meaning
from layercheck.fixes.providers import (
    new_provider,
    parameter,
    providers_of,
    snake,
    written,
)
from layercheck.fixes.signature import New, Signature, definition, free_name
from layercheck.location import Place, Span, encloses
from layercheck.program.entities import Class, Function, Module
from layercheck.rules.measures.wired import assignments
from layercheck.rules.view import View
from layercheck.sources import Role


class Handler:
    """A route handler whose parameters are to change; raises `Refused` where others call it, too."""

    def __init__(self, context: Context, function: Function) -> None:
        if function not in context.view.project.handlers:
            raise Refused(f"{function.name} is no route handler, and nothing is injected into it")
        if not isinstance(function.parent, Module):
            raise Refused("the handler is part of a class or of another function")
        if any(not isinstance(one, Module) for one in context.view.calls.callers(function)):
            raise Refused("the handler is called by other code, too")
        if function.name in context.view.measure(_Tests).called:
            raise Refused("a test calls the handler itself")
        self.context = context
        self.function = function
        self._check_names()
        self.code: Code = context.code(function.module.path)
        self.node = definition(self.code, function)
        self.signature = Signature(self.code, self.node)
        self.maker = Maker(context, function)
        self.imports = Imports(context, self.code, function.module)
        self._edits: list[Edit] = []
        self._gone: list[tuple[int, int]] = []
        self._taken: list[str] = []

    def _check_names(self) -> None:
        """Raise `Refused` where a test replaces a name that the handler may not read any more."""
        replaced = self.context.view.measure(_Tests).replaced
        for call in self.function.calls.values():
            if isinstance(call.func, r.Name) and call.func.id in replaced:
                raise Refused(f"a test replaces {call.func.id} by its name")

    def name_for(self, expression: cst.BaseExpression, wish: str) -> str:
        """Take an expression out of the body and return the name that is read instead.

        That is the name it is assigned to, where it is nothing but assigned: then the statement goes.
        """
        around = self.code.parent(expression)
        target: cst.BaseExpression | None = None
        if isinstance(around, cst.Assign) and len(around.targets) == 1:
            target = around.targets[0].target
        elif isinstance(around, cst.AnnAssign):
            target = around.target
        if isinstance(target, cst.Name) and self.maker.local(target.value) is not None:
            self._drop(around)
            return target.value
        if wish in self._taken:
            raise Refused("several parameters would have the same name")
        self._taken.append(wish)
        name = free_name(self.node, wish, f"the_{wish}")
        self.replace(expression, name)
        return name

    def replace(self, expression: cst.BaseExpression, name: str) -> None:
        """Read ``name`` where an expression stands."""
        self._edits.append(self.code.replace(expression, name))
        self._gone.append(self.code.span(expression))

    def drop_local(self, name: str) -> None:
        """Take the statement away that gives a local name its value, where nothing reads that any more."""
        known = self.maker.local(name)
        if known is not None and not self._is_read(name):
            at = known[1].at  # type: ignore[union-attr]
            self._drop(self.code.parent(self.code.exactly(cst.Call, at)))

    def idle(self, names: Iterable[str]) -> set[str]:
        """Return which of the injected parameters ``names`` nothing reads any more."""
        return {name for name in names if name in self.maker.injected and not self._is_read(name)}

    def changed(self, title: str, gone: set[str], new: list[New], *definitions: Definition) -> Change:
        """Return the change of body and signature, with the imports it needs."""
        edits = (*self._edits, *self.signature.changed(gone, new))
        return Change(title, edits, imports=self.imports.needed, definitions=definitions)

    def more_imports(self, change: Change, imports: Imports) -> Change:
        """Return ``change`` with what another file needs."""
        return change._replace(imports=(*change.imports, *imports.needed))

    def _drop(self, small: cst.CSTNode) -> None:
        line = self.code.parent(small)
        if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
            raise Refused("it is made in a line that does more")
        place = self.code.range(line)
        end = place.end.line + 1
        if self._is_blank(place.start.line - 1) and self._is_blank(end):
            end += 1
        edit = self.code.delete(self.code.line_start(place.start.line), self.code.line_start(end))
        self._edits.append(edit)
        self._gone.append((edit.start, edit.end))

    def _is_blank(self, line: int) -> bool:
        return not self.code.text[self.code.line_start(line) : self.code.line_start(line + 1)].strip()

    def _is_read(self, name: str) -> bool:
        start, end = self.code.span(self.node.body)
        for node in self.code.nodes(cst.Name):
            at = self.code.span(node)[0]
            if node.value == name and start <= at < end and self._counts(node, name):
                if not any(first <= at < last for first, last in self._gone):
                    return True
        return False

    def _counts(self, node: cst.Name, name: str) -> bool:
        """Return whether a name is read, rather than being that of an attribute or assigned."""
        around = self.code.parent(node)
        if isinstance(around, cst.Attribute) and around.attr is node:
            return False
        if isinstance(around, cst.Arg) and around.keyword is node:
            return False
        return not (isinstance(around, cst.AssignTarget) and self.maker.local(name) is not None)


class _Tests:
    """The names of what the tests call or replace by name, and all in files that override dependencies."""

    def __init__(self, view: View) -> None:
        self.called: set[str] = set()
        self.replaced: set[str] = set()
        self.named: set[str] = set()
        self.overridden: set[str] = set()
        for source in view.tree.sources:
            try:
                text = view.tree.read(source).decode("utf-8", "replace")
            except OSError:
                continue
            if source.role is Role.TEST:
                self.called.update(_CALLED.findall(text))
                self.replaced.update(_REPLACED.findall(text))
                self.named.update(_WORDS.findall(text))
            if "dependency_overrides" in text:
                self.overridden.update(_WORDS.findall(text))


_CALLED = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
_REPLACED = re.compile(r"""["'](?:\w+\.)+(\w+)["']""")
_WORDS = re.compile(r"\b[A-Za-z_]\w*\b")


def named_in_tests(view: View, name: str) -> bool:
    """Return whether a test speaks of ``name``."""
    return name in view.measure(_Tests).named


def may_be_overridden(view: View, name: str) -> bool:
    """Return whether a file that overrides dependencies, of the code or of the tests, speaks of ``name``."""
    return name in view.measure(_Tests).overridden


def inject_made(
    context: Context, function: Function, made: list[r.Call], may_create: bool
) -> tuple[Change, set[str]]:
    """Return the change that takes what ``function`` makes in ``made`` as parameters instead.

    With it come the parameters that are gone. Raises `Refused` where not exactly one provider makes the
    same, unless ``may_create`` one.
    """
    handler = Handler(context, function)
    outer = _outermost(handler.maker, made)
    new: list[New] = []
    used: dict[str, None] = {}
    locals_used: dict[str, None] = {}
    titles: dict[str, None] = {}
    fresh: list[tuple[r.Call, str]] = []
    known: dict[Form, str] = {}
    for call in outer:
        form = handler.maker.form(call)
        node = handler.code.exactly(cst.Call, call.at)
        if form in known:
            handler.replace(node, known[form])
            continue
        providers = providers_of(context, form)
        if len(providers) > 1:
            names = ", ".join(one.name for one in providers[:3])
            raise Refused(f"several providers make the same: {names}")
        if not providers and not may_create:
            raise Refused("no provider makes the same")
        cls = meaning(context, function.module, call.func)
        assert isinstance(cls, Class)
        if sum(handler.maker.form(one) == form for one in outer) > 1 and _changes_itself(context, cls):
            raise Refused(f"several {cls.name} would become one")
        name = known[form] = handler.name_for(node, snake(cls.name))
        used.update(dict.fromkeys(handler.maker.parts(call)))
        locals_used.update(dict.fromkeys(_locals(handler.maker, call)))
        if providers:
            new.append(parameter(context, handler.imports, handler.code, function, name, providers[0]))
            titles[providers[0].name] = None
        else:
            fresh.append((call, name))
    if fresh and len(known) > 1:
        raise Refused("several providers would be needed")
    for name in reversed(locals_used):
        handler.drop_local(name)
    gone = handler.idle(used)
    if not fresh:
        told = f"took it from {', '.join(titles)}"
        return handler.changed(told, gone, new), gone
    return _with_new_provider(handler, fresh[0][0], fresh[0][1], gone), gone


def _changes_itself(context: Context, cls: Class) -> bool:
    """Return whether methods of ``cls`` assign to their object, so that one object is not like two."""
    order = context.view.project.inference.hierarchy.order(cls)
    methods = [
        one for item in order if isinstance(item, Class)
        for name, one in item.methods.items() if name != "__init__"
    ]  # fmt: skip
    return any(True for one in methods for _ in assignments(one))


def _outermost(maker: Maker, made: list[r.Call]) -> list[r.Call]:
    """Return those of ``made`` that are no part of another one."""
    inner: set[Span] = set()
    for call in made:
        for name in _locals(maker, call):
            known = maker.local(name)
            if known is not None:
                inner.add(known[1].at)  # type: ignore[union-attr]
    return [
        call for call in made
        if call.at not in inner
        and not any(other is not call and encloses(other.at, call.at) for other in made)
    ]  # fmt: skip


def _locals(maker: Maker, expression: r.Expr) -> Iterable[str]:
    """Return the local names an expression is made of, those they are made of last."""
    match expression:
        case r.Name(id=name):
            known = maker.local(name)
            return () if known is None else (name, *_locals(maker, known[1]))
        case r.Call(args=args, keywords=keywords):
            every = (*args, *(keyword.value for keyword in keywords))
            return tuple(name for one in every for name in _locals(maker, one))
    return ()


def calls_at(function: Function, places: Iterable[Place]) -> list[r.Call]:
    """Return the calls in ``function`` that stand at ``places``."""
    wanted = set(places)
    found = sorted(function.calls.items())
    return [call for at, call in found if Place.of(function.module.path, at) in wanted]


# A provider that is not there yet ---------------------------------------------------------------


def _with_new_provider(handler: Handler, call: r.Call, name: str, gone: set[str]) -> Change:
    context, function = handler.context, handler.function
    cls = meaning(context, function.module, call.func)
    assert isinstance(cls, Class)
    title = f"get_{snake(cls.name)}"
    kind = handler.code.source(handler.code.exactly(cst.Call, call.at).func)
    body, names = _rendered(handler, call)
    params = [one for one in function.params if one.name in set(handler.maker.parts(call))]
    nodes = [node for one in params if (node := handler.signature.param(one.name)) is not None]
    nodes.sort(key=lambda node: node.default is not None)
    texts = [handler.signature.text(node) for node in nodes]
    for node in nodes:
        parts = (node.annotation.annotation if node.annotation is not None else None, node.default)
        names.update(dict.fromkeys(each for part in parts if part is not None for each in names_in(part)))
    told = f"moved what makes it to the provider {title}"
    try:
        path = home_of(context, function.module, "dependency")
        if path == function.module.path:
            raise Refused("there is no one module of providers")
        home = context.module(path)
        other = Imports(context, context.code(path), home)
        if title in context.code(path).names:
            raise Refused(f"the name {title} is taken in {path}")
        for each in names:
            other.copied(each, function.module)
        program = context.view.project.program
        behind = [program.find(one.module, function.module.source.root) for one in other.needed]
        loaded = [one for one in (home, *behind) if one is not None]
        named = handler.imports.made(module_name(context, path, function.module), title, loaded)
        definition_ = new_provider(path, title, texts, kind, body, None)
        new = written(handler.imports, handler.code, function, name, kind, named)
        return handler.more_imports(handler.changed(told, gone, [new], definition_), other)
    except Refused:
        pass
    if title in handler.code.names:
        raise Refused(f"the name {title} is taken in {handler.code.path}")
    start = handler.code.statement_start(handler.node)
    new = written(handler.imports, handler.code, function, name, kind, title)
    return handler.changed(
        told, gone, [new], new_provider(handler.code.path, title, texts, kind, body, start)
    )


def _rendered(handler: Handler, call: r.Call) -> tuple[str, dict[str, None]]:
    """Return the text of what is made, local names replaced by what they stand for, and its global names."""
    names: dict[str, None] = {}

    def text(node: cst.BaseExpression) -> str:
        start, end = handler.code.span(node)
        pieces, at = [], start
        for inner in handler.code.nodes(cst.Name):
            first, last = handler.code.span(inner)
            if not (start <= first and last <= end) or handler.code.is_label(inner):
                continue
            known = handler.maker.local(inner.value)
            if known is not None and inner is not node:
                value = handler.code.exactly(cst.Call, known[1].at)  # type: ignore[union-attr]
                pieces += [handler.code.text[at:first], text(value)]
                at = last
            elif inner.value not in handler.function.bound:
                names[inner.value] = None
        return "".join((*pieces, handler.code.text[at:end]))

    return text(handler.code.exactly(cst.Call, call.at)), names
