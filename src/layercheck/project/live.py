"""Which runs of functions stand for something that happens."""

from __future__ import annotations

from layercheck.inference.engine import Inference
from layercheck.inference.frames import Frame
from layercheck.program.entities import Entity, Function


def live_frames(inference: Inference) -> list[Frame]:
    """Return the frames reached from module bodies and from functions nobody in the program calls.

    A function is run as it is declared, too, without any caller; where callers are known that run is
    left out, and so are runs whose arguments a later round made better known.
    """
    frames = [frame for frame in inference.frames if frame.runs]
    targets = {frame: _targets(frame) for frame in frames}
    reached: dict[Frame, None] = {}
    entities: set[Entity] = set()

    def follow(start: Frame) -> None:
        pending = [start]
        while pending:
            frame = pending.pop()
            if frame in reached:
                continue
            reached[frame] = None
            entities.add(frame.entity)
            pending += [target for target in targets[frame] if target.runs]

    called: set[Entity] = set()
    for frame in frames:
        called.update([target.entity for target in targets[frame] if target.entity is not frame.entity])
    for frame in frames:
        if not isinstance(frame.entity, Function):
            follow(frame)
    declared = [frame for frame in frames if frame.generic and frame.outer is None]
    for frame in declared:
        if frame.entity not in called:
            follow(frame)
    for frame in declared:
        if frame.entity not in entities:
            follow(frame)
    for frame in frames:
        if frame.generic and frame.outer in reached and frame.entity not in entities:
            follow(frame)
    return [frame for frame in frames if frame in reached]


def _targets(frame: Frame) -> list[Frame]:
    return [target for site in frame.sites.values() if site.edges for target, _ in site.edges]
