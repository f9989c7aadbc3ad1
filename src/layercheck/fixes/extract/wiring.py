"""How a service is put together for a request: its collaborators, and the provider that builds it."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from layercheck.fixes.code import Refused
from layercheck.fixes.extract.collaborators import Collaborator
from layercheck.fixes.extract.mapping import Dependency
from layercheck.fixes.extract.names import Origin, Origins, reads
from layercheck.fixes.extract.pages import Pages
from layercheck.fixes.extract.places import Home, Places
from layercheck.fixes.extract.repositories import Repository
from layercheck.fixes.extract.services import Provider, Service, alias_of, has_aliases
from layercheck.fixes.extract.target import Target
from layercheck.fixes.extract.text import STEP, signature, spliced
from layercheck.fixes.extract.transactions import Owner, is_on_time
from layercheck.fixes.extract.unit_of_work import unit_of_work
from layercheck.fixes.extract.wording import snake


class Wiring:
    """Plans what a service is made of, and writes its provider."""

    def __init__(
        self,
        target: Target,
        places: Places,
        pages: Pages,
        service: Service,
        provider: Provider | None,
        repositories: Sequence[Repository],
        owner: Owner,
        commits: bool,
        rolls_back: bool,
        width: int,
    ) -> None:
        self._width = width
        self._target = target
        self._places = places
        self._pages = pages
        self._service = service
        self._provider = provider
        self._owner = owner
        self.collaborators = [self._of_repository(one) for one in repositories]
        if commits and owner is Owner.UNIT:
            self.collaborators.append(unit_of_work(self._target, self._places, self._pages, rolls_back))
        if commits and owner is Owner.SERVICE:
            module, _, name = target.session_type.rpartition(".")
            self.collaborators.append(Collaborator(name, "_session", Origin(module, name, name), False))

    @property
    def missing(self) -> list[Collaborator]:
        """The collaborators the service does not have yet."""
        return [one for one in self.collaborators if one.name not in self._service.attributes]

    def _of_repository(self, repository: Repository) -> Collaborator:
        attribute = self._service.holder(repository)
        home = self._places.of_layer("repository", repository.entity)
        module = repository.existing.module.name if repository.existing is not None else home.name
        return Collaborator(repository.name, attribute, Origin(module, repository.name, repository.name))

    # The provider -------------------------------------------------------------------------------

    def write(self) -> Dependency:
        """Write the provider, or extend the one there is; return how the handler takes the service."""
        if self._provider is not None:
            return self._extended(self._provider)
        return self._written()

    def _extended(self, provider: Provider) -> Dependency:
        code = provider.code
        module = provider.function.module
        home = Home(module.path, module.name, module)
        missing = self.missing
        if missing:
            if not provider.session:
                raise Refused(
                    f"{code.path}: {provider.function.name} takes no session, so it cannot make"
                    f" {', '.join(one.name for one in missing)}"
                )
            named = any(arg.keyword is not None for arg in provider.call.args)
            made = [
                f"{one.parameter}={one.made(provider.session)}" if named else one.made(provider.session)
                for one in missing
            ]
            end = code.span(provider.call)[1] - 1
            lead = ", " if provider.call.args else ""
            self._pages.edit(
                home, [code.insert(end, lead + ", ".join(made))], [one.origin for one in missing]
            )
        name = provider.function.name
        alias = alias_of(code, name)
        if alias is not None:
            return Dependency(
                self._service.name,
                f"{snake(self._service.name)}",
                "alias",
                alias,
                (Origin(module.name, alias, alias),),
            )
        scope = self._scope()
        return self._taken(name, Origin(module.name, name, name), scope)

    def _scope(self) -> str:
        if self._owner is not Owner.PROVIDER:
            return ""
        return is_on_time(self._target.view, self._target.function) or ""

    def _taken(self, provider: str, origin: Origin, scope: str) -> Dependency:
        """Return how a handler takes the service where nothing has a name for it: as it took the session."""
        existing = self._service.existing
        home = self._places.of_layer("service", self._places.entity)
        module = existing.module.name if existing is not None else home.name
        service = Origin(module, self._service.name, self._service.name)
        depends = Origin("fastapi", "Depends", "Depends")
        param = self._target.params[self._target.session]
        wanted = snake(self._service.name)
        written = f"Depends({provider}{scope})"
        if param.default is not None:
            return Dependency(self._service.name, wanted, "default", written, (service, depends, origin))
        text = f"Annotated[{self._service.name}, {written}]"
        needs = (service, depends, origin, Origin("typing", "Annotated", "Annotated"))
        return Dependency(self._service.name, wanted, "annotated", text, needs)

    def _written(self) -> Dependency:
        target, service = self._target, self._service.name
        home = self._home()
        name = f"get_{snake(service)}"
        session, needs = self._session_parameter(home)
        made = ", ".join(one.made(target.session) for one in self.collaborators)
        documented = target.node.get_docstring() is not None
        is_async = target.session_type.rpartition(".")[2].startswith("Async")
        built = f"{service}({made})"
        doc = (
            f'    """Build the {snake(service).replace("_", " ")} of one request."""\n' if documented else ""
        )
        origins = [*needs, *(one.origin for one in self.collaborators), self._service_origin()]
        if self._owner is Owner.PROVIDER:
            kind = "AsyncIterator" if is_async else "Iterator"
            origins.append(Origin("collections.abc", kind, kind))
            if documented:
                doc = (
                    f'    """Build the {snake(service).replace("_", " ")} of one request,'
                    ' and keep what it did when the request succeeds."""\n'
                )
            head = "async def" if is_async else "def"
            waits = "await " if is_async else ""
            text = (
                f"{head} {name}({session}) -> {kind}[{service}]:\n{doc}"
                f"    yield {built}\n    {waits}{target.session}.commit()"
            )
        else:
            lines = signature(
                f"return {service}",
                [one.made(target.session) for one in self.collaborators],
                "",
                STEP,
                self._width,
            )
            text = "\n".join(
                [f"def {name}({session}) -> {service}:", *([doc.rstrip()] if doc else []), *lines]
            )
        scope = self._scope()
        alias = self._alias_name(home)
        if alias:
            depends = f"Depends({name}{scope})"
            text += f"\n\n\n{alias} = Annotated[{service}, {depends}]"
            origins += [Origin("typing", "Annotated", "Annotated"), Origin("fastapi", "Depends", "Depends")]
        self._pages.package(self._places.packages(home.path))
        self._pages.add(home, text, origins, "How the layers are wired." if documented else "")
        if alias:
            return Dependency(service, snake(service), "alias", alias, (Origin(home.name, alias, alias),))
        return self._taken(name, Origin(home.name, name, name), scope)

    def _home(self) -> Home:
        """Return the file of the provider: where the handler stands, if only that knows the session."""
        target = self._target
        param = target.params[target.session]
        for node in (param.annotation, param.default):
            for name in reads(node) if node is not None else ():
                if target.origins.defines(name) and self._expanded(name) is None:
                    return self._places.here()
        return self._places.of_providers()

    def _expanded(self, name: str) -> cst.BaseExpression | None:
        """Return what an alias of the handler's file stands for."""
        for statement in self._target.code.module.body:
            if isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[0], cst.Assign):
                assign = statement.body[0]
                target = assign.targets[0].target
                if (
                    isinstance(target, cst.Name)
                    and target.value == name
                    and isinstance(assign.value, cst.Subscript)
                ):
                    if all(not self._target.origins.defines(one) for one in reads(assign.value)):
                        return assign.value
        return None

    def _session_parameter(self, home: Home) -> tuple[str, list[Origin]]:
        """Return the parameter that takes the session, as the handler does, and what it needs."""
        target, code = self._target, self._target.code
        param = target.params[target.session]
        here = home.path == target.code.path
        needs: list[Origin] = []
        parts = [target.session]
        for sign, node in (
            (": ", param.annotation.annotation if param.annotation else None),
            (" = ", param.default),
        ):
            if node is None:
                continue
            if not here and isinstance(node, cst.Name) and target.origins.defines(node.value):
                node = self._expanded(node.value) or node
            own = {name for name in reads(node) if _is_module(target.origins, name, home)}
            edits = [
                code.replace(one, one.attr.value)
                for one in code.nodes(cst.Attribute)
                if isinstance(one.value, cst.Name) and one.value.value in own
            ]
            parts.append(f"{sign}{' '.join(spliced(code, *code.span(node), edits).split())}")
            for name in reads(node):
                origin = target.origins.of(name)
                if origin is not None and name not in own:
                    needs.append(origin)
        return "".join(parts), needs

    def _service_origin(self) -> Origin:
        home = self._places.of_layer("service", self._places.entity)
        return Origin(home.name, self._service.name, self._service.name)

    def _alias_name(self, home: Home) -> str:
        """Return the name for ``Annotated[Service, ...]``, empty where the project gives none."""
        target = self._target
        param = target.params[target.session]
        if param.default is not None:
            return ""
        is_alias = param.annotation is not None and isinstance(param.annotation.annotation, cst.Name)
        known = home.module is not None and has_aliases(target.context.code(home.path))
        return f"{self._service.name}Dep" if is_alias or known else ""


def _is_module(origins: Origins, name: str, home: Home) -> bool:
    """Return whether ``name`` is the module at ``home``, which needs no import of itself."""
    origin = origins.of(name) if origins.knows(name) else None
    if origin is None:
        return False
    return f"{origin.module}.{origin.name}".rstrip(".") == home.name
