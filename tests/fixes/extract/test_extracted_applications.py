"""Applications that run, taken apart handler by handler: they answer as before, and keep the same rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from extracting import Request, copied, extracted, own_tests, refusal, replay

from layercheck.config.load import load
from layercheck.pipeline import check
from layercheck.rules.catalog import codes

ADA = ("ada@example.org", "correct horse")
BOB = ("bob@example.org", "battery staple")


def _user(who: tuple[str, str], **more: str) -> dict[str, str]:
    return {"email": who[0], "password": who[1], **more}


FLAT: list[Request] = [
    ("POST", "/users", _user(ADA, name="Ada"), None),
    ("POST", "/users", _user(ADA, name="Ada again"), None),
    ("POST", "/users", {"email": "nobody"}, None),
    ("POST", "/users", _user(BOB, name="Bob"), None),
    ("PUT", "/users/me", {"name": "Countess"}, ADA),
    ("PUT", "/users/me", {"name": "Nobody"}, ("ada@example.org", "wrong")),
    ("PUT", "/users/me", {"name": ""}, ADA),
    ("GET", "/users", None, None),
    ("GET", "/users/1", None, None),
    ("GET", "/users/9", None, None),
]
CRUD: list[Request] = [
    ("POST", "/api/v1/users/signup", _user(ADA, full_name="Ada"), None),
    ("POST", "/api/v1/users/signup", _user(ADA, full_name="Ada again"), None),
    ("POST", "/api/v1/users/signup", _user(BOB, full_name="Bob"), None),
    ("PATCH", "/api/v1/users/me", {"email": BOB[0]}, ADA),
    ("PATCH", "/api/v1/users/me", {"email": "countess@example.org"}, ADA),
    ("GET", "/api/v1/users/me", None, BOB),
    ("POST", "/api/v1/items/", {"title": "Engine"}, BOB),
    ("POST", "/api/v1/items/", {"title": "Notes"}, BOB),
    ("POST", "/api/v1/items/", {"title": "Letters"}, ("countess@example.org", ADA[1])),
    ("GET", "/api/v1/items/", None, BOB),
    ("GET", "/api/v1/items/?skip=1&limit=1", None, BOB),
    ("DELETE", "/api/v1/items/3", None, BOB),
    ("DELETE", "/api/v1/items/9", None, BOB),
    ("DELETE", "/api/v1/items/1", None, BOB),
    ("GET", "/api/v1/items/", None, BOB),
]
TANGLED: list[Request] = [
    ("POST", "/users", _user(ADA, name="Ada"), None),
    ("POST", "/users/1/deactivate", None, None),
    ("POST", "/users/1/deactivate", None, None),
    ("POST", "/users/9/deactivate", None, None),
    ("POST", "/orders", {"user_id": 1, "product": "tea", "quantity": 2}, None),
    ("GET", "/reports/orders/1", None, None),
    ("GET", "/reports/orders/9", None, None),
]
TAGS: list[Request] = [
    ("POST", "/tags", {"name": "new", "colour": "red"}, None),
    ("POST", "/tags", {"name": "old", "colour": "black"}, None),
    ("PUT", "/tags/1", {"colour": "blue"}, None),
    ("PUT", "/tags/2", {"colour": "blue"}, None),
    ("PUT", "/tags/9", {"colour": "blue"}, None),
    ("GET", "/tags", None, None),
]
PAINTED = """\
    if tag.colour == "black":
        raise HTTPException(status.HTTP_409_CONFLICT, "Black tags stay black")
    tag.colour = payload.colour
"""


def _by_feature(tmp_path: Path) -> Path:
    """Return the fixture with a rule of the business in a route that was thin."""
    root = copied(tmp_path, "by_feature")
    router = root / "app/tags/router.py"
    router.write_text(router.read_text().replace("    tag.colour = payload.colour\n", PAINTED))
    return root


@pytest.mark.parametrize(
    ("name", "handlers", "requests", "driver"),
    [
        ("flat", ("app/main.py::create_user", "app/main.py::update_me"), FLAT, "sqlite"),
        (
            "crud",
            (
                "app/api/routes/users.py::register_user",
                "app/api/routes/users.py::update_user_me",
                "app/api/routes/items.py::read_items",
                "app/api/routes/items.py::delete_item",
            ),
            CRUD,
            "sqlite",
        ),
        (
            "tangled",
            ("app/api/users.py::deactivate_user", "app/api/reports.py::orders_of"),
            TANGLED,
            "sqlite+aiosqlite",
        ),
        ("by_feature", ("app/tags/router.py::paint_tag",), TAGS, "sqlite+aiosqlite"),
    ],
    ids=["flat", "crud", "tangled", "by_feature"],
)
def test_an_application_answers_as_before(
    tmp_path: Path, name: str, handlers: tuple[str, ...], requests: list[Request], driver: str
) -> None:
    root = _by_feature(tmp_path) if name == "by_feature" else copied(tmp_path, name)
    before = replay(root, requests, driver)
    assert {answer[2] for answer in before["answers"]} >= {200, 404}
    for handler in handlers:
        done = extracted(root, handler)
        assert {one.code for one in done.gone if one.element == done.handler} & {"LC101", "LC104"}
        done.write()
        assert replay(root, requests, driver) == before, handler
        assert refusal(root, handler).endswith("does not touch the database")
    assert own_tests(root) == ""


def test_the_flat_application_passes_the_strict_preset_in_the_end(tmp_path: Path) -> None:
    root = copied(tmp_path, "flat")
    for handler in ("create_user", "update_me"):
        extracted(root, f"app/main.py::{handler}").write()
    config = load(root, None, {"preset": "strict"}, known_codes=codes())
    assert [str(one.finding.place) for one in check([root], config).findings] == []
