"""Which calls get a frame of their own, and what runs at all."""

from __future__ import annotations

from textwrap import dedent

import pytest

from layercheck.facts import records as r
from layercheck.facts.extract import extract
from layercheck.inference.engine import Inference
from layercheck.inference.liveness import exposed
from layercheck.program.build import build_program
from layercheck.sources import Role, Source


def inferred(code: str) -> Inference:
    """Return the finished inference over one module ``app``."""
    source = Source("app.py", "app", "", False, Role.CODE)
    inference = Inference(build_program([(source, extract(dedent(code)))]))
    inference.run()
    return inference


def frames(inference: Inference, name: str) -> list[str]:
    """Return what tells the frames of the function ``name`` apart: the receiver and what it was given."""
    return sorted(
        " ".join([repr(frame.receiver), *(f"{name}={list(values)}" for name, values in frame.given)])
        for frame in inference.frames
        if frame.qualname == f"app.{name}" and frame.runs
    )


def called(inference: Inference, name: str) -> list[str]:
    """Return the functions that ``name`` runs in one of its frames."""
    return sorted({
        target.qualname
        for frame in inference.frames if frame.qualname == f"app.{name}"
        for site in frame.sites.values()
        for target, _ in site.edges
    })  # fmt: skip


@pytest.mark.parametrize(
    ("body", "count"),
    [
        pytest.param("log(func.__name__)", 1, id="its name"),
        pytest.param("if func:\n        log(inspect.getfile(func))", 1, id="asked for, handed to inspect"),
        pytest.param("note(2, what=func)", 1, id="handed on to who only looks"),
        pytest.param("func()", 4, id="called"),
        pytest.param("run(func)", 4, id="handed on to who calls"),
        pytest.param("unknown.submit(func)", 4, id="handed to outside code"),
        pytest.param("inspect.getmembers(1, func)", 4, id="handed to the one of inspect that calls"),
        pytest.param("return func", 4, id="given back"),
        pytest.param("held = func\n    held()", 4, id="called by another name"),
        pytest.param("return lambda: func()", 4, id="called later"),
        pytest.param("func = func.__wrapped__\n    func()", 4, id="what it wraps called"),
    ],
)
def test_a_function_that_only_looks_at_what_it_is_handed_has_one_frame(body: str, count: int) -> None:
    inference = inferred(f"""
import inspect
import unknown

def log(text): ...
def note(level, what): log(what.__qualname__)
def run(task): task()

def first(): ...
def second(): ...
def third(): ...

def tell(func=None):
    {body}

def main():
    tell(first)
    tell(second)
    tell(func=third)
""")
    assert len(frames(inference, "tell")) == count


def test_what_is_called_in_a_frame_is_what_it_was_handed() -> None:
    inference = inferred("""
        def run(task): task()
        def first(): ...
        def second(): ...
        def one(): run(first)
        def other(): run(second)
    """)
    assert frames(inference, "run") == [
        "None", "None task=[<app.first>]", "None task=[<app.second>]",
    ]  # fmt: skip


def test_an_argument_that_may_be_many_functions_makes_no_context() -> None:
    few, many = ("a, b, c", "a, b, c, d")
    code = "def a(): ...\ndef b(): ...\ndef c(): ...\ndef d(): ...\ndef run(task): task()\n"
    loop = "def main():\n    for one in [{}]:\n        run(one)\n"
    assert len(frames(inferred(code + loop.format(few)), "run")) == 2
    of_many = inferred(code + loop.format(many))
    assert frames(of_many, "run") == ["None"]
    assert called(of_many, "run") == ["app.a", "app.b", "app.c", "app.d"]


def test_a_wrapper_runs_the_method_for_its_object() -> None:
    inference = inferred("""
        from functools import wraps

        def handled(func):
            @wraps(func)
            def wrapper(*args, **kwargs):
                return func(*args, **kwargs)
            return wrapper

        class Session:
            def rows(self): ...

        class Repository:
            def __init__(self, session: Session):
                self.session = session

            @handled
            def find(self, key):
                return key.session.rows()

        def service(repository: Repository):
            return repository.find(repository)
    """)
    assert frames(inference, "Repository.find") == ["<app.Repository>"]
    assert called(inference, "Repository.find") == ["app.Session.rows"]


def test_arguments_of_several_calls_keep_their_places() -> None:
    inference = inferred("""
        class A:
            def work(self): ...
        class B:
            def work(self): ...
        class C:
            def work(self): ...

        def target(first, second=None): first.work()
        def spread(*args): target(*args)

        def main():
            spread(A(), B())
            spread(C())
    """)
    assert called(inference, "target") == ["app.A.work", "app.C.work"]


def test_a_nested_function_that_is_called_has_no_run_of_its_own() -> None:
    inference = inferred("""
        class A: ...

        def maker():
            def called(task): task()
            def free(): ...
            called(free)

        def decorator(func):
            def wrapper(self): func(self)
            return wrapper

        class Service:
            @decorator
            def work(self): ...

        def main(): Service().work()
    """)
    assert frames(inference, "maker.called") == ["None task=[<app.maker.free>]"]
    assert frames(inference, "maker.free") == ["None"]
    assert frames(inference, "decorator.wrapper") == ["<app.Service>", "None"]  # of the declared decorator


