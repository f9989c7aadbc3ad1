"""Code bases of any size, to see how the work of the interpreter grows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

Files = dict[str, str]
Shape = Callable[[int], Files]

BASE = """\
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

Model = TypeVar("Model")


class BaseRepository(Generic[Model]):
    model: type[Model]

    def __init__(self, session: Session) -> None:
        self.session = session

    def get(self, key: int) -> Model:
        return self._one(self.session.get(self.model, key))

    def add(self, **values: object) -> Model:
        made = self.model(**values)
        self.session.add(made)
        return self._one(made)

    def _one(self, found):
        self.after(found)
        return found

    def after(self, found) -> None:
        pass


class BaseService:
    def __init__(self, repository, notify) -> None:
        self.repository = repository
        self.notify = notify

    def check(self, key: int):
        found = self.repository.get(key)
        self.notify(found)
        return found
"""

DECORATORS = """\
import functools


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def retried(times: int):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            for _ in range(times):
                return function(*args, **kwargs)

        return wrapper

    return decorate


def send(message) -> None:
    print(message)
"""

FEATURE = """\
from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy.orm import Session

from shop.base import BaseRepository, BaseService
from shop.container import get_session
from shop.decorators import logged, retried, send


class Item{n}:
    def __init__(self, name: str) -> None:
        self.name = name

    def label(self) -> str:
        return self.name.title()


class ItemOut{n}(BaseModel):
    name: str

    @classmethod
    def of(cls, item: Item{n}) -> "ItemOut{n}":
        return cls(name=item.label())


class ItemRepository{n}(BaseRepository[Item{n}]):
    model = Item{n}

    def after(self, found) -> None:
        found.label()

    def named(self, name: str) -> list[Item{n}]:
        return list(self.session.scalars(name))


class ItemService{n}(BaseService):
    @logged
    def show(self, key: int):
        return self.check(key)

    @retried(3)
    def search(self, name: str) -> list[Item{n}]:
        return [item for item in self.repository.named(name) if item.label()]

    def make(self, name: str) -> Item{n}:
        return self.repository.add(name=name)


def get_repository(session: Session = Depends(get_session)) -> ItemRepository{n}:
    return ItemRepository{n}(session)


def get_service(repository: ItemRepository{n} = Depends(get_repository)) -> ItemService{n}:
    return ItemService{n}(repository, lambda item: send(item))


router = APIRouter(prefix="/items{n}")


@router.get("/one")
def show(key: int, service: ItemService{n} = Depends(get_service)) -> ItemOut{n}:
    return ItemOut{n}.of(service.show(key))


@router.get("/all")
@logged
def search(name: str, service: ItemService{n} = Depends(get_service)) -> list[ItemOut{n}]:
    return [ItemOut{n}.of(item) for item in service.search(name)]


@router.post("/one")
def make(name: str, service: ItemService{n} = Depends(get_service)) -> ItemOut{n}:
    return ItemOut{n}.of(service.make(name))
"""

CONTAINER = """\
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

SessionLocal = sessionmaker(create_engine("sqlite://"))


def get_session():
    with SessionLocal() as session:
        yield session
"""


def layered(features: int) -> Files:
    """Return an application of ``features`` features that share bases, decorators and a container."""
    numbers = range(features)
    main = [
        "from fastapi import FastAPI",
        *(f"from shop.feature{n} import router as router{n}" for n in numbers),
        "app = FastAPI()",
        f"for router in [{', '.join(f'router{n}' for n in numbers)}]:",
        "    app.include_router(router)",
    ]
    return {
        "shop/__init__.py": "",
        "shop/base.py": BASE,
        "shop/decorators.py": DECORATORS,
        "shop/container.py": CONTAINER,
        "shop/main.py": _lines(main),
        **{f"shop/feature{n}.py": FEATURE.format(n=n) for n in numbers},
    }


def subclasses(count: int) -> Files:
    """Return one base with 20 methods that call each other, and classes that override a few of them."""
    base = ["class Base:", "    def hook(self, item): return item"]
    for n in range(20):
        base.append(f"    def step{n}(self, item): return self.hook(self.step{n + 1}(item))")
    base.append("    def step20(self, item): return item")
    for n in range(count):
        base += [
            f"class Sub{n}(Base):",
            f"    def hook(self, item): return [item, {n}]",
            f"    def step{n % 20}(self, item): return super().step{n % 20}(self.hook(item))",
            f"def use{n}(): return Sub{n}().step0({n})",
        ]
    uses = ", ".join(f"Sub{n}()" for n in range(count))
    return {"main.py": _lines([*base, f"for one in [{uses}]:", "    one.step0(1)"])}


def decorated(count: int) -> Files:
    """Return functions under one plain decorator and one with arguments, which call each other."""
    code = [DECORATORS]
    for n in range(count):
        code += ["@logged", "@retried(2)", f"def work{n}(item): return work{(n + 1) % count}([item])"]
    return {"main.py": _lines([*code, "work0(1)"])}


def callbacks(count: int) -> Files:
    """Return a chain of functions that hand on a callback, plain, in a lambda, or as a bound method."""
    code = ["class Sink:", "    def take(self, item): return item"]
    for n in range(count):
        handed = ("done", "lambda item: done(item)", "Sink().take")[n % 3]
        code += [f"def pass{n}(done, item):", "    done(item)", f"    return pass{n + 1}({handed}, item)"]
    code += [f"def pass{count}(done, item): return done(item)"]
    code += [f"pass{n}(lambda item: item, 1)" for n in range(0, count, 10)]
    return {"main.py": _lines(code)}


def recursion(count: int) -> Files:
    """Return functions that call each other in a ring and put what they get into shared containers."""
    code = ["SEEN = {}", "ORDER = []"]
    for n in range(count):
        code += [
            f"class Node{n}:",
            "    def __init__(self, below): self.below = below",
            f"def walk{n}(node, found):",
            f"    made = Node{n}([node, found])",
            f"    SEEN['{n}'] = made",
            "    ORDER.append((made, SEEN))",
            "    found = {'one': made, 'all': [*ORDER, found]}",
            "    for below in made.below:",
            f"        walk{(n + 1) % count}(below, found)",
            f"    return walk{(n * 7 + 3) % count}(found, ORDER)",
        ]
    return {"main.py": _lines([*code, "walk0(None, {})"])}


def _lines(code: Iterable[str]) -> str:
    return "\n".join((*code, ""))
