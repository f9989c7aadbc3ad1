"""``layercheck graph`` as JSON and as pictures: for Graphviz and Mermaid, as SVG, as a page."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from layercheck.errors import ExitCode
from layercheck.frontends.cli import main
from layercheck.frontends.drawings import draw_calls, draw_imports
from layercheck.pipeline import Home, ModuleImport
from layercheck.report.pictures import look
from layercheck.report.pictures.as_dot import as_dot
from layercheck.report.pictures.as_html import Opening, as_html
from layercheck.report.pictures.as_mermaid import as_mermaid
from layercheck.report.pictures.as_svg import as_svg
from layercheck.report.pictures.drawing import Arrow, Drawing, Node

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
    graph [<graph>, <down>];
    node [<node>];
    edge [<edge>];
    n0 [label="app: 1 module, 0 elements"];
    n1 [label="router: 1 module, 2 elements"];
    n2 [label="dependency: 0 modules, 1 element"];
    n3 [label="service: 1 module, 3 elements"];
    n4 [label="repository: 1 module, 3 elements"];
    {rank=same; n0}
    {rank=same; n1}
    {rank=same; n2}
    {rank=same; n3}
    {rank=same; n4}
    n0 -> n1 [<unseen>];
    n1 -> n2 [<unseen>];
    n2 -> n3 [<unseen>];
    n3 -> n4 [<unseen>];
    n0 -> n1 [id="a0", label="1"];
    n1 -> n2 [id="a1", label="1"];
    n1 -> n3 [id="a2", label="1"];
    n1 -> n4 [id="a3", label="2", <forbidden>];
    n2 -> n3 [id="a4", label="2"];
    n2 -> n4 [id="a5", label="1"];
    n3 -> n4 [id="a6", label="2"];
    n3 -> n4 [id="a7", label="1", <forbidden>, <leading_back>];
}
"""

LAYERS_MERMAID = """\
flowchart LR
    n0["app: 1 module, 0 elements"]
    n1["router: 1 module, 2 elements"]
    n2["dependency: 0 modules, 1 element"]
    n3["service: 1 module, 3 elements"]
    n4["repository: 1 module, 3 elements"]
    n0 -->|"1 import"| n1
    n1 -->|"1 call"| n2
    n1 -->|"1 call"| n3
    n1 -.->|"1 import, 1 call"| n4
    n2 -->|"1 import, 1 call"| n3
    n2 -->|"1 import"| n4
    n3 -->|"1 import, 1 call"| n4
    n4 -.->|"1 import"| n3
    linkStyle 3,7 stroke:red
"""

IMPORTS_DOT = """\
digraph {
    graph [<graph>, <across>];
    node [<node>];
    edge [<edge>];
    subgraph cluster_0 {
        graph [label="app", <layer>];
        n0 [label="main"];
    }
    subgraph cluster_1 {
        graph [label="router", <layer>];
        n1 [label="api"];
    }
    subgraph cluster_2 {
        graph [label="service", <layer>];
        n2 [label="services"];
    }
    subgraph cluster_3 {
        graph [label="repository", <layer>];
        n3 [label="repositories"];
    }
    {rank=same; n0}
    {rank=same; n1}
    {rank=same; n2}
    {rank=same; n3}
    n0 -> n1 [<unseen>];
    n1 -> n2 [<unseen>];
    n2 -> n3 [<unseen>];
    n0 -> n1 [id="a0", <leading_back>];
    n1 -> n3 [id="a1", <forbidden>];
    n1 -> n2 [id="a2"];
    n0 -> n1 [id="a3"];
    n2 -> n3 [id="a4", <forbidden>, <leading_back>];
    n2 -> n3 [id="a5"];
}
"""

IMPORTS_MERMAID = """\
flowchart LR
    subgraph g0["app"]
        n0["main"]
    end
    subgraph g1["router"]
        n1["api"]
    end
    subgraph g2["service"]
        n2["services"]
    end
    subgraph g3["repository"]
        n3["repositories"]
    end
    n1 -->|"type-only"| n0
    n1 -.->|"runtime"| n3
    n1 -->|"runtime"| n2
    n0 -->|"runtime"| n1
    n3 -.->|"lazy"| n2
    n2 -->|"annotation"| n3
    linkStyle 1,4 stroke:red
"""

