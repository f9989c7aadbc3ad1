"""Where a way through the program stands: what is written, what is committed."""

from __future__ import annotations

import enum
from collections.abc import Hashable
from typing import NamedTuple

import msgspec

from layercheck.graphs.calls import Edge
from layercheck.inference.frames import Frame
from layercheck.location import Span


class Commit(msgspec.Struct, frozen=True):
    """A commit in ``frame`` at ``at``, and the calls that lead to it."""

    chain: tuple[Edge, ...]
    frame: Frame
    at: Span
    target: str

    def below(self, edge: Edge) -> Commit:
        """Return the same commit as the caller of ``edge`` sees it."""
        return msgspec.structs.replace(self, chain=(edge, *self.chain))


class Earlier(enum.Enum):
    """A commit before the function that is looked at was called."""

    EARLIER = "earlier"


EARLIER = Earlier.EARLIER


class Split(msgspec.Struct, frozen=True):
    """Two commits on one way, each with a write before it."""

    first: Commit | Earlier
    second: Commit

    def below(self, edge: Edge, earlier: Commit | Earlier | None) -> Split:
        """Return the same as the caller of ``edge`` sees it, who knows an ``earlier`` commit."""
        return Split(_below(self.first, edge, earlier) or EARLIER, self.second.below(edge))


class State(NamedTuple):
    """Where a way stands.

    ``pending`` says that something was written and not committed, ``first`` is a commit of something
    written, in a session of the type ``session``, ``split`` two of them. ``depth`` counts the transaction
    blocks around. Once two commits are found, or something was rolled back, the way is ``is_over``:
    nothing more counts.
    """

    pending: bool = False
    first: Commit | Earlier | None = None
    session: str = ""
    split: Split | None = None
    is_over: bool = False
    depth: int = 0

    @property
    def kind(self) -> Hashable:
        """What tells states apart."""
        is_committed, is_split = self.first is not None, self.split is not None
        return self.pending, is_committed, self.session, is_split, self.is_over, self.depth

    def below(self, edge: Edge, before: State) -> State:
        """Return the same as the caller of ``edge`` sees it, for whom ``before`` held at the call."""
        split = self.split.below(edge, before.first) if self.split is not None else None
        return self._replace(first=_below(self.first, edge, before.first), split=split)

    def after(self, edge: Edge | None, before: State) -> State:
        """Return the same as what runs later sees it, where the framework went along ``edge``."""
        if edge is not None:
            return self.below(edge, before)
        split = self.split
        if split is not None and split.first is EARLIER and before.first is not None:
            split = Split(before.first, split.second)
        return self._replace(first=before.first if self.first is EARLIER else self.first, split=split)


def at_call(state: State) -> State:
    """Return ``state`` as a function sees it that is called there."""
    return state._replace(first=EARLIER if state.first is not None else None)


def _below(
    first: Commit | Earlier | None, edge: Edge, earlier: Commit | Earlier | None
) -> Commit | Earlier | None:
    return first.below(edge) if isinstance(first, Commit) else first and earlier
