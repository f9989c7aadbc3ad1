"""The text of repositories and services, new ones and methods for those that exist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from layercheck.fixes.extract.collaborators import constructor_edits
from layercheck.fixes.extract.helpers import Helper
from layercheck.fixes.extract.names import Origin
from layercheck.fixes.extract.pages import Pages
from layercheck.fixes.extract.places import Home, Places
from layercheck.fixes.extract.repositories import SESSION, Method, Repository, class_node, subject
from layercheck.fixes.extract.services import Service
from layercheck.fixes.extract.target import Target
from layercheck.fixes.extract.text import STEP, signature
from layercheck.fixes.extract.wiring import Wiring
from layercheck.fixes.extract.wording import plural
from layercheck.fixes.fix import Context
from layercheck.program.entities import Class

if TYPE_CHECKING:
    from layercheck.fixes.extract.service_methods import ServiceMethod


def repository_text(
    context: Context,
    repository: Repository,
    places: Places,
    pages: Pages,
    session_type: str,
    documented: bool,
    width: int,
) -> None:
    """Write a repository, or the methods it lacks."""
    methods = [_method(one, repository.session, documented, width) for one in repository.new]
    needs = [origin for one in repository.new for origin in one.origins]
    if repository.existing is not None:
        _append(context, repository.existing, methods, needs, pages)
        return
    home = places.of_layer("repository", repository.entity)
    module, _, name = session_type.rpartition(".")
    told = plural(subject(repository.entity))
    doc = f'{STEP}"""Stores and finds {told}; the caller owns the transaction."""\n\n' if documented else ""
    head = f"class {repository.name}:\n{doc}{STEP}def __init__(self, session: {name}) -> None:\n"
    body = f"{STEP}{STEP}self.{repository.session} = session"
    text = "\n\n".join([head + body, *methods])
    pages.package(places.packages(home.path))
    pages.add(
        home,
        text,
        [Origin(module, name, name), *needs],
        f"{told.capitalize()} in the database." if documented else "",
    )


def service_text(
    context: Context,
    service: Service,
    method: ServiceMethod,
    helpers: Sequence[Helper],
    wiring: Wiring,
    places: Places,
    pages: Pages,
    documented: bool,
    width: int,
    target: Target,
    entity: Class,
) -> None:
    """Write a service, or the method it lacks."""
    head = "async def" if method.is_async else "def"
    params = ["self", *(one.text for _, one in method.passed)]
    lines = signature(f"{head} {method.name}", params, f" -> {method.returns.text}:", STEP, width)
    doc = target.node.get_docstring()
    if doc:
        first = doc.strip().splitlines()[0].replace('"""', "'''").replace("\\", "\\\\")
        if first.endswith('"'):
            first += " "
        lines.append(f'{STEP}{STEP}"""{first}"""')
    written = [one for one in helpers if one.is_new]
    text = "\n\n".join(["\n".join([*lines, method.body]), *(one.text for one in written)])
    needs = [
        *method.needs,
        *(need for one in written for need in one.needs),
        *method.returns.needs,
        *(need for _, one in method.passed for need in one.type.needs),
    ]
    missing = wiring.missing
    needs += [one.origin for one in missing]
    if service.existing is not None:
        code = context.code(service.existing.module.path)
        node = class_node(code, service.existing)
        module = service.existing.module
        home = Home(module.path, module.name, module)
        edits = constructor_edits(service, node, code, missing)
        pages.edit(home, edits)
        _append(context, service.existing, [text], needs, pages)
        return
    home = places.of_layer("service", entity)
    told = plural(subject(entity))
    own = f'{STEP}"""What can be done with {told}."""\n\n' if documented else ""
    parts = [f"class {service.name}:\n{own}"]
    if missing:
        made = signature(
            "def __init__",
            ["self", *(f"{one.parameter}: {one.name}" for one in missing)],
            " -> None:",
            STEP,
            width,
        )
        made += [f"{STEP}{STEP}self.{one.attribute} = {one.parameter}" for one in missing]
        parts.append("\n".join(made) + "\n\n")
    pages.package(places.packages(home.path))
    pages.add(home, "".join(parts) + text, needs, f"What can be done with {told}." if documented else "")


def _method(method: Method, session: str, documented: bool, width: int) -> str:
    """Return a method of a repository, at the indent of a class body."""
    head = "async def" if method.is_async else "def"
    params = ["self", *(one.text for one in method.params)]
    lines = signature(f"{head} {method.name}", params, f" -> {method.returns.text}:", STEP, width)
    if documented:
        lines.append(f'{STEP}{STEP}"""{method.doc}"""')
    for line in method.lines:
        for one in line.split("\n"):
            lines.append(f"{STEP}{STEP}{one.replace(SESSION, f'self.{session}')}" if one.strip() else "")
    return "\n".join(lines)


def _append(
    context: Context, cls: Class, methods: Sequence[str], needs: Sequence[Origin], pages: Pages
) -> None:
    """Put methods at the end of a class."""
    if not methods:
        return
    code = context.code(cls.module.path)
    node = class_node(code, cls)
    line = code.range(node.body.body[-1]).end.line + 1
    text = "".join(f"\n{one}\n" for one in methods)
    home = Home(cls.module.path, cls.module.name, cls.module)
    pages.edit(home, [code.insert_line(line, text)], needs)
