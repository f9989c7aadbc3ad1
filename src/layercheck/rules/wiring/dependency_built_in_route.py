"""LC402: a handler puts together the service, repository or client it uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from layercheck.facts import records as r
from layercheck.finding import Finding, Severity
from layercheck.inference.frames import CallSite
from layercheck.inference.values import ClassValue, Instance
from layercheck.location import Span
from layercheck.program.entities import Class, Function
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.handlers import Handler, group, handlers
from layercheck.rules.measures.injectable import Injectable
from layercheck.rules.measures.parameters import product
from layercheck.rules.measures.requests import Requests
from layercheck.rules.measures.thin import Thinness
from layercheck.rules.measures.wired import WIRED, Wired
from layercheck.rules.measures.words import enumerate_words, evidence, other_lines, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_PROPERTIES = frozenset({"property", "cached_property"})


class DependencyBuiltInRoute(Rule):
    """Handlers that build the services, repositories and clients they use.

    ## What it does
    Reports constructor calls, or calls of a class method that serves as one (`Repo.from_session(db)`),
    of services, repositories and clients of the program in a handler or a helper of routers. What
    counts are classes that hold a session, a client, a service or a repository, or that are given
    something and reach out with it. Objects that hold nothing may be made by anybody.

    Thin handlers are fine, and so are handlers that open a session of their own, where nothing can be
    injected, and objects made of data that the handler has worked out before.

    ## Why is this bad
    What a handler builds is not seen in its signature, cannot be replaced by
    `app.dependency_overrides`, and is built again, in the same words, by the next handler.

    ## Example
    ```python
    # app/services/payments.py
    import httpx

    class PaymentService:
        def __init__(self, client: httpx.AsyncClient) -> None:
            self.client = client

        async def pay(self, amount: int) -> None:
            await self.client.post("https://pay.example.org", json={"amount": amount})

    # app/api/payments.py
    import httpx
    from fastapi import APIRouter

    from app.services.payments import PaymentService

    router = APIRouter()

    @router.post("/payments")
    async def pay(amount: int) -> None:
        async with httpx.AsyncClient() as client:
            await PaymentService(client).pay(amount)
    ```

    ## Use instead
    ```python
    # app/services/payments.py
    import httpx

    class PaymentService:
        def __init__(self, client: httpx.AsyncClient) -> None:
            self.client = client

        async def pay(self, amount: int) -> None:
            await self.client.post("https://pay.example.org", json={"amount": amount})

    # app/dependencies.py
    from collections.abc import AsyncIterator
    from typing import Annotated

    import httpx
    from fastapi import Depends

    from app.services.payments import PaymentService

    async def get_payments() -> AsyncIterator[PaymentService]:
        async with httpx.AsyncClient() as client:
            yield PaymentService(client)

    Payments = Annotated[PaymentService, Depends(get_payments)]

    # app/api/payments.py
    from fastapi import APIRouter

    from app.dependencies import Payments

    router = APIRouter()

    @router.post("/payments")
    async def pay(amount: int, payments: Payments) -> None:
        await payments.pay(amount)
    ```

    ## Options
    * `rules.LC402.controller-properties`: false reports properties and constructors of class-based
      views, too.
    * The limits of a thin handler, see LC101.

    ## Known limits
    What plain functions outside the routers build for a handler is not seen.
    """

    code = "LC402"
    name = "dependency-built-in-route"
    severity = Severity.WARNING
    fix = "unsafe"

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each handler, or helper several of them share, that builds such an object."""
        database, requests = view.measure(Database), view.measure(Requests)
        properties_may = view.config.option(self.code, "controller-properties", True)
        search = _Search(view, database, requests, properties_may)
        thinness, known = view.measure(Thinness), _providers(view)
        seen: set[Function] = set()
        for handler in handlers(view):
            parts = search.parts_of(handler)
            seen.update(parts)
            built = {function: search.built(function) for function in parts}
            if any(built.values()) and not thinness.is_thin(handler):
                for function, found in built.items():
                    if found:
                        subject = handler.title if function is handler.function else _helper(function)
                        yield self._report(view, function, subject, found, known)
        for function in view.project.program.functions:
            is_shared = function not in seen and view.project.layer(function).layer == "router"
            if is_shared and requests.serves(function) and (found := search.built(function)):
                yield self._report(view, function, _helper(function), found, known)

    def _report(
        self,
        view: View,
        function: Function,
        subject: str,
        built: dict[Span, Class],
        known: dict[Class, Function],
    ) -> Finding:
        project = view.project
        places = {project.place(function, at): cls for at, cls in sorted(built.items())}
        place, first = next(iter(places.items()))
        names = dict.fromkeys(spoken(cls) for cls in places.values())
        at = min(built)
        return self.finding(
            place,
            f"{subject} builds {enumerate_words(f'`{name}`' for name in names)} itself",
            help=_help(view, function, places.values(), known),
            element=function.qualname,
            layer="router",
            target=first.qualname,
            severity=softened(project, self.severity, function, first),
            evidence=evidence(project, function, *dict.fromkeys(places.values())),
            chain=(
                step(project, function, at, "construct", f"{spoken(function)} -> {spoken(first)}"),
            ),
            related=other_lines(place, places),
        )


