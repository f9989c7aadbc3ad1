"""``layercheck graph`` as JSON, for Graphviz and for Mermaid."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from layercheck.errors import ExitCode
from layercheck.frontends.cli import main
from layercheck.frontends.drawings import as_dot, draw_calls
from layercheck.report.drawing import Arrow, Drawing, Node, as_mermaid

FILES = {
    "pyproject.toml": "",
    "shop/__init__.py": "",
    "shop/main.py": """\
from fastapi import FastAPI
from shop.api import router

app = FastAPI()
app.include_router(router)
""",
    "shop/api.py": """\
from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends
from shop.repositories import CartRepository
from shop.services import CartService

if TYPE_CHECKING:
    import shop.main

router = APIRouter()


def get_service() -> CartService:
    return CartService(CartRepository())


@router.get("/cart")
def show(service: CartService = Depends(get_service)) -> int:
    return service.total()


@router.delete("/cart")
def drop() -> None:
    CartRepository().drop()
""",
    "shop/services.py": """\
from shop.repositories import CartRepository


class CartService:
    def __init__(self, carts: CartRepository) -> None:
        self.carts = carts

    def total(self) -> int:
        return max(self.carts.prices(), key=lambda price: -price)
""",
    "shop/repositories.py": """\
from sqlalchemy.orm import Session


class CartRepository:
    session: Session

    def prices(self) -> list[int]:
        return list(self.session.execute("select price from cart"))

    def drop(self) -> None:
        from shop.services import CartService

        self.session.execute("delete from cart")
""",
}


LAYERS_DOT = """\
digraph {
    rankdir=LR;
    node [shape=box];
    n0 [label="app: 1 module, 0 elements"];
    n1 [label="router: 1 module, 2 elements"];
    n2 [label="dependency: 0 modules, 1 element"];
    n3 [label="service: 1 module, 3 elements"];
    n4 [label="repository: 1 module, 3 elements"];
    n0 -> n1 [label="1 import, 0 calls"];
    n1 -> n2 [label="0 imports, 1 call"];
    n1 -> n3 [label="0 imports, 1 call"];
    n1 -> n4 [label="1 import, 1 call", color=red, style=dashed];
    n2 -> n3 [label="1 import, 1 call"];
    n2 -> n4 [label="1 import, 0 calls"];
    n3 -> n4 [label="1 import, 1 call"];
    n4 -> n3 [label="1 import, 0 calls", color=red, style=dashed];
}
"""

LAYERS_MERMAID = """\
flowchart LR
    n0["app: 1 module, 0 elements"]
    n1["router: 1 module, 2 elements"]
    n2["dependency: 0 modules, 1 element"]
    n3["service: 1 module, 3 elements"]
    n4["repository: 1 module, 3 elements"]
    n0 -->|"1 import, 0 calls"| n1
    n1 -->|"0 imports, 1 call"| n2
    n1 -->|"0 imports, 1 call"| n3
    n1 -.->|"1 import, 1 call"| n4
    n2 -->|"1 import, 1 call"| n3
    n2 -->|"1 import, 0 calls"| n4
    n3 -->|"1 import, 1 call"| n4
    n4 -.->|"1 import, 0 calls"| n3
    linkStyle 3,7 stroke:red
"""

IMPORTS_DOT = """\
digraph {
    rankdir=LR;
    node [shape=box];
    subgraph cluster_0 {
        label="shop";
        n0 [label="shop"];
        n1 [label="shop.api"];
        n2 [label="shop.main"];
        n3 [label="shop.repositories"];
        n4 [label="shop.services"];
    }
    n1 -> n2;
    n1 -> n3;
    n1 -> n4;
    n2 -> n1;
    n3 -> n4;
    n4 -> n3;
}
"""

IMPORTS_MERMAID = """\
flowchart LR
    subgraph g0["shop"]
        n0["shop"]
        n1["shop.api"]
        n2["shop.main"]
        n3["shop.repositories"]
        n4["shop.services"]
    end
    n1 -->|"type-only"| n2
    n1 -->|"runtime"| n3
    n1 -->|"runtime"| n4
    n2 -->|"runtime"| n1
    n3 -->|"lazy"| n4
    n4 -->|"annotation"| n3