@pytest.mark.parametrize(
    ("loop", "names"),
    [
        ("for x in y:\n    z = x\n    f(z)", {"f"}),
        ("for x in y:\n    f(z)\n    z = x", {"f", "z"}),
        ("while x:\n    x = x.next", {"x", "x.next"}),
        ("for x in y:\n    if x:\n        z = 1\n    f(z)", {"f", "z"}),
        ("for x in y:\n    if x:\n        z = 1\n    else:\n        z = 2\n    f(z)", {"f"}),
        ("for x in y:\n    self.a = x\n    f(self.a)", {"self", "self.a", "f"}),
        ("for x in y:\n    z += 1", {"z"}),
        ("for x, (a, *b) in y:\n    f(a, b)", {"f"}),
        ("for x in y:\n    for a in x:\n        b = a\n    f(a, b)", {"f", "a", "b"}),
        ("for x in y:\n    with x as a:\n        b = a\n    f(a, b)", {"f"}),
        ("for x in y:\n    try:\n        a = x\n    except E as e:\n        f(a, e)", {"f", "a", "E"}),
        ("for x in y:\n    try:\n        a = x\n    finally:\n        f(a)\n    g(a)", {"f", "a", "g"}),
        ("for x in y:\n    def g(): return z", {"z"}),
        ("for x in y:\n    f([z for z in x if w])", {"f", "z", "w"}),
        ("for x in y:\n    match x:\n        case A(b=c):\n            f(c)", {"A", "f", "c"}),
        ("for x in y:\n    f(d['k'], d[0].e, d[x])", {"f", "d", "d.['k']", "d.[0]", "d.[0].e"}),
        ("for x[i] in y:\n    f(x[0])", {"x", "i", "f", "x.[0]"}),
    ],
)
def test_a_loop_reads_of_what_was_known_before(loop: str, names: set[str]) -> None:
    (statement,) = extract(loop).body
    assert isinstance(statement, (r.For, r.While))
    assert exposed(statement) == names


def test_a_loop_runs_again_for_what_its_first_round_found() -> None:
    inference = inferred("""
        class First:
            def step(self): return Second()
        class Second:
            def step(self): return Third()
        class Third:
            def step(self): return self

        def walk():
            one = First()
            while True:
                one = one.step()
    """)
    assert called(inference, "walk") == ["app.First.step", "app.Second.step", "app.Third.step"]


@pytest.mark.parametrize(
    ("member", "other", "implementations"),
    [
        pytest.param("def t(self): ...", "def t(self): pass", ["Other.t", "Translator.t"], id="a method"),
        pytest.param("def t(self): ...", "t = run", ["Translator.t", "run"], id="a function"),
        pytest.param("def t(self): ...", "@property\n    def t(self): pass",
                     ["Translator.t"], id="a property"),
        pytest.param("def t(self): ...", "@functools.cached_property\n    def t(self): pass",
                     ["Translator.t"], id="a cached property"),
        pytest.param("@property\n    def t(self): ...", "@property\n    def t(self): pass",
                     ["Other.t", "Translator.t", "Word.t"], id="both are properties"),
    ],
)  # fmt: skip
def test_a_property_is_no_method_of_a_protocol(member: str, other: str, implementations: list[str]) -> None:
    """A class that only has a property of that name does not implement the protocol."""
    inference = inferred(
        f"""
import functools
from typing import Protocol
def run(*args): pass
class Word(Protocol):
    {member}
class Translator:
    {member.replace("...", "pass")}
class Other:
    {other}
def use(word: Word):
    word.t()
"""
    )
    assert called(inference, "use") == [f"app.{name}" for name in implementations]


ROWS = """
from typing import Generic, Protocol, TypeVar
T = TypeVar("T")
class User: pass
class Item: pass
class Rows(Protocol[T]):
    def get(self) -> T: ...
class UserRows(Rows[User]{base}):
    {body}
class Table(Generic[T]):
    def get(self): pass
class UserTable(Table[User]): pass
class ItemTable(Table[Item]): pass
def use(rows: UserRows):
    rows.get()
"""


@pytest.mark.parametrize(
    ("base", "body", "method"),
    [
        pytest.param("", '"""Rows of users."""', "Table.get", id="a name of a protocol"),
        pytest.param("", "def get(self): return User()", "UserRows.get", id="a class that implements it"),
        pytest.param("", "kept: list", "Rows.get", id="a class of its own"),
        pytest.param(", Protocol", "pass", "Table.get", id="a protocol that says so"),
    ],
)
def test_a_class_may_only_give_a_protocol_a_name(base: str, body: str, method: str) -> None:
    inference = inferred(ROWS.format(base=base, body=body))
    assert called(inference, "use") == [f"app.{method}"]