CALLS_DOT = """\
digraph {
    graph [<graph>, <across>];
    node [<node>];
    edge [<edge>];
    subgraph cluster_0 {
        graph [label="router", <layer>];
        subgraph cluster_1 {
            graph [label="api", <group>];
            n0 [label="drop"];
            n1 [label="show"];
        }
    }
    subgraph cluster_2 {
        graph [label="dependency", <layer>];
        subgraph cluster_3 {
            graph [label="api", <group>];
            n2 [label="get_service"];
        }
    }
    subgraph cluster_4 {
        graph [label="service", <layer>];
        subgraph cluster_5 {
            graph [label="services", <group>];
            n3 [label="CartService.__init__"];
            n4 [label="CartService.total"];
            n5 [label="CartService.total.<lambda1>"];
        }
    }
    subgraph cluster_6 {
        graph [label="repository", <layer>];
        subgraph cluster_7 {
            graph [label="repositories", <group>];
            n6 [label="CartRepository.drop"];
            n7 [label="CartRepository.prices"];
        }
    }
    {rank=same; n0; n1}
    {rank=same; n2}
    {rank=same; n3; n4; n5}
    {rank=same; n6; n7}
    n0 -> n2 [<unseen>];
    n2 -> n3 [<unseen>];
    n3 -> n6 [<unseen>];
    n0 -> n6 [id="a0", label="call", <forbidden>];
    n2 -> n3 [id="a1", label="construct"];
    n1 -> n2 [id="a2", label="depends"];
    n1 -> n4 [id="a3", label="call"];
    n4 -> n7 [id="a4", label="call"];
    n4 -> n5 [id="a5", label="call"];
}
"""

CALLS_MERMAID = """\
flowchart LR
    subgraph g0["router"]
        subgraph g1["api"]
            n0["drop"]
            n1["show"]
        end
    end
    subgraph g2["dependency"]
        subgraph g3["api"]
            n2["get_service"]
        end
    end
    subgraph g4["service"]
        subgraph g5["services"]
            n3["CartService.__init__"]
            n4["CartService.total"]
            n5["CartService.total.#lt;lambda1#gt;"]
        end
    end
    subgraph g6["repository"]
        subgraph g7["repositories"]
            n6["CartRepository.drop"]
            n7["CartRepository.prices"]
        end
    end
    n0 -.-> n6
    n2 --> n3
    n1 --> n2
    n1 --> n4
    n4 --> n7
    n4 --> n5
    linkStyle 0 stroke:red
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return the directory of a small application with a few shortcuts."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def plain(dot: str) -> str:
    """Return ``dot`` with the looks of things by their names, so that one sees what is said with them."""
    for name, attributes in sorted(look.BY_NAME.items(), key=lambda item: -len(item[1])):
        written = ", ".join(f'{key}="{value}"' for key, value in attributes.items())
        dot = dot.replace(written, f"<{name}>")
    return dot


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
    assert plain(printed(capsys, *arguments, shop, "--output-format", language)) == expected


def test_a_module_with_a_quote_in_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / 'a"b.py').write_text("def run(): ...\n", "utf-8")
    drawn = printed(capsys, "imports", tmp_path, "--output-format", "mermaid")
    assert drawn == """\
flowchart LR
    subgraph g0["util"]
        n0["a#quot;b"]
    end
