"""LC105: a handler that is too large."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding
from layercheck.program.entities import Function
from layercheck.project.routes import WEBSOCKET
from layercheck.rules.measures.handlers import Handler, group, handlers
from layercheck.rules.measures.size import Size, decisions, nesting
from layercheck.rules.measures.words import enumerate_words, evidence, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View


class FatRoute(Rule):
    """Handlers with more statements, decisions or nesting than a handler needs.

    ## What it does
    Counts the statements, the decisions and the deepest nesting of a handler and of the helpers only it
    uses. Docstrings, `pass` and logging are no statements. Decisions are branches, loops, `except`
    clauses, cases, conditional expressions, `and`, `or` and the conditions of comprehensions. Handlers
    of websockets, and generators that feed a stream, are left alone.

    ## Why is this bad
    What makes a handler large is seldom HTTP. The rule is off by default, because size alone is a weak
    sign: LC101 and LC103 tell what is wrong with most large handlers.

    ## Example
    ```python
    # app/api/quotes.py
    from fastapi import APIRouter

    router = APIRouter()

    @router.post("/quote")
    def quote(age: int, region: str, smoker: bool, children: int) -> float:
        price = 100.0
        if age < 25:
            price *= 1.4
        elif age > 70:
            price *= 1.2
        if region == "coast" or region == "island":
            price += 40
        if smoker and age > 30:
            price *= 1.5
        if children > 2:
            price -= 10
        return price
    ```

    ## Use instead
    ```python
    # app/services/pricing.py
    class Pricing:
        def price(self, age: int, region: str) -> float: ...

    # app/api/quotes.py
    from typing import Annotated

    from fastapi import APIRouter, Depends

    from app.services.pricing import Pricing

    router = APIRouter()

    @router.post("/quote")
    def quote(age: int, region: str, pricing: Annotated[Pricing, Depends()]) -> float:
        return pricing.price(age, region)
    ```

    ## Options
    * `rules.LC105.max-statements`: 25 by default.
    * `rules.LC105.max-branches`: how many decisions there may be, 6 by default.
    * `rules.LC105.max-nesting`: 3 by default.

    ## Known limits
    What a handler hands to helpers that others use, too, is not counted.
    """

    code = "LC105"
    name = "fat-route"
    severity = None

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each handler over a limit."""
        size = view.measure(Size)
        for handler in handlers(view):
            if all(route.method == WEBSOCKET for route in handler.routes):
                continue
            excess = tuple(self._excess(view, size, handler))
            if excess:
                yield self._report(view, handler, excess)

    def _excess(self, view: View, size: Size, handler: Handler) -> Iterator[tuple[str, str]]:
        """Yield what is too much, by name and in words."""
        frames = {
            frame.entity: frame
            for frame in group(view, handler)
            if isinstance(frame.entity, Function) and not frame.entity.is_generator
        }
        bodies = [(frame, function.body) for function, frame in frames.items()]
        measured = (
            ("statements", 25, sum(size.statements(frame, body) for frame, body in bodies)),
            ("branches", 6, sum(decisions(body) for _, body in bodies)),
            ("nesting", 3, max((nesting(body) for _, body in bodies), default=0)),
        )
        for what, default, number in measured:
            limit = view.config.option(self.code, f"max-{what}", default)
            if number > limit:
                yield what, f"{what} {number} > {limit}"

    def _report(self, view: View, handler: Handler, excess: tuple[tuple[str, str], ...]) -> Finding:
        project, function = view.project, handler.function
        at = getattr(function.node, "header", function.at)
        told = enumerate_words(words for _, words in excess)
        return self.finding(
            project.place(function, at),
            f"{handler.title} is too large: {told}",
            help="move what is not about HTTP to a service",
            element=function.qualname,
            layer="router",
            target=", ".join(what for what, _ in excess),
            evidence=evidence(project, function),
            chain=(step(project, function, at, "size", f"{function.name} has {told}"),),
        )
