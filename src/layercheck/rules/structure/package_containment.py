"""LC605: third-party packages outside of the layers that may use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from layercheck.config.schema import Config, Types
from layercheck.finding import Finding, Severity
from layercheck.graphs.imports import Import, Kind
from layercheck.inference.frames import CallSite, Frame
from layercheck.location import Span
from layercheck.program.entities import Entity, Function, Module
from layercheck.project.matrix import UNBOUND
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.exempt import Exempt, thin
from layercheck.rules.measures.words import enumerate_words, evidence, other_lines, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

DATABASE = "database"


class Container(msgspec.Struct, frozen=True):
    """An entry of the table: the packages it speaks of, and the layers that may use them."""

    name: str
    packages: tuple[str, ...]
    layers: tuple[str, ...]

    def holds(self, dotted: str) -> bool:
        """Return whether a dotted name of outside is of one of the packages."""
        return any(dotted == package or dotted.startswith(f"{package}.") for package in self.packages)


class PackageContainment(Rule):
    """A third-party package is used outside of the layers that may use it.

    ## What it does
    Reads a table of packages and the layers that may use them, and reports imports of these packages
    by other layers, with `calls` also calls into them on objects that were handed over. Names used in
    annotations alone do not count.

    Off, and active as soon as the table has an entry.

    ## Why is this bad
    A package that is wrapped once can be replaced, faked in tests and watched in one place.

    ## Example
    With these settings:
    ```toml
    [rules.LC605.packages]
    openai = ["infrastructure"]
    ```
    ```python
    # app/api/chat.py
    from fastapi import APIRouter
    from openai import AsyncOpenAI

    router = APIRouter()
    client = AsyncOpenAI()


    @router.post("/chat")
    async def chat(text: str) -> str:
        answer = await client.responses.create(model="small", input=text)
        return answer.output_text
    ```

    ## Use instead
    ```python
    # app/clients/chat.py
    from openai import AsyncOpenAI


    class ChatClient:
        def __init__(self) -> None:
            self.client = AsyncOpenAI()

        async def answer(self, text: str) -> str:
            answer = await self.client.responses.create(model="small", input=text)
            return answer.output_text
    # app/services/chat.py
    from app.clients.chat import ChatClient


    class ChatService:
        def __init__(self) -> None:
            self.chat = ChatClient()

        async def answer(self, text: str) -> str:
            return await self.chat.answer(text)
    # app/api/chat.py
    from typing import Annotated

    from fastapi import APIRouter, Depends

    from app.services.chat import ChatService

    router = APIRouter()


    @router.post("/chat")
    async def chat(text: str, service: Annotated[ChatService, Depends()]) -> str:
        return await service.answer(text)
    ```

    ## Options
    - `rules.LC605.packages`: a package, or a dotted name in it, and the layers that may use it. The
      names `database`, `web` and `framework` stand for all packages of `types.database-packages`,
      `types.web` and `types.framework-packages`:
      `database = ["repository", "database", "entity"]` keeps the database in its layers.
    - `rules.LC605.calls`: also report calls; off by default. Of the database, only what runs
      statements counts.

    ## Known limits
    Thin handlers may use the database. Code of no known layer is not judged.
    """

    code = "LC605"
    name = "package-containment"
    severity = None

    @classmethod
    def default(cls, config: Config) -> Severity | None:
        """Return that the rule is on where there is a table."""
        return cls.severity_when_named if config.option(cls.code, "packages", {}) else None

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per import statement and package, and one per calling function."""
        database = view.measure(Database)
        exempt = view.measure(thin)
        with_calls = view.config.option(self.code, "calls", False)
        for container in _containers(view.config):
            free = exempt if container.name == DATABASE else None
            for module in view.project.program.modules:
                told: set[Entity] = set()
                for users, imports in _imports(view, container, module, free):
                    told.update(users)
                    yield self._imported(view, container, users, imports)
                callers: list[Function | Module] = [module, *module.functions] if with_calls else []
                for caller in callers:
                    if caller not in told and _is_outside(view, container, caller, free):
                        yield from self._called(view, database, container, caller)

    def idle(self, view: View) -> str:
        """Return that the table is missing."""
        has_table = bool(view.config.option(self.code, "packages", {}))
        return "" if has_table else "no rules.LC605.packages in the settings"

    def _imported(
        self, view: View, container: Container, users: list[Entity], imports: list[Import]
    ) -> Finding:
        project, first, source = view.project, imports[0], users[0]
        names = tuple(dict.fromkeys(one.dotted for one in imports))
        lazily = " inside a function" if first.kind is Kind.LAZY else ""
        layer = project.layer(source).layer
        return self.finding(
            project.place(first.module, first.at),
            f"{layer} `{spoken(source)}` imports {enumerate_words(f'`{name}`' for name in names)}{lazily};"
            f" {_allowed(container)}",
            help=_help(container),
            element=source.qualname,
            layer=layer,
            target=", ".join(names),
            severity=softened(project, self.own_severity(), source),
            evidence=evidence(project, source),
            chain=tuple(
                step(project, source, first.at, "import", f"{first.module.name} -> {name}") for name in names
            ),
        )

    def _called(
        self, view: View, database: Database, container: Container, function: Function | Module
    ) -> Iterator[Finding]:
        project = view.project
        calls: dict[Span, str] = {}
        for frame in view.calls.frames(function):
            calls.update(_calls(database, container, frame))
        if not calls:
            return
        layer = project.layer(function).layer
        first, *others = sorted(calls)
        place = project.place(function, first)
        yield self.finding(
            place,
            f"{layer} `{spoken(function)}` calls `{calls[first]}`; {_allowed(container)}",
            help=_help(container),
            element=function.qualname,
            layer=layer,
            target=calls[first],
            severity=softened(project, self.own_severity(), function),
            evidence=evidence(project, function),
            chain=(step(project, function, first, "call", f"{spoken(function)} calls {calls[first]}"),),
            related=other_lines(place, (project.place(function, at) for at in others)),
        )


