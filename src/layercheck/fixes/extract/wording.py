"""Names for what is written: of classes, methods, attributes and parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_LETTERS = re.compile(r"[A-Za-z0-9']+")
_FILLERS = frozenset(
    "a an and are be been but by can could does for has have here if in is it its on or our please "
    "that the there these this to was were will with you your do system sorry have "
    "specified given provided requested such".split()
)
_NEGATIONS = {
    word: "NOT"
    for word in "cannot can't doesn't don't didn't isn't aren't wasn't hasn't haven't mustn't".split()
}
MOST_WORDS = 4
_STATUS_WORDS = {
    400: "Invalid", 401: "NotAuthenticated", 402: "NotPaid", 403: "NotAllowed", 404: "NotFound",
    409: "Conflict", 410: "Gone", 413: "TooLarge", 422: "Invalid", 423: "Locked", 429: "TooMany",
}  # fmt: skip


def words(name: str) -> list[str]:
    """Return the words of a name in either case: ``UserProfile`` and ``user_profile`` have two."""
    return [word.lower() for word in _WORD.findall(name)]


def snake(name: str) -> str:
    """Return ``UserProfile`` as ``user_profile``."""
    return "_".join(words(name))


def camel(name: str) -> str:
    """Return ``user_profile`` as ``UserProfile``."""
    return "".join(word.capitalize() for word in words(name))


def plural(word: str) -> str:
    """Return the plural of an English noun, as far as its spelling tells."""
    if word.endswith("s") and not word.endswith(("ss", "us")):
        return word
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"


def article(noun: str) -> str:
    """Return a noun with its article."""
    return f"{'an' if noun[:1] in 'aeio' else 'a'} {noun}"


def free(name: str, taken: Iterable[str]) -> str:
    """Return ``name``, with a number behind it where it is taken."""
    used = set(taken)
    if name not in used:
        return name
    return next(f"{name}_{number}" for number in range(2, 1000) if f"{name}_{number}" not in used)


def exception_name(detail: str | None, status: int | None, subject: str, suffix: str) -> str:
    """Return the name of the exception that is told to a client as ``detail`` with ``status``.

    The words of the text, where they are few; else ``subject`` and what the status means.
    """
    every = [
        _NEGATIONS.get(word.lower(), word) for word in _LETTERS.findall((detail or "").replace("\u2019", "'"))
    ]
    told = [word.replace("'", "").capitalize() for word in every if word.lower() not in _FILLERS]
    lowered = {word.lower() for word in told}
    if "not" in lowered and lowered & {"found", "exist", "exists"}:
        before = [word for word in told[: told.index("Not")] if word != "Id"]
        told = [*(before[:2] or [subject]), "Not", "Found"]
    elif lowered & {"exist", "exists", "taken", "registered", "used"} and "already" in lowered:
        before = told[: told.index("Already")]
        keyed = [word for word in before if word.lower() in ("email", "username", "name", "slug", "code")]
        end = "Registered" if "registered" in lowered else "Taken" if "taken" in lowered else "Exists"
        noun = keyed[-1:] if keyed else before[:1] or [subject]
        told = [*noun, "Already", end]
    lead = [word.lower() for word in every]
    if status == 404 and "no" in lead[:3] and told[-1:] != ["Found"]:
        lacking = [word.capitalize() for word in lead[lead.index("no") + 1 :] if word not in _FILLERS]
        told = [*(lacking[:2] or [subject]), "Not", "Found"]
    if status == 404 and told[-1:] != ["Found"]:
        told = [subject, "Not", "Found"]
    is_clear = len(told) > 1 and (told[0] != "Not" or every[0] != "NOT")
    name = "".join(told[:MOST_WORDS])
    if not is_clear or not name.isidentifier():
        name = subject + _STATUS_WORDS.get(status or 0, "Rejected")
    return name if name.endswith(suffix) else name + suffix
