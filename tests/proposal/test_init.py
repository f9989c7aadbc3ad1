"""``layercheck init``: whole files written for small applications of several styles."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from layercheck.errors import ExitCode
from layercheck.frontends.cli import main
from layercheck.frontends.running import run
from layercheck.proposal.contracts import Contract, layer_contracts

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
HEAD = """\
[tool.layercheck]
# What `layercheck init` counted, and the settings that say the same. Change them as you like.
"""

PROPOSED = {
    "flat": """\
# 4 routes. Modules: app 1, database 1, entity 1, schema 1, util 1.
# Sessions are held by 4 of 4 handlers.

# No service and no repository layer: a young or small project.
preset = "flat"

# Who ends transactions, by places: router 2.
transaction-owner = "router"
""",
    "layered": """\
# 5 routes. Modules: app 1, router 2, dependency 1, service 1, repository 1, database 1, entity 1, schema 1,\
 exception 1, config 1, util 1.
# Sessions are held by 0 of 5 handlers and 0 of 1 services.
# Exceptions with a registered handler: 1.

# Handlers call services, services repositories; 0 of 1 services hold a session.
preset = "recommended"

# Who ends transactions, by places: dependency 2.
transaction-owner = "dependency"
""",
    "by_feature": """\
# 9 routes. Modules: app 2, router 3, dependency 2, service 2, repository 2, database 1, entity 3, schema 3,\
 exception 3, config 1, util 1.
# Feature-first: app/orders, app/tags, app/users.
# Sessions are held by 4 of 9 handlers and 0 of 2 services.
# Exceptions with a registered handler: 4.

# Handlers call services, services repositories; 0 of 2 services hold a session.
preset = "recommended"

# Who ends transactions, by places: dependency 7.
transaction-owner = "dependency"
""",
    "crud": """\
# 11 routes. Modules: app 1, router 4, dependency 1, repository 1, database 1, entity 1, schema 1, config 1,\
 util 1.
# Sessions are held by 9 of 11 handlers.
# Errors without settings: LC101 3; `layercheck baseline` puts aside what is known.

# Handlers call repositories; no service layer was found.
preset = "recommended"

# Who ends transactions, by places: repository 3, router 2.
transaction-owner = ["repository", "router"]

# Errors that become responses: 5 in routers, 0 by registered exception handlers.
error-mapping = "router"
""",
    "legacy": """\
# 4 routes. Modules: app 1, router 2, service 1, repository 1, database 1, entity 1, schema 1.
# Sessions are held by 4 of 4 handlers and 1 of 1 services.
# Errors without settings: LC202 2, LC101 1; `layercheck baseline` puts aside what is known.

# 1 of 1 services hold a session.
preset = "session-in-service"
""",
}


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    done = capsys.readouterr()
    return code, done.out, done.err


@pytest.mark.parametrize("name", PROPOSED)
def test_settings_for_an_application(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = Path(shutil.copytree(FIXTURES / name, tmp_path / name))
    before = (root / "pyproject.toml").read_bytes()
    dry = told(capsys, "init", "--dry-run", str(root))
    assert (dry, (root / "pyproject.toml").read_bytes()) == ((0, HEAD + PROPOSED[name], ""), before)
    code, out, err = told(capsys, "init", str(root))
    assert (code, err, out.splitlines()[0]) == (0, "", f"Settings written to {root / 'pyproject.toml'}.")
    assert (root / "pyproject.toml").read_bytes() == before + b"\n" + dry[1].encode()
    first = run([root], cache=False).outcome
    assert not {"LC001", "LC003", "LC005"} & {one.code for one in first.new}
    assert first.internal_errors == ()


SERVICES = "\n".join(
    f"def show_{number}(session: Session) -> list[Item]:\n    return list(session.scalars(select(Item)))\n"
    for number in range(6)
)
HANDLERS = "\n".join(
    f"@router.get('/{number}')\ndef show_{number}(session: SessionDep) -> list[int]:\n"
    f"    return [item.id for item in items.show_{number}(session)]\n"
    for number in range(6)
)
ACTIVE = {
    "app/__init__.py": "",
    "app/main.py": (
        "from fastapi import FastAPI\n\nfrom app.api import router\n\n"
        "app = FastAPI()\napp.include_router(router)\n"
    ),
    "app/models.py": (
        "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n\n"
        "class Base(DeclarativeBase): ...\n\n\nclass Item(Base):\n    __tablename__ = 'items'\n"
        "    id: Mapped[int] = mapped_column(primary_key=True)\n"
    ),
    "app/database.py": (
        "from sqlalchemy import create_engine\nfrom sqlalchemy.orm import sessionmaker\n\n"
        "Sessions = sessionmaker(create_engine('sqlite://'))\n"
    ),
    "app/deps.py": (
        "from collections.abc import Iterator\nfrom typing import Annotated\n\nfrom fastapi import Depends\n"
        "from sqlalchemy.orm import Session\n\nfrom app.database import Sessions\n\n"
        "def session() -> Iterator[Session]:\n"
        "    with Sessions.begin() as session:\n        yield session\n\n"
        "SessionDep = Annotated[Session, Depends(session)]\n"
    ),
    "app/services/items.py": (
        "from sqlalchemy import select\nfrom sqlalchemy.orm import Session\n\n"
        f"from app.models import Item\n\n\n{SERVICES}"
    ),
    "app/api.py": (
        "from fastapi import APIRouter\n\nfrom app.deps import SessionDep\nfrom app.services import items\n\n"
        f"router = APIRouter()\n\n\n{HANDLERS}"
    ),
}
STATED = """\
# What `layercheck init` counted, and the settings that say the same. Change them as you like.
# 6 routes. Modules: app 1, router 1, dependency 1, service 1, database 1, entity 1.
# Sessions are held by 6 of 6 handlers and 6 of 6 services.

