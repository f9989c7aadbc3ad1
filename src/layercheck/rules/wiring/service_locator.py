"""LC407: code fetches what it works with from a global place."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from layercheck.facts import records as r
from layercheck.facts.nodes import applied, written_name
from layercheck.finding import Finding, Severity
from layercheck.graphs.middleware import belongs_to_middleware
from layercheck.inference.frames import Frame
from layercheck.inference.values import External, Instance, Values
from layercheck.location import Span
from layercheck.program.entities import Class, Function
from layercheck.project.words import class_word
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.global_reads import ApplicationReads, Fetch, class_name, global_values
from layercheck.rules.measures.handlers import titles
from layercheck.rules.measures.parameters import product
from layercheck.rules.measures.requests import Requests
from layercheck.rules.measures.words import evidence, other_lines, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_JUDGED = frozenset({"router", "service", "repository"})
_COLLABORATORS = frozenset({"service", "repository", "infrastructure"})
_LOOKS_UP = frozenset({"resolve", "get", "aget", "get_required", "__getitem__"})
_PROXIES = ("fastapi_sqlalchemy.db.session", "fastapi_async_sqlalchemy.db.session")
_GET_VARIABLE = "contextvars.ContextVar.get"
_GLOBAL = ("sqlalchemy.", "sqlmodel.", "databases.")
"""Packages whose sessions belong to one request; pools and clients of others may serve all of them."""


class ServiceLocator(Rule):
    """Handlers, services and repositories that fetch what they work with from a global place.

    ## What it does
    Reports, in handlers and their helpers, services and repositories: reading `request.app.state.x`,
    `app.state.x` and attributes that a program gives its application; looking something up in the
    container of a dependency-injection library; taking a session, service or repository out of a
    context variable; using a session that is a global of a module.

    Dependencies and the set-up of the application are where this belongs. Settings, and context
    variables for logs, traces and tenants, are fine. Where nothing can be injected, as in middleware
    and exception handlers, handlers' code is left alone.

    ## Why is this bad
    What a function needs is not in its signature, and `app.dependency_overrides` cannot replace it.

    ## Example
    ```python
    # app/mailing.py
    class Mailer:
        def send(self, to: str) -> None:
            print(to)

    # app/main.py
    from fastapi import FastAPI, Request

    from app.mailing import Mailer

    app = FastAPI()
    app.state.mailer = Mailer()

    @app.post("/mails")
    def mail(request: Request, to: str) -> None:
        request.app.state.mailer.send(to)
    ```

    ## Use instead
    ```python
    # app/mailing.py
    class Mailer:
        def send(self, to: str) -> None:
            print(to)

    # app/main.py
    from typing import Annotated

    from fastapi import Depends, FastAPI, Request

    from app.mailing import Mailer

    app = FastAPI()
    app.state.mailer = Mailer()

    def get_mailer(request: Request) -> Mailer:
        return request.app.state.mailer

    @app.post("/mails")
    def mail(to: str, mailer: Annotated[Mailer, Depends(get_mailer)]) -> None:
        mailer.send(to)
    ```

    ## Options
    * `rules.LC407.locators-allowed`: patterns of dotted names of functions that may fetch, or of what
      may be fetched, as the code says it (`request.app.state.limiter`).
    * `types.locators`: packages of containers.

    ## Known limits
    A container of the project's own is not known as one.
    """

    code = "LC407"
    name = "service-locator"
    severity = Severity.WARNING

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each function that fetches something."""
        database, requests = view.measure(Database), view.measure(Requests)
        allowed: tuple[str, ...] = view.config.option(self.code, "locators-allowed", ())
        named = view.measure(titles)
        looking = view.calls.frames_calling(lambda name: _may_look_up(view, name))
        for function in view.project.program.functions:
            layer = view.project.layer(function).layer
            if (
                layer not in _JUDGED
                or function in view.project.providers
                or belongs_to_middleware(function)
            ):
                continue
            if layer == "router" and not requests.serves(function):
                continue
            if _matches(function.qualname, allowed):
                continue
            found = _fetches(view, database, function, looking)
            fetches = [one for one in found if not _matches(one.name, allowed)]
            if fetches:
                yield self._report(
                    view, function, named.get(function, f"{layer} {spoken(function)}"), fetches
                )

    def _report(self, view: View, function: Function, subject: str, fetches: list[Fetch]) -> Finding:
        project = view.project
        first = fetches[0]
        layer = project.layer(function).layer
        place = project.place(function, first.at)
        how = "as a dependency of the handler" if layer == "router" else "as a parameter of the constructor"
        return self.finding(
            place,
            f"{subject} fetches `{first.name}` from {first.source}",
            help=f"take it {how}, and let a provider fetch it",
            element=function.qualname,
            layer=layer,
            target=first.name,
            severity=softened(project, self.severity, function),
            evidence=evidence(project, function),
            chain=(step(project, function, first.at, "fetch", f"{spoken(function)} fetches {first.name}"),),
            related=other_lines(place, (project.place(function, one.at) for one in fetches[1:])),
        )


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _fetches(
    view: View, database: Database, function: Function, looking: frozenset[Frame]
) -> list[Fetch]:
    """Return what ``function`` fetches; ``looking`` are the frames that may look something up."""
    found: dict[Span, Fetch] = {}
    for frame in view.calls.frames(function):
        lookups = (*_lookups(view, frame), *_proxies(frame)) if frame in looking else ()
        for one in (*lookups, *_global_sessions(view, database, frame, function)):
            found.setdefault(one.at, one)
    declared = view.calls.declared(function)
    if declared is not None:
        for one in (*ApplicationReads(view, declared, function).fetches(), *_items(view, function)):
            found.setdefault(one.at, one)
    return [found[at] for at in sorted(found)]


