"""Annotations for code that is written: what a value is, as text, and the imports the text needs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import libcst as cst

from layercheck.fixes.code import Code, Refused
from layercheck.fixes.extract.names import Origin, Origins, is_same, reads
from layercheck.fixes.extract.wording import camel
from layercheck.fixes.fix import Context
from layercheck.inference.values import Const, Instance, Value, Values
from layercheck.location import line_of
from layercheck.program.entities import Class, Function, Module

ANY = "Any"
_CONTAINERS = frozenset({"list", "dict", "set", "frozenset", "tuple"})
_MARKS = frozenset({"Annotated", "Mapped", "WriteOnlyMapped", "DynamicMapped"})


@dataclass(frozen=True, slots=True)
class Written:
    """A stretch of code to be written, with the names it needs from elsewhere."""

    text: str
    needs: tuple[Origin, ...] = ()

    def optional(self) -> Written:
        """Return the same type, or None."""
        parts = self.text.split(" | ")
        return self if "None" in parts or self.text == ANY else Written(f"{self.text} | None", self.needs)

    def listed(self) -> Written:
        """Return a list of these."""
        return Written(f"list[{self.text}]", self.needs)


NONE = Written("None")
UNKNOWN_TYPE = Written(ANY, (Origin("typing", ANY, ANY),))


@dataclass(slots=True)
class Annotations:
    """Writes annotations, with the names the file has whose names are ``here``; files are read once."""

    context: Context
    here: Origins | None = None
    _origins: dict[Module, Origins] = field(default_factory=dict)

    def of_values(self, values: Values) -> Written | None:
        """Return the annotation of what may be ``values``, None where they are not known well enough."""
        parts: dict[str, tuple[Origin, ...]] = {}
        for value in sorted(values, key=repr):
            part = self._of(value)
            if part is None:
                return None
            parts[part.text] = part.needs
        if not parts:
            return None
        texts = sorted(parts, key=lambda text: (text == "None", text))
        return Written(" | ".join(texts), tuple(one for needs in parts.values() for one in needs))

    def of_class(self, cls: Class) -> Written | None:
        """Return the name of a class that stands at the top of its module."""
        if not isinstance(cls.parent, Module):
            return None
        known = self.here.called(cls.module.name, cls.name) if self.here is not None else None
        name = known or cls.name
        return Written(name, (Origin(cls.module.name, cls.name, name),))

    def of_field(self, cls: Class, name: str) -> Written | None:
        """Return the annotation of an attribute as the class, or one it derives from, declares it."""
        for base in self.context.view.project.inference.hierarchy.order(cls):
            if isinstance(base, Class) and isinstance(base.parent, Module) and name in base.annotations:
                return self._declared(base, name)
        return None

    def of_return(self, function: Function) -> Written | None:
        """Return what a function is annotated to return."""
        code, node = self._definition(function)
        if node is None or node.returns is None:
            return None
        return self.of_source(code, function.module, node.returns.annotation)

    def docstring(self, function: Function) -> str:
        """Return the docstring of a function, empty where it has none."""
        _, node = self._definition(function)
        return (node.get_docstring() or "") if node is not None else ""

    def _definition(self, function: Function) -> tuple[Code, cst.FunctionDef | None]:
        code = self.context.code(function.module.path)
        line = line_of(getattr(function.node, "header", function.at))
        for node in code.nodes(cst.FunctionDef):
            if node.name.value == function.name and code.range(node.name).start.line == line:
                return code, node
        return code, None

    def of_source(self, code: Code, module: Module, node: cst.BaseExpression) -> Written | None:
        """Return an annotation as it is written in a file, without what only frameworks read."""
        node = bare(node)
        try:
            text = code.source(node)
            if isinstance(node, cst.SimpleString):
                return None
            origins = self.origins(code, module)
            needs = tuple(one for name in reads(node) if (one := origins.of(name)) is not None)
        except Refused:
            return None
        return self._as_here(Written(" ".join(text.split()), needs))

    def _as_here(self, written: Written) -> Written:
        """Return an annotation of another file with names that mean the same in the file ``here``."""
        if self.here is None:
            return written
        text, needs = written.text, []
        for need in written.needs:
            bound = need.bound
            if self.here.knows(bound):
                known = self.here.of(bound)
                if known is not None and not is_same(self.context.view, known, need):
                    own = self.here.called(need.module, need.name)
                    bound = own or camel(need.module.rpartition(".")[2]) + bound
                    text = re.sub(rf"(?<![\w.]){re.escape(need.bound)}\b", bound, text)
            needs.append(Origin(need.module, need.name, bound))
        return Written(text, tuple(needs))

    def origins(self, code: Code, module: Module) -> Origins:
        """Return where the names of a file come from."""
        found = self._origins.get(module)
        if found is None:
            found = self._origins[module] = Origins(code, module)
        return found

    def _declared(self, cls: Class, name: str) -> Written | None:
        try:
            code = self.context.code(cls.module.path)
        except Refused:
            return None
        for node in code.nodes(cst.AnnAssign):
            if isinstance(node.target, cst.Name) and node.target.value == name:
                owner = code.around(node, cst.ClassDef)
                if owner is not None and owner.name.value == cls.name:
                    return self.of_source(code, cls.module, node.annotation.annotation)
        return None

    def _of(self, value: Value) -> Written | None:
        match value:
            case Const(value=None):
                return Written("None")
            case Const(value=constant):
                return Written(type(constant).__name__)
            case Instance(cls=Class() as cls, args=()):
                return self.of_class(cls)
            case Instance(cls=str() as name, args=args):
                return self._outside(name, args)
        return None

    def _outside(self, name: str, args: tuple[Values, ...]) -> Written | None:
        module, _, last = name.rpartition(".")
        inner = [self.of_values(one) for one in args]
        if any(one is None for one in inner) or not module:
            return None
        if module == "builtins":
            if last in ("NoneType", "None"):
                return Written("None")
            if last in _CONTAINERS and not inner:
                return None
            base = Written(last)
        else:
            base = Written(last, (Origin(module, last, last),))
        texts = [one.text for one in inner if one is not None]
        needs = [need for one in inner if one is not None for need in one.needs]
        text = f"{base.text}[{', '.join(texts)}]" if texts else base.text
        return Written(text, (*base.needs, *needs))


def bare(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return what stands inside of ``Annotated[...]`` and ``Mapped[...]``."""
    while isinstance(node, cst.Subscript):
        name = node.value.attr if isinstance(node.value, cst.Attribute) else node.value
        first = node.slice[0].slice
        if not isinstance(name, cst.Name) or name.value not in _MARKS or not isinstance(first, cst.Index):
            break
        node = first.value
    return node


def first_known(found: Iterable[Written | None]) -> Written | None:
    """Return the first annotation that is known."""
    return next((one for one in found if one is not None), None)
