"""Drawings made small: groups as one node, and what a node leads to."""

from __future__ import annotations

from layercheck.report.pictures.drawing import Arrow, Drawing, Node
from layercheck.report.pictures.folding import MOST_ARROWS, MOST_NODES, finest_readable, focus, fold

LEVELS = ("layers", "packages", "modules")
SHOP = Drawing(
    (
        Node("api.carts", "carts", ("router", "api")),
        Node("api.orders", "orders", ("router", "api")),
        Node("logic.carts", "carts", ("service", "logic")),
        Node("logic.orders", "orders", ("service", "logic")),
        Node("tools", "tools", ("service", "tools")),
    ),
    (
        Arrow("api.carts", "api.orders"),
        Arrow("api.carts", "logic.carts"),
        Arrow("api.orders", "logic.orders", "lazy"),
        Arrow("api.orders", "logic.carts", allowed=False),
        Arrow("logic.carts", "tools"),
    ),
    LEVELS,
)


def test_groups_become_nodes_and_their_arrows_are_counted() -> None:
    assert fold(SHOP, "packages") == Drawing(
        (
            Node("router/api", "api: 2 modules", ("router",), 2),
            Node("service/logic", "logic: 2 modules", ("service",), 2),
            Node("service/tools", "tools: 1 module", ("service",), 1),
        ),
        (
            Arrow("router/api", "service/logic", number=2),
            Arrow("router/api", "service/logic", allowed=False, number=1),
            Arrow("service/logic", "service/tools", number=1),
        ),
        ("layers", "packages"),
    )
    assert fold(SHOP, "layers") == Drawing(
        (Node("router", "router: 2 modules", (), 2), Node("service", "service: 3 modules", (), 3)),
        (Arrow("router", "service", number=2), Arrow("router", "service", allowed=False, number=1)),
        ("layers",),
    )


def test_the_innermost_level_is_the_drawing_itself() -> None:
    assert fold(SHOP, "modules") is SHOP


def test_what_can_be_read_is_not_folded() -> None:
    def star(nodes: int) -> Drawing:
        leaves = tuple(Node(f"m{at}", f"m{at}", ("service", f"p{at % 3}")) for at in range(nodes))
        return Drawing(leaves, tuple(Arrow(leaf.name, "m0") for leaf in leaves[1:]), LEVELS)

    assert finest_readable(star(MOST_NODES)) == "modules"
    assert finest_readable(star(MOST_NODES + 1)) == "packages"
    few = tuple(Node(f"m{at}", "", ("service", f"p{at}")) for at in range(20))
    many = tuple(Arrow(one.name, other.name) for one in few for other in few if one is not other)
    assert len(many) > MOST_ARROWS
    assert finest_readable(Drawing(few, many, LEVELS)) == "layers"


def test_a_focus_follows_arrows_on_and_back_but_never_turns_round() -> None:
    near = focus(SHOP, ["logic.carts"], 1)
    assert [node.name for node in near.nodes] == ["api.carts", "api.orders", "logic.carts", "tools"]
    # carts calls orders too, which is no way to or from the cart logic in one step
    assert [(arrow.source, arrow.target) for arrow in near.arrows] == [
        ("api.carts", "logic.carts"),
        ("api.orders", "logic.carts"),
        ("logic.carts", "tools"),
    ]
    assert [node.name for node in focus(SHOP, ["tools"], 2).nodes] == [
        "api.carts", "api.orders", "logic.carts", "tools",
    ]  # fmt: skip
    assert focus(SHOP, ["tools"], 0) == Drawing((SHOP.nodes[4],), (), LEVELS)
