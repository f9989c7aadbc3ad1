"""Which exceptions leave which function, and on which way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from layercheck.graphs.exception_types import dotted
from layercheck.graphs.exceptions import ExceptionFlow
from layercheck.location import line_of
from programs import frame, infer

CONSTRUCTS = Path(__file__).parent.parent.parent / "fixtures" / "callgraph" / "exceptions"


def all_escapes(files: dict[str, str]) -> dict[str, list[str]]:
    """Return the exceptions that leave each function, by name."""
    inference = infer(files)
    flow = ExceptionFlow(inference)
    found: dict[str, set[str]] = {}
    for one in inference.frames:
        if one.runs:
            found.setdefault(one.qualname, set()).update(dotted(raised) for raised in flow.escapes(one))
    return {name: sorted(names) for name, names in sorted(found.items())}


@pytest.mark.parametrize("construct", sorted(path.name for path in CONSTRUCTS.iterdir()))
def test_constructs(construct: str) -> None:
    folder = CONSTRUCTS / construct
    expected = json.loads((folder / "escapes.json").read_text("utf-8"))
    found = all_escapes({path.name: path.read_text("utf-8") for path in folder.glob("*.py")})
    assert {name: names for name, names in found.items() if name in expected} == expected


PRELUDE = """\
import asyncio, contextlib
from contextlib import asynccontextmanager, contextmanager
from fastapi import BackgroundTasks
from fastapi.concurrency import run_in_threadpool
from somewhere import UNKNOWN, unknown


class Base(Exception):
    pass


class Sub(Base):
    pass


class Other(Exception):
    pass


def work(key: int = 0) -> str:
    raise Sub


def fine() -> None:
    return None
"""

ESCAPES: dict[str, tuple[str, list[str]]] = {
    "a call": ("work()", ["main.Sub"]),
    "nothing": ("fine()", []),
    "a call of something unknown": ("unknown()", []),
    "an object made earlier": ("error = Other()\nraise error", ["main.Other"]),
    "a constructor": ("class Made:\n    def __init__(self): work()\nMade()", ["main.Sub"]),
    "a property": ("class Made:\n    @property\n    def x(self): work()\nMade().x", ["main.Sub"]),
    "a method of a subclass": (
        "class A:\n    def go(self): work()\nclass B(A): pass\nB().go()", ["main.Sub"],
    ),
    "a generator counts where it is called": ("def make():\n    yield work()\nmake()", ["main.Sub"]),
    "an inner function that is not called": ("def inner(): work()", []),
    "the clause of the class": ("try:\n    work()\nexcept Sub:\n    pass", []),
    "the clause of a base": ("try:\n    work()\nexcept Base:\n    pass", []),
    "the clause of another class": ("try:\n    work()\nexcept Other:\n    pass", ["main.Sub"]),
    "the clause of a subclass": ("try:\n    raise Base\nexcept Sub:\n    pass", ["main.Base"]),
    "a clause for everything": ("try:\n    work()\nexcept:\n    pass", []),
    "a clause of an outside class": ("try:\n    work()\nexcept UNKNOWN:\n    pass", ["main.Sub"]),
    "a clause of a computed class": ("try:\n    work()\nexcept unknown().error:\n    pass", []),
    "a clause of classes nothing is known of": (
        "def g(errors):\n    try:\n        work()\n    except errors:\n        pass\ng(unknown())", [],
    ),
    "a tuple held in a name": ("ALL = (Sub, Other)\ntry:\n    work()\nexcept ALL:\n    pass", []),
    "aliases of one builtin": ("try:\n    raise FileNotFoundError\nexcept IOError:\n    pass", []),
    "KeyError is a LookupError": ("try:\n    raise KeyError(1)\nexcept LookupError:\n    pass", []),
    "the first clause wins": (
        "try:\n    work()\nexcept Sub:\n    raise Other\nexcept Base:\n    pass", ["main.Other"],
    ),
    "a clause does not guard its neighbours": (
        "try:\n    work()\nexcept Sub:\n    work()\nexcept Exception:\n    pass", ["main.Sub"],
    ),
    "else is not guarded": ("try:\n    fine()\nexcept Base:\n    pass\nelse:\n    work()", ["main.Sub"]),
    "finally is not guarded": (
        "try:\n    fine()\nexcept Base:\n    pass\nfinally:\n    work()", ["main.Sub"],
    ),
    "an outer clause": (
        "try:\n    try:\n        work()\n    except Other:\n        pass\nexcept Base:\n    pass", [],
    ),
    "guarded in a loop": (
        "for i in range(3):\n    try:\n        work()\n    except Sub:\n        continue", [],
    ),
    "raised again in a loop": (
        "for i in range(3):\n    try:\n        work()\n    except Sub:\n        raise", ["main.Sub"],
    ),
    "raised again": ("try:\n    work()\nexcept Exception:\n    raise", ["main.Sub"]),
    "raised again by its name": ("try:\n    work()\nexcept Exception as e:\n    raise e", ["main.Sub"]),
    "raised again where it is one class": (
        "try:\n    work()\nexcept Exception as e:\n    if isinstance(e, Other):\n        raise", [],
    ),
    "raised again where it is not another": (
        "try:\n    work()\nexcept Exception as e:\n    if isinstance(e, Base):\n        raise", ["main.Sub"],
    ),
    "translated": ("try:\n    work()\nexcept Sub as e:\n    raise Other from e", ["main.Other"]),
    "run in a thread": ("asyncio.to_thread(work)", ["main.Sub"]),
    "run in the framework's threads": ("run_in_threadpool(work, 1)", ["main.Sub"]),
    "run in the background": ("BackgroundTasks().add_task(work)", []),
    "suppressed": ("with contextlib.suppress(Base):\n    work()", []),
    "another one suppressed": ("with contextlib.suppress(Other):\n    work()", ["main.Sub"]),
    "__exit__ returns true": (
        "class M:\n    def __enter__(self): return self\n    def __exit__(self, *a): return True\n"
        "with M():\n    work()", [],
    ),
    "__exit__ may return true": (
        "class M:\n    def __enter__(self): return self\n    def __exit__(self, *a) -> bool: return a[0]\n"
        "with M():\n    work()", [],
    ),
    "__exit__ returns nothing": (
        "class M:\n    def __enter__(self): return self\n    def __exit__(self, *a): fine()\n"
        "with M():\n    work()", ["main.Sub"],
    ),
    "__exit__ raises": (
        "class M:\n    def __enter__(self): return self\n    def __exit__(self, *a): raise Other\n"
        "with M():\n    fine()", ["main.Other"],
    ),
    "a context function that swallows": (
        "@contextmanager\ndef cm():\n    try:\n        yield\n    except Base:\n        pass\n"
        "with cm():\n    work()", [],
    ),
    "a context function that swallows another": (
        "@contextmanager\ndef cm():\n    try:\n        yield\n    except Other:\n        pass\n"
        "with cm():\n    work()", ["main.Sub"],
    ),
    "a context function that translates": (
        "@contextmanager\ndef cm():\n    try:\n        yield\n    except Base:\n        raise Other\n"
        "with cm():\n    work()", ["main.Other"],
    ),
    "a context function that raises again": (
        "@contextmanager\ndef cm():\n    try:\n        yield\n"
        "    except Base:\n        fine()\n        raise\n"
        "with cm():\n    work()", ["main.Sub"],
    ),
    "a context function that only tidies up": (
        "@contextmanager\ndef cm():\n    try:\n        yield\n    finally:\n        fine()\n"
        "with cm():\n    work()", ["main.Sub"],
    ),
    "a context function that yields in a clause": (
        "@contextmanager\ndef cm():\n    try:\n        fine()\n    except Base:\n        yield\n    yield\n"
        "with cm():\n    work()", ["main.Sub"],
    ),
    "a decorator of the program that catches": (
        "def safe(f):\n    def inner():\n        try:\n            return f()\n        except Base:\n"
        "            return None\n    return inner\n@safe\ndef risky(): work()\nrisky()", [],
    ),
    "a decorator of the program that does not": (
        "def plain(f):\n    def inner():\n        return f()\n    return inner\n"
        "@plain\ndef risky(): work()\nrisky()", ["main.Sub"],
    ),
    "a decorator from outside": ("@unknown\ndef risky(): work()\nrisky()", ["main.Sub"]),
    "recursion": ("def again(n):\n    if n:\n        again(n - 1)\n    work()\nagain(3)", ["main.Sub"]),
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), ESCAPES.values(), ids=ESCAPES)
def test_escapes(body: str, expected: list[str]) -> None:
    text = PRELUDE + "\n\ndef f():\n" + "".join(f"    {line}\n" for line in body.split("\n"))
    assert all_escapes({"main.py": text})["main.f"] == expected


def way(files: dict[str, str], start: str) -> list[str]:
    """Return the way of the one exception that leaves ``start``, a line per hop."""
    inference = infer(files)
    flow = ExceptionFlow(inference)
    first = frame(inference, start)
    (raised,) = flow.escapes(first)
    found = flow.way(first, raised)
    hops = [f"{line_of(e.site.at)} {e.source.qualname} -{e.kind}-> {e.target.qualname}" for e in found.edges]
    return [*hops, f"{line_of(found.site.at)} {found.frame.qualname} raises {dotted(raised)}"]


CHAIN = """\
class Gone(Exception):
    def __init__(self, key): self.key = key