"""

CALLS_DOT = """\
digraph {
    rankdir=LR;
    node [shape=box];
    subgraph cluster_0 {
        label="shop";
        n0 [label="shop"];
    }
    subgraph cluster_1 {
        label="shop.api";
        n1 [label="shop.api"];
        n2 [label="drop"];
        n3 [label="get_service"];
        n4 [label="show"];
    }
    subgraph cluster_2 {
        label="shop.main";
        n5 [label="shop.main"];
    }
    subgraph cluster_3 {
        label="shop.repositories";
        n6 [label="shop.repositories"];
        n7 [label="CartRepository.drop"];
        n8 [label="CartRepository.prices"];
    }
    subgraph cluster_4 {
        label="shop.services";
        n9 [label="shop.services"];
        n10 [label="CartService.__init__"];
        n11 [label="CartService.total"];
        n12 [label="CartService.total.<lambda1>"];
    }
    n2 -> n7 [label="call"];
    n3 -> n10 [label="construct"];
    n4 -> n3 [label="depends"];
    n4 -> n11 [label="call"];
    n11 -> n8 [label="call"];
    n11 -> n12 [label="call"];
}
"""

CALLS_MERMAID = """\
flowchart LR
    subgraph g0["shop"]
        n0["shop"]
    end
    subgraph g1["shop.api"]
        n1["shop.api"]
        n2["drop"]
        n3["get_service"]
        n4["show"]
    end
    subgraph g2["shop.main"]
        n5["shop.main"]
    end
    subgraph g3["shop.repositories"]
        n6["shop.repositories"]
        n7["CartRepository.drop"]
        n8["CartRepository.prices"]
    end
    subgraph g4["shop.services"]
        n9["shop.services"]
        n10["CartService.__init__"]
        n11["CartService.total"]
        n12["CartService.total.#lt;lambda1#gt;"]
    end
    n2 --> n7
    n3 --> n10
    n4 --> n3
    n4 --> n11
    n11 --> n8
    n11 --> n12
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return the directory of a small application with a few shortcuts."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Return what ``layercheck graph`` prints."""
    assert main(["graph", *map(str, arguments)]) == ExitCode.CLEAN
    return capsys.readouterr().out


def test_layers_as_json(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graph: dict[str, list[dict[str, Any]]] = json.loads(printed(capsys, "layers", shop))
    assert list(graph["layers"][0]) == ["layer", "modules", "elements"]
    assert [tuple(row.values()) for row in graph["layers"]] == [
        ("app", 1, 0),
        ("router", 1, 2),
        ("dependency", 0, 1),
        ("service", 1, 3),
        ("repository", 1, 3),
    ]
    assert list(graph["edges"][0]) == ["source", "target", "imports", "calls", "allowed"]
    assert [tuple(row.values()) for row in graph["edges"]] == [
        ("app", "router", 1, 0, True),
        ("router", "dependency", 0, 1, True),
        ("router", "service", 0, 1, True),
        ("router", "repository", 1, 1, False),
        ("dependency", "service", 1, 1, True),
        ("dependency", "repository", 1, 0, True),
        ("service", "repository", 1, 1, True),
        ("repository", "service", 1, 0, False),
    ]


def test_settings_allow_an_edge_between_layers(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = '[tool.layercheck]\nallow-edges = [["router", "repository"]]\n'
    (shop / "pyproject.toml").write_text(settings, "utf-8")
    edges = json.loads(printed(capsys, "layers", shop))["edges"]
    forbidden = [(edge["source"], edge["target"]) for edge in edges if not edge["allowed"]]
    assert forbidden == [("repository", "service")]


@pytest.mark.parametrize(
    ("arguments", "language", "expected"),
    [
        pytest.param(("layers",), "dot", LAYERS_DOT, id="layers as dot"),
        pytest.param(("layers",), "mermaid", LAYERS_MERMAID, id="layers as mermaid"),
        pytest.param(("imports",), "dot", IMPORTS_DOT, id="imports as dot"),
        pytest.param(("imports", "--kinds"), "mermaid", IMPORTS_MERMAID, id="imports as mermaid with kinds"),
        pytest.param(("calls", "--kinds"), "dot", CALLS_DOT, id="calls as dot with kinds"),
        pytest.param(("calls",), "mermaid", CALLS_MERMAID, id="calls as mermaid"),
    ],
)
def test_drawn_graphs(
    shop: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], language: str, expected: str
) -> None:
    assert printed(capsys, *arguments, shop, "--output-format", language) == expected


def test_a_module_with_a_quote_in_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / 'a"b.py').write_text("def run(): ...\n", "utf-8")
    drawn = printed(capsys, "calls", tmp_path, "--output-format", "mermaid")
    assert drawn == """\
flowchart LR
    subgraph g0["a#quot;b"]
        n0["a#quot;b"]
        n1["run"]
    end
"""


