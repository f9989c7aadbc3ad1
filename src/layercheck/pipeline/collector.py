"""The garbage collector, which looks for nothing while there is hardly anything to find."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_off() -> Iterator[None]:
    """Keep the garbage collector off: hardly anything an analysis makes is garbage before its end."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def set_aside() -> Iterator[None]:
    """Keep what there is now out of the collector's sight: it stays, whatever is collected beside it."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