class _Search:
    """Looks for constructions that belong to a provider."""

    def __init__(self, view: View, database: Database, requests: Requests, properties_may: bool) -> None:
        self._view = view
        self._database = database
        self._requests = requests
        self._wired = view.measure(Wired)
        self._properties_may = properties_may

    def parts_of(self, handler: Handler) -> dict[Function, None]:
        """Return the functions a handler consists of; none where nothing can be injected."""
        frames = group(self._view, handler)
        if not any(map(self._requests.injects, handler.routes)):
            return {}
        return dict.fromkeys(frame.entity for frame in frames if isinstance(frame.entity, Function))

    def built(self, function: Function) -> dict[Span, Class]:
        """Return what ``function`` builds, by place; nothing where it opens a session of its own."""
        if self._view.project.layer(function).layer != "router" or function in self._view.project.providers:
            return {}
        if self._properties_may and _is_builder_of_view(function):
            return {}
        frames = self._view.calls.frames(function)
        if any(map(self._database.opens, frames)):
            return {}
        found: dict[Span, Class] = {}
        for frame in frames:
            made = {
                at: cls
                for (at, kind), site in sorted(frame.sites.items())
                if kind == "call" and (cls := self._made_by(site)) is not None
            }
            injectable = Injectable(self._view, function, frame) if made else None
            for at, cls in made.items():
                node = function.calls.get(at)
                if injectable is not None and node is not None and at not in found:
                    given = (*node.args, *(keyword.value for keyword in node.keywords))
                    if self._wired.needs_wiring(cls, bool(given)) and injectable.all(*given):
                        found[at] = cls
        return found

    def _made_by(self, site: CallSite) -> Class | None:
        """Return the class of services, repositories or clients that a call makes an object of.

        None where it is one of several: what is chosen as the request wants it cannot be injected.
        """
        made = [*site.classes, *self._classes_of_factories(site)]
        found = [cls for cls in made if self._view.project.layer(cls).layer in WIRED]
        return found[0] if len(found) == 1 else None

    def _classes_of_factories(self, site: CallSite) -> Iterator[Class]:
        """Yield the classes whose class method a call is, where it gives an object of the class."""
        for target, how in site.edges:
            if how == "call" and isinstance(target.receiver, ClassValue):
                cls = target.receiver.cls
                if any(isinstance(v, Instance) and v.cls is cls for v in product(site.result)):
                    yield cls


def _is_builder_of_view(function: Function) -> bool:
    """Return whether ``function`` is a property, or the constructor, of a class of routers."""
    if function.owner is None or not isinstance(function.node, r.Function):
        return False
    names = {getattr(one, "name", getattr(one, "id", "")) for one in function.node.decorators}
    return function.name == "__init__" or bool(names & _PROPERTIES)


def _help(view: View, function: Function, built: Iterable[Class], known: dict[Class, Function]) -> str:
    """Return what to do about the outermost of what is built."""
    if function not in view.project.handlers and function.owner is None:
        return f"make `{function.name}` a provider, and let handlers take what it gives with `Depends`"
    cls = min(built, key=lambda one: WIRED.index(view.project.layer(one).layer))
    if cls in known:
        return f"take `{cls.name}` as a parameter from its provider, `{known[cls].name}`"
    return f"build `{cls.name}` in a provider, and take it as a parameter with `Depends`"


def _helper(function: Function) -> str:
    return f"router {spoken(function)}"


def _providers(view: View) -> dict[Class, Function]:
    """Return the providers by the class of what they give."""
    found: dict[Class, Function] = {}
    for provider, uses in view.project.providers.items():
        if isinstance(provider, Function):
            for use in uses:
                given = view.project.inference.heap.read(("return", use.frame), None)
                for value in sorted(product(given), key=lambda value: value.serial):
                    if isinstance(value, Instance) and isinstance(value.cls, Class):
                        found.setdefault(value.cls, provider)
    return found
