"""Assignments: names, attributes, items, unpacking, deletion."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import (
    Activation,
    Environment,
)
from layercheck.inference.heap import ANY
from layercheck.inference.items import path_of
from layercheck.inference.models import library
from layercheck.inference.operators import OPERATORS
from layercheck.inference.signatures import handed, is_foreign
from layercheck.inference.values import (
    NOTHING,
    Annotation,
    ClassValue,
    Const,
    Container,
    External,
    FunctionValue,
    Instance,
    TypeVariable,
    Value,
    Values,
    only,
)
from layercheck.location import Span
from layercheck.program.entities import Class


class Assignments(Base):
    """Executing assignments."""

    def _assign(self, act: Activation, node: r.Assign) -> None:
        values = self.evaluate(act, node.value)
        for target in node.targets:
            self.assign(act, target, values)

    def _annotated(self, act: Activation, node: r.Annotated) -> None:
        declared, metadata = self.declaration(act, node.annotation)
        values = self.evaluate(act, node.value) if node.value is not None else NOTHING
        if isinstance(act.scope, Class) and isinstance(node.target, r.Name):
            if node.value is not None:
                self.assign(act, node.target, values)
            return
        if self._is_alias(act, node.annotation):
            meaning, attached = self.declaration(act, node.value) if node.value is not None else (NOTHING, ())
            self.assign(act, node.target, only(self.u.of(Annotation, meaning, attached)))
            return
        if self.informative(declared):
            constants = frozenset(v for v in values if isinstance(v, Const) and v.value is not None)
            functions = handed(values) if is_foreign(declared) else NOTHING
            self.assign(act, node.target, declared | constants | functions)
        elif node.value is not None or declared:
            flowing = frozenset(v for v in values if not (isinstance(v, Const) and v.value is None))
            concrete = any(isinstance(v, (Instance, ClassValue)) or hasattr(v, "function") for v in flowing)
            self.assign(act, node.target, values if concrete else declared | values)

    def _is_alias(self, act: Activation, annotation: r.Expr) -> bool:
        values = self.evaluate(act, annotation) if isinstance(annotation, (r.Name, r.Attribute)) else NOTHING
        return any(
            isinstance(v, External) and library.canonical(v.name) == "typing.TypeAlias" for v in values
        )

    def _type_alias(self, act: Activation, node: r.TypeAlias) -> None:
        saved = dict(act.env or {})
        for param in node.type_params:
            if act.env is not None:
                act.env[param.name] = only(self.u.of(TypeVariable, param.name, NOTHING))
        values, metadata = self.declaration(act, node.value)
        act.env = saved
        self.bind(act, node.name, only(self.u.of(Annotation, values, metadata)))

    def _augmented(self, act: Activation, node: r.Augmented) -> None:
        left = self.evaluate(act, node.target)
        right = self.evaluate(act, node.value)
        at = node.at
        result = NOTHING
        plain = NOTHING
        for value in left:
            got = self.call_method(act, value, f"__i{OPERATORS[node.op]}__", Arguments([right]), at)
            if got is None:
                plain |= only(value)
            else:
                result |= got
        for value in plain:
            if isinstance(value, Container) and node.op == "+":
                self.heap.write_item(value, ANY, self.iterate(act, right, at))
        if plain:
            result |= self.operate(act, node.op, plain, right, at)
        self.assign(act, node.target, result or left)

    def assign(self, act: Activation, target: r.Target, values: Values) -> None:
        """Bind ``target`` to ``values``."""
        if act.env is None:
            return
        match target:
            case r.Name(id=name):
                if act.knows_paths:
                    self._forget(act.env, name)
                self.bind(act, name, values)
            case r.Attribute(value=owner, name=name, at=at):
                owners = self.evaluate(act, owner)
                for value in owners:
                    self.set_attribute(act, value, name, values, at)
                if not self._is_property(owners, name):
                    self._remember(act, target, values)
            case r.Subscript(value=owner, index=index, at=at):
                keys = self.evaluate(act, index)
                owners = self.evaluate(act, owner)
                for value in owners:
                    self._set_item(act, value, keys, values, at)
                if all(isinstance(value, Container) for value in owners):
                    self._remember(act, target, values)
            case r.Sequence(items=items, at=at):
                self._unpack(act, items, values, at)
            case r.Star(value=inner):
                self.assign(act, inner, values)

    def _is_property(self, owners: Values, name: str) -> bool:
        for value in owners:
            if isinstance(value, Instance) and isinstance(value.cls, Class):
                if any([name in cls.methods for cls in self.hierarchy.own(value.cls)]):
                    return True
        return False

    def _remember(self, act: Activation, target: r.Target, values: Values) -> None:
        """Know that an attribute or item was just assigned; other paths to the same may mean it, too."""
        path = path_of(target)
        env = act.env
        if not path or env is None:
            return
        if act.knows_paths:
            last = path.rpartition(".")[2]
            for other in [p for p in env if p.endswith(f".{last}")]:
                del env[other]
            self._forget(env, path)
        if values:
            act.know(path, values)

    def _forget(self, env: Environment, name: str) -> None:
        prefix = f"{name}."
        for path in [p for p in env if p.startswith(prefix)]:
            del env[path]

    def _set_item(self, act: Activation, value: Value, keys: Values, values: Values, at: Span) -> None:
        if isinstance(value, Container):
            self.heap.write_items(value, keys, values)
            return
        if isinstance(value, External) and value.name.endswith(".dependency_overrides"):
            for provider in keys:
                if isinstance(provider, FunctionValue):
                    self.heap.write(("override", provider.function), values)
        self.call_method(act, value, "__setitem__", Arguments([keys, values]), at)

    def _unpack(self, act: Activation, items: tuple[r.Expr, ...], values: Values, at: Span) -> None:
        starred = next((i for i, item in enumerate(items) if isinstance(item, r.Star)), None)
        for index, item in enumerate(items):
            if isinstance(item, r.Star):
                rest = self.iterate(act, values, at)
                self.assign(act, item.value, self.instance("builtins.list", rest))
                continue
            position = index if starred is None or index < starred else index - len(items)
            self.assign(act, item, self.element(act, values, position, at))

    def element(self, act: Activation, values: Values, position: int, at: Span) -> Values:
        """Return what unpacking ``values`` puts at ``position``."""
        key = only(self.u.const(position))
        result = NOTHING
        for value in values:
            if isinstance(value, Instance) and not (
                isinstance(value.cls, str) and value.cls in library.MAPPINGS
            ):
                result |= self.iterate(act, only(value), at)
            else:
                result |= self.item(act, only(value), key, at)
        return result

    def _delete(self, act: Activation, node: r.Delete) -> None:
        for target in node.targets:
            match target:
                case r.Attribute(value=owner, name=name, at=at):
                    for value in self.evaluate(act, owner):
                        self.delete_attribute(act, value, name, at)
                case r.Name(id=name) if act.env is not None:
                    act.env.pop(name, None)
                case r.Subscript(value=owner, index=index, at=at):
                    keys = self.evaluate(act, index)
                    for value in self.evaluate(act, owner):
                        self.call_method(act, value, "__delitem__", Arguments([keys]), at)
