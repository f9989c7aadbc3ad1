"""Calls of dependency providers that the framework does not make."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layercheck.facts import records as r
from layercheck.inference.frames import CallSite, Frame
from layercheck.inference.signatures import MARKERS, is_marker
from layercheck.inference.models import library
from layercheck.inference.values import Instance, Values
from layercheck.location import Span, encloses
from layercheck.program.entities import Class, Function
from layercheck.rules.measures.parameters import product
from layercheck.rules.view import View

HELD = frozenset({"service", "repository"})
"""Layers whose objects are worth a provider."""


class ProviderCall(msgspec.Struct, frozen=True):
    """A call of the function ``provider`` at ``site`` that a reader would leave to ``Depends``.

    ``injected`` are the parameters of the provider that are dependencies themselves.
    """

    provider: Function
    site: CallSite
    injected: tuple[str, ...]

    @property
    def at(self) -> Span:
        """The span of the call."""
        return self.site.at


def provider_calls(view: View, frame: Frame) -> Iterator[ProviderCall]:
    """Yield the calls ``frame`` makes of providers that have resources or dependencies of their own.

    Left out are the arguments of ``Depends``, and context managers made of a provider. A provider
    that neither yields nor depends on anything, and gives no service, repository or session, may be
    called by everybody.
    """
    if frame not in view.measure(_callers):
        return
    providers = view.project.providers
    calling = [
        site
        for (_, kind), site in frame.sites.items()
        if kind == "call" and any(target.entity in providers for target, _ in site.edges)
    ]
    markers = [
        at
        for (at, kind), site in frame.sites.items()
        if kind == "call" and not MARKERS.isdisjoint(site.externals)
    ]
    for site in sorted(calling, key=lambda site: site.at):
        if _is_manager(site.result) or any(encloses(marker, site.at) for marker in markers):
            continue
        for target, how in site.edges:
            provider = target.entity
            if how == "call" and isinstance(provider, Function) and provider in providers:
                injected = tuple(d.param for d in view.project.dependencies.get(provider, ()) if d.param)
                if injected or provider.is_generator or _gives_wired(view, site.result):
                    yield ProviderCall(provider, site, injected)


def _callers(view: View) -> frozenset[Frame]:
    """Return the frames that may run a provider; a measure."""
    return frozenset(frame for provider in view.project.providers for frame in view.calls.running(provider))


def left_to_depends(view: View, call: ProviderCall, node: r.Call) -> tuple[str, ...]:
    """Return the parameters a call leaves to a default that only the framework understands."""
    if any(isinstance(argument, r.Star) for argument in node.args):
        return ()
    if any(keyword.name is None for keyword in node.keywords):
        return ()
    names = [param.name for param in call.provider.params if param.kind in ("plain", "positional")]
    if call.provider.owner is not None and names:
        names = names[1:]
    given = {*names[: len(node.args)], *(keyword.name for keyword in node.keywords)}
    heap = view.project.inference.heap
    return tuple(
        name
        for name in call.injected
        if name not in given
        and any(
            is_marker(value)
            for value in heap.read(("default", call.provider, name), None)
        )
    )


def _gives_wired(view: View, values: Values) -> bool:
    made = product(values)
    return view.project.sessions.are_among(made) or any(
        isinstance(value, Instance)
        and isinstance(value.cls, Class)
        and view.project.layer(value.cls).layer in HELD
        for value in made
    )


def _is_manager(values: Values) -> bool:
    return any(isinstance(value, Instance) and value.cls == library.MANAGER for value in values)
