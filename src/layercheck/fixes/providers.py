"""Providers: those there are, the names they go by, and new ones."""

from __future__ import annotations

import re
from dataclasses import dataclass

import libcst as cst

from layercheck.facts import records as r
from layercheck.fixes.code import Code, Refused
from layercheck.fixes.fix import Context, Definition
from layercheck.fixes.forms import Form, Maker, returned
from layercheck.fixes.imports import Imports
from layercheck.fixes.meanings import meaning, meaning_of_text
from layercheck.fixes.signature import New, definition
from layercheck.inference.signatures import MARKERS
from layercheck.location import line_of
from layercheck.program.build import statements
from layercheck.program.entities import Class, Function, Module

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ITERATORS = frozenset({
    "typing.Iterator", "typing.Iterable", "typing.Generator", "typing.AsyncIterator",
    "typing.AsyncIterable", "typing.AsyncGenerator",
})  # fmt: skip


def snake(name: str) -> str:
    """Return the name of a class as that of a variable: ``UserService`` becomes ``user_service``."""
    return _HUMP.sub("_", name).lower()


def providers_of(context: Context, form: Form) -> list[Function]:
    """Return the providers that do nothing but make what has a form."""
    found = []
    for provider in context.view.project.providers:
        made = returned(provider) if isinstance(provider, Function) else None
        if made is None or not isinstance(provider, Function) or provider.owner is not None:
            continue
        try:
            if Maker(context, provider).form(made) == form:
                found.append(provider)
        except Refused:
            continue
    return found


def is_marker(context: Context, code: Code, module: Module, call: cst.Call) -> bool:
    """Return whether ``call`` is a ``Depends`` or one of its kin."""
    return meaning_of_text(context, module, code.source(call.func)) in MARKERS


def alias_of(context: Context, provider: Function, near: Module) -> tuple[Module, str] | None:
    """Return the name of ``Annotated[..., Depends(provider)]``, where the project has one at the top."""
    modules = dict.fromkeys((near, provider.module, *context.view.project.program.modules))
    for module in modules:
        for statement in module.facts.body:
            name, value = aliased(statement)
            if name and value is not None and _depends_on(context, module, value, provider):
                return module, name
    return None


def aliased(statement: r.Stmt) -> tuple[str, r.Expr | None]:
    """Return the name a statement gives a value, with the value; an empty one for other statements."""
    match statement:
        case r.Assign(targets=(r.Name(id=name),), value=value):
            return name, value
        case r.Annotated(target=r.Name(id=name), value=value):
            return name, value
        case r.TypeAlias(name=name, value=value, type_params=()):
            return name, value
    return "", None


def _depends_on(context: Context, module: Module, value: r.Expr, provider: Function) -> bool:
    match value:
        case r.Subscript(
            value=head, index=r.Sequence(items=(_, r.Call(func=func, args=(given,), keywords=())))
        ):
            is_annotated = meaning(context, module, head) == "typing.Annotated"
            is_depends = meaning(context, module, func) in MARKERS
            return is_annotated and is_depends and meaning(context, module, given) is provider
    return False


@dataclass(frozen=True, slots=True)
class Given:
    """What a provider gives, as an annotation: its text, and the module whose names it is made of."""

    text: str
    module: Module | None


def given_by(context: Context, provider: Function) -> Given:
    """Return the type a provider hands over, as its signature says; raises `Refused` where it does not."""
    code = context.code(provider.module.path)
    returns = definition(code, provider).returns
    if returns is None:
        raise Refused(f"{provider.name} does not say what it gives")
    node = returns.annotation
    if provider.is_generator:
        if not isinstance(node, cst.Subscript) or not isinstance(node.slice[0].slice, cst.Index):
            raise Refused(f"{provider.name} does not say what it gives")
        node = node.slice[0].slice.value
    text = code.source(node)
    if isinstance(node, cst.SimpleString) or "\n" in text or text.startswith("("):
        raise Refused(f"{provider.name} does not say what it gives in plain words")
    return Given(text, provider.module)


def parameter(
    context: Context, imports: Imports, code: Code, function: Function, name: str, provider: Function
) -> New:
    """Return the text of a parameter ``name`` of ``function`` that ``provider`` fills.

    It is written as the other parameters are: by an alias there is, as ``Annotated``, or by a default.
    """
    known = alias_of(context, provider, function.module)
    if known is not None and is_before(known[0], known[1], function):
        imports.copied(known[1], known[0])
        return New(f"{name}: {known[1]}", False)
    given = given_by(context, provider)
    for each in _names(given.text):
        imports.copied(each, provider.module)
    named = imports.element(provider)
    if provider.module is function.module and not is_before(provider.module, provider.name, function):
        raise Refused(f"{provider.name} is defined behind {function.name}")
    return written(imports, code, function, name, given.text, named)


def written(imports: Imports, code: Code, function: Function, name: str, kind: str, provider: str) -> New:
    """Return the text of a parameter in the style of the file."""
    depends = imports.name("fastapi", "Depends")
    if has_defaults(code, function):
        return New(f"{name}: {kind} = {depends}({provider})", True)
    annotated = imports.name("typing", "Annotated")
    return New(f"{name}: {annotated}[{kind}, {depends}({provider})]", False)


def has_defaults(code: Code, function: Function) -> bool:
    """Return whether dependencies are written as defaults: in the function, else in the file."""
    node = definition(code, function)
    own = [code.source(one.default) for one in node.params.params if one.default is not None]
    if any(text.startswith(("Depends(", "Security(")) for text in own):
        return True
    if any("Annotated[" in code.source(p.annotation.annotation) for p in node.params.params if p.annotation):
        return False
    return code.text.count("= Depends(") > code.text.count("Annotated[")


def _names(text: str) -> list[str]:
    return [name for name in re.findall(r"(?<![\w.])[A-Za-z_]\w*", text)]


def is_before(module: Module, name: str, function: Function) -> bool:
    """Return whether a name at the top of a module is bound before ``function`` is defined."""
    if module is not function.module:
        return True
    current: Function | Class = function
    while not isinstance(current.parent, Module):
        current = current.parent
    limit = line_of(current.at)
    lines = [line_of(one.at) for one in statements(module.facts.body) if _binds(one, name)]
    return bool(lines) and max(lines) < limit


def _binds(statement: r.Stmt, name: str) -> bool:
    if isinstance(statement, (r.Function, r.Class)):
        return statement.name == name
    return aliased(statement)[0] == name


# New ones ---------------------------------------------------------------------------------------


def new_provider(
    path: str, name: str, params: list[str], gives: str, body: str, offset: int | None
) -> Definition:
    """Return a provider: a function that makes what ``body`` says of what it is injected."""
    head = f"def {name}({', '.join(params)}) -> {gives}:"
    if len(head) > 99:
        head = f"def {name}(\n" + "".join(f"    {one},\n" for one in params) + f") -> {gives}:"
    return Definition(path, name, f"{head}\n    return {body}\n", offset)
