"""Look-ups by the class of a message: each caller reaches what handles its own, and nothing else's."""

from __future__ import annotations

from textwrap import dedent

import pytest

from layercheck.facts.extract import extract
from layercheck.inference.engine import Inference
from layercheck.inference.frames import Frame
from layercheck.program.build import build_program
from layercheck.sources import Role, Source

MESSAGES = '''
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import punq

class Message: ...
class Open(Message): ...
class Close(Message): ...
class Shut(Close): ...

M = TypeVar("M", bound=Message)
R = TypeVar("R")

class Handler(ABC, Generic[M, R]):
    @abstractmethod
    def handle(self, message: M) -> R: ...

class OpenHandler(Handler[Open, None]):
    def handle(self, message: Open) -> None: ...

class CloseHandler(Handler[Close, None]):
    def handle(self, message: Close) -> None: ...
'''

CALLERS = '''
def opens():
    bus.send(Open())

def closes():
    bus.send(Close())

def either(message: Message):
    bus.send(message)
'''

HANDLED = {
    "opens": ["OpenHandler.handle"],
    "closes": ["CloseHandler.handle"],
    "either": ["CloseHandler.handle", "OpenHandler.handle"],
}
"""What the callers reach where the look-up is told apart."""


def reached(code: str) -> dict[str, list[str]]:
    """Return the methods called ``handle`` that the functions of `CALLERS` reach."""
    source = Source("app.py", "app", "", False, Role.CODE)
    inference = Inference(build_program([(source, extract(MESSAGES + dedent(code) + CALLERS))]))
    inference.run()
    found = {}
    for caller in HANDLED:
        pending = [frame for frame in inference.frames if frame.qualname == f"app.{caller}"]
        seen: dict[Frame, None] = {}
        while pending:
            frame = pending.pop()
            if frame not in seen:
                seen[frame] = None
                pending += [target for site in frame.sites.values() for target, _ in site.edges]
        names = {frame.qualname.removeprefix("app.") for frame in seen}
        found[caller] = sorted(name for name in names if "andle" in name and name != "Handler.handle")
    return found


@pytest.mark.parametrize(
    "bus",
    [
        pytest.param("""
            class Bus:
                def __init__(self):
                    self.handlers = {}
                def register(self, kind, handler):
                    self.handlers[kind] = handler
                def send(self, message):
                    self.handlers[type(message)].handle(message)
            bus = Bus()
            bus.register(Open, OpenHandler())
            bus.register(Close, CloseHandler())
        """, id="registered one by one, nothing annotated"),
        pytest.param("""
            class Bus:
                def __init__(self, handlers: dict[type[Message], Handler[Any, Any]]) -> None:
                    self.handlers = handlers
                def send(self, message: Message) -> None:
                    handler = self.handlers.get(type(message))
                    if handler is None:
                        raise LookupError
                    handler.handle(message)
            bus = Bus({Open: OpenHandler(), Close: CloseHandler()})
        """, id="a table handed over, everything annotated"),
        pytest.param("""
            @dataclass(eq=False)
            class Bus:
                handlers: dict[M, Handler] = field(default_factory=lambda: defaultdict(list), kw_only=True)
                def register(self, kind: M, handlers: list[Handler[M, R]]):
                    self.handlers[kind].extend(handlers)
                def send(self, message: Message):
                    kind = message.__class__
                    handlers = self.handlers.get(kind)
                    return [handler.handle(message) for handler in handlers]
            bus = Bus()
            bus.register(Open, [OpenHandler()])
            bus.register(kind=Close, handlers=[CloseHandler()])
        """, id="lists in the field of a data class"),
        pytest.param("""
            class Bus:
                def __init__(self):
                    self.handlers: dict[type, list[type]] = {}
                def register(self, kind, handlers):
                    self.handlers.setdefault(kind, []).extend(handlers)
                def send(self, message):
                    for cls in self.handlers[type(message)]:
                        punq.Container().resolve(cls).handle(message)
            bus = Bus()
            bus.register(Open, [OpenHandler])
            bus.register(Close, [CloseHandler])
        """, id="classes that a container makes objects of"),
        pytest.param("""
            registered = {}
            def handles(kind):
                def keep(cls):
                    registered[kind] = cls
                    return cls
                return keep
            @handles(Open)
            class First(OpenHandler): ...
            @handles(Close)
            class Second(CloseHandler): ...
            class Bus:
                def send(self, message):
                    registered[type(message)]().handle(message)
            bus = Bus()
        """, id="registered by a decorator"),
        pytest.param("""
            TABLE = {Open: OpenHandler().handle, Close: CloseHandler().handle}
            def bound(handle):
                return lambda message: handle(message)
            class Bus:
                def __init__(self, handlers: dict[type[Message], Callable[..., None]]):
                    self.handlers = handlers
                def send(self, message):
                    if isinstance(message, Message):
                        self.dispatch(message)
                def dispatch(self, message):
                    self.handlers[type(message)](message)
            bus = Bus({kind: bound(handle) for kind, handle in TABLE.items()})
        """, id="functions bound in a comprehension, handed on before it is looked up"),
        pytest.param("""
            class Bus:
                def __init__(self):
                    self.handlers = {}
                def send(self, message):
                    handler = self.find(type(message))
                    handler.handle(message)
                def find(self, kind):
                    return self.handlers[kind]
            bus = Bus()
            bus.handlers.update({Open: OpenHandler()})
            bus.handlers = {**bus.handlers, Close: CloseHandler()}
        """, id="looked up by a method of its own, updated and spread"),
    ],
)  # fmt: skip
def test_a_message_reaches_its_own_handler(bus: str) -> None:
    assert reached(bus) == HANDLED


