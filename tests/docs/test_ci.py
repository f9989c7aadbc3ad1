"""The job files and commands of ``docs/ci.md``, run as the systems they are for would run them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs/ci.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [text for language, text in BLOCKS if language == "sh"]
JOBS = [yaml.safe_load(text) for language, text in BLOCKS if language == "yaml"]
GITHUB = [jobs for jobs in JOBS if "jobs" in jobs]
GITLAB = [jobs for jobs in JOBS if "jobs" not in jobs]

CHANGE = "app/utils/limits.py"
TOUCHED = "app/utils/limits.py:20:5: LC202"
UNTOUCHED = "app/services/users.py:35:13: LC202"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Make a clone on a branch with one change, whose origin has the branch main."""
    origin = tmp_path / "origin"
    ignored = shutil.ignore_patterns(".layercheck_cache", "__pycache__")
    shutil.copytree(ROOT / "fixtures/tangled", origin, ignore=ignored)
    git(tmp_path, "init", "-b", "main", str(origin))
    git(origin, "add", "-A")
    git(origin, "commit", "-m", "first")
    git(tmp_path, "clone", str(origin), "clone")
    here = tmp_path / "clone"
    git(here, "checkout", "-b", "topic")
    (here / CHANGE).write_text((here / CHANGE).read_text("utf-8") + "\n", "utf-8")
    git(here, "commit", "-am", "second")
    return here


def git(directory: Path, *arguments: str) -> str:
    person = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    command = ["git", *person, *arguments]
    return subprocess.run(command, cwd=directory, check=True, capture_output=True, text=True).stdout.strip()


def shell(directory: Path, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ``script`` as a CI system does; ``pip`` installs nothing, and layercheck is this one."""
    tools = directory.parent / "tools"
    tools.mkdir(exist_ok=True)
    for name, text in (
        ("pip", '[ "$*" = "install layercheck" ]'),
        ("layercheck", f'exec "{sys.executable}" -m layercheck "$@"'),
    ):
        (tools / name).write_text(f"#!/bin/sh\n{text}\n", "utf-8")
        (tools / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", **variables}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_the_page_has_jobs_and_commands() -> None:
    assert (len(COMMANDS), len(GITHUB), len(GITLAB)) == (5, 2, 2)
    assert {language for language, _ in BLOCKS} == {"sh", "yaml"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_runs(clone: Path, command: str) -> None:
    done = shell(clone, command)
    assert (done.returncode, done.stderr) == (0 if "--exit-zero" in command else 1, "")
    for name, file in re.findall(r"--output-file (\w+)=(\S+)", command):
        assert (clone / file).stat().st_size > 0, name
    assert "LC202" in done.stdout


def test_the_command_for_branches_shows_what_the_branch_touches(clone: Path) -> None:
    (command,) = (one for one in COMMANDS if "--changed-since" in one)
    shown = shell(clone, command).stdout
    assert (TOUCHED in shown, UNTOUCHED in shown) == (True, False)


def steps_of(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    (job,) = workflow["jobs"].values()
    assert set(job) == {"runs-on", "steps"}
    return list(job["steps"])


@pytest.mark.parametrize("workflow", GITHUB, ids=["everything", "branch"])
def test_a_workflow_has_what_github_asks_for(workflow: dict[Any, Any]) -> None:
    # YAML 1.1 reads the key `on` as true
    assert set(workflow) == {"name", True, "permissions", "jobs"}
    assert set(workflow[True]) <= {"pull_request", "push"}
    assert set(workflow["permissions"].values()) <= {"read", "write"}
    for step in steps_of(workflow):
        assert ("run" in step) != ("uses" in step)
        assert set(step) <= {"name", "if", "run", "uses", "with"}
        assert re.fullmatch(r"[\w-]+/[\w/-]+@v\d+", step.get("uses", "actions/none@v1"))
        assert re.fullmatch(r"\$\{\{ .+ \}\}", step.get("if", "${{ always() }}"))


def test_the_workflow_annotates_summarises_and_uploads(clone: Path) -> None:
    summary = clone.parent / "summary.md"
    summary.touch()
    steps = steps_of(GITHUB[0])
    done = {
        step["name"]: shell(clone, step["run"], GITHUB_STEP_SUMMARY=str(summary))
        for step in steps
        if "run" in step
    }
    assert {name: one.returncode for name, one in done.items()} == {
        "Install": 0,
        "Check the layers": 1,
        "Show the summary": 0,
    }
    assert "".join(one.stderr for one in done.values()) == ""
    lines = done["Check the layers"].stdout.splitlines()
    assert lines
    assert [
        line for line in lines if not re.match(r"::(error|warning) file=app/[\w/.]+,line=\d+,", line)
    ] == []
    assert summary.read_text("utf-8").startswith("## layercheck\n\n**Found ")
    (upload,) = (step["with"] for step in steps if "sarif_file" in step.get("with", {}))
    sarif = json.loads((clone / upload["sarif_file"]).read_text("utf-8"))
    assert len(sarif["runs"][0]["results"]) == len(lines)


def test_the_workflow_for_branches_shows_what_the_branch_touches(clone: Path) -> None:
    workflow = GITHUB[1]
    (checkout,) = (
        step for step in steps_of(workflow) if step.get("uses", "").startswith("actions/checkout@")
    )
    assert checkout["with"] == {"fetch-depth": 0}
    check = next(step["run"] for step in steps_of(workflow) if step.get("name", "").startswith("Check"))
    done = shell(clone, check, GITHUB_BASE_REF="main")
    assert (done.returncode, done.stderr) == (1, "")
    assert {line.split("file=")[1].split(",")[0] for line in done.stdout.splitlines()} == {CHANGE}


def run_gitlab(jobs: dict[str, Any], directory: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script of the one job, line by line in one shell, as a runner does."""
    (job,) = jobs.values()
    assert set(job) <= {"image", "script", "artifacts", "rules", "variables"}
    return shell(directory, "\n".join(job["script"]), **variables)


def test_the_gitlab_job_leaves_both_reports(clone: Path) -> None:
    done = run_gitlab(GITLAB[0], clone)
    assert (done.returncode, done.stderr) == (1, "")
    artifacts = GITLAB[0]["layercheck"]["artifacts"]
    assert artifacts["when"] == "always"
    issues = json.loads((clone / artifacts["reports"]["codequality"]).read_text("utf-8"))
    assert len(issues) == len(done.stdout.splitlines()) - 1
    assert all((clone / issue["location"]["path"]).is_file() for issue in issues)
    cases = list(xml.parse(clone / artifacts["reports"]["junit"]).iter("testcase"))
    assert len([case for case in cases if case.get("file")]) == len(issues)


def test_the_gitlab_job_for_branches_shows_what_the_branch_touches(clone: Path) -> None:
    assert GITLAB[1]["layercheck"]["variables"] == {"GIT_DEPTH": "0"}
    base = git(clone, "merge-base", "origin/main", "HEAD")
    done = run_gitlab(GITLAB[1], clone, CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
    assert (done.returncode, done.stderr) == (1, "")
    assert (TOUCHED in done.stdout, UNTOUCHED in done.stdout) == (True, False)


def test_a_clone_without_history_is_told_what_is_missing(clone: Path) -> None:
    shallow = clone.parent / "shallow"
    git(clone.parent, "clone", "--depth", "1", f"file://{clone}", "shallow")
    done = shell(shallow, COMMANDS[1])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("a shallow clone may have to fetch it first\n")


def test_every_format_is_in_the_table() -> None:
    from layercheck.report.formats import NAMES

    table = PAGE.split("| format | for |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(NAMES)
