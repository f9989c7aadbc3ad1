"""What makes a stored result ours: the code that made it and the interpreter it ran on."""

from __future__ import annotations

from functools import cache

from layercheck.cache.own_code import OwnCode


@cache
def stamp() -> bytes:
    """Return a digest of all code that decides what comes out."""
    return OwnCode().contents()


@cache
def stamp_of_facts() -> bytes:
    """Return a digest of the code that decides what the facts of a file are: much of the rest may change."""
    return OwnCode.of_facts().contents()
