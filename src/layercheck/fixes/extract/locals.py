"""What the local names of a handler are: parameters and variables, their types and their parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import libcst as cst

from layercheck.fixes.extract.names import binds, paths_of, uses
from layercheck.fixes.extract.target import Target
from layercheck.fixes.extract.typing_text import UNKNOWN_TYPE, Annotations, Written
from layercheck.inference.values import Instance, Values
from layercheck.program.entities import Class
from layercheck.rules.measures.parameters import product

MOST_PARTS = 3

_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class Locals:
    """Knows the types of the names of one handler, learnt statement by statement."""

    target: Target
    annotations: Annotations
    _types: dict[str, Written] = field(default_factory=dict)
    _values: dict[str, Values] = field(default_factory=dict)
    _made: set[str] = field(default_factory=set)
    _queried: set[str] = field(default_factory=set)
    _bound: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._bound = frozenset(binds(self.target.node.body))

    def is_local(self, name: str) -> bool:
        """Return whether ``name`` is a parameter or variable of the handler."""
        if name in self.target.params or name in self._bound:
            return True
        return not self.target.origins.knows(name) and not _is_builtin(name)

    def learn(self, statement: cst.BaseStatement) -> None:
        """Remember the types of the names a statement binds."""
        for node in _nodes(statement):
            if isinstance(node, cst.Assign) and len(node.targets) == 1:
                target = node.targets[0].target
                if isinstance(target, cst.Name):
                    self._learn(target.value, node.value)
            elif isinstance(node, cst.NamedExpr) and isinstance(node.target, cst.Name):
                self._learn(node.target.value, node.value)
            elif isinstance(node, cst.AnnAssign) and isinstance(node.target, cst.Name):
                known = self.annotations.of_source(
                    self.target.code, self.target.function.module, node.annotation.annotation
                )
                if known is not None:
                    self._types[node.target.value] = known
                if node.value is not None:
                    self._learn(node.target.value, node.value)

    def remember(self, node: cst.BaseExpression, type_: Written) -> None:
        """Remember the type of the variable a query is assigned to."""
        parent = self.target.code.parent(node)
        if isinstance(parent, cst.Assign) and len(parent.targets) == 1:
            target = parent.targets[0].target
            if isinstance(target, cst.Name):
                self._types[target.value] = type_
                self._queried.add(target.value)
        elif isinstance(parent, cst.NamedExpr) and isinstance(parent.target, cst.Name):
            self._types[parent.target.value] = type_
            self._queried.add(parent.target.value)

    def is_queried(self, name: str) -> bool:
        """Return whether a variable is what a query gave, whatever else it was before."""
        return name in self._queried

    def know(self, name: str, type_: Written) -> None:
        """Remember the type of a variable."""
        self._types[name] = type_

    def values_of(self, name: str) -> Values:
        """Return what a name may be, empty where nothing is known."""
        return self._values.get(name) or self.target.parameters.get(name, frozenset())

    def type_of(self, node: cst.BaseExpression) -> Written | None:
        """Return the annotation of an expression that is handed on."""
        if isinstance(node, cst.Name):
            return self.type_of_name(node.value)
        if isinstance(node, cst.Subscript) and isinstance(node.value, cst.Name):
            whole = self.type_of_name(node.value.value)
            first = node.slice[0].slice
            is_item = isinstance(first, cst.Index) and isinstance(
                first.value, (cst.Integer, cst.UnaryOperation)
            )
            if whole is not None and is_item and whole.text.startswith("list["):
                return Written(whole.text.removeprefix("list[").removesuffix("]"), whole.needs)
        call = node.expression if isinstance(node, cst.Await) else node
        site = self.target.site(call) if isinstance(call, cst.Call) else None
        return self.annotations.of_values(product(site.result)) if site is not None else None

    def type_of_name(self, name: str) -> Written | None:
        """Return the annotation of a parameter or variable; what was tested for None counts as found."""
        param = self.target.params.get(name)
        if param is not None and name not in self._types:
            return self._of_parameter(name, param)
        known = self._types.get(name)
        if known is not None and known.text.endswith(" | None"):
            return Written(known.text.removesuffix(" | None"), known.needs)
        return known

    def known(self, name: str) -> Written | None:
        """Return the annotation of a variable, None where it may be None included."""
        return self._types.get(name)

    def entity_of(self, name: str) -> Class | None:
        """Return the mapped class a name is an object of."""
        return next(self.target.tables(self.values_of(name)), None)

    def is_made(self, node: cst.BaseExpression) -> bool:
        """Return whether an object is new, made by the handler."""
        if isinstance(node, cst.Name):
            return node.value in self._made
        return True

    def parts(
        self, name: str, nodes: Sequence[cst.CSTNode]
    ) -> list[tuple[str, str, Written, list[cst.BaseExpression]]]:
        """Return what of a name ``nodes`` need: the whole, or a few of its attributes.

        Each as the expression, the name a parameter may have, its type, and where it stands.
        """
        places: list[cst.BaseExpression] = [one for node in nodes for one in uses(name, node)]
        attributes, only = paths_of(name, nodes, self.target.code)
        if only and 0 < len(attributes) <= MOST_PARTS:
            found = []
            for attribute in attributes:
                type_ = self.type_of_attribute(name, attribute)
                if type_ is None and (self.is_web(name) or self.type_of_name(name) is None):
                    type_ = UNKNOWN_TYPE
                if type_ is None:
                    break
                wanted = f"{name}_id" if attribute == "id" else attribute
                at: list[cst.BaseExpression] = []
                for one in places:
                    parent = self.target.code.parent(one)
                    if isinstance(parent, cst.Attribute) and parent.attr.value == attribute:
                        at.append(parent)
                found.append((f"{name}.{attribute}", wanted, type_, at))
            else:
                return found
        return [(name, name, self.type_of_name(name) or UNKNOWN_TYPE, places)]

    def is_web(self, name: str) -> bool:
        """Return whether a name is an object of the web framework, which only the handler may hold."""
        web = self.target.view.config.types.web
        return any(
            isinstance(value, Instance) and value.class_name.partition(".")[0] in web
            for value in self.values_of(name)
        )

    def type_of_attribute(self, name: str, attribute: str) -> Written | None:
        """Return the annotation of an attribute of what a name is."""
        classes = {
            v.cls for v in self.values_of(name) if isinstance(v, Instance) and isinstance(v.cls, Class)
        }
        if len(classes) != 1:
            return None
        return self.annotations.of_field(classes.pop(), attribute)

    def _learn(self, name: str, value: cst.BaseExpression) -> None:
        call = value.expression if isinstance(value, cst.Await) else value
        if isinstance(call, cst.Call):
            site = self.target.site(call)
            if site is not None:
                self._values[name] = product(site.result)
                known = self.annotations.of_values(product(site.result))
                if known is not None:
                    self._types.setdefault(name, known)
                if self._makes(site.result, call):
                    self._made.add(name)
        elif isinstance(value, cst.Name):
            self._values[name] = self.values_of(value.value)
            known = self.type_of_name(value.value)
            if known is not None:
                self._types.setdefault(name, known)
        elif isinstance(value, (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString)):
            self._types.setdefault(name, Written("str"))
        elif isinstance(value, cst.Integer):
            self._types.setdefault(name, Written("int"))

    def _makes(self, result: Values, call: cst.Call) -> bool:
        """Return whether a call makes an object: a constructor, or ``model_validate`` of a class."""
        site = self.target.site(call)
        if site is not None and site.classes:
            return True
        func = call.func
        return isinstance(func, cst.Attribute) and func.attr.value in (
            "model_validate",
            "from_orm",
            "parse_obj",
        )

    def _of_parameter(self, name: str, param: cst.Param) -> Written | None:
        if param.annotation is not None:
            written = self.annotations.of_source(
                self.target.code, self.target.function.module, param.annotation.annotation
            )
            values = self.target.parameters.get(name, frozenset())
            by_value = self.annotations.of_values(values)
            if by_value is not None and written is not None and not self._says(written, values):
                return by_value
            return written or by_value
        return self.annotations.of_values(self.target.parameters.get(name, frozenset()))

    def _says(self, written: Written, values: Values) -> bool:
        """Return whether an annotation names the classes of ``values``; an alias does not."""
        names = {value.class_name.rpartition(".")[2] for value in values if isinstance(value, Instance)}
        return not names.isdisjoint(_WORD.findall(written.text))


def _is_builtin(name: str) -> bool:
    import builtins

    return hasattr(builtins, name)


def _nodes(node: cst.CSTNode) -> list[cst.CSTNode]:
    found = [node]
    for child in node.children:
        found += _nodes(child)
    return found
