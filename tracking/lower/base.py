"""From elements to rows: each element becomes op codes with parameters, computed generically."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

from tracking.elements import Element
from tracking.errors import InputError
from tracking.integrators import composition
from tracking.reference import ReferenceParticle
from tracking.settings import Settings

Row = tuple[int, tuple[Any, ...]]


@dataclass(frozen=True)
class Context:
    """What an element must know of its surroundings to be lowered.

    reference : reference particle; settings : the element's own; revolution_frequency [Hz], None in a line that is
    no ring, without length or with another energy at its end; name : for messages.
    """

    reference: ReferenceParticle
    settings: Settings
    revolution_frequency: float | None
    name: str


@dataclass(frozen=True)
class Lowered:
    """Rows of an element: `entry`, then `body` repeated `count` times (one equal slice each), then `exit`."""

    entry: list[Row] = field(default_factory=list)
    body: list[Row] = field(default_factory=list)
    count: int = 0
    exit: list[Row] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        """All rows in order."""
        return self.entry + self.body * self.count + self.exit


@singledispatch
def lower(element: Element, context: Context) -> Lowered:
    """Rows of an element whose fields are numbers or other generic values.

    Register a function for a class of your own with ``lower.register``.

    Raises
    ------
    InputError
        If no function is registered for the element's class.
    """
    raise InputError(
        f"element {context.name!r}: no map for {type(element).__name__}; "
        "register a function for it with tracking.lower.lower.register"
    )


def is_zero(value: Any) -> bool:
    """Whether a field is the plain number 0 (a series or traced value may become anything)."""
    return isinstance(value, (int, float)) and value == 0


def split(
    length: Any,
    thick: Callable[[Any], list[Row]],
    kick: Callable[[float], list[Row]],
    settings: Settings,
    pieces: int = 1,
) -> Lowered:
    """Slices of a body, each a symmetric composition of solvable parts and kicks.

    Parameters
    ----------
    length : length of the whole body [m]
    thick : rows of the part that is solved exactly, over a given length
    kick : rows of the kicks, for a given fraction of the whole body
    pieces : number of equal parts of a body without kicks
    """
    if not kick(1.0):
        return Lowered(body=thick(length * (1.0 / pieces)), count=pieces)
    drifts, kicks = composition(settings.integrator)
    body: list[Row] = []
    for d, k in zip(drifts, kicks, strict=False):
        body += thick(length * (d / settings.slices)) + kick(k / settings.slices)
    return Lowered(body=body + thick(length * (drifts[-1] / settings.slices)), count=settings.slices)
