"""Whose statement it is that a method hands to a driver, and what a statement in the code does."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence

from layercheck.facts import records as r
from layercheck.facts.nodes import written_name
from layercheck.inference.engine import Inference
from layercheck.inference.frames import CallSite, Frame
from layercheck.inference.values import Const
from layercheck.program.entities import Function
from layercheck.project.operations import STATEMENTS, OperationKind
from layercheck.project.statements import statement_kind

_SETTING_UP = re.compile(
    r"\A\s*(create|alter|drop|pragma|set|reset|listen|unlisten|notify|vacuum|analyze|attach|use)\b"
    r"|information_schema|pg_catalog|sqlite_master",
    re.IGNORECASE,
)
_ROWS_OF_TABLES = re.compile(r"\b(from|into|update|join)\b", re.IGNORECASE)
_BEFORE_TABLE = re.compile(r"\b(from|into|update|join)[\s(\"`]*$", re.IGNORECASE)
_TEXTS = frozenset({"text", "SQL"})
_DEEPEST = 6


class Source(enum.Enum):
    """Whose statement a driver is handed."""

    HANDED = "a parameter of the method"
    ANY_TABLE = "written for a table the method is handed"
    SETUP = "sets the database up, or asks for nothing of a table"
    OWN = "the class writes it"


def source_at(function: Function, site: CallSite) -> Source:
    """Return whose statement a call of the driver, or of another method of the class, is handed."""
    call = function.calls.get(site.at)
    if call is None or not call.args:
        return Source.SETUP
    source = source_of(function, call.args[0])
    if source is not None:
        return source
    known = [value.value for value in site.args[0] if isinstance(value, Const)] if site.args else []
    texts = [text for text in known if isinstance(text, str)]
    if texts:
        return Source.OWN if any(map(_is_own_text, texts)) else Source.SETUP
    return Source.SETUP if written_name(call.func) in ("executescript", "run_sync") else Source.OWN


def source_of(function: Function, node: r.Expr, depth: int = _DEEPEST) -> Source | None:
    """Return whose statement an expression is, None where that depends on what its names hold.

    ``sql``, ``text(sql)``, ``self._translate(sql)`` and ``f"{sql} LIMIT 1"`` are the caller's.
    """
    params = {param.name for param in function.params[1:]}
    match node:
        case r.Name(id=name) if name in params:
            return Source.HANDED
        case r.Name(id=name) if depth and (assigned := _assigned(function, name)) is not None:
            return source_of(function, assigned, depth - 1)
        case r.Await(value=value):
            return source_of(function, value, depth)
        case r.Call(func=r.Attribute(value=receiver, name=name), args=args):
            of_own = any(getattr(receiver, "id", "") == one.name for one in function.params[:1])
            if args and (of_own or name in _TEXTS):
                return source_of(function, args[0], depth)
            return source_of(function, receiver, depth)
        case r.Call(func=r.Name(id=name), args=(first, *_)):
            inner = source_of(function, first, depth)
            return Source.ANY_TABLE if inner is Source.HANDED and name not in _TEXTS else inner
        case r.Constant(value=str() as text):
            return Source.OWN if _is_own_text(text) else Source.SETUP
        case r.Text(parts=parts):
            return _of_parts(function, parts, depth)
        case r.BinOp(left=left, right=right):
            return _of_parts(function, (left, right), depth)
    return None


def _of_parts(function: Function, parts: Sequence[r.Expr], depth: int) -> Source:
    """Return whose statement is put together from parts: that of who names the tables."""
    texts = [one.value if isinstance(one, r.Constant) else None for one in parts]
    for text, behind in zip(texts, (*parts[1:], None), strict=False):
        if isinstance(text, str):
            ends = behind is not None and _BEFORE_TABLE.search(text) is not None
            if len(_ROWS_OF_TABLES.findall(text)) > ends and not _SETTING_UP.search(text):
                return Source.OWN
    inner = [source_of(function, one, depth) for one in parts if not isinstance(one, r.Constant)]
    if Source.HANDED not in inner:
        return Source.OWN
    first = parts[0]
    is_whole = not isinstance(first, r.Constant) or not str(first.value).strip()
    return Source.HANDED if is_whole else Source.ANY_TABLE


def _is_own_text(text: str) -> bool:
    return bool(_ROWS_OF_TABLES.search(text)) and not _SETTING_UP.search(text)


def _assigned(function: Function, name: str) -> r.Expr | None:
    """Return the one expression a local name is assigned."""
    found = [
        node.value
        for node in function.nodes_of(r.Assign)
        if any(isinstance(target, r.Name) and target.id == name for target in node.targets)
    ]
    return found[0] if len(found) == 1 else None


def kind_of_call(inference: Inference, frame: Frame, call: r.Call) -> OperationKind | None:
    """Return what the statement that ``call`` is handed does, None where that is not written there."""
    node: r.Expr | None = next(iter((*call.args, *(one.value for one in call.keywords))), None)
    for _ in range(_DEEPEST):
        match node:
            case r.Name(id=name):
                if isinstance(frame.entity, Function) and name in frame.entity.bound:
                    node = _assigned(frame.entity, name)
                else:
                    values = inference.heap.read(("name", frame.module, name), None)
                    return statement_kind(values)
            case r.Text(parts=(first, *_)) | r.BinOp(left=first):
                node = first
            case r.Constant(value=str() as text):
                if _SETTING_UP.search(text):
                    return OperationKind.OTHER
                return statement_kind(frozenset((inference.u.const(text),)))
            case r.Call(func=r.Name(id=name), args=args):
                if name in STATEMENTS and name not in _TEXTS:
                    return STATEMENTS[name]
                node = args[0] if args else None
            case r.Call(func=r.Attribute(value=inner)) | r.Await(value=inner):
                node = inner
            case _:
                return None
    return None
