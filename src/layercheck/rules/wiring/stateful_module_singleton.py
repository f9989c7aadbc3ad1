"""LC403: an object that all requests share keeps a session, or what one of them was about."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layercheck.facts import records as r
from layercheck.finding import Finding, Severity, Step
from layercheck.inference.frames import CallSite, Frame
from layercheck.inference.values import NOTHING, Values
from layercheck.location import NOWHERE, Place, Span
from layercheck.program.build import statements
from layercheck.program.entities import Class, Entity, Function
from layercheck.project.model import Confidence
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.globals import Globals
from layercheck.rules.measures.requests import Requests
from layercheck.rules.measures.state import Left, left_by_requests
from layercheck.rules.measures.wired import attributes
from layercheck.rules.measures.words import evidence, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_JUDGED = frozenset({"service", "repository"})
_ELSEWHERE = frozenset({"task", "script", "migration", "test"})
_CACHES = frozenset({"functools.lru_cache", "functools.cache"})


class StatefulModuleSingleton(Rule):
    """Services and repositories made once for all requests that keep a session or state of a request.

    ## What it does
    Reports what the body of a module or class, or a function under `lru_cache`, makes once for all
    requests: a session or connection; a service or repository that is built with one (both errors);
    a service or repository whose methods, run for requests, set attributes to what they were handed.

    Objects without state are fine, and so are engines, session factories, pools, clients and scoped
    sessions. Nothing is reported that no handler gets at.

    ## Why is this bad
    Requests run side by side. A session they share mixes their transactions, and what one request
    leaves in an object the next one finds there.

    ## Example
    ```python
    # app/services/carts.py
    class CartService:
        def open(self, user_id: int) -> None:
            self.user_id = user_id

        def owner(self) -> int:
            return self.user_id

    carts = CartService()

    # app/api/carts.py
    from fastapi import APIRouter

    from app.services.carts import carts

    router = APIRouter()

    @router.get("/carts/{user_id}")
    def show(user_id: int) -> int:
        carts.open(user_id)
        return carts.owner()
    ```

    ## Use instead
    ```python
    # app/services/carts.py
    class CartService:
        def __init__(self, user_id: int) -> None:
            self.user_id = user_id

        def owner(self) -> int:
            return self.user_id

    # app/api/carts.py
    from typing import Annotated

    from fastapi import APIRouter, Depends

    from app.services.carts import CartService

    router = APIRouter()

    def get_carts(user_id: int) -> CartService:
        return CartService(user_id)

    @router.get("/carts/{user_id}")
    def show(carts: Annotated[CartService, Depends(get_carts)]) -> int:
        return carts.owner()
    ```

    ## Options
    * `rules.LC403.allow-stateless`: false reports services and repositories made once for all
      requests even where they keep nothing.
    * `types.session`: more classes that are sessions.

    ## Known limits
    Containers of state (`self.seen[key] = ...`) are not looked into.
    """

    code = "LC403"
    name = "stateful-module-singleton"
    severity = Severity.WARNING

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each object made once that keeps what belongs to one request."""
        requests, database = view.measure(Requests), view.measure(Database)
        search = _Search(view, database, requests)
        known = Globals(view, requests)
        stateless_may = view.config.option(self.code, "allow-stateless", True)
        for module in view.project.program.modules:
            if view.project.layer(module).layer in _ELSEWHERE:
                continue
            for one in known.of(module):
                fault = search.fault(module, one.call, stateless_may)
                if fault is not None and known.serves(one):
                    yield self._report(view, one.scope, one.name, one.statement.at, fault)
            for function in module.functions:
                made = _made_once(view, function)
                fault = search.fault(function, made, stateless_may) if made is not None else None
                if made is not None and fault is not None and requests.serves(function):
                    yield self._report(view, function, f"{function.name}()", made.at, fault)

    def _report(self, view: View, scope: Entity, name: str, at: Span, fault: _Fault) -> Finding:
        project = view.project
        place: Place = project.place(scope, at)
        layer = project.layer(fault.cls or scope).layer
        severity = Severity.ERROR if fault.is_session else self.severity
        return self.finding(
            place,
            f"`{name}` {fault.text}",
            help="make it per request, in a provider that `Depends` runs",
            element=f"{scope.qualname}.{name}" if not isinstance(scope, Function) else scope.qualname,
            layer=layer,
            target=fault.target,
            severity=softened(project, severity, fault.cls) if fault.cls is not None else severity,
            evidence=evidence(project, fault.cls or scope),
            chain=(step(project, scope, at, "singleton", f"{spoken(scope)} makes {name}"), *fault.steps),
        )


