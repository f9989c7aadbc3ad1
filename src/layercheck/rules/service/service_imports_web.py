"""LC201: services that know the web framework."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding, Severity
from layercheck.rules.measures.web import ALLOWED_NAMES, WebImport, web_imports
from layercheck.rules.measures.words import evidence, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View


class ServiceImportsWeb(Rule):
    """A service uses names of FastAPI or Starlette.

    ## What it does
    Finds imports of web packages that code of a service uses, also in annotations alone: a service
    whose signature says `Request` knows HTTP. Imports under `TYPE_CHECKING` do not count. `Depends`
    is left to LC205, a raised `HTTPException` with its `status` to LC202. Where all that is imported
    is `UploadFile` or `BackgroundTasks`, and only annotations name it, the finding is a warning.

    ## Why is this bad
    Logic that wants a request cannot be called from a command line, a worker or a test without HTTP.

    ## Example
    ```python
    # app/services/audit.py
    from fastapi import Request


    class AuditService:
        def log(self, request: Request, what: str) -> str:
            return f"{request.client} {what}"
    ```

    ## Use instead
    ```python
    # app/services/audit.py
    class AuditService:
        def log(self, ip: str, what: str) -> str:
            return f"{ip} {what}"
    ```

    ## Options
    - `types.web`: the web packages, `fastapi` and `starlette` besides what is listed.
    - `rules.LC201.allowed-web-names`: names a service may use, by default `run_in_threadpool`,
      `iterate_in_threadpool` and `jsonable_encoder`.

    ## Known limits
    An object of the web framework that is handed on without being named is not seen.
    """

    code = "LC201"
    name = "service-imports-web"
    severity = Severity.ERROR

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per import statement."""
        allowed = view.config.option(self.code, "allowed-web-names", ALLOWED_NAMES)
        for found in web_imports(view, ("service",), allowed):
            yield self._finding(view, found)

    def _finding(self, view: View, found: WebImport) -> Finding:
        project = view.project
        severity = Severity.WARNING if found.only_passed_on else self.severity
        help = "hand the service the plain values it needs, read from the request in the router"
        return self.finding(
            project.place(found.module, found.at),
            f"service `{spoken(found.element)}` {found.says}",
            help=help if found.is_used else "remove the import",
            element=found.element.qualname,
            layer=project.layer(found.element).layer,
            target=", ".join(found.names),
            severity=softened(project, severity, found.element),
            evidence=evidence(project, found.element),
            chain=tuple(
                step(project, found.element, found.at, "import", f"{found.module.name} -> {name}")
                for name in found.names
            ),
        )
