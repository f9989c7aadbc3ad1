"""Dependencies: what ``Depends`` and its kin name, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.inference.engine import Inference
from layercheck.inference.frames import Frame
from layercheck.inference.signatures import MARKERS, ParameterMeaning
from layercheck.inference.values import (
    NOTHING,
    Annotation,
    ClassValue,
    Const,
    External,
    FunctionValue,
    Instance,
    Made,
    Value,
    Values,
)
from layercheck.location import Span
from layercheck.program.entities import Class, Function, Module
from layercheck.project.model import Dependency
from layercheck.project.reading import Reader, in_order

INJECTED = "dishka.FromDishka", "fastapi_injector.Injected", "dependency_injector.wiring.Provide"
"""Markers of dependency-injection libraries, which choose the provider by the annotation."""


class DependencyFinder:
    """Finds the dependencies of functions and of ``dependencies=`` arguments."""

    def __init__(self, inference: Inference, reader: Reader) -> None:
        self._inference = inference
        self._reader = reader
        self._views: dict[Class, tuple[tuple[Dependency, Made, Values], ...]] = {}

    def of_signature(self, frame: Frame) -> Iterator[Dependency]:
        """Yield the dependencies of the parameters of the function ``frame`` runs."""
        function = frame.entity
        assert isinstance(function, Function)
        for meaning in self._inference.signature(function, frame.outer, frame):
            for marker in _markers((*meaning.metadata, meaning.default)):
                yield from self._named(
                    marker, meaning.declared, meaning.name, function.module, meaning.at
                )

    def of_view(self, method: Function) -> tuple[tuple[Dependency, Made, Values], ...]:
        """Return what is injected into the class-based view whose handler ``method`` is.

        These are the class attributes and the parameters of the constructor. Each comes with its
        marker and what the attribute is declared to be.
        """
        view = method.owner
        if view is None:
            return ()
        found = self._views.get(view)
        if found is None:
            found = self._views[view] = tuple(self._of_view(view))
        return found

    def _of_view(self, view: Class) -> Iterator[tuple[Dependency, Made, Values]]:
        seen: set[str] = set()
        for cls in self._inference.hierarchy.own(view):
            for name in sorted(cls.bound - seen):
                for dependency, marker, declared in self._of_attribute(cls, name):
                    seen.add(name)
                    yield dependency, marker, declared
        for constructor in self._reader.method(view, "__init__", None):
            for meaning in self._parameters(constructor):
                for marker in _markers((*meaning.metadata, meaning.default)):
                    module = constructor.function.module
                    for dependency in self._named(
                        marker, meaning.declared, meaning.name, module, meaning.at
                    ):
                        yield dependency, marker, meaning.declared

    def _parameters(self, value: FunctionValue) -> tuple[ParameterMeaning, ...]:
        frame = self._inference.declared_frame(value.function, value.outer)
        return self._inference.signature(value.function, value.outer, frame).parameters

    def _of_attribute(self, cls: Class, name: str) -> Iterator[tuple[Dependency, Made, Values]]:
        statement = cls.annotations.get(name)
        declared: Values = NOTHING
        metadata: tuple[Values, ...] = ()
        if statement is not None:
            act = self._inference.static_activation(cls, None, None)
            declared, metadata = self._inference.class_annotation(act, cls, statement)
        default = self._inference.heap.read(("class", cls, name), None)
        for marker in _markers((*metadata, default)):
            at = statement.at if statement is not None else _site(marker)[1] or cls.node.name_at
            for dependency in self._named(marker, declared, name, cls.module, at):
                yield dependency, marker, declared

    def of_arguments(self, values: Values, module: Module, at: Span) -> Iterator[tuple[Dependency, Made]]:
        """Yield the dependencies of a ``dependencies=[...]`` argument given at ``at``."""
        for item in self._reader.items(values):
            for marker in _markers((item,)):
                where, span = _site(marker)
                for dependency in self._named(marker, NOTHING, "", where or module, span or at):
                    yield dependency, marker

    def _named(
        self, marker: Made, declared: Values, param: str, module: Module, at: Span
    ) -> Iterator[Dependency]:
        scope = next(
            (str(v.value) for v in marker.keyword("scope") if isinstance(v, Const) and v.value), ""
        )
        providers: list[Value] = []
        if marker.name in MARKERS:
            providers = [v for v in in_order(marker.argument(0, "dependency")) if not _is_none(v)]
            providers = providers or [
                self._inference.u.class_value(v.cls, v.args)
                for v in in_order(declared)
                if isinstance(v, Instance) and isinstance(v.cls, Class)
            ]
        if not providers:
            yield Dependency(None, None, _class_name(declared) or marker.name, param, scope, module, at)
        for provider in providers:
            for found, frame, name in self._provided(provider):
                yield Dependency(found, frame, name, param, scope, module, at)

    def _provided(self, provider: Value) -> Iterator[tuple[Function | Class | None, Frame | None, str]]:
        if isinstance(provider, ClassValue):
            instance = self._inference.u.instance(provider.cls, provider.args)
            constructors = self._reader.method(provider.cls, "__init__", instance)
            frame = next((self._frame(value) for value in constructors), None)
            yield provider.cls, frame, provider.cls.qualname
            return
        functions = list(self._reader.functions(frozenset((provider,))))
        for value in functions:
            yield value.function, self._frame(value), value.function.qualname
        if not functions:
            yield None, None, _outside_name(provider)

    def _frame(self, value: FunctionValue) -> Frame:
        return self._inference.frame_of(value) or self._inference.declared_frame(
            value.function, value.outer
        )


def _markers(groups: tuple[Values, ...]) -> Iterator[Made]:
    for values in groups:
        for value in in_order(values):
            if isinstance(value, Made) and (value.name in MARKERS or value.name.startswith(INJECTED)):
                yield value


def _site(marker: Made) -> tuple[Module | None, Span | None]:
    if isinstance(marker.site, tuple) and isinstance(marker.site[1], Frame):
        return marker.site[1].module, marker.site[0]
    return None, None


def _is_none(value: Value) -> bool:
    return isinstance(value, Const) and value.value is None


def _class_name(values: Values) -> str:
    return next((v.class_name for v in in_order(values) if isinstance(v, Instance)), "")


def _outside_name(value: Value) -> str:
    """Return what to call a provider that is no function of the program."""
    match value:
        case External(name=name) | Made(name=name):
            return name
        case Instance():
            return value.class_name
        case Annotation(values=values):
            return _class_name(values) or "?"
    return "?"
