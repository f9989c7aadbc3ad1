"""``pytest --layercheck``: one item for each module, failing with what is found in it.

Every pytest run of an environment loads this module, so it loads nothing of layercheck itself.
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options; without --layercheck nothing happens."""
    group = parser.getgroup("layercheck", "architecture of FastAPI code")
    group.addoption("--layercheck", action="store_true", help="Check the layers of the project, too.")
    group.addoption(
        "--layercheck-config", metavar="FILE", help="Settings file to read instead of the project's own."
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Add the items, early enough for -k and -m to choose among them."""
    if session.config.getoption("layercheck"):
        from layercheck.frontends.pytest_items import collect

        items.extend(collect(session))