def _containers(config: Config) -> Iterator[Container]:
    table: Mapping[str, list[str]] = config.option("LC605", "packages", {})
    types: Types = config.types
    groups = {
        DATABASE: types.database_packages, "web": types.web, "framework": types.framework_packages,
    }  # fmt: skip
    for name, layers in table.items():
        yield Container(name, groups.get(name, (name,)), tuple(layers))


def _is_outside(view: View, container: Container, element: Entity, free: Exempt | None) -> bool:
    layer = view.project.layer(element).layer
    return layer not in container.layers and layer not in UNBOUND and (free is None or element not in free)


def _imports(
    view: View, container: Container, module: Module, free: Exempt | None
) -> Iterator[tuple[list[Entity], list[Import]]]:
    """Yield the import statements of ``module`` that offend, with the elements that use the names."""
    top = frozenset(package.partition(".")[0] for package in container.packages)
    statements: dict[Span, tuple[dict[Entity, None], list[Import]]] = {}
    for one in view.imports.outside(module, top):
        if one.kind not in (Kind.RUNTIME, Kind.LAZY) or not any(map(container.holds, one.reached)):
            continue
        users = [user for user in one.users or (one.module,) if _is_outside(view, container, user, free)]
        if users:
            known, imports = statements.setdefault(one.at, ({}, []))
            known.update(dict.fromkeys(users))
            imports.append(one)
    for known, imports in statements.values():
        yield list(known), imports


def _calls(database: Database, container: Container, frame: Frame) -> Iterator[tuple[Span, str]]:
    """Yield the calls of ``frame`` into the packages; of the database what runs statements."""
    if container.name == DATABASE:
        for touch in database.touches(frame):
            if touch.runs:
                yield touch.at, touch.name
        return
    for (_, kind), site in frame.sites.items():
        name = _called_name(container, site) if kind == "call" else ""
        if name:
            yield site.at, name


def _called_name(container: Container, site: CallSite) -> str:
    return next((name for name in site.externals if container.holds(name)), "")


def _allowed(container: Container) -> str:
    layers = enumerate_words(container.layers) if container.layers else "no layer"
    return f"`{container.name}` belongs to {layers}"


def _help(container: Container) -> str:
    if not container.layers:
        return "do without it"
    return f"wrap what is needed in code of {enumerate_words(container.layers)}, and use that"
