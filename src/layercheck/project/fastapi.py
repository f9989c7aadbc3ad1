"""What FastAPI makes of a program: applications, routes, dependencies and error mappings."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.inference.frames import Frame
from layercheck.inference.values import NOTHING, Made, Values
from layercheck.location import Place, Span
from layercheck.program.entities import Class, Function
from layercheck.project.dependencies import DependencyFinder
from layercheck.project.mappings import error_mappings
from layercheck.project.model import Dependency, Project, Route
from layercheck.project.reading import Reader
from layercheck.project.routers import Routers
from layercheck.project.routes import FoundRoute, RouteFinder, status_of


def build_fastapi(project: Project) -> None:
    """Fill in what the framework knows of ``project``, and let handlers make the calls it makes for them."""
    inference = project.inference
    reader = Reader(inference)
    routers = Routers(inference, reader)
    found = RouteFinder(inference, routers, reader).routes()
    _attach(project, found, DependencyFinder(inference, reader))
    finder = DependencyFinder(inference, reader)  # more is known now
    project.apps.extend(Place.of(module.path, at) for module, at in routers.applications())
    project.mappings.extend(error_mappings(routers, reader))
    _collect_dependencies(project, finder)
    for route in found:
        function = route.endpoint.function
        if function not in project.handlers:
            views = tuple(dependency for dependency, _, _ in finder.of_view(function))
            _add(project, function, views)
        project.handlers.setdefault(function, []).append(_route(project, route, finder))
    project.routes.extend(route for routes in project.handlers.values() for route in routes)
    _collect_providers(project)


def answered_routes(project: Project) -> list[Route]:
    """Return the routes an application answers, ordered by path and method.

    Where the program makes no application, the routes of all its routers are meant.
    """
    shown = [route for route in project.routes if route.reachable or not project.apps]
    return sorted(shown, key=lambda route: (route.path, route.method, route.handler.qualname))


def _route(project: Project, found: FoundRoute, finder: DependencyFinder) -> Route:
    outer = [
        d for values in found.dependencies for d, _ in finder.of_arguments(values, found.module, found.at)
    ]
    own = project.dependencies.get(found.endpoint.function, ())
    return Route(
        found.method, found.path, found.endpoint.function, found.endpoint.frame, found.module, found.at,
        tuple(dict.fromkeys((*outer, *own))), found.keywords.get("response_model", NOTHING),
        "response_model" in found.keywords, status_of(found.keywords.get("status_code", NOTHING)),
        found.reachable, found.endpoint.entry, found.route_class,
    )  # fmt: skip


def _attach(project: Project, found: list[FoundRoute], finder: DependencyFinder) -> None:
    """Let every handler run the providers that its signature does not name."""
    attached: dict[Frame, dict[tuple[Made, Values, Span], None]] = {}
    for route in found:
        function = route.endpoint.function
        markers = attached.setdefault(route.endpoint.frame, {})
        for values in route.dependencies:
            for dependency, marker in finder.of_arguments(values, route.module, route.at):
                markers[(marker, NOTHING, _place(function, dependency))] = None
        for dependency, marker, declared in finder.of_view(function):
            markers[(marker, declared, _place(function, dependency))] = None
    project.inference.attach({frame: list(markers) for frame, markers in attached.items() if markers})


def _place(function: Function, dependency: Dependency) -> Span:
    """Return where the edge stands: the marker, or the name of a handler that is in another file."""
    if dependency.module is function.module or not isinstance(function.node, r.Function):
        return dependency.at
    return function.node.name_at


def _collect_dependencies(project: Project, finder: DependencyFinder) -> None:
    for frame in list(project.inference.frames):
        if frame.generic and frame.runs and isinstance(frame.entity, Function):
            _add(project, frame.entity, tuple(finder.of_signature(frame)))


def _add(project: Project, function: Function, found: tuple[Dependency, ...]) -> None:
    if found:
        known = project.dependencies.get(function, ())
        project.dependencies[function] = tuple(dict.fromkeys((*known, *found)))


def _collect_providers(project: Project) -> None:
    users: dict[Function | Class, dict[Dependency, None]] = {}
    routes = (dependency for route in project.routes for dependency in route.dependencies)
    signatures = (d for found in project.dependencies.values() for d in found)
    for dependency in (*signatures, *routes):
        if dependency.provider is not None:
            users.setdefault(dependency.provider, {})[dependency] = None
    project.providers.update({provider: list(found) for provider, found in users.items()})