"""


def test_unresolved_calls_are_not_drawn(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["graph", "calls", str(shop), "--unresolved", "--output-format", "dot"])
    assert (status, capsys.readouterr()) == (
        ExitCode.USAGE,
        ("", "layercheck: --unresolved is a list: it can only be printed as json\n"),
    )


SHOP = {
    "shop.api.list": Home("router", "", "shop.api"),
    "shop.carts.api.show": Home("router", "", "shop.carts.api"),
    "shop.carts.api": Home("router", "", "shop.carts.api"),
    "shop.carts.service.Carts.total": Home("service", "", "shop.carts.service"),
    "shop.carts.service.unused": Home("service", "", "shop.carts.service"),
}


def test_functions_stand_in_their_module_its_package_and_layer() -> None:
    graph: dict[str, list[Any]] = {
        "shop.carts.api.show": ["shop.carts.service.Carts.total"],
        "shop.carts.api": [{"callee": "shop.api.list", "kinds": ["call", "depends"]}],
        "shop.carts.service.Carts.total": ["shop.carts.api.show"],
        "shop.carts.service.unused": [],
    }
    assert draw_calls(graph, SHOP, {("service", "router")}) == Drawing(
        (
            Node("shop.api.list", "list", ("router", "api", "api")),
            Node("shop.carts.api.show", "show", ("router", "carts", "carts.api")),
            Node("shop.carts.api", "(module)", ("router", "carts", "carts.api")),
            Node("shop.carts.service.Carts.total", "Carts.total", ("service", "carts", "carts.service")),
        ),
        (
            Arrow("shop.carts.api", "shop.api.list", "call, depends"),
            Arrow("shop.carts.api.show", "shop.carts.service.Carts.total"),
            Arrow("shop.carts.service.Carts.total", "shop.carts.api.show", allowed=False),
        ),
        ("layers", "packages", "modules", "functions"),
    )


def test_modules_stand_in_their_feature_where_the_layout_has_features() -> None:
    homes = {
        "shop.carts.api": Home("router", "src/shop/carts", "shop.carts.api"),
        "other.carts.db": Home("repository", "src/shop/carts", "other.carts.db"),
        "other.tools": Home("util", "", "other.tools"),
    }
    found = [ModuleImport("shop.carts.api", "other.carts.db", ("lazy", "runtime"), False)]
    assert draw_imports(found, homes, kinds=True) == Drawing(
        (
            Node("shop.carts.api", "shop.carts.api", ("router", "carts")),
            Node("other.carts.db", "other.carts.db", ("repository", "carts")),
            Node("other.tools", "other.tools", ("util", "other")),
        ),
        (Arrow("shop.carts.api", "other.carts.db", "lazy, runtime", allowed=False),),
        ("layers", "features", "modules"),
    )


HOSTILE = Drawing(
    (
        Node("1", 'say "hi"', ('box "one"',)),
        Node("2", "C:\\new\\N", ('box "one"',)),
        Node("3", "two\nlines\x1b[31m\u202e\udc80", ("end",)),
        Node("4", "`<b>` & #quot; %% gone; |x|]", ("end",)),
        Node("5", "", ("end",)),
        Node("6", "größer → 好", ("end",)),
    ),
    (Arrow("1", "2", '"]; n9 -> n0 ["'), Arrow("3", "3", "|\n", allowed=False)),
)


def test_hostile_names_in_dot() -> None:
    assert plain(as_dot(HOSTILE)) == r"""digraph {
    graph [<graph>, <across>];
    node [<node>];
    edge [<edge>];
    subgraph cluster_0 {
        graph [label="box \"one\"", <layer>];
        n0 [label="say \"hi\""];
        n1 [label="C:\\new\\N"];
    }
    subgraph cluster_1 {
        graph [label="end", <layer>];
        n2 [label="two\\nlines\\x1b[31m\\u202e\\udc80"];
        n3 [label="`<b>` & #quot; %% gone; |x|]"];
        n4 [label=""];
        n5 [label="größer → 好"];
    }
    {rank=same; n0; n1}
    {rank=same; n2; n3; n4; n5}
    n0 -> n2 [<unseen>];
    n0 -> n1 [id="a0", label="\"]; n9 -> n0 [\""];
    n2 -> n2 [id="a1", label="|\\n", <forbidden>];
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


def test_a_graph_of_nothing() -> None:
    nothing = Drawing((), (), ("layers",))
    assert as_mermaid(nothing) == "flowchart LR\n"
    assert plain(as_dot(nothing)) == """\
digraph {
    graph [<graph>, <down>];
    node [<node>];
    edge [<edge>];
}
"""


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        pytest.param(("layers", "--focus", "app", "--depth", "1"), ["app", "router"], id="a layer"),
        pytest.param(("imports", "--focus", "shop.main", "--depth", "1"), ["main", "api"], id="a module"),
        pytest.param(
            ("calls", "--focus", "shop.api.drop"), ["drop", "CartRepository.drop"], id="a function"
        ),
        pytest.param(
            ("calls", "--focus", "shop.repositories", "--depth", "1"),
            ["drop", "CartService.total", "CartRepository.drop", "CartRepository.prices"],
            id="all in a module",
        ),
        pytest.param(
            ("calls", "--focus", "GET /cart", "--depth", "1"),
            ["show", "get_service", "CartService.total"],
            id="a route",
        ),
        pytest.param(("imports", "--focus", "/cart", "--depth", "0"), ["api"], id="the module of a route"),
    ],
)
def test_focus(
    shop: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], names: list[str]
) -> None:
    drawn = printed(capsys, *arguments, shop, "--output-format", "mermaid")
    nodes = [line.strip() for line in drawn.splitlines() if line.strip().startswith("n") and "[" in line]
    assert [node.partition('["')[2].partition('"')[0].partition(":")[0] for node in nodes] == names


