"""Carries out the statements of MAD-X files: variables, elements, sequences, lines, beams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tracking.expressions import Expression, ExpressionError
from tracking.io.madx.beam import BeamTable
from tracking.io.madx.classes import ARRAYS, allowed_attributes, is_text
from tracking.io.madx.definitions import Definition, Placement, SequenceDefinition
from tracking.io.madx.language import ACTION_PREFIX, ACTIONS, EDITS, KEYWORDS, UNMAPPED
from tracking.io.madx.source import MadxError, Place
from tracking.io.madx.statements import Assignment, Attribute, Command, Given, LineStatement, Statement
from tracking.io.madx.variables import Variables, hint, truth
from tracking.io.report import ReportBuilder


@dataclass
class Interpreter:
    """State of the language while files are read.

    Parameters
    ----------
    report : ReportBuilder
    strict : bool
        Undefined variables, unknown attributes and lattice edits that are not carried out are errors.
    unknown : {"error", "drift"}
        What becomes of element types without a map.
    """

    report: ReportBuilder
    strict: bool = False
    unknown: str = "error"
    elements: dict[str, Definition] = field(default_factory=dict)
    sequences: dict[str, SequenceDefinition] = field(default_factory=dict)
    lines: dict[str, tuple[LineStatement, Place]] = field(default_factory=dict)
    beams: BeamTable = field(default_factory=BeamTable)
    options: dict[str, bool] = field(default_factory=dict)
    used: str = ""
    _open: SequenceDefinition | None = None

    def __post_init__(self) -> None:
        self.variables = Variables(self.report, self.strict, self.attribute)

    @property
    def _place(self) -> Place:
        return self.variables.place

    def execute(self, statement: Statement, place: Place) -> None:
        """Carry out one statement.

        Raises
        ------
        MadxError
            If it makes no sense; the message shows file and line.
        """
        self.variables.place = place
        try:
            if isinstance(statement, Assignment):
                owner, _, attribute = statement.name.partition("->")
                if attribute:
                    self._update(owner, (Attribute(attribute, statement.deferred, statement.value),))
                else:
                    self.variables.assign(statement)
            elif isinstance(statement, LineStatement):
                self._forget(statement.label)
                self.lines[statement.label] = (statement, place)
            elif statement.label:
                self._define(statement)
            else:
                self._command(statement)
        except ExpressionError as error:
            raise MadxError(place, str(error)) from error

    def skips(self, word: str) -> bool:
        """Whether a statement that begins with a word is a command that is not carried out."""
        known = word in ACTIONS or word in EDITS or word.startswith(ACTION_PREFIX)
        return known and word not in self.elements and word not in self.sequences

    def skip(self, word: str, place: Place) -> None:
        """Report a command that is not carried out."""
        if word in EDITS and self.strict:
            raise MadxError(place, f"command {word} changes the lattice and is not carried out here")
        self.report.add("ignored", place, f"command {word}" + ", which changes the lattice" * (word in EDITS))

    def attribute(self, owner: str, attribute: str) -> Given:
        """Value of ``owner->attribute``; 0 for one that was not given, or whose owner is not there.

        Raises
        ------
        MadxError
            If there is no such element, sequence or beam and reading is strict.
        """
        if owner.partition("%")[0] == "beam":
            return self.beams.attribute(owner.partition("%")[2] or self.used, attribute, self._place)
        if owner in self.sequences and attribute == "l":
            return self.sequences[owner].length
        if owner in self.elements:
            return self.elements[owner].attributes.get(attribute, 0.0)
        what = f"{owner}->{attribute}: no element {owner!r}"
        if self.strict:
            raise MadxError(self._place, what + hint(owner, self.elements))
        self.report.add("defaulted", self._place, what + "; counts as 0")
        return 0.0

    def _command(self, command: Command) -> None:
        keyword = command.keyword
        handler: Callable | None = getattr(self, f"_do_{keyword}", None)
        if handler is not None:
            handler({attribute.name: attribute for attribute in command.attributes})
        elif keyword in self.elements or keyword in KEYWORDS:
            self._place_or_update(command)
        elif keyword in self.sequences or keyword in self.lines:
            self._place_item(keyword, command)
        else:
            near = hint(keyword, [*self.elements, *self.sequences, *KEYWORDS, *ACTIONS])
            raise MadxError(self._place, f"unknown command or element {keyword!r}{near}")

    def _place_or_update(self, command: Command) -> None:
        if self._open is None or not any(attribute.name == "at" for attribute in command.attributes):
            return self._update(command.keyword, command.attributes)
        if any(attribute.name not in ("at", "from") for attribute in command.attributes):
            self.report.add("ignored", self._place, f"attributes of {command.keyword} inside a sequence, as in MAD-X")
        self._place_item(command.keyword, command)

    def _update(self, name: str, attributes: tuple[Attribute, ...]) -> None:
        if name not in self.elements:
            if name in KEYWORDS:
                self.report.add("ignored", self._place, f"defaults of the class {name}")
                return
            raise MadxError(self._place, f"no element {name!r}{hint(name, self.elements)}")
        definition = self.elements[name]
        definition.attributes.update(self._checked(definition.keyword, attributes))

    def _checked(self, keyword: str, attributes: tuple[Attribute, ...]) -> dict[str, Given]:
        """Attributes of an element, expressions evaluated or kept; those without effect are reported."""
        allowed = allowed_attributes(keyword)
        stored = {}
        for name, deferred, value in attributes:
            if name in ("at", "from"):
                continue
            if is_text(name):
                stored[name] = value if isinstance(value, str) else getattr(value, "text", value)
                continue
            given = self.variables.stored(truth(value), deferred)
            stored[name] = (given,) if name in ARRAYS and not isinstance(given, tuple) else given
            if isinstance(value, str) and name in allowed:
                raise MadxError(self._place, f"{name} = {str(value)!r}; expected a number")
            if isinstance(given, tuple) and name in allowed and name not in ARRAYS:
                raise MadxError(self._place, f"{name} has {len(given)} values; expected a number")
            if name not in allowed and stored[name] not in (0.0, False):
                what = f"attribute {name!r} of a {keyword}"
                if self.strict:
                    raise MadxError(self._place, f"{what} has no effect here{hint(name, allowed)}")
                self.report.add("ignored", self._place, what + hint(name, allowed))
        return stored

    def _define(self, command: Command) -> None:
        label, keyword = command.label, command.keyword
        if keyword == "sequence":
            return self._open_sequence(command)
        if self.skips(keyword):
            return self.skip(keyword, self._place)
        definition = self._new_definition(label, keyword, command.attributes)
        if self._open is not None and label in self.elements:
            if definition.attributes != self.elements[label].attributes:
                what = f"second definition of {label}, inside a sequence: the first one stays, as in MAD-X"
                self.report.add("ignored", self._place, what)
        else:
            self._forget(label)
            self.elements[label] = definition
        if self._open is not None:
            self._place_item(label, command)

    def _new_definition(self, label: str, keyword: str, attributes: tuple[Attribute, ...]) -> Definition:
        parent = self.elements.get(keyword)
        if parent is None and keyword not in KEYWORDS:
            self._accept_unknown(keyword)
        base = parent.keyword if parent else keyword
        inherited = parent.attributes if parent else {}
        return Definition(label, base, {**inherited, **self._checked(base, attributes)}, self._place)

    def _accept_unknown(self, keyword: str) -> None:
        if self.unknown != "drift":
            what = "has no map here" if keyword in UNMAPPED else "is not known"
            near = hint(keyword, [*KEYWORDS, *self.elements])
            raise MadxError(self._place, f"element type {keyword!r} {what}; unknown='drift' reads it as a drift{near}")
        self.report.add("approximated", self._place, f"element type {keyword!r} taken as a drift")

    def _forget(self, label: str) -> None:
        """A new definition of a name hides the older ones of other kinds."""
        for table in (self.elements, self.sequences, self.lines):
            table.pop(label, None)

    def _open_sequence(self, command: Command) -> None:
        given = {attribute.name: attribute for attribute in command.attributes}
        refer = self._word(given.pop("refer", None)) or "centre"
        places = {"centre": 0, "center": 0, "entry": 1, "exit": -1}
        if refer not in places:
            raise MadxError(self._place, f"refer = {refer}; expected entry, centre or exit")
        if "l" not in given:
            raise MadxError(self._place, f"sequence {command.label!r} has no length; give l")
        length = given.pop("l")
        refpos = self._word(given.pop("refpos", None))
        for name in given:
            self.report.add("ignored", self._place, f"attribute {name!r} of a sequence")
        self._forget(command.label)
        self._open = SequenceDefinition(
            command.label, self.variables.stored(length.value, length.deferred), places[refer], refpos, self._place
        )

    def _do_endsequence(self, given: dict[str, Attribute]) -> None:
        if self._open is None:
            raise MadxError(self._place, "endsequence without a sequence")
        self.sequences[self._open.name] = self._open
        self._open = None

    def _place_item(self, name: str, command: Command) -> None:
        given = {attribute.name: attribute for attribute in command.attributes}
        if self._open is None:
            raise MadxError(self._place, f"{name!r} stands outside of a sequence")
        if "at" not in given:
            raise MadxError(self._place, f"{name!r} in sequence {self._open.name!r} has no position; give at")
        at = self.variables.stored(given["at"].value, given["at"].deferred)
        origin = self._word(given.get("from"))
        self._open.placements.append(Placement(name, at, origin, self._place))

    def _do_use(self, given: dict[str, Attribute]) -> None:
        self.used = self._word(given.get("sequence") or given.get("period")) or self.used
        if "range" in given:
            self.report.add("ignored", self._place, "range of use; the whole sequence is read")

    def _do_option(self, given: dict[str, Attribute]) -> None:
        for name, attribute in given.items():
            self.options[name] = self.variables.flag(attribute.value)

    def _do_beam(self, given: dict[str, Attribute]) -> None:
        sequence = self._word(given.pop("sequence", None))
        values = {
            name: self._word(attribute) if name == "particle" else self.variables.stored(attribute.value, False)
            for name, attribute in given.items()
        }
        self.beams.update(sequence, values, self._place)

    @staticmethod
    def _word(attribute: Attribute | None) -> str:
        """Text of an attribute, quoted or not, in lower case."""
        if attribute is None:
            return ""
        value = attribute.value
        return value.text if isinstance(value, Expression) else str(value).lower()

    def origin(self, name: str) -> Place:
        """Place of the definition of a sequence or line."""
        return self.sequences[name].place if name in self.sequences else self.lines[name][1]

    def nested(self) -> set[str]:
        """Names that stand inside of a sequence or a line."""
        placed = {item.name for sequence in self.sequences.values() for item in sequence.placements}
        return placed | {name for line, _ in self.lines.values() for item in line.items for name, _ in item.targets()}

    def finish(self) -> None:
        """Check that no sequence is left open."""
        if self._open is not None:
            raise MadxError(self._open.place, f"sequence {self._open.name!r} has no endsequence")
