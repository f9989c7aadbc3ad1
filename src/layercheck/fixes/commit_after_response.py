"""LC408: have the dependency unwound before the response is sent."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from layercheck.finding import Finding
from layercheck.fixes.code import Code, Refused
from layercheck.fixes.fix import Change, Context, Fix
from layercheck.fixes.meanings import meaning_of_text
from layercheck.fixes.providers import is_marker
from layercheck.inference.values import Instance
from layercheck.program.entities import Function
from layercheck.rules.measures.fastapi_versions import fastapi_versions
from layercheck.rules.measures.parameters import product

_SCOPES = (0, 121)
"""The first version of FastAPI whose dependencies have a ``scope``, see its release notes."""

_SENT_LATER = ("StreamingResponse", "EventSourceResponse", "FileResponse")


class UnwindFirst(Fix):
    """Adds ``scope="function"`` wherever the provider is injected.

    Refused where the version of FastAPI may not know it, and where something still needs what the
    provider gives once the handler has returned.
    """

    code = "LC408"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the markers of the provider with a scope."""
        provider = context.element(finding.element)
        if not isinstance(provider, Function):
            raise Refused("several functions have the same name")
        versions = fastapi_versions(context.view, provider)
        if versions is None or not versions.all_are(lambda release: release >= _SCOPES):
            raise Refused("`scope` needs FastAPI 0.121 or later, and no file says that it runs with that")
        _check(context, provider)
        edits = []
        for code, call in _marks(context, provider):
            if any(arg.keyword is not None and arg.keyword.value == "scope" for arg in call.args):
                raise Refused(f"{code.path} gives it a scope")
            end = code.span(call.args[-1].value)[1]
            edits.append(code.insert(end, ', scope="function"'))
        if not edits:
            raise Refused("it is not written down where it is injected")
        return Change('added scope="function"', tuple(edits))


def _check(context: Context, provider: Function) -> None:
    """Raise `Refused` where the provider has to last longer than the handler runs."""
    project = context.view.project
    for other, own in project.dependencies.items():
        if other.is_generator and other is not provider and any(one.provider is provider for one in own):
            if other not in project.handlers:
                raise Refused(f"{other.name} yields, too, and may not depend on what ends before it")
    for route in project.routes:
        frames = [one.provider for one in route.dependencies]
        if provider in frames:
            made = product(project.inference.heap.read(("return", route.entry), None))
            kinds = [value.class_name for value in made if isinstance(value, Instance)]
            if route.handler.is_generator or any(kind.endswith(_SENT_LATER) for kind in kinds):
                raise Refused(f"{route.handler.name} may still read it while its response is sent")


def _marks(context: Context, provider: Function) -> Iterator[tuple[Code, cst.Call]]:
    """Yield the markers that name the provider, with their files."""
    for module in context.view.project.program.modules:
        if provider.name not in context.data(module.path).decode("utf-8", "replace"):
            continue
        code = context.code(module.path)
        for call in code.nodes(cst.Call):
            if call.args and is_marker(context, code, module, call):
                if any(
                    meaning_of_text(context, module, code.source(arg.value)) is provider for arg in call.args
                ):
                    yield code, call