# Handlers call services; no repository layer was found.
preset = "no-repository"

# Who ends transactions, by places: dependency 6.
transaction-owner = "dependency"

# What most handlers do is the style here: LC104 router-holds-session: 6 warnings for 6 handlers.
ignore = ["LC104"]
"""


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def test_what_most_handlers_do_is_a_style(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, ACTIVE)
    assert [one.code for one in run([tmp_path], cache=False).outcome.new] == ["LC104"] * 6
    assert told(capsys, "init", str(tmp_path))[0] == ExitCode.CLEAN
    assert (tmp_path / "layercheck.toml").read_text("utf-8") == STATED
    assert run([tmp_path], cache=False).outcome.new == ()


WIRED = {
    "app/providers.py": "def get_clock() -> object:\n    return object()\n",
    "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
    **{
        f"app/services/{name}.py": (
            "from fastapi import Depends\nfrom app.providers import get_clock\n\n"
            f"class {name.title()}Service:\n"
            f"    def __init__(self, clock: object{default}) -> None:\n"
            "        self.clock = clock\n"
        )
        for name, default in (
            *((name, " = Depends(get_clock)") for name in ("orders", "items", "users", "carts", "mails")),
            *((name, "") for name in ("prices", "taxes")),
        )
    },
}


def test_services_that_are_wired_by_depends_are_a_style(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, WIRED)
    assert told(capsys, "init", str(tmp_path))[0] == ExitCode.CLEAN
    assert (
        "# What most services do is the style here: LC205 service-depends-marker: 5 warnings for"
        ' 7 services.\nignore = ["LC205"]\n'
    ) in (tmp_path / "layercheck.toml").read_text("utf-8")


def test_a_few_services_wired_so_are_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = {path: text.replace(" = Depends(get_clock)", "") for path, text in list(WIRED.items())[:5]}
    write(tmp_path, {**WIRED, **plain})
    assert told(capsys, "init", str(tmp_path))[0] == ExitCode.CLEAN
    assert "ignore" not in (tmp_path / "layercheck.toml").read_text("utf-8")


LAYERS = """
[tool.importlinter]
root_package = "app"

