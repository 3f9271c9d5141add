"""From elements to rows: each element becomes op codes with parameters, computed generically."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

from tracking.elements import Element
from tracking.errors import InputError
from tracking.reference import ReferenceParticle
from tracking.settings import Settings

Row = tuple[int, tuple[Any, ...]]


@dataclass(frozen=True)
class Context:
    """What an element must know of its surroundings to be lowered.

    reference : reference particle; settings : the element's own; revolution_frequency [Hz]; name : for messages.
    """

    reference: ReferenceParticle
    settings: Settings
    revolution_frequency: float
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
