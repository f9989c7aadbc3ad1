"""Applications and routers: what was registered on which, and on what ways a request gets there."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layercheck.inference.engine import Inference
from layercheck.inference.frames import Frame, Registration
from layercheck.inference.models import library
from layercheck.inference.registration import CLASS_ROUTER
from layercheck.inference.values import (
    NOTHING,
    ClassValue,
    Const,
    External,
    Instance,
    Made,
    Value,
    Values,
)
from layercheck.location import Span
from layercheck.program.entities import Class, Module
from layercheck.project.live import live_frames
from layercheck.project.reading import Reader

Keywords = tuple[tuple[str, Values], ...]


IMPORTERS = ("importlib.import_module", "pkgutil.", "builtins.__import__")
"""What imports modules by names made at run time, or lists them."""


class Inclusion(msgspec.Struct, frozen=True):
    """A router put below another: by ``include_router`` or by ``mount``."""

    parent: Value
    child: Value
    prefix: str
    dependencies: Values


class Way(msgspec.Struct, frozen=True):
    """One way from an application to a router: the path so far and the dependencies passed.

    ``dependencies`` are the values of the ``dependencies=`` arguments on the way, outermost first.
    ``route_class`` is the class of the program the router makes its routes of, if any.
    """

    prefix: str
    dependencies: tuple[Values, ...]
    reachable: bool
    route_class: Class | None = None


class Routers:
    """The routers and applications of a program that are FastAPI's or Starlette's.

    ``registrations`` are the calls of their methods, in the order of files and lines.
    """

    def __init__(self, inference: Inference, reader: Reader) -> None:
        self._inference = inference
        self._reader = reader
        frames = live_frames(inference)
        found = [made for frame in frames for made in frame.registrations.values()]
        self._imports_by_name = any(
            name.startswith(IMPORTERS)
            for frame in frames for site in frame.sites.values() for name in site.externals
        )  # fmt: skip
        self._constructed: dict[Value, Registration] = {}
        for made in found:
            if made.method in ("", "__init__"):
                self._constructed.setdefault(made.owner, made)
        current = [made for made in _identified(found) if self._is_current(made.owner)]
        current.sort(key=lambda made: (made.frame.module.path, made.at, made.owner.serial))
        self._parents: dict[Value, list[Inclusion]] = {}
        self._scans: list[tuple[Value, str, Values]] = []
        for made in current:
            for inclusion in self._inclusions(made):
                self._parents.setdefault(inclusion.child, []).append(inclusion)
        self._include_scanned(current)
        known: dict[Value, bool] = {}
        self.registrations = [made for made in current if self._is_web(made.owner, known, frozenset())]
        self._ways: dict[Value, tuple[Way, ...]] = {}

    def _is_current(self, owner: Value) -> bool:
        """Return whether the object still exists at the end: a run with better arguments replaces it."""
        return not isinstance(owner, Made) or owner in self._constructed

    def _inclusions(self, made: Registration) -> Iterator[Inclusion]:
        reader = self._reader
        if made.method == "include_router":
            prefix, dependencies = (
                reader.named_path(made.keywords, "prefix"),
                made.keyword("dependencies"),
            )
            children = made.argument(0, "router")
            for child in children:
                if self._is_router(child):
                    yield Inclusion(made.owner, child, prefix, dependencies)
            if (
                self._imports_by_name
                and not _is_declared(made.owner)
                and all(map(_is_nameless, children))
            ):
                self._scans.append((made.owner, prefix, dependencies))
        elif made.method == "mount":
            for child in made.argument(1, "app"):
                if self._is_router(child):
                    yield Inclusion(
                        made.owner, child, reader.argument_path(made, 0, "path").rstrip("/"), NOTHING
                    )
        for mount in self.listed(made):
            if mount.name == "starlette.routing.Mount":
                for child in mount.argument(1, "app"):
                    if self._is_router(child):
                        prefix = reader.path(mount.argument(0, "path")).rstrip("/")
                        yield Inclusion(made.owner, child, prefix, NOTHING)
        if made.method == "routes.extend":
            for routes in made.args[0] if made.args else NOTHING:
                if (
                    isinstance(routes, External)
                    and routes.receiver is not None
                    and routes.name.endswith(".routes")
                ):
                    yield Inclusion(made.owner, routes.receiver, "", NOTHING)

    def listed(self, made: Registration) -> Iterator[Made]:
        """Yield the route objects a constructor or the list of routes is handed."""
        if made.method in ("", "__init__"):
            items = self._reader.items(made.keyword("routes"))
        elif made.method == "routes.extend":
            items = self._reader.items(made.argument(0, "iterable"))
        elif made.method.startswith("routes."):
            items = list(made.args[-1:])
        else:
            items = []
        for item in items:
            yield from self._reader.made(item)

    def _include_scanned(self, current: list[Registration]) -> None:
        """Let ``include_router`` of a module found at run time mean the routers nobody else includes."""
        for parent, prefix, dependencies in self._scans[:1]:
            above = {parent}
            while more := {i.parent for child in above for i in self._parents.get(child, ())} - above:
                above |= more
            constructed = (made.owner for made in current if made.method in ("", "__init__"))
            for child in filter(_is_made_by_module, constructed):
                if child not in above and child not in self._parents and not self.is_application(child):
                    self._parents[child] = [Inclusion(parent, child, prefix, dependencies)]

    def _is_router(self, value: Value) -> bool:
        return bool(self.outside_name(value)) and self._is_current(value)

    def outside_name(self, value: Value) -> str:
        """Return the outside class a router is an object of, empty for anything else."""
        match value:
            case Made(name=name) if library.keeps_identity(name):
                return name
            case Instance(cls=str() as name) if library.keeps_identity(name):
                return name
            case Instance(cls=Class() as cls):
                bases = self._inference.hierarchy.outside(cls)
                return next((name for name in bases if library.keeps_identity(name)), "")
        return ""

    def is_application(self, value: Value) -> bool:
        """Return whether ``value`` is an application, not a router."""
        return self.outside_name(value).endswith(("FastAPI", "Starlette"))

    def _is_web(self, value: Value, known: dict[Value, bool], path: frozenset[Value]) -> bool:
        """Return whether a router is of FastAPI's family by name, or put below one that is."""
        if value in known:
            return known[value]
        name = self.outside_name(value)
        if "fastapi" in name.lower() or "starlette" in name.lower():
            answer = True
        else:
            above = [i.parent for i in self._parents.get(value, ()) if i.parent not in path]
            answer = any(self._is_web(parent, known, path | {value}) for parent in above)
        known[value] = answer
        return answer

    def applications(self) -> Iterator[tuple[Module, Span]]:
        """Yield where applications are made."""
        seen = set()
        for made in self._constructed.values():
            if not self.is_application(made.owner):
                continue
            site = made.owner.site if isinstance(made.owner, (Made, Instance)) else None
            if (
                isinstance(site, tuple)
                and isinstance(site[1], Frame)
                and (site[1].module, site[0]) not in seen
            ):
                seen.add((site[1].module, site[0]))
                yield site[1].module, site[0]

    def ways(self, router: Value) -> tuple[Way, ...]:
        """Return the ways to ``router``; those from an application alone, where there are any."""
        found = self._ways.get(router)
        if found is None:
            ways = tuple(dict.fromkeys(self._find_ways(router, frozenset())))
            kind = self._route_class(router)
            ways = tuple(msgspec.structs.replace(way, route_class=kind) for way in ways)
            found = tuple(way for way in ways if way.reachable) or ways
            self._ways[router] = found
        return found

    def _route_class(self, router: Value) -> Class | None:
        made = self._constructed.get(router)
        given = made.keyword("route_class") if made is not None else NOTHING
        return next((value.cls for value in given if isinstance(value, ClassValue)), None)

    def _find_ways(self, router: Value, path: frozenset[Value]) -> Iterator[Way]:
        made = self._constructed.get(router)
        keywords: Keywords = made.keywords if made is not None else ()
        own = () if made is None else (made.keyword("dependencies"),)
        application = self.is_application(router)
        prefix = "" if application else self._reader.named_path(keywords, "prefix")
        above = [
            i for i in self._parents.get(router, ()) if i.parent not in path and i.parent is not router
        ]
        if not above:
            yield Way(prefix, own, application or self.outside_name(router) == CLASS_ROUTER)
        for inclusion in above:
            for way in self._find_ways(inclusion.parent, path | {router}):
                yield Way(
                    way.prefix + inclusion.prefix + prefix,
                    (*way.dependencies, inclusion.dependencies, *own),
                    way.reachable,
                )


def _identified(found: list[Registration]) -> list[Registration]:
    """Leave out what is registered on a router known by its annotation alone where the router is known."""
    known = {(m.frame.module, m.at) for m in found if m.method and not _is_declared(m.owner)}
    return [m for m in found if not _is_declared(m.owner) or (m.frame.module, m.at) not in known]


def _is_nameless(value: Value) -> bool:
    """Return whether ``value`` may be a router of a module imported by a name made at run time."""
    if isinstance(value, External):
        return value.name.startswith(IMPORTERS)
    return _is_declared(value) or isinstance(value, Const)


def _is_made_by_module(owner: Value) -> bool:
    """Return whether a router is made where modules are imported, be it of a class of the program."""
    site = owner.site if isinstance(owner, (Made, Instance)) else None
    return isinstance(site, tuple) and isinstance(site[1], Frame) and isinstance(site[1].entity, Module)


def _is_declared(owner: Value) -> bool:
    return isinstance(owner, Instance) and owner.site is None
