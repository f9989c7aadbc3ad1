"""What every expression may be at run time, found without running anything.

An abstract interpreter executes module bodies and functions on sets of values (see
`layercheck.inference.values`), flow-sensitive inside a function, once per *frame*: a function
together with the receiver and the callables it was handed. What functions share (globals,
attributes, containers, results) lives in cells that only grow, so that the whole is a fix-point.
Annotations are believed first; where they say nothing, the values that flow are.
"""
