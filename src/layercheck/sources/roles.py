"""The role of a file: part of the application, or test, migration, script.

Words alone mislead: ``test_results`` may be a feature, ``tools`` what an assistant calls, and
``versions`` the versions of an API. So a word that could be either needs a second sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from layercheck.sources.glimpse import Glimpse
from layercheck.sources.paths import lineage, split
from layercheck.sources.source import Role
from layercheck.sources.walk import Listing

TEST_DIRECTORIES = frozenset({"tests", "test"})
"""Always tests."""
TEST_DIRECTORY_PATTERNS = ("tests_*", "*_tests", "test_*", "*-tests", "e2e", "testing")
"""Tests if files in it are named and read like tests."""
TEST_FILE_PATTERNS = ("test_*.py", "*_test.py", "tests.py")
"""Tests if the file reads like one."""
TEST_FILES = frozenset({"conftest.py"})

MIGRATION_DIRECTORIES = frozenset({"migrations", "alembic"})
"""Migrations unless a feature of the application goes by that name."""
MIGRATION_ENVIRONMENT = "env.py"
MIGRATION_TEMPLATE = "script.py.mako"
FEATURE_FILES = frozenset({"router.py", "routers.py", "routes.py", "views.py", "service.py", "services.py"})

SCRIPT_DIRECTORIES = frozenset({"scripts", "bin"})
"""Always scripts."""
SIDE_DIRECTORIES = frozenset(
    {"tools", "doc", "docs", "example", "examples", "benchmark", "benchmarks", "dev", "devops", "hooks", "ci"}
)
"""Scripts if directly in the project or an import root, and not imported by the application."""
SCRIPT_FILES = frozenset({"setup.py", "noxfile.py", "fabfile.py", "versioneer.py", "locustfile.py"})
"""Scripts if directly in the project or an import root."""
TASK_FILE = "tasks.py"
TASK_RUNNER = "invoke"


class Roles:
    """Knows the role of every file of a tree.

    ``roots`` are the import roots, ``imported`` the files and directories that imports of other
    directories lead to.
    """

    def __init__(
        self, listing: Listing, roots: Iterable[str], glimpses: Mapping[str, Glimpse], imported: frozenset[str]
    ) -> None:
        self._tops = frozenset({"", *roots})
        self._glimpses = glimpses
        self._imported = imported
        self._names = listing.names
        self._tested = {
            ancestor
            for file in listing.files
            if self._is_test_file(file)
            for ancestor in lineage(split(file)[0])
        }
        self._environments = {
            split(file)[0] for file in listing.files if self._is_migration_environment(file)
        }
        self._directories: dict[str, Role] = {"": Role.CODE}

    def of(self, path: str) -> Role:
        """Return the role of the file ``path``."""
        directory, name = split(path)
        role = self._of_directory(directory)
        if role is not Role.CODE:
            return role
        if self._is_test_file(path):
            return Role.TEST
        if directory in self._tops and self._is_script(path, name):
            return Role.SCRIPT
        return Role.CODE

    def _of_directory(self, directory: str) -> Role:
        known = self._directories.get(directory)
        if known is None:
            parent, name = split(directory)
            known = self._of_directory(parent)
            if known is Role.CODE:
                known = self._by_name(directory, parent, name)
            self._directories[directory] = known
        return known

    def _by_name(self, directory: str, parent: str, name: str) -> Role:
        if name in TEST_DIRECTORIES:
            return Role.TEST
        if directory in self._tested and _matches(name, TEST_DIRECTORY_PATTERNS):
            return Role.TEST
        if directory in self._environments:
            return Role.MIGRATION
        if name in MIGRATION_DIRECTORIES and not self._names.get(directory, frozenset()) & FEATURE_FILES:
            return Role.MIGRATION
        if name in SCRIPT_DIRECTORIES:
            return Role.SCRIPT
        if name in SIDE_DIRECTORIES and parent in self._tops and directory not in self._imported:
            return Role.SCRIPT
        return Role.CODE

    def _is_test_file(self, path: str) -> bool:
        name = split(path)[1]
        return name in TEST_FILES or (_matches(name, TEST_FILE_PATTERNS) and self._glimpses[path].tests)

    def _is_migration_environment(self, path: str) -> bool:
        directory, name = split(path)
        if name != MIGRATION_ENVIRONMENT or not directory:
            return False
        return MIGRATION_TEMPLATE in self._names[directory] or self._imports(path, "alembic")

    def _is_script(self, path: str, name: str) -> bool:
        return name in SCRIPT_FILES or (name == TASK_FILE and self._imports(path, TASK_RUNNER))

    def _imports(self, path: str, package: str) -> bool:
        return any(one.module.partition(".")[0] == package for one in self._glimpses[path].imports)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
