"""What `discover` finds in small trees: path, module, import root and role of every file."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from layercheck.errors import NothingToAnalyse, UsageError
from layercheck.sources import Role, Source, SourceTree, discover

Build = Callable[[Mapping[str, str]], Path]

CODE, TEST, MIGRATION, SCRIPT = Role


def rows(tree: SourceTree) -> list[tuple[str, str, str, Role]]:
    return [(source.path, source.module, source.root, source.role) for source in tree.sources]


def paths(tree: SourceTree) -> list[str]:
    return [source.path for source in tree.sources]


def roles(tree: SourceTree) -> dict[str, Role]:
    return {source.path: source.role for source in tree.sources}


LAYOUTS: dict[str, tuple[dict[str, str], list[tuple[str, str, str, Role]]]] = {
    "src layout": (
        {
            "pyproject.toml": "",
            "src/shop/__init__.py": "",
            "src/shop/main.py": "from shop.api import routes\n",
            "src/shop/api/__init__.py": "",
            "src/shop/api/routes.py": "",
            "tests/test_routes.py": "from shop.api.routes import router\n\ndef test_it(): ...\n",
        },
        [
            ("src/shop/__init__.py", "shop", "src", CODE),
            ("src/shop/api/__init__.py", "shop.api", "src", CODE),
            ("src/shop/api/routes.py", "shop.api.routes", "src", CODE),
            ("src/shop/main.py", "shop.main", "src", CODE),
            ("tests/test_routes.py", "tests.test_routes", "", TEST),
        ],
    ),
    "src is a package itself": (
        {
            "src/__init__.py": "",
            "src/main.py": "from src.users import service\n",
            "src/users/__init__.py": "",
            "src/users/service.py": "from src.users import models\n",
        },
        [
            ("src/__init__.py", "src", "", CODE),
            ("src/main.py", "src.main", "", CODE),
            ("src/users/__init__.py", "src.users", "", CODE),
            ("src/users/service.py", "src.users.service", "", CODE),
        ],
    ),
    "src is a package by its imports alone": (
        {
            "src/main.py": "from src.users.service import find\n",
            "src/users/service.py": "from src.config import settings\n",
            "src/config.py": "",
        },
        [
            ("src/config.py", "src.config", "", CODE),
            ("src/main.py", "src.main", "", CODE),
            ("src/users/service.py", "src.users.service", "", CODE),
        ],
    ),
    "backend with its own pyproject": (
        {
            "pyproject.toml": "",
            "backend/pyproject.toml": "",
            "backend/app/__init__.py": "",
            "backend/app/main.py": "from app.core.config import settings\n",
            "backend/app/core/__init__.py": "",
            "backend/app/core/config.py": "",
            "scripts/release.py": "",
        },
        [
            ("backend/app/__init__.py", "app", "backend", CODE),
            ("backend/app/core/__init__.py", "app.core", "backend", CODE),
            ("backend/app/core/config.py", "app.core.config", "backend", CODE),
            ("backend/app/main.py", "app.main", "backend", CODE),
            ("scripts/release.py", "scripts.release", "", SCRIPT),
        ],
    ),
    "backend without any mark": (
        {
            "backend/app/main.py": "from app.core.config import settings\n",
            "backend/app/core/config.py": "",
        },
        [
            ("backend/app/core/config.py", "app.core.config", "backend", CODE),
            ("backend/app/main.py", "app.main", "backend", CODE),
        ],
    ),
    "backend imported by its own name": (
        {
            "backend/__init__.py": "",
            "backend/alembic.ini": "",
            "backend/requirements.txt": "",
            "backend/main.py": "from backend.app.api import router\n",
            "backend/app/api.py": "from backend.common import log\n",
            "backend/common/__init__.py": "",
            "backend/plugin/mail/requirements.txt": "",
            "backend/plugin/mail/api.py": "from backend.common import log\n",
        },
        [
            ("backend/__init__.py", "backend", "", CODE),
            ("backend/app/api.py", "backend.app.api", "", CODE),
            ("backend/common/__init__.py", "backend.common", "", CODE),
            ("backend/main.py", "backend.main", "", CODE),
            ("backend/plugin/mail/api.py", "backend.plugin.mail.api", "", CODE),
        ],
    ),
    "sub-project with relative imports only": (
        {
            "README.md": "",
            "service/requirements.txt": "",
            "service/app/__init__.py": "",
            "service/app/main.py": "from .routes import router\n",
            "service/app/routes.py": "",
        },
        [
            ("service/app/__init__.py", "app", "service", CODE),
            ("service/app/main.py", "app.main", "service", CODE),
            ("service/app/routes.py", "app.routes", "service", CODE),
        ],
    ),
    "the root of the repository": (
        {
            "__init__.py": "",
            "main.py": "from api.v1.routes import users\n",
            "api/__init__.py": "",
            "api/v1/routes/users.py": "from api.v1.services.user import UserService\n",
            "api/v1/services/user.py": "",
        },
        [
            ("__init__.py", "__init__", "", CODE),
            ("api/__init__.py", "api", "", CODE),
            ("api/v1/routes/users.py", "api.v1.routes.users", "", CODE),
            ("api/v1/services/user.py", "api.v1.services.user", "", CODE),
            ("main.py", "main", "", CODE),
        ],
    ),
    "monorepo with equal package names": (
        {
            "pyproject.toml": "",
            "orders/pyproject.toml": "",
            "orders/app/__init__.py": "",
            "orders/app/main.py": "from app.db import session\n",
            "orders/app/db.py": "",
            "users/pyproject.toml": "",
            "users/app/__init__.py": "",
            "users/app/main.py": "from app.db import session\n",
            "users/app/db.py": "",
        },
        [
            ("orders/app/__init__.py", "app", "orders", CODE),
            ("orders/app/db.py", "app.db", "orders", CODE),
            ("orders/app/main.py", "app.main", "orders", CODE),
            ("users/app/__init__.py", "app", "users", CODE),
            ("users/app/db.py", "app.db", "users", CODE),
            ("users/app/main.py", "app.main", "users", CODE),
        ],
    ),
    "application folder as root beside others": (
        {
            "api_app/main.py": "from api.routes import users\nfrom services.users import find\n",
            "api_app/api/__init__.py": "",
            "api_app/api/routes.py": "from services import users\n",
            "api_app/services/__init__.py": "",
            "api_app/services/users.py": "",
            "worker/run.py": "from shared.queue import listen\n",
            "worker/shared/__init__.py": "",
            "worker/shared/queue.py": "",
        },
        [
            ("api_app/api/__init__.py", "api", "api_app", CODE),
            ("api_app/api/routes.py", "api.routes", "api_app", CODE),
            ("api_app/main.py", "main", "api_app", CODE),
            ("api_app/services/__init__.py", "services", "api_app", CODE),
            ("api_app/services/users.py", "services.users", "api_app", CODE),
            ("worker/run.py", "run", "worker", CODE),
            ("worker/shared/__init__.py", "shared", "worker", CODE),
            ("worker/shared/queue.py", "shared.queue", "worker", CODE),
        ],
    ),
    "namespace package over two roots": (
        {
            "core/pyproject.toml": "",
            "core/acme/core/__init__.py": "",
            "core/acme/core/models.py": "",
            "web/pyproject.toml": "",
            "web/acme/web/__init__.py": "",
            "web/acme/web/main.py": "from acme.core.models import User\nfrom acme.web import routes\n",
            "web/acme/web/routes.py": "",
        },
        [
            ("core/acme/core/__init__.py", "acme.core", "core", CODE),
            ("core/acme/core/models.py", "acme.core.models", "core", CODE),
            ("web/acme/web/__init__.py", "acme.web", "web", CODE),
            ("web/acme/web/main.py", "acme.web.main", "web", CODE),
            ("web/acme/web/routes.py", "acme.web.routes", "web", CODE),
        ],
    ),
    "no __init__ anywhere": (
        {
            "app/main.py": "from app.users import (  # the feature\n    router,\n)\n",
            "app/users/router.py": "from .service import find\n",
            "app/users/service.py": "",
        },
        [
            ("app/main.py", "app.main", "", CODE),
            ("app/users/router.py", "app.users.router", "", CODE),
            ("app/users/service.py", "app.users.service", "", CODE),
        ],
    ),
    "a module named like a requirement is no root": (
        {
            "requirements.txt": "fastapi\ncelery>=5\n",
            "app/__init__.py": "",
            "app/main.py": "from app.tasks import jobs\n",
            "app/tasks/celery.py": "from celery import Celery\n",
            "app/tasks/jobs.py": "from celery import shared_task\n",
            "deploy/celery.py": "",
        },
        [
            ("app/__init__.py", "app", "", CODE),
            ("app/main.py", "app.main", "", CODE),
            ("app/tasks/celery.py", "app.tasks.celery", "", CODE),
            ("app/tasks/jobs.py", "app.tasks.jobs", "", CODE),
            ("deploy/celery.py", "deploy.celery", "", CODE),
        ],
    ),
    "a folder named like a library is no package": (
        {
            "service/requirements.txt": "",
            "service/app/main.py": "from app.db import session\n",
            "service/app/db.py": "",
            "service/app/alembic/env.py": "from alembic import context\nfrom app.db import session\n",
        },
        [
            ("service/app/alembic/env.py", "app.alembic.env", "service", MIGRATION),
            ("service/app/db.py", "app.db", "service", CODE),
            ("service/app/main.py", "app.main", "service", CODE),
        ],
    ),
}


@pytest.mark.parametrize(("tree", "expected"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_modules_and_roots(
    build: Build, tree: dict[str, str], expected: list[tuple[str, str, str, Role]]
) -> None:
    found = discover(build(tree))
    assert rows(found) == expected
    assert found.roots == tuple(sorted({root for _, _, root, _ in expected}))
    assert found.skipped == ()


TEST_TEXT = "def test_it(): ...\n"

ROLES: dict[str, tuple[dict[str, str], dict[str, Role]]] = {
    "tests by folder and by name": (
        {
            "tests/helpers.py": "",
            "app/test/data.py": "",
            "conftest.py": "",
            "app/test_users.py": TEST_TEXT,
            "app/users_test.py": "import pytest\n",
            "e2e_tests/conftest.py": "",
            "e2e_tests/pages.py": "",
        },
        {
            "app/test/data.py": TEST,
            "app/test_users.py": TEST,
            "app/users_test.py": TEST,
            "conftest.py": TEST,
            "e2e_tests/conftest.py": TEST,
            "e2e_tests/pages.py": TEST,
            "tests/helpers.py": TEST,
        },
    ),
    "features that sound like tests": (
        {
            "app/test_results/router.py": "",
            "app/lab_tests/service.py": "",
            "app/services/testing.py": "",
            "app/models/ab_test.py": "class AbTest: ...\n",
            "app/routes/test_runs.py": "router = APIRouter()\n\nasync def test_connection(): ...\n",
            "app/contest.py": "",
        },
        {
            "app/contest.py": CODE,
            "app/lab_tests/service.py": CODE,
            "app/models/ab_test.py": CODE,
            "app/routes/test_runs.py": CODE,
            "app/services/testing.py": CODE,
            "app/test_results/router.py": CODE,
        },
    ),
    "fixtures that a package ships": (
        {
            "app/testing/fixtures.py": "import pytest\n\n\n@pytest.fixture\ndef db(): ...\n",
            "app/testing/mockups.py": "",
            "app/plugin.py": 'from pytest import fixture\n\n\n@fixture(scope="session")\ndef db(): ...\n',
            "app/service.py": "",
        },
        {
            "app/plugin.py": TEST,
            "app/service.py": CODE,
            "app/testing/fixtures.py": TEST,
            "app/testing/mockups.py": TEST,
        },
    ),
    "features that run tests or hold fixtures of another kind": (
        {
            "app/testing/runner.py": "import pytest\n\n\ndef run(path): return pytest.main([path])\n",
            "app/testing/league.py": "from app.matches import fixture\n\n\n@fixture\ndef final(): ...\n",
            "app/testing/doubles.py": "import pytest\n\nclass A:\n    @pytest.fixture\n    def a(_): ...\n",
            "app/testing/matches.py": "import pytest\n\n\n@router.fixture\ndef final(): ...\n",
        },
        {
            "app/testing/doubles.py": CODE,
            "app/testing/league.py": CODE,
            "app/testing/matches.py": CODE,
            "app/testing/runner.py": CODE,
        },
    ),
    "migrations": (
        {
            "alembic/env.py": "",
            "alembic/script.py.mako": "",
            "alembic/versions/2024_init.py": "",
            "app/db/revisions/env.py": "from alembic import context\n",
            "app/db/revisions/helpers.py": "",
            "app/users/migrations/0001_initial.py": "",
            "app/users/migrations/__init__.py": "",
            "migrations/models/0_2023_init.py": "",
            "other/versions/ae12.py": "import alembic\n",
        },
        {
            "alembic/env.py": MIGRATION,
            "alembic/versions/2024_init.py": MIGRATION,
            "app/db/revisions/env.py": MIGRATION,
            "app/db/revisions/helpers.py": MIGRATION,
            "app/users/migrations/0001_initial.py": MIGRATION,
            "app/users/migrations/__init__.py": MIGRATION,
            "migrations/models/0_2023_init.py": MIGRATION,
            "other/versions/ae12.py": MIGRATION,
        },
    ),
    "features that sound like migrations": (
        {
            "app/api/versions/v1.py": "",
            "app/core/env.py": "import os\n",
            "app/services/migrations/paprika.py": "",
        },
        {
            "app/api/versions/v1.py": CODE,
            "app/core/env.py": CODE,
            "app/services/migrations/paprika.py": CODE,
        },
    ),
    "scripts": (
        {
            "app/main.py": "",
            "app/scripts/seed.py": "",
            "bin/run.py": "",
            "docs/conf.py": "",
            "noxfile.py": "",
            "setup.py": "",
            "tasks.py": "from invoke import task\n",
            "tools/lint.py": "",
        },
        {
            "app/main.py": CODE,
            "app/scripts/seed.py": SCRIPT,
            "bin/run.py": SCRIPT,
            "docs/conf.py": SCRIPT,
            "noxfile.py": SCRIPT,
            "setup.py": SCRIPT,
            "tasks.py": SCRIPT,
            "tools/lint.py": SCRIPT,
        },
    ),
    "features that sound like scripts": (
        {
            "app/docs/router.py": "",
            "app/setup.py": "",
            "app/tools/search.py": "",
            "main.py": "from tools.search import find\n",
            "tasks.py": "from celery import Celery\n",
            "tools/search.py": "",
        },
        {
            "app/docs/router.py": CODE,
            "app/setup.py": CODE,
            "app/tools/search.py": CODE,
            "main.py": CODE,
            "tasks.py": CODE,
            "tools/search.py": CODE,
        },
    ),
}


@pytest.mark.parametrize(("tree", "expected"), ROLES.values(), ids=ROLES.keys())
def test_roles(build: Build, tree: dict[str, str], expected: dict[str, Role]) -> None:
    assert roles(discover(build(tree))) == expected


def test_whole_result(build: Build) -> None:
    top = build({"src/shop/__init__.py": "x = 1\n", "src/shop/api.py": ""})
    (top / "lost.py").symlink_to("nowhere.py")
    found = discover(top)
    assert found == SourceTree(
        project_root=str(top),
        roots=("src",),
        sources=(
            Source("src/shop/__init__.py", "shop", "src", True, CODE),
            Source("src/shop/api.py", "shop.api", "src", False, CODE),
        ),
        skipped=(("lost.py", "link to nothing"),),
    )
    assert found.sources[0].read(found.project_root) == b"x = 1\n"


def test_read_of_a_vanished_file_is_an_os_error(build: Build) -> None:
    top = build({"main.py": ""})
    [source] = discover(top).sources
    (top / "main.py").unlink()
    with pytest.raises(FileNotFoundError):
        source.read(top)


GITIGNORES: dict[str, tuple[dict[str, str], list[str]]] = {
    "at the top": (
        {".gitignore": "generated/\n*_pb2.py\n", "a_pb2.py": "", "generated/x.py": "", "main.py": ""},
        ["main.py"],
    ),
    "anchored": (
        {".gitignore": "/data\n", "data/x.py": "", "app/data/y.py": ""},
        ["app/data/y.py"],
    ),
    "negated": (
        {".gitignore": "*.py\n!keep.py\n", "drop.py": "", "keep.py": "", "app/keep.py": ""},
        ["app/keep.py", "keep.py"],
    ),
    "nested": (
        {"app/.gitignore": "local.py\n/only_here.py\n", "app/local.py": "", "app/only_here.py": "",
         "app/x/only_here.py": "", "app/x/local.py": "", "local.py": ""},
        ["app/x/only_here.py", "local.py"],
    ),
    "nested negation wins over the outer pattern": (
        {".gitignore": "local.py\n", "app/.gitignore": "!local.py\n", "app/local.py": "",
         "local.py": "", "m.py": ""},
        ["app/local.py", "m.py"],
    ),
    "nothing comes back from an ignored folder": (
        {".gitignore": "out/\n", "out/.gitignore": "!x.py\n", "out/x.py": "", "main.py": ""},
        ["main.py"],
    ),
    "malformed lines are passed over": (
        {".gitignore": "!\n/\ndrop.py\n", "drop.py": "", "main.py": ""},
        ["main.py"],
    ),
    "byte order mark and line ends": (
        {".gitignore": "\ufeffdrop.py\r\nalso.py\r\n", "drop.py": "", "also.py": "", "main.py": ""},
        ["main.py"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("tree", "expected"), GITIGNORES.values(), ids=GITIGNORES.keys())
def test_gitignore(build: Build, tree: dict[str, str], expected: list[str]) -> None:
    assert paths(discover(build(tree))) == expected


def test_gitignore_above_the_project_counts_within_the_repository(build: Build) -> None:
    repository = build({
        ".git/HEAD": "",
        ".gitignore": "local.py\nservice/app/secret.py\n",
        "service/app/local.py": "",
        "service/app/main.py": "",
        "service/app/secret.py": "",
    })  # fmt: skip
    assert paths(discover(repository / "service")) == ["app/main.py"]


def test_gitignore_above_the_project_is_none_without_a_repository(build: Build) -> None:
    top = build({".gitignore": "local.py\n", "service/local.py": ""})
    assert paths(discover(top / "service")) == ["local.py"]


def test_an_ignored_project_named_outright_is_read(build: Build) -> None:
    repository = build({".git/HEAD": "", ".gitignore": "sandbox/\n", "sandbox/demo/main.py": ""})
    assert paths(discover(repository / "sandbox" / "demo")) == ["main.py"]


def test_left_out_without_being_asked(build: Build) -> None:
    top = build({
        "pyproject.toml": "",
        ".git/hooks/a.py": "",
        ".hidden/a.py": "",
        ".secret.py": "",
        "app/__pycache__/a.py": "",
        "build/lib/app/main.py": "",
        "conda/conda-meta/history": "",
        "conda/a.py": "",
        "my_env/lib/a.py": "",
        "my_env/pyvenv.cfg": "",
        "vendor/site-packages/a.py": "",
        "web/node_modules/gyp/a.py": "",
        "app/build/plan.py": "",
        "dist/make.py": "",
        "main.py": "",
        "venv/not_an_environment.py": "",
    })  # fmt: skip
    found = discover(top)
    assert paths(found) == ["app/build/plan.py", "dist/make.py", "main.py", "venv/not_an_environment.py"]
    assert found.skipped == ()


@pytest.mark.parametrize(
    ("exclude", "expected"),
    [
        pytest.param([], ["app/generated/x.py", "app/main.py", "main.py"], id="none"),
        pytest.param(["**/generated/**"], ["app/main.py", "main.py"], id="folder"),
        pytest.param(["/main.py"], ["app/generated/x.py", "app/main.py"], id="anchored"),
        pytest.param(["main.py", "!app/main.py"], ["app/generated/x.py", "app/main.py"], id="negated"),
        pytest.param(
            ["!ignored.py"], ["app/generated/x.py", "app/main.py", "ignored.py", "main.py"], id="over git"
        ),
    ],
)
def test_exclude(build: Build, exclude: list[str], expected: list[str]) -> None:
    top = build({
        ".gitignore": "ignored.py\n", "app/generated/x.py": "", "app/main.py": "",
        "ignored.py": "", "main.py": "",
    })  # fmt: skip
    assert paths(discover(top, exclude=exclude)) == expected


def test_links(build: Build, tmp_path: Path) -> None:
    top = build({"app/main.py": "", "app/data/": ""})
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "shared.py").write_text("")
    (top / "app" / "again.py").symlink_to("main.py")
    (top / "app" / "borrowed.py").symlink_to(outside / "shared.py")
    (top / "app" / "dangling.py").symlink_to("nowhere.py")
    (top / "app" / "dangling.txt").symlink_to("nowhere.txt")
    (top / "app" / "folder.py").symlink_to("data")
    (top / "app" / "circle.py").symlink_to("circle.py")
    (top / "app" / "circle").symlink_to("circle")
    (top / "app" / "loop").symlink_to(top)
    (top / "app" / "outside").symlink_to(outside)
    found = discover(top)
    assert paths(found) == ["app/again.py", "app/borrowed.py", "app/main.py"]
    assert found.skipped == (
        ("app/circle.py", os.strerror(errno.ELOOP).lower()),
        ("app/dangling.py", "link to nothing"),
        ("app/folder.py", "link to a directory"),
        ("app/outside", "link to a directory outside the project"),
    )


def test_what_is_named_like_a_module_and_is_none(build: Build) -> None:
    top = build({"main.py": "", "package.py/inner.py": "", "stub.pyi": "", "notes.py.txt": ""})
    os.mkfifo(top / "pipe.py")
    found = discover(top)
    assert rows(found) == [
        ("main.py", "main", "", CODE),
        ("package.py/inner.py", "package.py.inner", "", CODE),
    ]
    assert found.skipped == (("pipe.py", "not a regular file"),)


def test_no_permission(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    # The user who runs the tests may be allowed to read everything, so the system calls refuse.
    top = build({"main.py": "", "closed/x.py": "", "secret.py": ""})
    scandir, access = os.scandir, os.access

    def guarded_scandir(path: str) -> os._ScandirIterator[str]:
        if path.endswith("closed"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded_scandir)
    monkeypatch.setattr(os, "access", lambda path, mode: "secret" not in path and access(path, mode))
    found = discover(top)
    assert paths(found) == ["main.py"]
    assert found.skipped == (
        ("closed", "directory cannot be listed: permission denied"),
        ("secret.py", "permission denied"),
    )


def test_a_name_that_is_not_utf8(build: Build) -> None:
    top = build({"app/main.py": "from app import x\n"})
    Path(os.fsdecode(os.fsencode(top) + b"/app/caf\xe9.py")).write_text("y = 2\n")
    found = discover(top)
    assert rows(found) == [
        ("app/caf\udce9.py", "app.caf\udce9", "", CODE),
        ("app/main.py", "app.main", "", CODE),
    ]
    assert found.sources[0].read(top) == b"y = 2\n"


MONOREPO = {
    "orders/app/main.py": "from app import db\n",
    "orders/app/db.py": "",
    "orders/tests/test_main.py": TEST_TEXT,
    "users/app/main.py": "",
    "users/tests/test_main.py": TEST_TEXT,
}


@pytest.mark.parametrize(
    ("roots", "expected"),
    [
        pytest.param(
            ["orders"],
            [
                ("orders/app/db.py", "app.db", "orders", CODE),
                ("orders/app/main.py", "app.main", "orders", CODE),
                ("orders/tests/test_main.py", "tests.test_main", "orders", TEST),
                ("users/tests/test_main.py", "users.tests.test_main", "", TEST),
            ],
            id="code elsewhere is left out",
        ),
        pytest.param(
            ["./orders/", "users/app"],
            [
                ("orders/app/db.py", "app.db", "orders", CODE),
                ("orders/app/main.py", "app.main", "orders", CODE),
                ("orders/tests/test_main.py", "tests.test_main", "orders", TEST),
                ("users/app/main.py", "main", "users/app", CODE),
                ("users/tests/test_main.py", "users.tests.test_main", "", TEST),
            ],
            id="several, loosely spelled",
        ),
        pytest.param(
            ["."],
            [
                ("orders/app/db.py", "orders.app.db", "", CODE),
                ("orders/app/main.py", "orders.app.main", "", CODE),
                ("orders/tests/test_main.py", "orders.tests.test_main", "", TEST),
                ("users/app/main.py", "users.app.main", "", CODE),
                ("users/tests/test_main.py", "users.tests.test_main", "", TEST),
            ],
            id="the project root, against all imports",
        ),
    ],
)
def test_given_roots(build: Build, roots: list[str], expected: list[tuple[str, str, str, Role]]) -> None:
    assert rows(discover(build(MONOREPO), roots)) == expected


@pytest.mark.parametrize(
    ("roots", "exclude", "words"),
    [
        pytest.param(["srcs"], [], 'roots: "srcs" is no directory in {top}', id="missing root"),
        pytest.param(["main.py"], [], 'roots: "main.py" is no directory in {top}', id="root is a file"),
        pytest.param(
            ["../x"], [], 'roots: "../x" must be a path inside the project root {top}', id="outside"
        ),
        pytest.param(
            ["/etc"], [], 'roots: "/etc" must be a path inside the project root {top}', id="absolute"
        ),
        pytest.param(
            None,
            ["ok", "!"],
            "exclude: \"!\" is not a gitignore pattern: Invalid git pattern: '!'",
            id="pattern",
        ),
    ],
)
def test_wrong_use(build: Build, roots: list[str] | None, exclude: list[str], words: str) -> None:
    top = build({"main.py": ""})
    with pytest.raises(UsageError) as caught:
        discover(top, roots, exclude)
    assert str(caught.value) == words.format(top=top)


def test_project_root_must_be_a_directory(build: Build) -> None:
    top = build({"main.py": ""})
    with pytest.raises(UsageError) as missing:
        discover(top / "nowhere")
    with pytest.raises(UsageError) as file:
        discover(top / "main.py")
    assert [str(missing.value), str(file.value)] == [
        f"{top}/nowhere: no such directory",
        f"{top}/main.py: not a directory",
    ]


@pytest.mark.parametrize(
    ("tree", "roots", "exclude", "words"),
    [
        pytest.param({"README.md": ""}, None, [], "no Python file to analyse in {top}", id="none"),
        pytest.param(
            {"main.py": "", "lib/": ""}, ["lib"], [],
            "no Python file to analyse in {top}/lib (1 lie outside of the given roots)",
            id="outside the roots",
        ),
        pytest.param(
            {"main.py": ""}, None, ["*.py"],
            "no Python file to analyse in {top}; excluded are *.py and what .gitignore names",
            id="all excluded",
        ),
    ],
)  # fmt: skip
def test_nothing_to_analyse(
    build: Build, tree: dict[str, str], roots: list[str] | None, exclude: list[str], words: str
) -> None:
    top = build(tree)
    with pytest.raises(NothingToAnalyse) as caught:
        discover(top, roots, exclude)
    assert str(caught.value) == words.format(top=top)


def test_nothing_to_analyse_tells_what_was_unusable(build: Build) -> None:
    top = build({"app/": ""})
    (top / "a.py").symlink_to("nowhere")
    (top / "b.py").symlink_to("nowhere")
    with pytest.raises(NothingToAnalyse) as caught:
        discover(top)
    assert str(caught.value) == f"no Python file to analyse in {top} (a.py: link to nothing and 1 more)"
