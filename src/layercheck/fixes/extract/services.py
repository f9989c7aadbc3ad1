"""The service of an extraction, and the provider that builds it."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from layercheck.fixes.code import Code, Refused
from layercheck.fixes.extract.names import uses
from layercheck.fixes.extract.repositories import Repository, class_node
from layercheck.fixes.fix import Context
from layercheck.program.entities import Class, Function, Module
from layercheck.project.model import Confidence
from layercheck.rules.measures.database import Database


@dataclass(slots=True)
class Service:
    """The service of an entity, ``existing`` or to be written.

    ``attributes`` are the attributes its constructor sets, by the class they hold.
    """

    name: str
    existing: Class | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    methods: frozenset[str] = frozenset()

    def holder(self, repository: Repository) -> str:
        """Return the attribute that holds a repository, a new one where there is none."""
        return self.attributes.get(repository.name) or f"_{repository.attribute}"


@dataclass(frozen=True, slots=True)
class Provider:
    """The function that builds a service for ``Depends``: ``call`` is where it does."""

    function: Function
    code: Code
    node: cst.FunctionDef
    call: cst.Call
    session: str


def find_service(context: Context, near: Module, entity: Class) -> Service:
    """Return the service of ``entity`` that can be imported as the module ``near`` is.

    Raises `Refused` where it cannot take a method like those written.
    """
    project = context.view.project
    for cls in project.program.classes:
        assigned = project.layer(cls)
        if cls.module.source.root != near.source.root:
            continue
        if cls.name == f"{entity.name}Service" and assigned.layer == "service":
            if assigned.confidence >= Confidence.MEDIUM:
                return _existing(context, cls)
    return Service(f"{entity.name}Service")


def _existing(context: Context, cls: Class) -> Service:
    code = context.code(cls.module.path)
    node = class_node(code, cls)
    constructor = constructor_of(node)
    methods = frozenset(cls.methods)
    if constructor is None:
        raise Refused(
            f"{cls.module.path}: {cls.name} is a service already, and its constructor takes no repositories"
        )
    types = {
        param.name.value: code.source(param.annotation.annotation).rpartition(".")[2]
        for param in constructor.params.params
        if param.annotation is not None
    }
    found: dict[str, str] = {}
    for assign in code.nodes(cst.Assign):
        target = assign.targets[0].target
        if code.around(assign, cst.FunctionDef) is constructor and isinstance(target, cst.Attribute):
            if isinstance(assign.value, cst.Name) and assign.value.value in types:
                found[types[assign.value.value]] = target.attr.value
    return Service(cls.name, cls, found, methods)


def constructor_of(node: cst.ClassDef) -> cst.FunctionDef | None:
    """Return the constructor a class defines itself."""
    for one in node.body.body:
        if isinstance(one, cst.FunctionDef) and one.name.value == "__init__":
            return one
    return None


def find_provider(context: Context, cls: Class) -> Provider | None:
    """Return the one provider that makes objects of ``cls``; raises `Refused` where others make some, too."""
    view = context.view
    makers = [
        function
        for function in view.project.program.functions
        if any(cls in site.classes for _, site in view.calls.sites(function))
    ]
    providers = [one for one in makers if one in view.project.providers]
    if not providers:
        return None
    if len(makers) > 1:
        raise Refused(
            f"{cls.name} is made in several places: {', '.join(one.qualname for one in makers[:3])}"
        )
    function = providers[0]
    code = context.code(function.module.path)
    for node in code.nodes(cst.FunctionDef):
        if node.name.value == function.name:
            for call in code.nodes(cst.Call):
                if code.around(call, cst.FunctionDef) is node and code.source(call.func) == cls.name:
                    return Provider(function, code, node, call, _session_of(context, function))
    return None


def _session_of(context: Context, function: Function) -> str:
    view = context.view
    frame = view.calls.declared(function)
    given = view.measure(Database).parameters(frame) if frame is not None else {}
    held = [name for name, values in given.items() if view.project.sessions.are_among(values)]
    return held[0] if len(held) == 1 else ""


def alias_of(code: Code, provider: str) -> str | None:
    """Return the name of the ``Annotated[..., Depends(provider)]`` a file defines."""
    for assign in code.nodes(cst.Assign):
        target = assign.targets[0].target
        if isinstance(target, cst.Name) and isinstance(assign.value, cst.Subscript):
            if code.source(assign.value.value).endswith("Annotated") and any(
                True for _ in uses(provider, assign.value)
            ):
                return target.value
    return None


def has_aliases(code: Code) -> bool:
    """Return whether a file gives names to ``Annotated[..., Depends(...)]``."""
    return any(
        isinstance(assign.value, cst.Subscript)
        and code.source(assign.value.value).endswith("Annotated")
        and "Depends(" in code.source(assign.value)
        for assign in code.nodes(cst.Assign)
    )
