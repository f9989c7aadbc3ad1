"""The matrix of layers: who may use whom, by default and by the settings."""

from __future__ import annotations

import pytest

from layercheck.config.schema import LAYERS, Config, OwnLayer
from layercheck.project.matrix import MAY_USE, UNBOUND, Condition, condition, may_use, rank

OWN = Config(own_layers={"engine": OwnLayer(modules=("app.engine.**",), may_use=("entity", "util"))})
ALLOWED = Config(allow_edges=(("router", "infrastructure"), ("entity", "database")))


@pytest.mark.parametrize(
    ("source", "allowed"),
    [
        (
            "app",
            "router dependency service repository entity schema database infrastructure"
            " task exception util config",
        ),
        ("router", "dependency service schema exception util config task"),
        ("dependency", "service repository database infrastructure schema entity exception util config"),
        ("service", "repository entity schema exception infrastructure util config task"),
        ("repository", "entity database schema exception util config"),
        ("entity", "exception util database"),
        ("schema", "exception util entity config"),
        ("database", "config util entity"),
        ("infrastructure", "schema exception util config"),
        ("task", "service repository entity schema exception util config database infrastructure"),
        ("exception", "util config"),
        ("util", "config"),
        ("config", "util entity schema"),
    ],
)
def test_default_matrix(source: str, allowed: str) -> None:
    bound = [layer for layer in LAYERS if layer not in UNBOUND]
    used = {target for target in bound if may_use(source, target, Config())}
    assert used == {*allowed.split(), source}


def test_every_bound_layer_has_a_row() -> None:
    assert set(MAY_USE) == set(LAYERS) - UNBOUND


@pytest.mark.parametrize("layer", ["test", "migration", "script", "unknown"])
def test_unbound_layers_use_and_are_used_by_all(layer: str) -> None:
    assert may_use(layer, "router", Config())
    assert may_use("repository", layer, Config())


@pytest.mark.parametrize(
    ("config", "source", "target", "expected"),
    [
        pytest.param(ALLOWED, "router", "infrastructure", True, id="edge-allowed"),
        pytest.param(ALLOWED, "infrastructure", "router", False, id="edge-allowed-one-way"),
        pytest.param(Config(), "router", "infrastructure", False, id="edge-not-allowed"),
        pytest.param(OWN, "engine", "entity", True, id="own-layer-uses-what-it-lists"),
        pytest.param(OWN, "engine", "service", False, id="own-layer-uses-nothing-else"),
        pytest.param(OWN, "engine", "engine", True, id="own-layer-uses-itself"),
        pytest.param(OWN, "service", "engine", True, id="own-layer-is-used"),
        pytest.param(OWN, "entity", "engine", False, id="own-layer-is-not-used-from-below"),
    ],
)
def test_settings(config: Config, source: str, target: str, expected: bool) -> None:
    assert may_use(source, target, config) is expected


@pytest.mark.parametrize(
    ("config", "source", "target", "expected"),
    [
        pytest.param(Config(), "router", "task", Condition.ENQUEUE, id="enqueue"),
        pytest.param(Config(), "entity", "database", Condition.BASE, id="base"),
        pytest.param(Config(), "service", "repository", None, id="free"),
        pytest.param(ALLOWED, "entity", "database", None, id="freed-by-settings"),
    ],
)
def test_conditions(config: Config, source: str, target: str, expected: Condition | None) -> None:
    assert condition(source, target, config) is expected


def test_rank_goes_from_the_outside_in() -> None:
    layers = ["util", "service", "app", "engine", "repository", "router"]
    assert sorted(layers, key=rank) == ["app", "router", "service", "repository", "util", "engine"]