def test_unresolved_calls_are_not_drawn(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["graph", "calls", str(shop), "--unresolved", "--output-format", "dot"])
    assert (status, capsys.readouterr()) == (
        ExitCode.USAGE,
        ("", "layercheck: --unresolved is a list: it can only be printed as json\n"),
    )


def test_functions_stand_in_the_innermost_module_and_all_is_sorted() -> None:
    graph = {"a.b.f": ["a.b", "a.C.b"], "a.C.b": [], "elsewhere.g": [], "a.b": []}
    assert draw_calls(graph, ["a", "a.b"]) == Drawing(
        (
            Node("elsewhere.g", "elsewhere.g"),
            Node("a.C.b", "C.b", "a"),
            Node("a.b", "a.b", "a.b"),
            Node("a.b.f", "f", "a.b"),
        ),
        (Arrow("a.b.f", "a.C.b"), Arrow("a.b.f", "a.b")),
    )


HOSTILE = Drawing(
    (
        Node("1", 'say "hi"', 'box "one"'),
        Node("2", "C:\\new\\N", 'box "one"'),
        Node("3", "two\nlines\x1b[31m\u202e\udc80", "end"),
        Node("4", "`<b>` & #quot; %% gone; |x|]", "end"),
        Node("5", "", "end"),
        Node("6", "größer → 好", "end"),
    ),
    (Arrow("1", "2", '"]; n9 -> n0 ["'), Arrow("3", "3", "|\n", allowed=False)),
)


def test_hostile_names_in_dot() -> None:
    assert as_dot(HOSTILE) == r"""digraph {
    rankdir=LR;
    node [shape=box];
    subgraph cluster_0 {
        label="box \"one\"";
        n0 [label="say \"hi\""];
        n1 [label="C:\\new\\N"];
    }
    subgraph cluster_1 {
        label="end";
        n2 [label="two\\nlines\\x1b[31m\\u202e\\udc80"];
        n3 [label="`<b>` & #quot; %% gone; |x|]"];
        n4 [label=""];
        n5 [label="größer → 好"];
    }
    n0 -> n1 [label="\"]; n9 -> n0 [\""];
    n2 -> n2 [label="|\\n", color=red, style=dashed];
}
"""


def test_hostile_names_in_mermaid() -> None:
    assert as_mermaid(HOSTILE) == """\
flowchart LR
    subgraph g0["box #quot;one#quot;"]
        n0["say #quot;hi#quot;"]
        n1["C:#92;new#92;N"]
    end
    subgraph g1["end"]
        n2["two#92;nlines#92;x1b[31m#92;u202e#92;udc80"]
        n3["#96;#lt;b#gt;#96; #amp; #35;quot; #37;#37; gone; |x|]"]
        n4[" "]
        n5["größer → 好"]
    end
    n0 -->|"#quot;]; n9 -#gt; n0 [#quot;"| n1
    n2 -.->|"|#92;n"| n2
    linkStyle 1 stroke:red
"""


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        pytest.param(as_dot, "digraph {\n    rankdir=LR;\n    node [shape=box];\n}\n", id="dot"),
        pytest.param(as_mermaid, "flowchart LR\n", id="mermaid"),
    ],
)
def test_a_graph_of_nothing(write: Callable[[Drawing], str], expected: str) -> None:
    assert write(Drawing((), ())) == expected
