"""The same bytes, whoever reads the files, in whatever order, with whatever hashes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import pytest

from layercheck import check, render
from layercheck.facts.batch import extract_batch
from layercheck.pipeline import reading

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make an application of more files than one task reads, some of which are unreadable."""
    root = Path(shutil.copytree(FIXTURES / "tangled", tmp_path / "project"))
    for number in range(2 * reading.BATCH):
        text = f"from app.services.users import UserService\n\nx{number} = UserService\n"
        (root / f"app/services/more{number}.py").write_text(text, "utf-8")
    (root / "app/broken.py").write_text("def f(:\n", "utf-8")
    return root


@contextmanager
def dask() -> Iterator[Executor]:
    """Start a cluster of dask in this process."""
    from distributed import Client

    made = Client(processes=False, n_workers=1, dashboard_address=None)  # type: ignore[no-untyped-call]
    with made as client:
        with client.get_executor() as executor:
            yield executor


EXECUTORS: dict[str, Callable[[], object]] = {
    "threads": lambda: ThreadPoolExecutor(3),
    "processes": lambda: ProcessPoolExecutor(2),
    "processes started anew": lambda: ProcessPoolExecutor(1, mp_context=get_context("spawn")),
    "dask": dask,
}


@pytest.mark.filterwarnings("ignore")  # what other packages warn of while a cluster starts
@pytest.mark.parametrize("make", EXECUTORS.values(), ids=EXECUTORS)
def test_any_executor(project: Path, make: Callable[[], Executor]) -> None:
    alone = check(project, cache=False)
    calls = []

    with make() as executor:
        real = executor.map

        def noting(function: object, *batches: object) -> object:
            calls.append(function)
            return real(function, *batches)  # type: ignore[arg-type]

        executor.map = noting  # type: ignore[method-assign, assignment]
        shared = check(project, cache=False, executor=executor)
    assert calls == [extract_batch]
    assert render(shared, "json") == render(alone, "json")
    assert [one.place.path for one in shared.unread] == ["app/broken.py"]


def test_processes_that_cannot_be_started(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_semaphores(*arguments: object, **options: object) -> object:
        raise OSError(38, "Function not implemented")

    alone = check(project, cache=False)
    monkeypatch.setattr(reading, "MANY", 1)
    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", no_semaphores)
    assert render(check(project, cache=False), "json") == render(alone, "json")


def _killed(batch: object) -> bytes:
    os._exit(1)


def test_a_process_that_is_killed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = check(project, cache=False)
    monkeypatch.setattr(reading, "MANY", 1)
    monkeypatch.setattr(reading, "extract_batch", _killed)
    assert render(check(project, cache=False), "json") == render(alone, "json")


def printed(project: Path, *options: str, seed: str) -> str:
    """Return what the command prints with hashes of another ``seed``."""
    command = (sys.executable, "-m", "layercheck", "check", str(project), "--no-cache", *options)
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("output_format", ("json", "html"))
def test_hash_seeds_and_jobs(project: Path, output_format: str) -> None:
    options = ("--all", "--output-format", output_format)
    first = printed(project, *options, seed="0")
    assert printed(project, *options, "--jobs", "1", seed="1") == first
    assert printed(project, *options, "--jobs", "3", seed="4711") == first


def test_the_order_files_lie_in(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Directories tell their files in another order where these were made in another order."""

    class Backwards:
        def __init__(self, path: str) -> None:
            with real(path) as scan:
                self._entries = sorted(scan, key=lambda entry: entry.name, reverse=True)

        def __enter__(self) -> Iterator[os.DirEntry[str]]:
            return iter(self._entries)

        def __exit__(self, *error: object) -> None:
            pass

    first = render(check(project, cache=False), "json")
    real = os.scandir
    monkeypatch.setattr("layercheck.sources.walk.os.scandir", Backwards)
    assert render(check(project, cache=False), "json") == first


def test_another_machine(project: Path, tmp_path: Path) -> None:
    """A copy at another place gives the same, but for the place."""
    first = render(check(project, cache=False), "json")
    moved = tmp_path / "deeper" / "elsewhere"
    shutil.copytree(project, moved)
    assert render(check(moved, cache=False), "json").replace(str(moved), str(project)) == first