class _Fault(msgspec.Struct, frozen=True):
    """What is wrong with an object: in words, and the dotted name of what it keeps.

    ``cls`` is its class, None for a session itself.
    """

    text: str
    target: str
    is_session: bool
    cls: Class | None
    steps: tuple[Step, ...] = ()


class _Search:
    """Judges calls that make objects for all requests."""

    def __init__(self, view: View, database: Database, requests: Requests) -> None:
        self._view = view
        self._database = database
        self._requests = requests

    def fault(self, scope: Entity, call: r.Call, stateless_may: bool) -> _Fault | None:
        """Return what is wrong with the object that ``call`` makes, None where nothing is."""
        for frame in self._view.calls.frames(scope):
            site = frame.sites.get((call.at, "call"))
            if site is not None:
                return self._session(site) or self._object(frame, site, call, stateless_may)
        return None

    def _session(self, site: CallSite) -> _Fault | None:
        project = self._view.project
        if not project.sessions.of_one_user_are_among(site.result):
            return None
        for name, receiver in site.externals.items():
            if project.sessions.opened_by(name, receiver):
                return _Fault("is one session for all requests", name, True, None)
        return None

    def _object(self, frame: Frame, site: CallSite, call: r.Call, stateless_may: bool) -> _Fault | None:
        project = self._view.project
        classes = [cls for cls in site.classes if project.layer(cls).layer in _JUDGED]
        if len(site.classes) != 1 or not classes:
            return None
        cls = classes[0]
        if project.layer(cls).confidence < Confidence.MEDIUM:
            return None
        if self._keeps_session(frame, site, call, cls):
            text = f"is one {spoken(cls)} for all requests, and keeps one session"
            return _Fault(text, cls.qualname, True, cls)
        left = left_by_requests(self._view, self._requests, cls)
        if left is not None:
            return self._state(cls, left)
        if not stateless_may:
            return _Fault(f"is one {spoken(cls)} for all requests", cls.qualname, False, cls)
        return None

    def _state(self, cls: Class, left: Left) -> _Fault:
        text = f"is one {spoken(cls)} for all requests, and {spoken(left.method)} sets its `{left.attribute}`"
        note = step(
            self._view.project, left.method, left.at, "state", f"{spoken(left.method)} sets {left.attribute}"
        )
        return _Fault(text, f"{cls.qualname}.{left.attribute}", False, cls, (note,))

    def _keeps_session(self, frame: Frame, site: CallSite, call: r.Call, cls: Class) -> bool:
        """Return whether the object is handed a session, or opens one that it keeps."""
        arguments = (*call.args, *(keyword.value for keyword in call.keywords))
        if any(self._is_session(self._values(frame, one)) for one in arguments):
            return True
        makers = [target for target, how in site.edges if how == "construct"]
        return any(map(self._database.opens, makers)) and any(
            map(self._is_session, attributes(self._view, cls).values())
        )

    def _is_session(self, values: Values) -> bool:
        return self._view.project.sessions.of_one_user_are_among(values)

    def _values(self, frame: Frame, expression: r.Expr) -> Values:
        """Return what an argument may be: a global, a parameter, or the result of a call."""
        match expression:
            case r.Name(id=name):
                if isinstance(frame.entity, Function) and name in frame.entity.bound:
                    return self._database.parameters(frame).get(name, NOTHING)
                return self._view.project.inference.heap.read(("name", frame.module, name), None)
            case r.Call(at=at):
                site = frame.sites.get((at, "call"))
                return site.result if site is not None else NOTHING
        return NOTHING


def _made_once(view: View, function: Function) -> r.Call | None:
    """Return the call whose result a function under ``lru_cache`` returns, None for any other function."""
    if not isinstance(function.node, r.Function) or not function.node.decorators:
        return None
    if not any(_is_cache(view, function, decorator) for decorator in function.node.decorators):
        return None
    for statement in statements(function.body):
        if isinstance(statement, r.Return) and isinstance(statement.value, r.Call):
            return statement.value
    return None


def _is_cache(view: View, function: Function, decorator: r.Expr) -> bool:
    at = getattr(decorator, "at", NOWHERE)
    for frame in view.calls.frames(function.module):
        sites = (frame.sites.get((at, kind)) for kind in ("decorator", "call"))
        if any(not _CACHES.isdisjoint(site.externals) for site in sites if site is not None):
            return True
    return False