@pytest.mark.parametrize(
    "bus",
    [
        pytest.param("""
            class Bus:
                def __init__(self, handlers: list[Handler[Any, Any]]):
                    self.handlers = handlers
                def send(self, message):
                    for handler in self.handlers:
                        handler.handle(message)
            bus = Bus([OpenHandler(), CloseHandler()])
        """, id="no look-up"),
        pytest.param("""
            class Bus:
                def __init__(self):
                    self.handlers = {}
                def send(self, message):
                    self.handlers[type(message)].handle(message)
            bus = Bus()
            for name, handler in unknown():
                bus.handlers[name] = OpenHandler()
                bus.handlers[name] = CloseHandler()
        """, id="registered under what is not known"),
        pytest.param("""
            class Bus:
                def __init__(self):
                    self.handlers = {Open: OpenHandler(), Close: CloseHandler()}
                def send(self, message):
                    self.handlers[unknown(message)].handle(message)
            bus = Bus()
        """, id="looked up by what is not known"),
    ],
)  # fmt: skip
def test_where_the_look_up_tells_nothing_apart_all_handlers_are_reached(bus: str) -> None:
    everything = ["CloseHandler.handle", "OpenHandler.handle"]
    assert reached(bus) == dict.fromkeys(HANDLED, everything)


def test_the_name_of_the_class_tells_handlers_apart_too() -> None:
    found = reached("""
        class Bus:
            def __init__(self):
                self.handlers = {}
            def register(self, kind, handler):
                self.handlers[kind.__name__] = handler
            def send(self, message):
                self.handlers[type(message).__name__].handle(message)
        bus = Bus()
        bus.register(Open, OpenHandler())
        bus.register(Close, CloseHandler())
    """)
    assert (found["opens"], found["closes"]) == (["OpenHandler.handle"], ["CloseHandler.handle"])


def test_what_is_declared_may_be_of_a_class_below() -> None:
    found = reached("""
        class ShutHandler(CloseHandler):
            def handle(self, message: Shut) -> None: ...
        class Bus:
            def __init__(self):
                self.handlers = {Open: OpenHandler(), Shut: ShutHandler()}
            def send(self, message):
                self.handlers[type(message)].handle(message)
        bus = Bus()
    """)
    assert found == {
        "opens": ["OpenHandler.handle"],
        "closes": ["ShutHandler.handle"],
        "either": ["OpenHandler.handle", "ShutHandler.handle"],
    }


def test_a_message_nobody_handles_reaches_no_handler() -> None:
    found = reached("""
        class Bus:
            def __init__(self):
                self.handlers = {Open: OpenHandler()}
            def send(self, message):
                for handler in [self.handlers.get(type(message))]:
                    handler.handle(message)
        bus = Bus()
    """)
    assert found == {"opens": ["OpenHandler.handle"], "closes": [], "either": ["OpenHandler.handle"]}


def test_the_class_a_message_is_known_to_have_decides_which_way_is_taken() -> None:
    found = reached("""
        def when_open():
            OpenHandler().handle(Open())
        def when_closed():
            CloseHandler().handle(Close())
        class Bus:
            def send(self, message: Message):
                log(type(message).__name__)
                if isinstance(message, Open):
                    when_open()
                elif isinstance(message, Close):
                    when_closed()
        bus = Bus()
    """)
    assert found == HANDLED
