"""From source text to facts: one parse, one walk."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from layercheck.facts.places import Places
from layercheck.facts.pragmas import count_lines, find_pragmas
from layercheck.facts.records import FileFacts, Stmt
from layercheck.facts.statements import read_statement
from layercheck.facts.unreadable import TOO_DEEP, Unreadable
from layercheck.facts.walk import Walk

if TYPE_CHECKING:
    from layercheck.facts.rewriting import Rewritten


def extract(text: str) -> FileFacts:
    """Return the facts of one source text.

    Syntax newer than the running interpreter is read too, see `layercheck.facts.modern_syntax`.
    Who extracts many files does well to switch the garbage collector off meanwhile.

    Raises:
        Unreadable: The text is not Python, or is nested deeper than the interpreter can follow.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    rewritten: Rewritten | None = None
    try:
        tree = _parse(text)
    except SyntaxError as error:
        rewritten, tree = _parse_newer(text, error)
    return FileFacts(
        body=_walk(tree, text if rewritten is None else rewritten.text, rewritten),
        pragmas=find_pragmas(text),
        lines=count_lines(text),
        rewritten=rewritten is not None,
    )


def _parse_newer(text: str, error: SyntaxError) -> tuple[Rewritten, ast.Module]:
    """Return ``text`` in older syntax and its tree; ``error`` is the interpreter's complaint.

    Raises Unreadable where it is no Python of any version.
    """
    # Neither is needed for most code, and libcst takes longer to import than most projects take to check.
    from layercheck.facts.token_syntax import rewrite_tokens

    found = rewrite_tokens(text)
    if found is not None:
        try:
            return found, _parse(found.text)
        except SyntaxError:
            pass  # there is more that is new
    from layercheck.facts.modern_syntax import rewrite

    rewritten = rewrite(text, error)
    try:
        return rewritten, _parse(rewritten.text)
    except SyntaxError:
        raise Unreadable.from_syntax_error(error) from error


def _parse(text: str) -> ast.Module:
    """Return the tree of ``text``; all failures but a SyntaxError become `Unreadable`."""
    try:
        with warnings.catch_warnings():
            # What the compiler thinks of the analysed code is not for the user of this program.
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (MemoryError, RecursionError) as error:
        raise Unreadable(1, 0, TOO_DEEP) from error
    except ValueError as error:
        raise Unreadable(1, 0, str(error)) from error


def _walk(tree: ast.Module, text: str, rewritten: Rewritten | None) -> tuple[Stmt, ...]:
    walk = Walk(Places(text), rewritten)
    body: list[Stmt] = []
    for statement in tree.body:
        try:
            body.append(read_statement(statement, walk))
        except RecursionError as error:
            raise Unreadable(statement.lineno, 0, TOO_DEEP) from error
    return tuple(body)
