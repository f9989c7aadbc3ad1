"""From the files of a project to findings: the path of data, one step per line.

What the front ends need stands here: `analyse`, `check` and `renew_baseline`, and the rows of the maps.
"""

from layercheck.pipeline.analysis import Analysis, analyse
from layercheck.pipeline.baselining import Mode, Renewal, renew_baseline
from layercheck.pipeline.checking import check
from layercheck.pipeline.homes import (
    Home,
    ModuleImport,
    forbidden_calls,
    function_homes,
    module_homes,
    module_imports,
)
from layercheck.pipeline.progress import silent
from layercheck.pipeline.reading import Workers
from layercheck.pipeline.rows import (
    call_graph,
    import_graph,
    layer_graph,
    layer_rows,
    route_rows,
    unresolved_calls,
)

__all__ = [
    "Analysis",
    "Home",
    "Mode",
    "ModuleImport",
    "Renewal",
    "Workers",
    "analyse",
    "call_graph",
    "check",
    "forbidden_calls",
    "function_homes",
    "import_graph",
    "layer_graph",
    "layer_rows",
    "module_homes",
    "module_imports",
    "renew_baseline",
    "route_rows",
    "silent",
    "unresolved_calls",
]
