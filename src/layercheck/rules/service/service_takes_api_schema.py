"""LC206: services that speak in the schemas of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pathspec import GitIgnoreSpec

from layercheck.finding import Finding
from layercheck.location import Span
from layercheck.program.entities import Class, Function, Module
from layercheck.project.model import Confidence
from layercheck.rules.measures.signatures import classes_in, is_public, return_at
from layercheck.rules.measures.words import evidence, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View


class ServiceTakesApiSchema(Rule):
    """A service takes or returns schemas that belong to the API.

    ## What it does
    Reports public methods and functions of services whose parameters or return type are, or hold, a
    schema that is defined in a router module or below `api-schema-paths`. One finding per signature.
    A module that is a router by some of its helpers alone, weakly, is none here.

    ## Why is this bad
    The shape of the API becomes the contract of the domain: whoever calls the service from a task has
    to build a request body first. Many code bases share schemas on purpose, so the rule is off by
    default.

    ## Example
    ```python
    # app/api/users.py
    from fastapi import APIRouter
    from pydantic import BaseModel

    router = APIRouter()

    class UserBody(BaseModel):
        email: str

    @router.post("/users")
    def create(body: UserBody) -> str:
        return body.email

    # app/services/users.py
    from __future__ import annotations

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from app.api.users import UserBody

    class UserService:
        def create(self, body: UserBody) -> str:
            return body.email
    ```

    ## Use instead
    ```python
    # app/services/users.py
    class UserService:
        def create(self, email: str) -> str:
            return email
    ```

    ## Options
    * `rules.LC206.api-schema-paths`: patterns of paths whose schemas belong to the API as well.
    * `rules.LC206.strict`: true reports every schema, wherever it is defined; false by default.

    ## Known limits
    Parameters without annotation are not judged.
    """

    code = "LC206"
    name = "service-takes-api-schema"
    severity = None

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each signature with a schema of the API."""
        is_of_api = self._judge(view)
        for function in view.project.program.functions:
            if view.project.layer(function).layer != "service" or not is_public(function):
                continue
            for how, cls, at in _mentioned(view, function):
                if is_of_api(cls):
                    yield self._report(view, function, how, cls, at)
                    break

    def _judge(self, view: View) -> Callable[[Class], bool]:
        """Return what tells whether a class is a schema of the API."""
        paths: tuple[str, ...] = view.config.option(self.code, "api-schema-paths", ())
        strict = view.config.option(self.code, "strict", False)
        spec = GitIgnoreSpec.from_lines(paths)
        layer = view.project.layer

        def is_in_api(module: Module) -> bool:
            found = layer(module)
            is_router = found.layer == "router" and found.confidence is not Confidence.WEAK
            return is_router or spec.match_file(module.path)

        return lambda cls: layer(cls).layer == "schema" and (strict or is_in_api(cls.module))

    def _report(self, view: View, function: Function, how: str, cls: Class, at: Span) -> Finding:
        project = view.project
        return self.finding(
            project.place(function, at),
            f"service {spoken(function)} {how} `{cls.name}`, a schema of {cls.module.name}",
            help="let the service speak in plain values, or in classes of its own",
            element=function.qualname,
            layer="service",
            target=cls.qualname,
            severity=softened(project, self.own_severity(), function),
            evidence=evidence(project, function, cls),
            chain=(
                step(project, function, at, "signature", f"{spoken(function)} {how} {cls.name}"),
                step(project, cls, cls.node.header, "schema", f"{cls.name} is defined"),
            ),
        )


def _mentioned(view: View, function: Function) -> Iterator[tuple[str, Class, Span]]:
    """Yield the classes of the program in the signature: in words how, and where."""
    frame = view.calls.declared(function)
    if frame is None:
        return
    inference = view.project.inference
    for meaning in inference.signature(function, frame.outer, frame):
        for cls in classes_in(meaning.declared):
            if isinstance(cls, Class):
                yield "takes", cls, meaning.at
    for cls in classes_in(inference.declared_result(function, frame.outer, frame)):
        if isinstance(cls, Class):
            yield "returns", cls, return_at(function)
