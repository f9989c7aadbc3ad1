"""The words rules speak in: routes, dependencies, error mappings, layers, and the project that holds them."""

from __future__ import annotations

import enum

import msgspec

from layercheck.inference.engine import Inference
from layercheck.inference.frames import Frame
from layercheck.inference.values import Values
from layercheck.location import Place, Span
from layercheck.program.entities import Class, Entity, Function, Module, Program
from layercheck.project.sessions import Sessions


class Confidence(enum.IntEnum):
    """How sure a layer is; errors need at least `MEDIUM` on both ends."""

    NONE = 0
    WEAK = 1
    MEDIUM = 2
    STRONG = 3
    CERTAIN = 4


class Assignment(msgspec.Struct, frozen=True):
    """The layer of an element with the evidence that decided, in words (``route decorator``)."""

    layer: str
    confidence: Confidence
    evidence: str


UNKNOWN = Assignment("unknown", Confidence.NONE, "nothing matched")


class Dependency(msgspec.Struct, frozen=True):
    """One ``Depends`` or ``Security``.

    ``provider`` is the function, method or class that provides, None where it is not of the program;
    ``frame`` the frame that runs, None for a class without a constructor. ``param`` is the parameter
    or attribute that receives, empty for ``dependencies=[...]``. ``scope`` is the ``scope=`` argument.
    ``at`` is the parameter or the marker, in the module ``module``.
    """

    provider: Function | Class | None
    frame: Frame | None
    name: str
    param: str
    scope: str
    module: Module
    at: Span


class Route(msgspec.Struct, frozen=True):
    """One method and path the application answers.

    ``path`` is the full path with all prefixes. ``frame`` is the declared frame of ``handler``.
    ``at`` is the decorator or the call that registers, ``module`` where it stands.
    ``dependencies`` are those of the application, the routers, the decorator and the signature, in
    that order, not their own ones. ``response_model`` and ``status`` are what the registration says.
    ``route_class`` is the class of the program its router makes routes of, None for the framework's.
    ``reachable`` is false for a route whose router no application includes. ``entry`` is the frame
    the framework runs: that of the outermost wrapper, ``frame`` itself where nothing wraps.
    """

    method: str
    path: str
    handler: Function
    frame: Frame
    module: Module
    at: Span
    dependencies: tuple[Dependency, ...]
    response_model: Values
    has_response_model: bool
    status: int | None
    reachable: bool
    entry: Frame
    route_class: Class | None


class ErrorMapping(msgspec.Struct, frozen=True):
    """An exception handler registered on an application.

    ``exception`` is a class of the program, the dotted name of one outside, or a status code.
    """

    exception: Class | str | int
    handler: Function | None
    module: Module
    at: Span


class Presence(msgspec.Struct, frozen=True):
    """Which layers a project really uses, so that rules may ask for them.

    ``layers`` are those of the whole project, ``features`` those of each feature by its directory,
    ``homes`` the feature of each module that belongs to one. ``gating`` is what the settings say or,
    where they say nothing, what the layout suggests: ``project``, ``feature`` or ``off``.
    """

    layers: frozenset[str]
    features: dict[str, frozenset[str]]
    homes: dict[Module, str]
    gating: str

    @property
    def is_flat(self) -> bool:
        """Whether there is neither a service nor a repository layer."""
        return not self.layers & {"service", "repository"}

    def has_anywhere(self, layer: str) -> bool:
        """Return whether ``layer`` can be asked for anywhere in the project."""
        return self.gating == "off" or layer in self.layers

    def has(self, layer: str, element: Entity | None = None) -> bool:
        """Return whether ``layer`` can be asked for, in the project or where ``element`` stands."""
        if self.gating == "off":
            return True
        home = self.homes.get(element.module) if element is not None else None
        if self.gating == "feature" and home is not None:
            return layer in self.features[home]
        return layer in self.layers


class Project(msgspec.Struct):
    """A program seen as a FastAPI project.

    ``apps`` are the places where applications are made. ``providers`` maps what is used in
    ``Depends`` to the dependencies that use it. ``layers`` has an entry for every module, class and
    function that got a layer of its own, ``settled``, once all are assigned, for all of them; ask `layer`
    for the layer of any element.
    """

    program: Program
    inference: Inference
    sessions: Sessions
    apps: list[Place] = []
    routes: list[Route] = []
    handlers: dict[Function, list[Route]] = {}
    providers: dict[Function | Class, list[Dependency]] = {}
    dependencies: dict[Function, tuple[Dependency, ...]] = {}
    mappings: list[ErrorMapping] = []
    layers: dict[Entity, Assignment] = {}
    settled: dict[Entity, Assignment] = {}
    presence: Presence = Presence(frozenset(), {}, {}, "project")

    def layer(self, element: Entity) -> Assignment:
        """Return the layer of an element: its own, or that of what it is defined in."""
        known = self.settled.get(element)
        if known is not None:
            return known
        current: Entity | None = element
        while current is not None:
            found = self.layers.get(current)
            if found is not None:
                return found
            current = None if isinstance(current, Module) else current.parent
        return UNKNOWN

    def settle(self) -> None:
        """Work out the layer of every element, as nothing is assigned any more."""
        self.settled.update({element: self.layer(element) for element in self.program.elements})

    def injected_into(self, frame: Frame | None) -> tuple[Dependency, ...]:
        """Return the dependencies of the function or constructor that ``frame`` runs."""
        function = frame.entity if frame is not None else None
        return self.dependencies.get(function, ()) if isinstance(function, Function) else ()

    def place(self, element: Entity, at: Span) -> Place:
        """Return the place of ``at`` in the file of ``element``."""
        return Place.of(element.module.path, at)