# Containers, context variables and global sessions ----------------------------------------------


def _may_look_up(view: View, name: str) -> bool:
    is_container = name.partition(".")[0] in view.config.types.locators
    return is_container or name == _GET_VARIABLE or name.startswith(_PROXIES)


def _lookups(view: View, frame: Frame) -> Iterator[Fetch]:
    for (at, kind), site in frame.sites.items():
        for name in site.externals if kind == "call" else ():
            package, _, rest = name.partition(".")
            if package in view.config.types.locators and _looks_up(rest):
                result = _class_names(site.result) or name.removesuffix("()").rpartition(".")[2]
                yield Fetch(at, result, f"a container of {package}")
            elif name == _GET_VARIABLE and _has_collaborator(view, site.result):
                yield Fetch(at, _class_names(site.result), "a context variable")


def _looks_up(path: str) -> bool:
    return path.rpartition(".")[2] in _LOOKS_UP or (path.startswith("providers.") and path.endswith("()"))


def _class_names(values: Values) -> str:
    names = {one.class_name.rpartition(".")[2] for one in product(values) if isinstance(one, Instance)}
    return min(names, default="")


def _has_collaborator(view: View, values: Values) -> bool:
    return any(
        view.project.sessions.class_of(value)
        or (
            isinstance(value, Instance)
            and isinstance(value.cls, Class)
            and view.project.layer(value.cls).layer in _COLLABORATORS
            and _works(value.cls)
        )
        for value in values
    )


def _works(cls: Class) -> bool:
    """Return whether ``cls`` has methods for others: what has none only holds data, wherever it lies.

    So does a data class that is not called like a collaborator.
    """
    is_data = "dataclass" in {written_name(applied(d)) for d in cls.node.decorators}
    if is_data and class_word(cls.name) is None:
        return False
    public = (method.node for name, method in cls.methods.items() if not name.startswith("_"))
    return any(isinstance(node, r.Function) and not node.decorators for node in public)


def _proxies(frame: Frame) -> Iterator[Fetch]:
    for (at, kind), site in frame.sites.items():
        if kind == "call" and any(name.startswith(_PROXIES) for name in site.externals):
            yield Fetch(at, "db.session", "a global session")


def _global_sessions(view: View, database: Database, frame: Frame, function: Function) -> Iterator[Fetch]:
    touches = database.touches(frame)
    made = function.calls if touches else {}
    for touch in touches:
        func = made[touch.at].func if touch.at in made else None
        root = func.value if isinstance(func, r.Attribute) else None
        if isinstance(root, r.Name) and _is_global_session(view, function, root.id):
            yield Fetch(touch.at, root.id, "a global session")


def _items(view: View, function: Function) -> Iterator[Fetch]:
    """Yield what is taken out of a global container by its class: ``container[Service]``."""
    for node in function.nodes_of(r.Subscript):
        if isinstance(node.value, r.Name):
            for value in global_values(view, function, node.value.id):
                name = value.name if isinstance(value, External) else class_name(value)
                package = name.partition(".")[0]
                if package in view.config.types.locators:
                    item = getattr(node.index, "name", getattr(node.index, "id", node.value.id))
                    yield Fetch(node.at, item, f"a container of {package}")


def _is_global_session(view: View, function: Function, name: str) -> bool:
    values = global_values(view, function, name)
    return any(view.project.sessions.class_of(value).startswith(_GLOBAL) for value in values)
