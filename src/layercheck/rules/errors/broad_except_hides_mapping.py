"""LC508: a broad ``except`` swallows exceptions that have a status of their own."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layercheck.facts import records as r
from layercheck.facts.nodes import inside
from layercheck.finding import Finding, Severity
from layercheck.graphs.exception_types import ExceptionType, dotted
from layercheck.graphs.exceptions import Way
from layercheck.graphs.middleware import belongs_to_middleware
from layercheck.inference.frames import Frame, RaiseSite
from layercheck.inference.values import Instance
from layercheck.location import Place
from layercheck.program.entities import Class, Function
from layercheck.rules.measures.answers import specific_answers
from layercheck.rules.measures.clauses import Clause, bare, clauses, speaker
from layercheck.rules.measures.parameters import parameters
from layercheck.rules.measures.words import enumerate_words, evidence, hops, softened, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

INTERNAL_SERVER_ERROR = 500
MOST_NAMES = 3
_TELLING = frozenset({"isinstance", "issubclass", "hasattr", "getattr", "type"})


class Hidden(msgspec.Struct, frozen=True):
    """An exception a broad clause catches, although it would have become a response of its own."""

    exception: ExceptionType
    status: int | None
    way: Way

    @property
    def title(self) -> str:
        """The exception with its status, where that is written down: ``HTTPException(404)``."""
        return f"{bare(self.exception)}({self.status})" if self.status else bare(self.exception)


class BroadExceptHidesMapping(Rule):
    """A broad `except` in a router swallows exceptions that have a response of their own.

    ## What it does
    Follows the exceptions that reach an `except Exception` or bare `except` of a router, and reports
    the clause where an `HTTPException`, or an exception a handler is registered for, is among them
    and is not raised again. A clause that looks at the class of what it caught is fine, and so is one
    behind an earlier clause that lets these exceptions through.

    ## Why is this bad
    The 404 and the 409 somebody took care to write turn into the 500 of the clause.

    ## Example
    ```python
    # app/api/orders.py
    from fastapi import APIRouter, HTTPException

    router = APIRouter()
    ORDERS = {1: "open", 2: "sent"}


    def cancel(order_id: int) -> str:
        if order_id not in ORDERS:
            raise HTTPException(404, "no such order")
        return ORDERS.pop(order_id)


    @router.post("/orders/{order_id}/cancel")
    def cancel_order(order_id: int) -> str:
        try:
            return cancel(order_id)
        except Exception:
            raise HTTPException(500, "could not cancel")
    ```

    ## Use instead
    ```python
    # app/api/orders.py
    from fastapi import APIRouter, HTTPException

    router = APIRouter()
    ORDERS = {1: "open", 2: "sent"}


    def cancel(order_id: int) -> str:
        if order_id not in ORDERS:
            raise HTTPException(404, "no such order")
        return ORDERS.pop(order_id)


    @router.post("/orders/{order_id}/cancel")
    def cancel_order(order_id: int) -> str:
        return cancel(order_id)
    ```

    ## Known limits
    Calls that could not be resolved raise nothing. A builtin such as `ValueError` counts where a handler
    is registered for it, unless it is raised in the `try` itself, or the clause raises an exception of
    the project instead. WebSockets, generators and middleware are not judged: what they raise is not
    mapped anyway.
    """

    code = "LC508"
    name = "broad-except-hides-mapping"
    severity = Severity.WARNING
    fix = "unsafe"

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per clause that hides something."""
        search = _Search(view)
        for clause in clauses(view, ("router",)):
            if clause.is_for_all and not search.is_fine(clause):
                hidden = search.hidden(clause)
                if hidden:
                    yield self._finding(view, clause, hidden)

    def _finding(self, view: View, clause: Clause, hidden: list[Hidden]) -> Finding:
        project, function = view.project, clause.function
        first = hidden[0]
        names = [f"`{title}`" for title in dict.fromkeys(one.title for one in hidden)]
        told = names if len(names) <= MOST_NAMES else [*names[:MOST_NAMES], f"{len(names) - MOST_NAMES} more"]
        way = first.way
        last = step(project, way.frame.entity, way.site.at, "raise", f"raise {first.title}")
        return self.finding(
            project.place(function, clause.node.header),
            f"`{clause.title}` in {speaker(view, function)} hides {enumerate_words(told)}",
            help="let what has a response of its own pass: catch what you expect, or raise these first",
            element=function.qualname,
            layer=project.layer(function).layer,
            target=dotted(first.exception),
            severity=softened(project, self.severity, function),
            evidence=evidence(project, function),
            chain=(*hops(project, way.edges), last),
        )


