"""LC202: services, and what they call, that raise HTTP exceptions."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding, Severity
from layercheck.graphs.calls import Edge
from layercheck.inference.frames import Frame
from layercheck.program.entities import Entity, Function
from layercheck.project.model import Confidence
from layercheck.rules.measures.web import HttpRaise, http_raises
from layercheck.rules.measures.words import evidence, hops, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

GUILTY = frozenset({"service", "task"})
REPORTED_AS_REPOSITORY = frozenset({"repository", "entity", "database"})


class ServiceRaisesHttpException(Rule):
    """A service, or code it calls, raises an `HTTPException`.

    ## What it does
    Follows exceptions: finds an `HTTPException`, one of its subclasses or a prebuilt instance that is
    raised in a service or a task, or in a helper one of them calls, and leaves the function that
    raises it. The chain leads from the service to the `raise`. What a repository raises is LC301.

    ## Why is this bad
    A business outcome is told in terms of transport: a worker or a command line gets an exception
    nobody there maps, and a test has to know status codes.

    ## Example
    ```python
    # app/services/users.py
    from fastapi import HTTPException


    class UserService:
        def rename(self, name: str) -> str:
            if not name.strip():
                raise HTTPException(422, "name must not be blank")
            return name
    ```

    ## Use instead
    ```python
    # app/exceptions.py
    class BlankName(Exception):
        pass
    # app/services/users.py
    from app.exceptions import BlankName


    class UserService:
        def rename(self, name: str) -> str:
            if not name.strip():
                raise BlankName
            return name
    ```

    ## Options
    - `http-exceptions-in`: the layers that may raise `HTTPException`, by default `router`,
      `dependency` and `app`.

    ## Known limits
    A helper counts where a call of it from a service could be resolved. What a router hands to a service to
    be called back is the router's own.
    """

    code = "LC202"
    name = "service-raises-http-exception"
    severity = Severity.ERROR
    fix = "unsafe"

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per raising function and exception class."""
        exempt = {*view.config.http_exceptions_in, *REPORTED_AS_REPOSITORY}
        guilty = GUILTY - exempt
        for found in view.measure(http_raises):
            layer = view.project.layer(found.function).layer
            if layer in exempt and not _is_guess(view, found.function):
                continue
            if layer in guilty:
                yield self._finding(view, found, found.function, ())
                continue

            def is_guilty(frame: Frame) -> bool:
                return view.project.layer(frame.entity).layer in guilty

            def is_exempt(frame: Frame) -> bool:
                entity = frame.entity
                own = isinstance(entity, Function) and not _is_guess(view, entity)
                return own and view.project.layer(entity).layer in exempt

            edges = view.exceptions.way_up(found.frame, found.escaping, is_guilty, is_exempt)
            if edges:
                yield self._finding(view, found, edges[0].source.entity, edges)

    def _finding(self, view: View, found: HttpRaise, user: Entity, edges: tuple[Edge, ...]) -> Finding:
        project, first = view.project, found.sites[0]
        layer = project.layer(user).layer
        raises = f"`{spoken(found.function)}` raises {found.title}"
        return self.finding(
            project.place(found.function, first.at),
            f"{raises} below {layer} `{spoken(user)}`" if edges else f"{layer} {raises}",
            help="raise a domain exception, and map it to a status in the router or a registered handler",
            element=found.function.qualname,
            layer=project.layer(found.function).layer,
            target=found.title.partition("(")[0],
            severity=softened(project, self.severity, user),
            evidence=evidence(project, user, found.function) if edges else evidence(project, user),
            chain=(
                *hops(project, edges),
                step(project, found.function, first.at, "raise", f"raise {found.title}"),
            ),
            related=tuple(project.place(found.function, site.at) for site in found.sites[1:]),
        )


def _is_guess(view: View, function: Function) -> bool:
    """Return whether ``function`` counts as part of the routers for nothing but what it raises."""
    assigned = view.project.layer(function)
    return assigned.confidence is Confidence.WEAK and assigned.layer not in REPORTED_AS_REPOSITORY
