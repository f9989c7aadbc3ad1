"""Patterns of paths: the same as git has them, in bounded time whatever is written."""

from __future__ import annotations

import random
import time

import pytest
from pathspec import GitIgnoreSpec

from layercheck.config.patterns import path_patterns

PARTS = (
    "a",
    "b",
    "*",
    "**",
    "?",
    "[ab]",
    "[!a]",
    "*a",
    "a*",
    "*a*b*",
    "a**b",
    "ab",
    "*a*a*",
    r"\*",
    "*[ab]*b",
    "[(?]",
    ".",
)


def test_what_matches_stays_the_same() -> None:
    choice = random.Random(1)
    names = ["".join(choice.choices("ab.*", k=choice.randint(1, 4))) for _ in range(30)]
    paths = ["/".join(choice.choices(names, k=choice.randint(1, 5))) for _ in range(120)]
    paths += [f"{path}/" for path in paths]
    for _ in range(600):
        lines = []
        for _ in range(choice.randint(1, 3)):
            line = "/".join(
                "".join(choice.choices(PARTS, k=choice.randint(1, 2)))
                for _ in range(choice.randint(1, 4))
            )
            lines.append(choice.choice(("", "!", "/")) + line + choice.choice(("", "/", "/**")))
        try:
            ours = path_patterns(lines)
        except ValueError:
            continue
        theirs = GitIgnoreSpec.from_lines(lines)
        told = [(path, ours.check_file(path).include) for path in paths]
        assert told == [(path, theirs.check_file(path).include) for path in paths], lines


HOSTILE = {
    "stars in a name": ("*a" * 40 + "*b", "a" * 250 + ".py"),
    "stars around one letter": ("*" + "?*" * 40 + "b", "a" * 250 + ".py"),
    "stars before brackets": ("*[ab]" * 40 + "c", "a" * 250 + ".py"),
    "directories": ("**/a/" * 40 + "b", "a/" * 400 + "c.py"),
    "directories below one": ("a/" + "**/a/" * 40 + "b", "a/" * 400 + "c.py"),
    "directories of any name": ("**/*/" * 40 + "b", "a/" * 400 + "c.py"),
    "directories with stars": ("**/*a*a/" * 20 + "b", f"{'a' * 50}/" * 60 + "c.py"),
}


@pytest.mark.parametrize(("pattern", "path"), HOSTILE.values(), ids=HOSTILE)
def test_no_pattern_takes_long(pattern: str, path: str) -> None:
    start = time.process_time()
    assert not path_patterns([pattern]).match_file(path)
    assert time.process_time() - start < 2


def test_a_pattern_that_cannot_be_bound_is_none() -> None:
    with pytest.raises(ValueError, match="too many stars"):
        path_patterns(["*[(?]" * 10])