[[tool.importlinter.contracts]]
name = "inwards"
type = "layers"
containers = ["app"]
layers = ["api", "rating | (models)"]
"""


def test_layers_nothing_else_tells_come_from_contracts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, ACTIVE | {
        "pyproject.toml": LAYERS,
        "app/rating/core.py": (
            "from app.rating.parts import Part\n\n\nclass Engine:\n"
            "    def __init__(self) -> None:\n        self.parts: list[Part] = []\n\n"
            "    def run(self) -> None:\n        for part in self.parts:\n            part.turn()\n"
        ),
        "app/rating/parts.py": (
            "import subprocess\n\n\nclass Part:\n"
            "    def turn(self) -> None:\n        subprocess.run(['true'])\n"
        ),
    })  # fmt: skip
    assert told(capsys, "init", str(tmp_path))[0] == ExitCode.CLEAN
    text = (tmp_path / "pyproject.toml").read_text("utf-8")
    assert text.startswith(LAYERS)
    layers = text.partition("[tool.layercheck.layers]\n")[2]
    assert layers == (
        '# `app.rating` in the import-linter contract "inwards" of pyproject.toml.\n'
        'rating = {modules = ["app.rating.**"], may-use = []}\n'
    )
    assert run([tmp_path], cache=False).outcome.new == ()


@pytest.mark.parametrize("name", ["pyproject.toml", "layercheck.toml"])
def test_settings_are_never_overwritten(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, ACTIVE | {name: "[tool.layercheck]\n" if name == "pyproject.toml" else ""})
    before = (tmp_path / name).read_bytes()
    assert told(capsys, "init", str(tmp_path)) == (
        ExitCode.USAGE, "",
        f"layercheck: {tmp_path / name} has settings already; --dry-run shows what init proposes\n",
    )  # fmt: skip
    assert (tmp_path / name).read_bytes() == before
    code, out, _ = told(capsys, "init", "--dry-run", str(tmp_path))
    assert (code, 'preset = "no-repository"' in out) == (0, True)


FILES = {
    "no end of line": (b'[project]\nname = "x"', b"\n\n"),
    "an end of line": (b'[project]\nname = "x"\n', b"\n"),
    "an empty line": (b'[project]\nname = "x"\n\n', b""),
    "comments and tables out of order": (b"# a\n[tool.a]\nx=1 # b\n[project]\n[tool.b]\n", b"\n"),
}


@pytest.mark.parametrize(("before", "gap"), FILES.values(), ids=FILES)
def test_the_rest_of_a_file_stays_as_it_is(before: bytes, gap: bytes, tmp_path: Path) -> None:
    write(tmp_path, ACTIVE)
    (tmp_path / "pyproject.toml").write_bytes(before)
    assert main(["init", str(tmp_path)]) == ExitCode.CLEAN
    after = (tmp_path / "pyproject.toml").read_bytes()
    assert after == before + gap + b"[tool.layercheck]\n" + STATED.encode()


def test_lines_end_as_in_the_file(tmp_path: Path) -> None:
    write(tmp_path, ACTIVE)
    (tmp_path / "pyproject.toml").write_bytes(b"[project]\r\nname = 'x'\r\n")
    main(["init", str(tmp_path)])
    text = (tmp_path / "pyproject.toml").read_bytes()
    assert text.startswith(b"[project]\r\nname = 'x'\r\n\r\n[tool.layercheck]\r\n")
    assert text.count(b"\n") == text.count(b"\r\n")


def test_a_file_that_cannot_be_added_to_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, ACTIVE | {"pyproject.toml": "tool = {other = 1}\n"})
    assert main(["init", str(tmp_path)]) == ExitCode.CLEAN
    assert (tmp_path / "pyproject.toml").read_text("utf-8") == "tool = {other = 1}\n"
    assert tomllib.loads((tmp_path / "layercheck.toml").read_text("utf-8"))["preset"] == "no-repository"


@pytest.mark.parametrize(
    ("content", "reason"),
    (
        (b"[tool", "it is no TOML: Expected ']' at the end of a table declaration (at end of document)"),
        (b"\xff", "it is no TOML: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        (b"tool = {other = 1}", "a table cannot be added to it"),
    ),
)
def test_a_file_passed_over_is_named(
    content: bytes, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, ACTIVE)
    (tmp_path / "pyproject.toml").write_bytes(content)
    assert main(["init", str(tmp_path)]) == ExitCode.CLEAN
    done = capsys.readouterr()
    assert done.err == f"{tmp_path / 'pyproject.toml'} was left alone: {reason}\n"
    assert done.out.startswith(f"Settings written to {tmp_path / 'layercheck.toml'}.\n")


def test_a_link_out_of_the_project_is_not_followed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path / "outside.toml"
    outside.write_text("[project]\n", "utf-8")
    write(tmp_path / "project", ACTIVE)
    file = tmp_path / "project" / "pyproject.toml"
    file.symlink_to(outside)
    assert main(["init", str(tmp_path / "project")]) == ExitCode.USAGE
    assert capsys.readouterr().err == f"layercheck: {file} leads out of the project, to {outside}\n"
    assert outside.read_text("utf-8") == "[project]\n"


CONTRACTS: dict[str, tuple[str, str, list[Contract]]] = {
    "toml": (
        "pyproject.toml", LAYERS,
        [Contract("inwards", "pyproject.toml", (("app.api",), ("app.rating", "app.models")))],
    ),
    "ini": (
        ".importlinter",
        "[importlinter]\nroot_package = app\n[importlinter:contract:1]\nname = inwards\n"
        "type = layers\nlayers =\n    app.api\n    app.a : (app.b)\n",
        [Contract("inwards", ".importlinter", (("app.api",), ("app.a", "app.b")))],
    ),
    "another type": (
        "setup.cfg", "[importlinter:contract:1]\ntype = forbidden\nlayers =\n    a\n", [],
    ),
    "broken toml": ("pyproject.toml", "[tool", []),
    "broken ini": (".importlinter", "name", []),
    "tool is no table": ("pyproject.toml", "tool = 1", []),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text", "contracts"), CONTRACTS.values(), ids=CONTRACTS)
def test_contracts_of_import_linter(
    name: str, text: str, contracts: list[Contract], tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    assert layer_contracts(tmp_path) == contracts
