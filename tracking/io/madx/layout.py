"""Positions of elements: sequences and lines expanded into a flat list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tracking.expressions import Expression
from tracking.io.madx.definitions import Definition, Placement, SequenceDefinition
from tracking.io.madx.interpreter import Interpreter
from tracking.io.madx.source import MadxError, Place
from tracking.io.madx.statements import LineItem
from tracking.io.madx.variables import hint

MAX_ELEMENTS = 500_000  # of one expanded sequence or line
MAX_NESTING = 50  # sequences and lines inside each other


@dataclass(frozen=True)
class Placed:
    """Element with the position of its entrance [m]."""

    definition: Definition
    entrance: float
    length: float
    place: Place

    def moved(self, distance: float, place: Place) -> Placed:
        """The same element further down, placed by another statement."""
        return Placed(self.definition, self.entrance + distance, self.length, place)


@dataclass(frozen=True)
class Layout:
    """Flat list of elements and the length of the whole [m]."""

    length: float
    items: list[Placed]

    def reflected(self) -> Layout:
        """The same elements in reverse order."""
        items = [
            Placed(item.definition, self.length - item.entrance - item.length, item.length, item.place)
            for item in reversed(self.items)
        ]
        return Layout(self.length, items)


@dataclass
class Positions:
    """Positions of what is placed in a sequence, in the words of MAD-X: AT, FROM, REFER, REFPOS.

    A position counts from the start of the sequence, or from the centre of the element named by FROM; it is that of
    the centre, entry or exit of what is placed, or of the REFPOS element of a sequence inside.
    """

    sequence: SequenceDefinition
    expander: Expander
    _places: dict[str, Placement] = field(default_factory=dict)
    _centres: dict[int, float] = field(default_factory=dict)
    _active: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        seen: dict[str, int] = {}
        for placement in self.sequence.placements:
            seen[placement.name] = seen.get(placement.name, 0) + 1
            self._places[f"{placement.name}[{seen[placement.name]}]"] = placement

    def start(self, placement: Placement) -> float:
        """Position of the entrance of what is placed [m]."""
        inner = self.expander.interpreter.sequences.get(placement.name)
        if inner is not None and inner.refpos:
            return self.reference(placement) - self.expander.positions(inner).find(inner.refpos, inner.place)
        return self.reference(placement) + (0.5 * self.sequence.refer - 0.5) * self._length(placement)

    def centre(self, placement: Placement) -> float:
        """Position that FROM references count from: the centre, or the REFPOS of a sequence inside [m]."""
        inner = self.expander.interpreter.sequences.get(placement.name)
        if inner is not None and inner.refpos:
            return self.reference(placement)
        return self.reference(placement) + 0.5 * self.sequence.refer * self._length(placement)

    def reference(self, placement: Placement) -> float:
        """Position given by AT and FROM [m]."""
        key = id(placement)
        if key not in self._centres:
            position = self.expander.number(placement.at)
            if placement.origin:
                position += self._from(placement)
            self._centres[key] = position
        return self._centres[key]

    def _length(self, placement: Placement) -> float:
        return self.expander.part(placement.name, placement.place).length

    def _from(self, placement: Placement) -> float:
        name = placement.origin
        if name in self._active or len(self._active) >= MAX_NESTING:
            chain = " -> ".join([*self._active, name])
            raise MadxError(placement.place, f"positions that count from each other, or from too many: {chain}")
        self._active.append(name)
        try:
            return self.find(name, placement.place)
        finally:
            self._active.pop()

    def find(self, name: str, place: Place) -> float:
        """Centre of the element ``name`` or ``name[k]``, of this sequence or of one inside it.

        Raises
        ------
        MadxError
            If there is none.
        """
        found = self._search(name if name.endswith("]") else f"{name}[1]")
        if found is None:
            near = hint(name, {key.partition("[")[0] for key in self._places})
            raise MadxError(place, f"no element {name!r} in sequence {self.sequence.name!r} to count from{near}")
        return found

    def _search(self, key: str) -> float | None:
        if key in self._places:
            return self.centre(self._places[key])
        for placement in self._places.values():
            inner = self.expander.interpreter.sequences.get(placement.name)
            found = self.expander.positions(inner)._search(key) if inner is not None else None
            if found is not None:
                return self.start(placement) + found
        return None


@dataclass
class Expander:
    """Expands sequences and lines of a file.

    Parameters
    ----------
    interpreter : Interpreter
        What the file defines.
    number : callable
        Present value of a number or expression.
    length : callable
        Present length of an element definition [m].
    """

    interpreter: Interpreter
    number: Callable[[float | Expression], float]
    length: Callable[[Definition], float]
    _layouts: dict[str, Layout] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    _positions: dict[str, Positions] = field(default_factory=dict)
    _active: list[str] = field(default_factory=list)

    def positions(self, sequence: SequenceDefinition) -> Positions:
        """Positions inside a sequence."""
        if sequence.name not in self._positions:
            self._positions[sequence.name] = Positions(sequence, self)
        return self._positions[sequence.name]

    def layout(self, name: str) -> Layout:
        """Layout of a sequence, a line or a single element.

        Raises
        ------
        MadxError
            For an unknown name, an expansion beyond `MAX_ELEMENTS` or `MAX_NESTING`, or things inside themselves.
        """
        if name not in self._layouts:
            place = self.interpreter.origin(name)
            if self._count(name, place) > MAX_ELEMENTS:
                raise MadxError(place, f"{name!r} expands to more than {MAX_ELEMENTS} elements; refused")
            build = self._sequence if name in self.interpreter.sequences else self._line
            self._layouts[name] = self._inside(name, place, lambda: build(name))
        return self._layouts[name]

    def _inside(self, name: str, place: Place, build: Callable):
        """Result of `build`, with `name` known to be under way."""
        if name in self._active:
            chain = " -> ".join([*self._active[self._active.index(name) :], name])
            raise MadxError(place, f"{name!r} contains itself: {chain}")
        if len(self._active) >= MAX_NESTING:
            raise MadxError(place, f"sequences and lines nested more than {MAX_NESTING} deep are refused")
        self._active.append(name)
        try:
            return build()
        finally:
            self._active.pop()

    def _count(self, name: str, place: Place) -> int:
        """Number of elements, sequences and lines that a name expands to."""
        if name not in self._counts:
            table = self.interpreter
            if name in table.sequences:
                parts = [(item.name, 1, item.place) for item in table.sequences[name].placements]
            elif name in table.lines:
                statement, where = table.lines[name]
                parts = [(*part, where) for item in statement.items for part in item.targets()]
            elif name in table.elements:
                return 1
            else:
                near = hint(name, [*table.elements, *table.sequences, *table.lines])
                raise MadxError(place, f"no element, sequence or line {name!r}{near}")
            self._counts[name] = self._inside(
                name, place, lambda: 1 + sum(count * self._count(part, where) for part, count, where in parts)
            )
        return self._counts[name]

    def _sequence(self, name: str) -> Layout:
        sequence = self.interpreter.sequences[name]
        positions = self.positions(sequence)
        items: list[Placed] = []
        for placement in sequence.placements:
            start = positions.start(placement)
            items += (item.moved(start, placement.place) for item in self.part(placement.name, placement.place).items)
        return Layout(self.number(sequence.length), items)

    def _line(self, name: str) -> Layout:
        statement, place = self.interpreter.lines[name]
        items: list[Placed] = []
        position = 0.0
        for target, reflected in _in_order(statement.items, False):
            part = self.part(target, place)
            items += (item.moved(position, place) for item in (part.reflected() if reflected else part).items)
            position += part.length
        return Layout(position, items)

    def part(self, name: str, place: Place) -> Layout:
        """Layout of an element, a sequence or a line."""
        if name not in self.interpreter.elements:
            return self.layout(name)
        definition = self.interpreter.elements[name]
        length = self.length(definition)
        return Layout(length, [Placed(definition, 0.0, length, place)])


def _in_order(items: tuple[LineItem, ...], reflected: bool) -> Iterator[tuple[str, bool]]:
    """Names of a line in order, repeated, each with whether it is reflected."""
    for item in reversed(items) if reflected else items:
        turned = item.reflected != reflected
        for _ in range(item.count):
            if isinstance(item.target, str):
                yield item.target, turned
            else:
                yield from _in_order(item.target, turned)
