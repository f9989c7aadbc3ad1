"""The vocabulary of facts: a slim, serialisable syntax tree.

Facts are what a file says and nothing more: no name is looked up, no framework is known. They hold
one node per expression and statement that any later step asks about, in source order, so that one
parse and one walk serve every analysis. All nodes are frozen structs that msgspec can store.

``at`` is the packed span of the node (see `layercheck.location`).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal, Union

import msgspec

from layercheck.location import Span

FORMAT = 1
"""Raised whenever the shape or meaning of a record changes, so that stored facts are not misread."""

MAX_TEXT = 240
"""How many characters of a literal are kept."""


ConstantKind = Literal["str", "int", "float", "bool", "none", "bytes", "complex", "ellipsis"]
SequenceKind = Literal["tuple", "list", "set"]
ParameterKind = Literal["positional", "plain", "var", "keyword", "kwvar"]
"""Words that stand in facts so often that decoded ones should be one object; a literal type sees to it."""


if TYPE_CHECKING:
    Word = str
else:

    class _Text(type):
        __instancecheck__ = staticmethod(str.__instancecheck__)

    class Word(metaclass=_Text):
        """A name or an operator: a type of its own, so that `one_word` is asked when facts are decoded."""


def one_word(kind: object, text: str) -> str:
    """Return the one string there is for ``text``; to be handed to msgspec where facts are decoded.

    The 250 000 words of a code base of 181 000 lines are 20 000 different ones: 17 MiB less, and they
    compare by identity. That costs an eighth of a microsecond each.
    """
    return sys.intern(text)


class Node(msgspec.Struct, frozen=True, array_like=True, gc=False, eq=False):
    """Base of all nodes."""


# Expressions ------------------------------------------------------------------------------------


class Name(Node, frozen=True, tag="n"):
    """A bare name that is read."""

    id: Word
    at: Span


class Attribute(Node, frozen=True, tag="a"):
    """``value.name`` that is read."""

    value: Expr
    name: Word
    at: Span


class Keyword(Node, frozen=True):
    """``name=value`` in a call, or ``**value`` where ``name`` is None."""

    name: Word | None
    value: Expr


class Call(Node, frozen=True, tag="c"):
    """``func(*args, **keywords)``; a starred argument is a `Star`."""

    func: Expr
    args: tuple[Expr, ...]
    keywords: tuple[Keyword, ...]
    at: Span


class Subscript(Node, frozen=True, tag="s"):
    """``value[index]``."""

    value: Expr
    index: Expr
    at: Span


class Constant(Node, frozen=True, tag="k"):
    """A literal. ``kind`` is str, int, float, bool, none, bytes, complex or ellipsis.

    Values are cut to `MAX_TEXT` characters. Bytes and complex numbers are kept as ``repr`` writes
    them, integers that do not fit into 64 bits in hexadecimal, an ellipsis as ``...``.
    """

    value: str | int | float | bool | None
    kind: ConstantKind
    at: Span


class Sequence(Node, frozen=True, tag="q"):
    """A tuple, list or set display; ``kind`` says which."""

    kind: SequenceKind
    items: tuple[Expr, ...]
    at: Span


class Mapping(Node, frozen=True, tag="m"):
    """A dict display; a key of None means ``**value``."""

    keys: tuple[Expr | None, ...]
    values: tuple[Expr, ...]
    at: Span


class Lambda(Node, frozen=True, tag="l"):
    """``lambda params: body``; ``number`` counts the lambdas of the enclosing scope from 1."""

    params: tuple[Parameter, ...]
    body: Expr
    number: int
    at: Span


class Await(Node, frozen=True, tag="w"):
    """``await value``."""

    value: Expr
    at: Span


class Yield(Node, frozen=True, tag="y"):
    """``yield value`` or, where ``delegates``, ``yield from value``."""

    value: Expr | None
    delegates: bool
    at: Span


class BoolOp(Node, frozen=True, tag="b"):
    """``a and b and c`` or ``a or b``; ``op`` is and / or."""

    op: Word
    values: tuple[Expr, ...]
    at: Span


class Conditional(Node, frozen=True, tag="i"):
    """``body if test else orelse``."""

    test: Expr
    body: Expr
    orelse: Expr
    at: Span


class Compare(Node, frozen=True, tag="o"):
    """``left op right op right``; operators as written: ==, !=, <, is, is not, in, not in ..."""

    left: Expr
    ops: tuple[Word, ...]
    rights: tuple[Expr, ...]
    at: Span


class BinOp(Node, frozen=True, tag="+"):
    """``left op right`` with the operator as written."""

    op: Word
    left: Expr
    right: Expr
    at: Span


class Unary(Node, frozen=True, tag="u"):
    """``op operand``: not, -, + or ~."""

    op: Word
    operand: Expr
    at: Span


class Generator(Node, frozen=True):
    """One ``for target in iter if ...`` of a comprehension."""

    target: Target
    iter: Expr
    ifs: tuple[Expr, ...]
    is_async: bool


class Comprehension(Node, frozen=True, tag="z"):
    """A comprehension; ``kind`` is list, set, dict or generator, ``key`` only set for dicts."""

    kind: Word
    key: Expr | None
    element: Expr
    generators: tuple[Generator, ...]
    at: Span


class Walrus(Node, frozen=True, tag="="):
    """``(name := value)``."""

    name: Word
    value: Expr
    at: Span


class Star(Node, frozen=True, tag="*"):
    """``*value`` in a call, a display or a target."""

    value: Expr
    at: Span


class Text(Node, frozen=True, tag="f"):
    """An f-string or t-string: its constant and interpolated parts.

    Of a format specification only the interpolated parts are kept. The constant parts bear the span
    of the whole.
    """

    parts: tuple[Expr, ...]
    at: Span


class Slice(Node, frozen=True, tag=":"):
    """``lower:upper:step`` inside a subscript."""

    lower: Expr | None
    upper: Expr | None
    step: Expr | None


Expr = Union[
    Name, Attribute, Call, Subscript, Constant, Sequence, Mapping, Lambda, Await, Yield, BoolOp,
    Conditional, Compare, BinOp, Unary, Comprehension, Walrus, Star, Text, Slice,
]  # fmt: skip

Target = Expr
"""What can be assigned to: a name, attribute, subscript, starred target or a sequence of them."""


# Statements -------------------------------------------------------------------------------------


class Alias(Node, frozen=True):
    """``name as asname`` in an import; ``asname`` is None where nothing is renamed."""

    name: Word
    asname: Word | None
    at: Span


class Import(Node, frozen=True, tag="import"):
    """``import a.b, c as d``."""

    names: tuple[Alias, ...]
    at: Span


class ImportFrom(Node, frozen=True, tag="from"):
    """``from ..module import names``; ``level`` counts the dots; a star is the name ``*``."""

    module: Word
    level: int
    names: tuple[Alias, ...]
    at: Span


class Parameter(Node, frozen=True):
    """A parameter; ``kind`` is positional (before ``/``), plain, var (``*args``), keyword or kwvar."""

    name: Word
    kind: ParameterKind
    annotation: Expr | None
    default: Expr | None
    at: Span


class TypeParameter(Node, frozen=True):
    """A PEP 695 type parameter with its bound, if any."""

    name: Word
    bound: Expr | None


class Function(Node, frozen=True, tag="def"):
    """A function or method definition.

    ``at`` spans the whole definition without its decorators, ``name_at`` the name. ``header`` goes
    from ``def`` to the colon; where that has a line of its own, to the line of the last parameter.
    """

    name: Word
    params: tuple[Parameter, ...]
    returns: Expr | None
    decorators: tuple[Expr, ...]
    body: tuple[Stmt, ...]
    type_params: tuple[TypeParameter, ...]
    is_async: bool
    is_generator: bool
    at: Span
    header: Span
    name_at: Span


class Class(Node, frozen=True, tag="class"):
    """A class definition; spans as in `Function`."""

    name: Word
    bases: tuple[Expr, ...]
    keywords: tuple[Keyword, ...]
    decorators: tuple[Expr, ...]
    body: tuple[Stmt, ...]
    type_params: tuple[TypeParameter, ...]
    at: Span
    header: Span
    name_at: Span


class Assign(Node, frozen=True, tag="set"):
    """``a = b = value``."""

    targets: tuple[Target, ...]
    value: Expr
    at: Span


class Annotated(Node, frozen=True, tag="ann"):
    """``target: annotation = value``; ``value`` is None for a bare declaration."""

    target: Target
    annotation: Expr
    value: Expr | None
    at: Span


class Augmented(Node, frozen=True, tag="aug"):
    """``target op= value``."""

    target: Target
    op: Word
    value: Expr
    at: Span


class TypeAlias(Node, frozen=True, tag="type"):
    """``type name[params] = value``."""

    name: Word
    type_params: tuple[TypeParameter, ...]
    value: Expr
    at: Span


class Return(Node, frozen=True, tag="return"):
    """``return value``."""

    value: Expr | None
    at: Span


class Raise(Node, frozen=True, tag="raise"):
    """``raise exc from cause``; a bare ``raise`` has no ``exc``."""

    exc: Expr | None
    cause: Expr | None
    at: Span


class Evaluate(Node, frozen=True, tag="expr"):
    """An expression used as a statement; what a bare string says, a docstring, is not kept."""

    value: Expr
    at: Span


class If(Node, frozen=True, tag="if"):
    """``if test: body else: orelse``; an ``elif`` is an `If` alone in ``orelse``."""

    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]
    at: Span


class For(Node, frozen=True, tag="for"):
    """``for target in iter``."""

    target: Target
    iter: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]
    is_async: bool
    at: Span


class While(Node, frozen=True, tag="while"):
    """``while test``."""

    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]
    at: Span


class WithItem(Node, frozen=True):
    """``context as target``."""

    context: Expr
    target: Target | None


class With(Node, frozen=True, tag="with"):
    """``with items: body``."""

    items: tuple[WithItem, ...]
    body: tuple[Stmt, ...]
    is_async: bool
    at: Span


class Handler(Node, frozen=True):
    """``except type as name: body``; ``header`` spans the clause without its body."""

    type: Expr | None
    name: Word | None
    body: tuple[Stmt, ...]
    at: Span
    header: Span


class Try(Node, frozen=True, tag="try"):
    """``try``; ``is_group`` for ``except*``."""

    body: tuple[Stmt, ...]
    handlers: tuple[Handler, ...]
    orelse: tuple[Stmt, ...]
    finalbody: tuple[Stmt, ...]
    is_group: bool
    at: Span


class Pattern(Node, frozen=True):
    """A ``case`` pattern.

    ``kind`` is value (``value`` compared), class (``value`` is the class, ``parts`` positional then
    keyword patterns named by ``names``), sequence, mapping (``parts`` for ``keys`` and, for
    ``**rest``, one star more), or (``parts``), star or any.
    ``capture`` is the name the matched object gets.
    """

    kind: Word
    value: Expr | None = None
    parts: tuple[Pattern, ...] = ()
    names: tuple[Word, ...] = ()
    keys: tuple[Expr, ...] = ()
    capture: Word | None = None


class Case(Node, frozen=True):
    """``case pattern if guard: body``."""

    pattern: Pattern
    guard: Expr | None
    body: tuple[Stmt, ...]


class Match(Node, frozen=True, tag="match"):
    """``match subject``."""

    subject: Expr
    cases: tuple[Case, ...]
    at: Span


class Assert(Node, frozen=True, tag="assert"):
    """``assert test, message``."""

    test: Expr
    message: Expr | None
    at: Span


class Delete(Node, frozen=True, tag="del"):
    """``del targets``."""

    targets: tuple[Target, ...]
    at: Span


class Scope(Node, frozen=True, tag="scope"):
    """``global names`` or ``nonlocal names``; ``kind`` says which."""

    kind: Word
    names: tuple[Word, ...]
    at: Span


class Jump(Node, frozen=True, tag="jump"):
    """``pass``, ``break`` or ``continue``; ``kind`` says which."""

    kind: Word
    at: Span


Stmt = Union[
    Import, ImportFrom, Function, Class, Assign, Annotated, Augmented, TypeAlias, Return, Raise,
    Evaluate, If, For, While, With, Try, Match, Assert, Delete, Scope, Jump,
]  # fmt: skip


# Files ------------------------------------------------------------------------------------------


class Pragma(Node, frozen=True):
    """A comment that speaks to layercheck.

    ``kind`` is ``ignore`` (``# layercheck: ignore[LC101] reason``), ``noqa`` (``# noqa: LC101``) or
    ``layer`` (``# layercheck: layer=service``). ``codes`` are the codes named, empty for all codes
    (of a bare ``ignore``; a bare ``noqa`` is kept too). ``own_line`` is true where the comment has a
    line to itself; ``in_header`` where it stands in the first comment block of the file.
    """

    kind: Word
    codes: tuple[str, ...]
    value: str
    line: int
    column: int
    end_column: int
    own_line: bool
    in_header: bool


class FileFacts(msgspec.Struct, frozen=True, array_like=True):
    """All a file says.

    ``lines`` counts physical lines.
    ``rewritten`` is true where the file uses syntax newer than the interpreter and was read through
    `layercheck.facts.token_syntax` or `layercheck.facts.modern_syntax`.
    """

    body: tuple[Stmt, ...]
    pragmas: tuple[Pragma, ...]
    lines: int
    rewritten: bool = False
