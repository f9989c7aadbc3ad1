"""From the files of a project to findings: the path of data, one step per line.

What the front ends need stands here: `analyse` and `check`, and the rows of the maps.
"""

from layercheck.pipeline.analysis import Analysis, analyse
from layercheck.pipeline.checking import check
from layercheck.pipeline.reading import Workers
from layercheck.pipeline.rows import (
    call_graph,
    import_graph,
    layer_graph,
    layer_rows,
    module_names,
    route_rows,
    unresolved_calls,
)

__all__ = [
    "Analysis",
    "Workers",
    "analyse",
    "call_graph",
    "check",
    "import_graph",
    "layer_graph",
    "layer_rows",
    "module_names",
    "route_rows",
    "unresolved_calls",
]