def test_focus_of_json(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    calls = json.loads(printed(capsys, "calls", shop, "--focus", "shop.api:show", "--depth", "1"))
    assert calls == {
        "shop.api.get_service": [],
        "shop.api.show": ["shop.api.get_service", "shop.services.CartService.total"],
        "shop.services.CartService.total": [],
    }
    imports = json.loads(printed(capsys, "imports", shop, "--focus", "shop.main", "--depth", "1"))
    assert {module: [row["module"] for row in rows] for module, rows in imports.items()} == {
        "shop.api": ["shop.main"],
        "shop.main": ["shop.api"],
    }
    layers = json.loads(printed(capsys, "layers", shop, "--focus", "app", "--depth", "1"))
    assert [row["layer"] for row in layers["layers"]] == ["app", "router"]


def test_a_focus_on_nothing(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["graph", "calls", str(shop), "--focus", "shop.api.shov", "--output-format", "dot"])
    assert (status, *capsys.readouterr()) == (
        ExitCode.USAGE,
        "",
        "layercheck: --focus shop.api.shov: nothing in this graph is called so; "
        'did you mean "shop.api.show"?\n',
    )


def test_what_is_too_much_is_drawn_by_groups(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for at in range(70):
        file = tmp_path / "shop" / "services" / f"s{at}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"from shop.tools import help\n\ndef run{at}() -> None:\n    help()\n", "utf-8")
    (tmp_path / "shop" / "tools.py").write_text("def help() -> None: ...\n", "utf-8")
    status = main(["graph", "imports", str(tmp_path), "--output-format", "mermaid"])
    assert (status, *capsys.readouterr()) == (
        ExitCode.CLEAN,
        """\
flowchart LR
    subgraph g0["service"]
        n0["services: 70 modules"]
    end
    subgraph g1["util"]
        n1["tools: 1 module"]
    end
    n0 -->|"70"| n1
""",
        "layercheck: 71 modules are too many to read, drawn are their packages; --detail modules draws all, "
        "--focus NAME what one of them touches\n",
    )
    everything = printed(capsys, "imports", tmp_path, "--output-format", "mermaid", "--detail", "modules")
    assert everything.count("-->") == 70


def test_svg(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    svg = ElementTree.fromstring(printed(capsys, "imports", shop, "--output-format", "svg"))
    space = "{http://www.w3.org/2000/svg}"
    shown = {
        kind: sorted(
            title.text or ""
            for group in svg.iter(f"{space}g")
            if kind in group.get("class", "").split()
            for title in group.iter(f"{space}title")
        )
        for kind in ("node", "edge", "forbidden")
    }
    assert shown == {
        "node": ["shop.api", "shop.main", "shop.repositories", "shop.services"],
        "edge": [
            "shop.api -> shop.main", "shop.api -> shop.repositories", "shop.api -> shop.services",
            "shop.main -> shop.api", "shop.repositories -> shop.services",
            "shop.services -> shop.repositories",
        ],
        "forbidden": ["shop.api -> shop.repositories", "shop.repositories -> shop.services"],
    }  # fmt: skip
    texts = {text.text for text in svg.iter(f"{space}text")}
    assert texts == {"app", "router", "service", "repository", "main", "api", "services", "repositories"}


def test_svg_of_hostile_names() -> None:
    svg = ElementTree.fromstring(as_svg(HOSTILE))
    tags = {element.tag.rpartition("}")[2] for element in svg.iter()}
    assert tags <= {"svg", "style", "g", "title", "text", "path", "polygon", "polyline"}
    assert "`<b>` & #quot; %% gone; |x|]" in {element.text for element in svg.iter()}


def test_without_graphviz_svg_is_refused(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    status = main(["graph", "layers", str(shop), "--output-format", "svg"])
    assert (status, *capsys.readouterr()) == (
        ExitCode.USAGE,
        "",
        "layercheck: svg needs Graphviz, which pip brings along: pip install 'layercheck[svg]'\n",
    )


def test_a_page_holds_the_whole_graph_and_where_to_open_it(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = printed(
        capsys, "imports", shop, "--output-format", "html", "--focus", "GET /cart", "--depth", "1",
        "--detail", "features",
    )  # fmt: skip
    told = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    assert told["opening"] == {
        "title": f"Imports of {shop.name}", "level": "packages", "focus": "GET /cart", "names": ["shop.api"],
        "depth": 1,
    }  # fmt: skip
    assert told["nodes"] == [
        ["shop.main", "main", ["app", "main"]],
        ["shop.api", "api", ["router", "api"]],
        ["shop.services", "services", ["service", "services"]],
        ["shop.repositories", "repositories", ["repository", "repositories"]],
    ]
    assert told["arrows"] == [
        [1, 0, "", True, 0], [1, 3, "", False, 0], [1, 2, "", True, 0], [0, 1, "", True, 0],
        [3, 2, "", False, 0], [2, 3, "", True, 0],
    ]  # fmt: skip
    assert told["routes"] == [["DELETE /cart", "shop.api"], ["GET /cart", "shop.api"]]
    assert not re.search("@@[A-Z]+@@", page)


def test_hostile_names_cannot_end_the_script_of_a_page() -> None:
    hostile = Drawing((Node("</script><b>", "<!--", ("@@LIBRARY@@",)),), (), ("layers", "modules"))
    page = as_html(hostile, Opening("</title>", "", "", (), 1), {})
    assert "</script><b>" not in page and "<!--" not in page
    told = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    assert told["nodes"] == [["</script><b>", "<!--", ["@@LIBRARY@@"]]]
