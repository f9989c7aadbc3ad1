"""The layer map, whole."""

from __future__ import annotations

import msgspec
from outcomes import FULL, NOTHING, outcome

from layercheck.outcome import LayerCount, LayerEdge
from layercheck.report.formats import formatter
from layercheck.report.style import Options


def test_what_is_not_allowed_stands_out() -> None:
    assert formatter("mermaid")(FULL, Options()) == (
        "flowchart LR\n"
        '    n0["router: 2 modules, 9 elements"]\n'
        '    n1["service: 1 module, 4 elements"]\n'
        '    n2["schema: 0 modules, 3 elements"]\n'
        '    n0 -->|"3 imports, 1 call"| n1\n'
        '    n1 -.->|"1 import"| n0\n'
        "    linkStyle 1 stroke:red\n"
    )


def test_a_layer_of_imports_alone_is_drawn_too() -> None:
    summary = msgspec.structs.replace(
        NOTHING,
        layers=(LayerCount("router", 1, 1),),
        edges=(LayerEdge("router", 'my "own" <layer>', 1, 0, True),),
    )
    assert formatter("mermaid")(outcome(summary=summary), Options()) == (
        "flowchart LR\n"
        '    n0["router: 1 module, 1 element"]\n'
        '    n1["my #quot;own#quot; #lt;layer#gt;: 0 modules, 0 elements"]\n'
        '    n0 -->|"1 import"| n1\n'
    )


def test_without_layers_there_is_an_empty_map() -> None:
    assert formatter("mermaid")(outcome(), Options()) == "flowchart LR\n"
