"""Variables of a MAD-X file and the values of expressions of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from tracking.arithmetic import CONSTANTS
from tracking.expressions import Expression, ExpressionError
from tracking.io.madx.source import MadxError, Place
from tracking.io.madx.statements import Assignment, Given
from tracking.io.report import ReportBuilder
from tracking.knobs import Value, evaluator


@dataclass
class Variables:
    """Numbers and deferred expressions by name.

    Parameters
    ----------
    report : ReportBuilder
    strict : bool
        Whether undefined names are an error instead of 0.
    attribute : callable
        Value of ``owner->attribute``, given both names.
    """

    report: ReportBuilder
    strict: bool
    attribute: Callable[[str, str], Given]
    values: dict[str, Value] = field(default_factory=dict)
    constants: set[str] = field(default_factory=lambda: set(CONSTANTS))
    first_use: dict[str, Place] = field(default_factory=dict)  # of names in deferred expressions
    place: Place = Place("", 0)  # of the present statement
    _absent: set[str] = field(default_factory=set)

    def number(self, value: Any) -> float:
        """Present value of a number or an expression; undefined names count as 0 and are reported."""
        if isinstance(value, Expression):
            value = value.evaluate(evaluator(self.values, self.missing, {}))
        if isinstance(value, (float, bool)):
            return float(value)
        raise MadxError(self.place, f"got {value!r}; expected a number")

    def missing(self, name: str) -> float:
        """Value of a name that is no variable: an attribute, or 0 with a remark.

        Raises
        ------
        MadxError
            If nothing has the name and reading is strict.
        """
        owner, _, attribute = name.partition("->")
        if attribute:
            return self.number(self.attribute(owner, attribute))
        place = self.first_use.get(name, self.place)
        if self.strict:
            raise MadxError(place, f"undefined variable {name!r}; define it{hint(name, self.values)}")
        if name not in self._absent:
            self._absent.add(name)
            self.report.add("defaulted", place, f"undefined variable {name!r} counts as 0")
        return 0.0

    def stored(self, value: Given, deferred: bool) -> Given:
        """Value to keep: expressions stay if deferred, else their present number."""
        if isinstance(value, tuple):
            return tuple(self.stored(item, deferred) for item in value)
        if not isinstance(value, Expression):
            return value
        names = value.names
        if not deferred or not names:
            return self.number(value)
        for name in names:
            self.first_use.setdefault(name, self.place)
        return value

    def assign(self, statement: Assignment) -> None:
        """Set a variable; constants keep their value, and only numbers are kept."""
        if statement.name in self.constants:
            self.report.add("ignored", self.place, f"{statement.name} is a constant; it keeps its value")
        elif isinstance(statement.value, (str, tuple)):
            self.report.add("ignored", self.place, f"{statement.name} is no number; only numbers are kept")
        else:
            value = self.stored(statement.value, statement.deferred)
            integer = "int" in statement.qualifiers and isinstance(value, float)
            self.values[statement.name] = float(whole(value)) if integer else value
            if "const" in statement.qualifiers:
                self.constants.add(statement.name)

    def flag(self, value: Given) -> bool:
        """Truth of a logical value."""
        value = truth(value)
        return value if isinstance(value, bool) else self.number(value) != 0.0


def whole(value: float) -> int:
    """Whole part of a number.

    Raises
    ------
    ExpressionError
        If it has none.
    """
    if not math.isfinite(value):
        raise ExpressionError(f"{value} has no whole part")
    return int(value)


def truth(value: Given) -> Given:
    """A value, as a logical one if it is the word true or false."""
    word = value.program[0] if isinstance(value, Expression) and len(value.program) == 1 else None
    return {"true": True, "false": False}.get(word, value) if isinstance(word, str) else value


def hint(name: str, known: Any) -> str:
    """End of a message that proposes the known names nearest to one; empty if none is near."""
    near = get_close_matches(name, known, n=3)
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
