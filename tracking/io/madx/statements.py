"""Statements of the MAD-X language, as the grammar gives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tracking.expressions import Expression

# A value of an attribute: number, expression, array of those, quoted text, or a flag
Given = float | Expression | tuple[float | Expression, ...] | str | bool


@dataclass(frozen=True)
class Assignment:
    """``name = value`` or ``name := value``; the name may be ``element->attribute``."""

    name: str
    deferred: bool
    value: Given
    qualifiers: frozenset[str]


class Attribute(NamedTuple):
    """``name = value`` or ``name := value`` in a command."""

    name: str
    deferred: bool
    value: Given


@dataclass(frozen=True)
class Command:
    """``label: keyword, attributes``; the label is empty where there is none."""

    label: str
    keyword: str
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True)
class LineItem:
    """Entry of a LINE: a name or a bracketed list, repeated and reflected."""

    target: str | tuple[LineItem, ...]
    count: int = 1
    reflected: bool = False
    depth: int = 1

    def targets(self) -> Iterator[tuple[str, int]]:
        """Names that it stands for, and how often each one."""
        if isinstance(self.target, str):
            yield self.target, self.count
        else:
            for item in self.target:
                for name, count in item.targets():
                    yield name, count * self.count


@dataclass(frozen=True)
class LineStatement:
    """``name: LINE = (items)``."""

    label: str
    items: tuple[LineItem, ...]


Statement = Assignment | Command | LineStatement
