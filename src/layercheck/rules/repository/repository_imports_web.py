"""LC301: repositories and entities that know the web framework."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding, Severity
from layercheck.rules.measures.web import ALLOWED_NAMES, HttpRaise, WebImport, http_raises, web_imports
from layercheck.rules.measures.words import evidence, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

LAYERS = ("repository", "entity", "database")


class RepositoryImportsWeb(Rule):
    """A repository, entity or database module uses FastAPI or Starlette.

    ## What it does
    Finds imports of web packages that code of a repository, an entity or the database layer uses, and
    every `HTTPException` raised there. The latter stands at the `raise`, and its import is not told
    again. Imports under `TYPE_CHECKING` do not count.

    ## Why is this bad
    Where data is read, "not found" is not 404: another caller may be fine with nothing.

    ## Example
    ```python
    # app/repositories/items.py
    from fastapi import HTTPException


    class ItemRepository:
        def get(self, item_id: int) -> int:
            if item_id < 0:
                raise HTTPException(404)
            return item_id
    ```

    ## Use instead
    ```python
    # app/repositories/items.py
    class ItemRepository:
        def get(self, item_id: int) -> int | None:
            return None if item_id < 0 else item_id
    ```

    ## Options
    - `types.web`: the web packages, `fastapi` and `starlette` besides what is listed.
    - `rules.LC301.allowed-web-names`: names that may be used, by default `run_in_threadpool`,
      `iterate_in_threadpool` and `jsonable_encoder`.
    - `rules.LC301.providers-in-database`: whether a provider such as `get_db` may live in the
      database module with its `Depends`; on by default.

    ## Known limits
    An object of the web framework that is handed on without being named is not seen.
    """

    code = "LC301"
    name = "repository-imports-web"
    severity = Severity.ERROR

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per import statement, and one per raising function and exception class."""
        allowed = view.config.option(self.code, "allowed-web-names", ALLOWED_NAMES)
        with_markers = not view.config.option(self.code, "providers-in-database", True)
        for imported in web_imports(view, ("repository", "entity"), allowed):
            yield self._imported(view, imported)
        for imported in web_imports(view, ("database",), allowed, with_markers):
            yield self._imported(view, imported)
        for raised in view.measure(http_raises):
            layer = view.project.layer(raised.function).layer
            if layer in LAYERS and layer not in view.config.http_exceptions_in:
                yield self._raised(view, raised)

    def _imported(self, view: View, found: WebImport) -> Finding:
        project = view.project
        layer = project.layer(found.element).layer
        severity = Severity.WARNING if found.only_passed_on else self.severity
        help = "take plain values, and leave the request and the response to the router"
        return self.finding(
            project.place(found.module, found.at),
            f"{layer} `{spoken(found.element)}` {found.says}",
            help=help if found.is_used else "remove the import",
            element=found.element.qualname,
            layer=layer,
            target=", ".join(found.names),
            severity=softened(project, severity, found.element),
            evidence=evidence(project, found.element),
            chain=tuple(
                step(project, found.element, found.at, "import", f"{found.module.name} -> {name}")
                for name in found.names
            ),
        )

    def _raised(self, view: View, found: HttpRaise) -> Finding:
        project, first = view.project, found.sites[0]
        layer = project.layer(found.function).layer
        return self.finding(
            project.place(found.function, first.at),
            f"{layer} `{spoken(found.function)}` raises {found.title}",
            help="return None or raise a domain exception, and let the router choose the status",
            element=found.function.qualname,
            layer=layer,
            target=found.title.partition("(")[0],
            severity=softened(project, self.severity, found.function),
            evidence=evidence(project, found.function),
            chain=(step(project, found.function, first.at, "raise", f"raise {found.title}"),),
            related=tuple(project.place(found.function, site.at) for site in found.sites[1:]),
        )
