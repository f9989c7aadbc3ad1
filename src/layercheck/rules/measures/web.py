"""What code knows of the web framework: the names it imports, the HTTP exceptions it raises."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from layercheck.graphs.exception_types import ExceptionType, dotted
from layercheck.graphs.carrying import calls_within
from layercheck.graphs.imports import Import, Kind
from layercheck.graphs.middleware import belongs_to_middleware
from layercheck.inference.frames import Frame, RaiseSite
from layercheck.inference.values import Const, External, Values
from layercheck.location import Span
from layercheck.program.entities import Class, Entity, Function, Module
from layercheck.project.model import Confidence
from layercheck.rules.measures.words import enumerate_words
from layercheck.rules.view import View

ALLOWED_NAMES = ("run_in_threadpool", "iterate_in_threadpool", "jsonable_encoder")
MARKERS = frozenset({"Depends", "Security"})
HTTP_EXCEPTION = "HTTPException"
STATUS = "status"
PASSED_ON = frozenset({"UploadFile", "BackgroundTasks"})
"""Names that are less bad in a signature: the framework hands the objects over, they hold no request."""


class WebImport(msgspec.Struct, frozen=True):
    """What one import statement brings of the web framework to elements of certain layers.

    ``element`` is the first that uses it, ``names`` are dotted and in the order of the statement.
    ``only_passed_on`` is true where all of them are `PASSED_ON` and stand in annotations alone. Names
    nothing uses count only where nothing uses any of them: ``is_used`` is false then.
    """

    module: Module
    at: Span
    element: Entity
    names: tuple[str, ...]
    is_lazy: bool
    only_passed_on: bool
    is_used: bool

    @property
    def says(self) -> str:
        """What a message says the element does."""
        names = enumerate_words(f"`{name.rpartition('.')[2]}`" for name in self.names)
        lazily = " inside a function" if self.is_lazy else ""
        if self.is_used:
            return f"uses {names} of the web framework, imported{lazily} here"
        return f"imports {names} of the web framework{lazily}, and nothing there uses it"


def web_imports(
    view: View, layers: Collection[str], allowed: Collection[str], with_markers: bool = False
) -> Iterator[WebImport]:
    """Yield the import statements that bring web names to elements of ``layers``.

    Left out are ``allowed`` names, ``Depends`` unless ``with_markers``, and what belongs to a ``raise
    HTTPException``, which is judged where it is raised.
    """
    packages = frozenset(view.config.types.web)
    for module in view.project.program.modules:
        found = [
            one for one in view.imports.outside(module, packages)
            if one.kind not in (Kind.TYPE_ONLY, Kind.REEXPORT)
        ]  # fmt: skip
        skipped = {*allowed, HTTP_EXCEPTION} | (set() if with_markers else MARKERS)
        if any(_leaf(name, packages) == HTTP_EXCEPTION for one in found for name in one.reached):
            skipped.add(STATUS)
        statements: dict[Span, list[tuple[Import, list[str], Entity]]] = {}
        for one in found:
            names = [
                name for name in one.reached if name not in allowed and _leaf(name, packages) not in skipped
            ]
            element = _user(view, one, layers)
            if names and element is not None:
                statements.setdefault(one.at, []).append((one, names, element))
        for at, all_parts in statements.items():
            used = [part for part in all_parts if part[0].uses]
            parts = used or all_parts
            names = [name for _, found_names, _ in parts for name in found_names]
            yield WebImport(
                module,
                at,
                parts[0][2],
                tuple(dict.fromkeys(names)),
                parts[0][0].kind is Kind.LAZY,
                all(_leaf(name, packages) in PASSED_ON for name in names)
                and all(use.in_annotation for one, _, _ in parts for use in one.uses),
                bool(used),
            )


def _user(view: View, one: Import, layers: Collection[str]) -> Entity | None:
    """Return the first element of ``layers`` that uses the name, the module where nothing does.

    Middleware stands around requests, whatever its layer. What the body of a module does is of no layer
    where its elements are of several.
    """
    elements: dict[Entity, None] = dict.fromkeys(use.element for use in one.uses) or {one.module: None}
    for element in elements:
        if view.project.layer(element).layer in layers and not belongs_to_middleware(element):
            if not (isinstance(element, Module) and _is_mixed(view, element)):
                return element
    return None


def _is_mixed(view: View, module: Module) -> bool:
    """Return whether ``module`` got its layer only because its elements have several."""
    project = view.project
    defined: list[Function | Class] = [*module.functions, *module.classes]
    layers = {project.layer(one).layer for one in defined if one.parent is module}
    return project.layer(module).confidence is Confidence.WEAK and len(layers) > 1


def _leaf(name: str, packages: Collection[str]) -> str:
    """Return the name that counts: the class or function, ``status`` for any status code."""
    parts = name.split(".")
    if STATUS in parts[1:] and parts[0] in packages:
        return STATUS
    return parts[-1]


class HttpRaise(msgspec.Struct, frozen=True):
    """A function that raises an HTTP exception and does not catch it itself: once per class."""

    function: Function
    frame: Frame
    exception: ExceptionType
    escaping: ExceptionType
    sites: tuple[RaiseSite, ...]

    @property
    def title(self) -> str:
        """The exception as a message names it, with its status where that is written down."""
        status = _written_status(self.frame, self.sites[0].at)
        name = dotted(self.exception).rpartition(".")[2]
        return f"{name}({status})" if status else name


def http_raises(view: View) -> tuple[HttpRaise, ...]:
    """Return who raises HTTP exceptions, in the order of the files; a measure.

    A class whose constructor does nothing but raise one counts as one itself.
    """
    flow = view.exceptions
    found: dict[tuple[Function, ExceptionType], tuple[Frame, ExceptionType, dict[Span, RaiseSite]]] = {}
    for frame in view.project.inference.frames:
        function = frame.entity
        if not isinstance(function, Function) or not frame.raises:
            continue
        for site in frame.raises.values():
            for raised in flow.raised(frame, site):
                escaping = raised if flow.types.is_http(raised) else _constructor_raises(view, frame, site)
                if escaping is not None and flow.leaves(frame, site, escaping):
                    sites = found.setdefault((function, raised), (frame, escaping, {}))[2]
                    sites.setdefault(site.at, site)
    return tuple(
        HttpRaise(function, frame, raised, escaping, tuple(sites[at] for at in sorted(sites)))
        for (function, raised), (frame, escaping, sites) in found.items()
        if not _is_exception_constructor(view, function)
    )


def _constructor_raises(view: View, frame: Frame, site: RaiseSite) -> ExceptionType | None:
    for call in calls_within(frame, site.at):
        for target, kind in call.edges:
            if kind == "construct" and _is_exception_constructor(view, target.entity):
                for raised in view.exceptions.escapes(target):
                    if view.exceptions.types.is_http(raised):
                        return raised
    return None


def _is_exception_constructor(view: View, element: Entity) -> bool:
    owner = element.owner if isinstance(element, Function) and element.name == "__init__" else None
    return owner is not None and view.exceptions.types.is_exception(owner)


def _written_status(frame: Frame, at: Span) -> str:
    for site in calls_within(frame, at):
        values: Values = site.args[0] if site.args else dict(site.keywords).get("status_code", frozenset())
        for value in values:
            match value:
                case Const(value=int() as number):
                    return str(number)
                case External(name=name) if ".HTTP_" in name:
                    return name.rpartition(".HTTP_")[2][:3]
    return ""