def raises(key): raise Gone(key)
def far(key): return middle(key)
def middle(key):
    try:
        return raises(key)
    except Gone:
        raise
def near(key):
    far(key)
    middle(key)
"""


def test_the_way_is_shortest_and_leads_to_the_raise() -> None:
    assert way({"main.py": CHAIN}, "main.near") == [
        "12 main.near -call-> main.middle",
        "7 main.middle -call-> main.raises",
        "3 main.raises raises main.Gone",
    ]


def test_the_way_of_what_a_function_raises_itself() -> None:
    assert way({"main.py": CHAIN}, "main.raises") == ["3 main.raises raises main.Gone"]


def test_the_way_up_leads_from_the_nearest_function_that_is_looked_for() -> None:
    inference = infer({"main.py": CHAIN})
    flow = ExceptionFlow(inference)
    raising = frame(inference, "main.raises")
    (gone,) = flow.escapes(raising)

    def hops(*wanted: str) -> list[str]:
        edges = flow.way_up(raising, gone, lambda one: one.qualname in wanted)
        return [f"{edge.source.qualname} -> {edge.target.qualname}" for edge in edges]

    assert hops("main.near", "main.middle") == ["main.middle -> main.raises"]
    assert hops("main.near") == ["main.near -> main.middle", "main.middle -> main.raises"]
    assert hops("main.Gone.__init__") == []


def test_what_reaches_a_try_and_what_its_clauses_catch() -> None:
    inference = infer({"main.py": CHAIN})
    flow = ExceptionFlow(inference)
    middle = frame(inference, "main.middle")
    (guard,) = middle.guards
    assert [dotted(raised) for raised in flow.raised_inside(middle, guard)] == ["main.Gone"]
    assert [dotted(raised) for raised in flow.caught(middle, guard.clauses[0])] == ["main.Gone"]
