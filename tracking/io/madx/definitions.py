"""What a MAD-X file defines: elements and sequences."""

from __future__ import annotations

from dataclasses import dataclass, field

from tracking.io.madx.source import Place
from tracking.io.madx.statements import Given
from tracking.knobs import Value


@dataclass
class Definition:
    """Element as the file defines it: class keyword and attributes, inherited ones included."""

    name: str
    keyword: str
    attributes: dict[str, Given]
    place: Place


@dataclass(frozen=True)
class Placement:
    """Element, sequence or line at a position of a sequence; `origin` names the element that `at` counts from."""

    name: str
    at: Value
    origin: str
    place: Place


@dataclass
class SequenceDefinition:
    """``name: sequence, l, refer, refpos`` and what is placed in it; refer is 0, 1, -1 for centre, entry, exit."""

    name: str
    length: Value
    refer: int
    refpos: str
    place: Place
    placements: list[Placement] = field(default_factory=list)
