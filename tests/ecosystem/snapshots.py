"""What layercheck finds in real applications from PyPI.

``python tests/ecosystem/snapshots.py`` writes the findings of today beside this file; the test compares.
The difference is what a change does to real code: read it before you commit it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent


def applications() -> list[str]:
    """Return the pinned applications, each as pip wants it: name, version and hash."""
    lines = (HERE / "applications.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def name_of(application: str) -> str:
    """Return the name of a pinned application."""
    return application.partition("==")[0]


def snapshot_of(application: str) -> Path:
    """Return the file that holds what was found in an application."""
    return HERE / f"{name_of(application)}.txt"


def fetch(application: str, directory: Path) -> Path:
    """Fetch an application into ``directory`` and return where its sources are; none of them is run.

    Raises `subprocess.CalledProcessError` where it cannot be had, or is not what the hash says.
    """
    wanted = directory / "wanted.txt"
    wanted.write_text(application, "utf-8")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
    only_this = ["--no-deps", "--only-binary", ":all:", "--require-hashes"]
    subprocess.run([*pip, *only_this, "--requirement", wanted, "--dest", directory], check=True)
    [wheel] = directory.glob("*.whl")
    sources = directory / "sources"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(sources)
    return sources


def findings(sources: Path) -> str:
    """Return all that ``layercheck check`` says of an application."""
    check = [sys.executable, "-m", "layercheck", "check", "--all", "--exit-zero", "--no-cache", "--quiet"]
    done = subprocess.run(
        [*check, "--output-format", "concise"], cwd=sources, check=True, capture_output=True, text=True
    )
    return done.stdout


def main() -> None:
    """Write all snapshots."""
    for application in applications():
        with tempfile.TemporaryDirectory() as directory:
            snapshot_of(application).write_text(findings(fetch(application, Path(directory))), "utf-8")


if __name__ == "__main__":
    main()