def hidden_by(view: View, at: Place) -> list[ExceptionType]:
    """Return what the broad clause at a place hides, for those who mend it."""
    search = _Search(view)
    for clause in clauses(view, ("router",)):
        if clause.is_for_all and view.project.place(clause.function, clause.node.header) == at:
            return list(dict.fromkeys(one.exception for one in search.hidden(clause)))
    return []


class _Search:
    """Looks for what broad clauses catch that has a response of its own."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._flow = view.exceptions
        self._outcomes = view.measure(specific_answers)
        self._statuses = self._outcomes.statuses

    def is_fine(self, clause: Clause) -> bool:
        """Return whether ``clause`` may catch everything, whatever that is."""
        return (
            clause.function.is_generator
            or belongs_to_middleware(clause.function)
            or clause.reraises
            or not self._answers(clause)
            or self._serves_websocket(clause)
            or self._tells_apart(clause)
        )

    def hidden(self, clause: Clause) -> list[Hidden]:
        """Return what ``clause`` hides, one for each exception and status, by name."""
        found: dict[tuple[ExceptionType, int | None], Hidden] = {}
        answers = self._own_answers(clause)
        for frame, known in clause.runs:
            for raised in self._flow.caught(frame, known):
                is_http = self._flow.types.is_http(raised)
                if not is_http and self._outcomes.mapping(raised) is None:
                    continue
                for way in self._flow.ways(frame, raised, known.guard):
                    if _is_builtin(raised) and (not way.edges or any(map(_is_class, answers))):
                        continue
                    status = self._status(raised, way.frame, way.site) if is_http else None
                    is_error = status is not None and status >= INTERNAL_SERVER_ERROR
                    if not is_error and status not in answers and raised not in answers:
                        found.setdefault((raised, status), Hidden(raised, status, way))
        return sorted(found.values(), key=lambda one: (dotted(one.exception), one.status or 0))

    def _status(self, raised: ExceptionType, frame: Frame, site: RaiseSite) -> int | None:
        return self._statuses.carried(self._statuses.thrown(raised, frame, site))

    def _answers(self, clause: Clause) -> bool:
        """Return whether ``clause`` decides what the client gets: one that goes on without does not."""
        wanted = (r.Raise, r.Return) if clause.function in self._view.project.handlers else (r.Raise,)
        return any(isinstance(node, wanted) for node in inside(*clause.node.body))

    def _own_answers(self, clause: Clause) -> set[ExceptionType | int]:
        """Return what ``clause`` raises instead: statuses of HTTP exceptions, the classes of others."""
        raises = {node.at for node in inside(*clause.node.body) if isinstance(node, r.Raise)}
        found: set[ExceptionType | int] = set()
        for frame, _ in clause.runs:
            for site in frame.raises.values():
                if site.at in raises:
                    for raised in self._flow.raised(frame, site):
                        is_http = self._flow.types.is_http(raised)
                        status = self._status(raised, frame, site) if is_http else None
                        found.add(raised if status is None else status)
        return found

    def _serves_websocket(self, clause: Clause) -> bool:
        return any(
            isinstance(value, Instance) and value.class_name.endswith(".WebSocket")
            for frame, _ in clause.runs
            for values in parameters(self._view.project, frame).values()
            for value in values
        )

    def _tells_apart(self, clause: Clause) -> bool:
        """Return whether the body looks at the class of the exception, itself or in what it hands it to."""
        name = clause.node.name
        if name is None:
            return False
        for node in inside(*clause.node.body):
            if _asks(node, name):
                return True
            if isinstance(node, r.Call) and any(getattr(one, "id", "") == name for one in node.args):
                if any(self._helper_asks(frame, node) for frame, _ in clause.runs):
                    return True
        return False

    def _helper_asks(self, frame: Frame, call: r.Call) -> bool:
        site = frame.sites.get((call.at, "call"))
        targets = [target.entity for target, _ in site.edges] if site is not None else []
        if site is None or not (targets or site.externals or site.classes):
            return True
        return any(
            isinstance(target, Function) and any(_asks(node, one.name) for node in target.nodes)
            for target in targets
            if isinstance(target, Function)
            for one in target.params
        )


def _is_builtin(raised: ExceptionType) -> bool:
    """Return whether ``raised`` has no meaning of its own: it may be raised for the clause to catch."""
    return isinstance(raised, str) and raised.startswith("builtins.")


def _is_class(answer: ExceptionType | int) -> bool:
    return isinstance(answer, Class)


def _asks(node: r.Node, name: str) -> bool:
    """Return whether ``node`` asks what kind of thing the variable ``name`` holds."""
    match node:
        case r.Call(func=r.Name(id=function), args=(r.Name(id=asked), *_)):
            return function in _TELLING and asked == name
        case r.Match(subject=r.Name(id=asked)):
            return asked == name
        case r.Attribute(value=r.Name(id=asked), name="status_code" | "__class__"):
            return asked == name
    return False
