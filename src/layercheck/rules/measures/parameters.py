"""What the parameters of a function may be: by annotation, by injection, by what callers hand over."""

from __future__ import annotations

from layercheck.inference.frames import Frame
from layercheck.inference.models import library
from layercheck.inference.signatures import ParameterMeaning
from layercheck.inference.values import NOTHING, Instance, Value, Values
from layercheck.program.entities import Class, Function
from layercheck.project.model import Project

_ANY = "builtins.object"
_ASYNCHRONOUS = frozenset({"builtins.coroutine", "builtins.generator"})


def parameters(project: Project, frame: Frame) -> dict[str, Values]:
    """Return the values of the parameters of the function ``frame`` runs, the receiver left out."""
    function = frame.entity
    if not isinstance(function, Function):
        return {}
    meanings = project.inference.signature(function, frame.outer, frame).parameters
    if frame.receiver is not None:
        meanings = meanings[1:]
    return {meaning.name: _values(project, frame, meaning) for meaning in meanings}


def _values(project: Project, frame: Frame, meaning: ParameterMeaning) -> Values:
    given = dict(frame.given).get(meaning.name)
    if given is not None:
        return given
    if meaning.informative or _names_a_class(meaning.declared):
        return meaning.declared
    injected = frame.sites.get((meaning.at, "depends"))
    if injected is not None and injected.result:
        return meaning.declared | product(injected.result)
    flowing = project.inference.heap.read(("param", frame, meaning.name), None)
    return meaning.declared | flowing


def _names_a_class(declared: Values) -> bool:
    """Return whether an annotation names a builtin class: what flows into it is none of another."""
    classes = (value.cls for value in declared if isinstance(value, Instance))
    return any(isinstance(cls, str) and cls.startswith("builtins.") and cls != _ANY for cls in classes)


def attribute(project: Project, cls: Class, name: str) -> Values:
    """Return what an attribute that the body of ``cls`` declares is annotated with."""
    statement = cls.annotations.get(name)
    if statement is None:
        return NOTHING
    run = project.inference.static_activation(cls, None, None)
    return project.inference.class_annotation(run, cls, statement)[0]


def product(values: Values) -> Values:
    """Return what a provider hands over: what it returns, awaits to or yields."""
    result: set[Value] = set()
    for value in values:
        name = value.cls if isinstance(value, Instance) and isinstance(value.cls, str) else ""
        if isinstance(value, Instance) and (name in _ASYNCHRONOUS or name in library.ITERATORS):
            result |= value.args[0] if value.args else NOTHING
        else:
            result.add(value)
    return frozenset(result)
