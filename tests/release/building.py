"""Builds layercheck as it is released, installs it from nothing and tries it on a real application.

``python tests/release/building.py PYTHON ...`` does it with each of those interpreters, from the source
distribution and from the wheel, and prints what came of it; the test does it with the one it runs on.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SUFFIXES = ("*.whl", "*.tar.gz")
_PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command and return what it prints; raises `subprocess.CalledProcessError` where it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        done.check_returncode()
    return done.stdout


def environment(python: str | Path, directory: Path) -> Path:
    """Make a new virtual environment and return its interpreter."""
    run(python, "-m", "venv", directory)
    return directory / "bin" / "python"


def build(python: str | Path, directory: Path) -> tuple[Path, ...]:
    """Return a wheel, made from the source distribution as installers do, and that distribution.

    ``python`` belongs to an environment that gets the builder.
    """
    run(python, *_PIP, "install", "build")
    run(python, "-m", "build", "--outdir", directory, ROOT)
    return tuple(next(directory.glob(suffix)) for suffix in SUFFIXES)


def install(python: Path, distribution: Path) -> None:
    """Install one distribution."""
    run(python, *_PIP, "install", distribution)


def main(interpreters: Sequence[str]) -> None:
    """Build, install and try with each interpreter."""
    sys.path.insert(0, str(ROOT / "tests" / "ecosystem"))
    from snapshots import applications, fetch

    with tempfile.TemporaryDirectory() as temporary:
        here = Path(temporary)
        application = fetch(applications()[0], here)
        for number, interpreter in enumerate(interpreters):
            place = here / str(number)
            built = build(environment(interpreter, place / "builder"), place / "dist")
            for distribution in built:
                python = environment(interpreter, place / distribution.name)
                install(python, distribution)
                version = run(python, "-m", "layercheck", "--version").strip()
                told = run(python, "-m", "layercheck", "check", "--exit-zero", "--no-cache", cwd=application)
                print(f"{run(python, '--version').strip()}: {distribution.name}: {version}")
                print(f"    {told.splitlines()[-1]}")


if __name__ == "__main__":
    main(sys.argv[1:] or [sys.executable])
