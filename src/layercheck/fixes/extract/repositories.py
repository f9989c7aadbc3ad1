"""The repositories of an extraction: which there are, which are new, and the methods they get."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from layercheck.fixes.code import Code, Refused
from layercheck.fixes.extract.names import Origin
from layercheck.fixes.extract.typing_text import Written
from layercheck.fixes.extract.wording import free, plural, snake, words
from layercheck.fixes.fix import Context
from layercheck.program.entities import Class, Module
from layercheck.project.model import Confidence
from layercheck.rules.measures.parameters import parameters

SESSION = "@session"
"""Stands for the session in the lines of a method, until it is known what the repository calls it."""

_ASSIGNED = re.compile(r"^\s*(\w+) = ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a method that is written."""

    name: str
    type: Written

    @property
    def text(self) -> str:
        """The parameter as a signature has it."""
        return f"{self.name}: {self.type.text}"


@dataclass(frozen=True, slots=True)
class Method:
    """A method to be written; ``lines`` are its body without indent, ``doc`` what its docstring says."""

    name: str
    params: tuple[Parameter, ...]
    returns: Written
    lines: tuple[str, ...]
    is_async: bool
    doc: str
    needs: tuple[Origin, ...] = ()

    @property
    def origins(self) -> Iterator[Origin]:
        """What the method needs from elsewhere."""
        yield from self.needs
        yield from self.returns.needs
        for param in self.params:
            yield from param.type.needs


@dataclass(slots=True)
class Repository:
    """A repository of one entity, ``existing`` or to be written."""

    name: str
    entity: Class
    existing: Class | None
    session: str
    known: dict[str, str] = field(default_factory=dict)
    new: list[Method] = field(default_factory=list)

    @property
    def attribute(self) -> str:
        """The name a service has it under: that of the rows it keeps."""
        return plural(snake(self.entity.name))

    def ask(self, method: Method) -> str:
        """Return the name of the method that does what ``method`` does, after adding it where none is."""
        wanted = canonical(method.params, method.lines, self.session)
        fitting = {wanted, f"return {wanted}"} if method.returns.text == "None" else {wanted}
        for name, body in self.known.items():
            if body in fitting:
                return name
        name = method.name
        if name in self.known:
            name = free(name, self.known)
        self.known[name] = wanted
        self.new.append(
            Method(
                name, method.params, method.returns, method.lines, method.is_async, method.doc, method.needs
            )
        )
        return name


def canonical(params: tuple[Parameter, ...], lines: tuple[str, ...], session: str) -> str:
    """Return a body in a form that does not depend on the names of its parameters."""
    own = [line for line in lines if not line.lstrip().startswith("#")]
    text = " ".join(" ".join(own).split()).replace(SESSION, f"self.{session}")
    for number, name in enumerate(dict.fromkeys(_ASSIGNED.findall("\n".join(own)))):
        text = re.sub(rf"(?<![\w.]){re.escape(name)}\b(?!\s*=[^= ])", f"<local {number}>", text)
    for number, param in enumerate(params):
        text = re.sub(rf"(?<![\w.]){re.escape(param.name)}\b(?!\s*=[^=])", f"<{number}>", text)
    return text


class Repositories:
    """Finds the repository of an entity, or plans one."""

    def __init__(self, context: Context, near: Module) -> None:
        """Find those that can be imported as the module ``near`` is."""
        self._context = context
        self._near = near
        self._found: dict[Class, Repository] = {}

    def of(self, entity: Class) -> Repository:
        """Return the repository that keeps ``entity``; raises `Refused` where it cannot take a method."""
        found = self._found.get(entity)
        if found is None:
            found = self._found[entity] = self._find(entity)
        return found

    @property
    def used(self) -> list[Repository]:
        """The repositories that were asked for, in that order."""
        return list(self._found.values())

    @property
    def suffix(self) -> str:
        """What the project calls the classes of its repositories."""
        names = [cls.name for cls in self._classes()]
        short = [name for name in names if name.endswith("Repo")]
        return "Repo" if short and len(short) * 2 > len(names) else "Repository"

    def _classes(self) -> list[Class]:
        project = self._context.view.project
        return [
            cls
            for cls in project.program.classes
            if cls.module.source.root == self._near.source.root
            and project.layer(cls).layer == "repository"
            and project.layer(cls).confidence >= Confidence.MEDIUM
        ]

    def _find(self, entity: Class) -> Repository:
        for cls in self._classes():
            if cls.name in (
                f"{entity.name}Repository",
                f"{entity.name}Repo",
                f"{plural(entity.name)}Repository",
            ):
                return self._existing(entity, cls)
        return Repository(f"{entity.name}{self.suffix}", entity, None, "_session")

    def _existing(self, entity: Class, cls: Class) -> Repository:
        code = self._context.code(cls.module.path)
        session = self._session_of(cls)
        if session is None:
            raise Refused(
                f"{cls.module.path}: {cls.name} takes no session in its constructor, so it gets no methods"
            )
        node = class_node(code, cls)
        known = {}
        for one in node.body.body:
            if isinstance(one, cst.FunctionDef) and isinstance(one.body, cst.IndentedBlock):
                known[one.name.value] = _body_of(code, one)
        inherited = {
            name: ""
            for base in self._context.view.project.inference.hierarchy.order(cls)
            if isinstance(base, Class)
            for name in base.methods
        }
        return Repository(cls.name, entity, cls, session, {**inherited, **known})

    def _session_of(self, cls: Class) -> str | None:
        """Return the attribute the constructor keeps the session under."""
        view = self._context.view
        for base in view.project.inference.hierarchy.order(cls):
            constructor = base.methods.get("__init__") if isinstance(base, Class) else None
            if constructor is None:
                continue
            frame = view.calls.declared(constructor)
            if frame is None:
                return None
            given = parameters(view.project, frame)
            held = [name for name, values in given.items() if view.project.sessions.are_among(values)]
            if len(held) != 1 or len(given) != 1:
                return None
            code = self._context.code(constructor.module.path)
            for assign in code.nodes(cst.Assign):
                target = assign.targets[0].target
                is_it = isinstance(assign.value, cst.Name) and assign.value.value == held[0]
                if is_it and isinstance(target, cst.Attribute) and isinstance(target.value, cst.Name):
                    if target.value.value == "self":
                        return target.attr.value
            return None
        return None


def class_node(code: Code, cls: Class) -> cst.ClassDef:
    """Return the definition of a class that stands at the top of its module."""
    if isinstance(cls.parent, Module):
        for node in code.module.body:
            if isinstance(node, cst.ClassDef) and node.name.value == cls.name:
                return node
    raise Refused(f"{code.path}: {cls.name} is not defined at the top of its module")


def _body_of(code: Code, node: cst.FunctionDef) -> str:
    params = [one.name.value for one in node.params.params[1:]] + [
        one.name.value for one in node.params.kwonly_params
    ]
    body = list(node.body.body)
    if node.get_docstring() is not None:
        body = body[1:]
    lines = tuple(code.source(one) for one in body)
    return canonical(tuple(Parameter(name, Written("")) for name in params), lines, "")


def subject(entity: Class) -> str:
    """Return an entity as prose names it."""
    return " ".join(words(entity.name))
