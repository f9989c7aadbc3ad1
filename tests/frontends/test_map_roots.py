"""Which tree ``layercheck graph``, ``routes`` and ``layers`` look at, and how names are dotted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from layercheck.frontends.cli import main

HELLO = "def hello():\n    pass\n"


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("files", "directory", "expected"),
    [
        pytest.param(
            {
                "pyproject.toml": "",
                "demos/one/main.py": "from helper import hello\nhello()\n",
                "demos/one/helper.py": HELLO,
            },
            "demos/one",
            {"helper": [], "helper.hello": [], "main": ["helper.hello"]},
            id="a folder of programs inside a project",
        ),
        pytest.param(
            {
                "pyproject.toml": "",
                "demos/one/__init__.py": "",
                "demos/one/main.py": "from helper import hello\nhello()\n",
                "demos/one/helper.py": HELLO,
            },
            "demos/one",
            {"__init__": [], "helper": [], "helper.hello": [], "main": ["helper.hello"]},
            id="a program folder with an __init__ nobody imports by",
        ),
        pytest.param(
            {
                "pyproject.toml": "",
                "app/__init__.py": "",
                "app/main.py": "from app.helper import hello\nhello()\n",
                "app/helper.py": HELLO,
            },
            "app",
            {"app": [], "app.helper": [], "app.helper.hello": [], "app.main": ["app.helper.hello"]},
            id="a package of a project",
        ),
        pytest.param(
            {
                "layercheck.toml": "",
                "part/main.py": "def hello():\n    pass\nhello()\n",
                "rest.py": "",
            },
            "part",
            {"part.main": ["part.main.hello"], "part.main.hello": [], "rest": []},
            id="a part of a project with settings",
        ),
    ],
)
def test_names_of_the_call_graph(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    files: dict[str, str],
    directory: str,
    expected: dict[str, list[str]],
) -> None:
    write(tmp_path, files)
    status = main(["graph", "calls", str(tmp_path / directory)])
    assert (status, json.loads(capsys.readouterr().out)) == (0, expected)
