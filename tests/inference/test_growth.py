"""The work of the interpreter grows with the program, not faster."""

from __future__ import annotations

import pytest

from layercheck.facts.extract import extract
from layercheck.inference.engine import Inference
from layercheck.program.build import build_program
from layercheck.sources import Role, Source
from layercheck.sources.discover import module_name
from generated import Files, Shape, callbacks, decorated, layered, recursion, subclasses

FASTEST = 4.5
"""How many times the work a program of four times the size may make."""


def inferred(files: Files) -> Inference:
    """Return the finished inference over ``files``."""
    read = []
    for path, text in files.items():
        name, is_package = module_name(path, "")
        read.append((Source(path, name, "", is_package, Role.CODE), extract(text)))
    inference = Inference(build_program(read))
    inference.run()
    return inference


@pytest.mark.parametrize(
    ("shape", "size", "functions"),
    [
        pytest.param(layered, 25, 1000, id="layered application"),
        pytest.param(subclasses, 50, 600, id="many subclasses of one base"),
        pytest.param(decorated, 75, 300, id="one decorator over everything"),
        pytest.param(callbacks, 50, 200, id="chain of callbacks"),
        pytest.param(recursion, 25, 199, id="mutual recursion over containers"),
    ],
)
def test_four_times_the_program_is_about_four_times_the_work(shape: Shape, size: int, functions: int) -> None:
    small, large = inferred(shape(size)), inferred(shape(4 * size))
    frames = [sum(frame.runs > 0 for frame in one.frames) for one in (small, large)]
    runs = [sum(frame.runs for frame in one.frames) for one in (small, large)]
    assert sum(1 for _ in large.program.functions) > functions
    assert frames[1] <= FASTEST * frames[0]
    assert runs[1] <= FASTEST * runs[0]
