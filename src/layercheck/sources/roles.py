"""The role of a file: part of the application, or test, migration, script.

Words alone mislead: ``test_results`` may be a feature, ``migrations`` may import other people's
recipes, ``tools`` may be what an assistant calls. A word that could be either needs a second sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from layercheck.sources.glimpse import Glimpse, defines_fixtures, reads_like_a_test
from layercheck.sources.paths import lineage, split
from layercheck.sources.source import Role
from layercheck.sources.walk import Listing

TEST_DIRECTORIES = frozenset({"tests", "test"})
"""Always tests."""
TEST_LIKE_DIRECTORY = re.compile(r"tests?[_-].+|.+[_-]tests?|e2e|testing")
"""Tests if there is a test file in it."""
TEST_FILES = frozenset({"conftest.py"})
"""Always tests."""
TEST_LIKE_FILE = re.compile(r"test_.*\.py|.*_test\.py|tests\.py")
"""A test if it reads like one."""
FIXTURE_LIBRARIES = frozenset({"pytest", "pytest_asyncio"})
"""A file with fixtures of theirs is a test, whatever its name; one that only runs pytest may be code."""

MIGRATION_DIRECTORIES = frozenset({"migrations", "migration", "alembic", "versions"})
"""Migrations if a file in it or directly below is numbered or uses a migration library."""
MIGRATION_LIBRARIES = frozenset({"alembic", "django", "yoyo"})
NUMBERED_FILE = re.compile(r"[Vv]?\d\w*_\w+\.py")
MIGRATION_ENVIRONMENT = "env.py"
"""Its directory holds migrations if it imports `alembic` or lies beside alembic's template."""
MIGRATION_TEMPLATE = "script.py.mako"

SCRIPT_DIRECTORIES = frozenset({"scripts", "bin"})
"""Always scripts."""
SIDE_DIRECTORIES = frozenset(
    {"tools", "doc", "docs", "example", "examples", "benchmark", "benchmarks", "dev", "devops", "hooks", "ci"}
)
"""Scripts if directly in the project or an import root and not imported from elsewhere."""
SCRIPT_FILES = frozenset({"setup.py", "noxfile.py", "fabfile.py", "versioneer.py", "locustfile.py"})
"""Scripts if directly in the project or an import root."""
TASK_FILE = "tasks.py"
"""Likewise, if it imports the task runner."""
TASK_RUNNER = frozenset({"invoke"})


class Roles:
    """Knows the role of every file of a tree.

    ``roots`` are the import roots, ``imported`` the directories that are imported from elsewhere.
    """

    def __init__(
        self,
        project_root: Path,
        listing: Listing,
        roots: Iterable[str],
        glimpses: Mapping[str, Glimpse],
        imported: frozenset[str],
    ) -> None:
        self._project_root = project_root
        self._tops = frozenset({"", *roots})
        self._glimpses = glimpses
        self._imported = imported
        self._tests = frozenset(file for file in listing.files if self._is_test_file(file))
        self._tested = {directory for file in self._tests for directory in lineage(split(file)[0])}
        self._migrated = self._migration_directories(listing)
        self._directories: dict[str, Role] = {}

    def of(self, path: str) -> Role:
        """Return the role of the file ``path``."""
        directory, name = split(path)
        role = self._of_directory(directory)
        if role is not Role.CODE:
            return role
        if path in self._tests:
            return Role.TEST
        if directory in self._tops and self._is_script(path, name):
            return Role.SCRIPT
        return Role.CODE

    def _of_directory(self, directory: str) -> Role:
        known = self._directories.get(directory)
        if known is None:
            outermost_first = [*lineage(directory)][-2::-1]
            roles = (self._by_name(ancestor) for ancestor in outermost_first)
            known = next((role for role in roles if role is not Role.CODE), Role.CODE)
            self._directories[directory] = known
        return known

    def _by_name(self, directory: str) -> Role:
        parent, name = split(directory)
        if name in TEST_DIRECTORIES:
            return Role.TEST
        if directory in self._tested and TEST_LIKE_DIRECTORY.fullmatch(name):
            return Role.TEST
        if directory in self._migrated:
            return Role.MIGRATION
        if name in SCRIPT_DIRECTORIES:
            return Role.SCRIPT
        if name in SIDE_DIRECTORIES and parent in self._tops and directory not in self._imported:
            return Role.SCRIPT
        return Role.CODE

    def _is_test_file(self, path: str) -> bool:
        name = split(path)[1]
        if name in TEST_FILES:
            return True
        if TEST_LIKE_FILE.fullmatch(name) is not None and reads_like_a_test(self._project_root / path):
            return True
        return self._imports(path, FIXTURE_LIBRARIES) and defines_fixtures(self._project_root / path)

    def _migration_directories(self, listing: Listing) -> frozenset[str]:
        found: set[str] = set()
        for file in listing.files:
            directory, name = split(file)
            uses_library = self._imports(file, MIGRATION_LIBRARIES)
            if name == MIGRATION_ENVIRONMENT and directory:
                if uses_library or MIGRATION_TEMPLATE in listing.names[directory]:
                    found.add(directory)
            elif uses_library or NUMBERED_FILE.fullmatch(name):
                near = (directory, split(directory)[0])
                found.update(one for one in near if split(one)[1] in MIGRATION_DIRECTORIES)
        return frozenset(found)

    def _is_script(self, path: str, name: str) -> bool:
        return name in SCRIPT_FILES or (name == TASK_FILE and self._imports(path, TASK_RUNNER))

    def _imports(self, path: str, packages: frozenset[str]) -> bool:
        return any(one.module.partition(".")[0] in packages for one in self._glimpses[path].imports)
