"""What names at the top of a module stand for, as the program is: classes, functions, outside names."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.fixes.fix import Context
from layercheck.inference.models import library
from layercheck.program.entities import Class, Function, Module


def meaning(context: Context, module: Module, expression: r.Expr) -> Module | Class | Function | str:
    """Return what a dotted name stands for; what is outside of the program, or a value, by its name.

    Empty for what is no dotted name.
    """
    match expression:
        case r.Name(id=name):
            return _of_name(context, module, name)
        case r.Attribute(value=value, name=name):
            inner = meaning(context, module, value)
            if isinstance(inner, Module):
                return _of_name(context, inner, name)
            if isinstance(inner, Class):
                return f"{inner.qualname}.{name}"
            return library.canonical(f"{inner}.{name}") if isinstance(inner, str) and inner else ""
    return ""


def meaning_of_text(context: Context, module: Module, text: str) -> Module | Class | Function | str:
    """Return what a dotted name, given as text, stands for; empty for other text."""
    first, *others = text.split(".")
    if not first.isidentifier() or not all(map(str.isidentifier, others)):
        return ""
    expression: r.Expr = r.Name(first, module.at)
    for part in others:
        expression = r.Attribute(expression, part, module.at)
    return meaning(context, module, expression)


def _of_name(context: Context, module: Module, name: str) -> Module | Class | Function | str:
    for one in reversed(context.view.imports.of_module[module]):
        if one.bound == name and one.scope is module:
            if isinstance(one.target, str):
                plain = one.target.startswith(f"{name}.") or one.target == name
                whole = one.written == one.target
                return library.canonical(name if whole and plain else one.target)
            if not one.name:
                return one.target
            return context.element(f"{one.target.name}.{one.name}") or f"{one.target.name}.{one.name}"
    if name in module.bound:
        return context.element(f"{module.name}.{name}") or f"{module.name}.{name}"
    inner = context.element(f"{module.name}.{name}")
    if isinstance(inner, Module):
        return inner
    return f"builtins.{name}"
