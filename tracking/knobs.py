"""Knobs: named numbers and deferred expressions of them, evaluated for any number type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from tracking.errors import InputError
from tracking.expressions import Expression, ExpressionError

Value = float | Expression
Lookup = Callable[[str], Any]

MAX_DEPTH = 150  # names that may depend on each other in a chain


class CircularExpressionError(ExpressionError):
    """Knobs that depend on themselves; `chain` holds the names in order."""

    def __init__(self, chain: Iterable[str]) -> None:
        self.chain = tuple(chain)
        super().__init__(f"circular expression: {' -> '.join(self.chain)}; give one of them a value of its own")


def evaluate(value: Any, lookup: Lookup) -> Any:
    """Number of a field: an `Expression` is evaluated with `lookup`, anything else returned as it is."""
    return value.evaluate(lookup) if isinstance(value, Expression) else value


def shifted(value: Value, by: float) -> Value:
    """Field `by` larger: a number, or an expression that keeps following its knobs."""
    return Expression.apply("+", value, by) if isinstance(value, Expression) else value + by


def evaluator(values: Mapping[str, Any], missing: Lookup, known: dict[str, Any]) -> Lookup:
    """Function that gives the value of a name, every expression evaluated once.

    Parameters
    ----------
    values : mapping
        Number or expression of every name.
    missing : callable
        Gives the value of a name that `values` does not have, or raises.
    known : dict
        Values found already; filled on the way.
    """
    active: dict[str, None] = {}

    def lookup(name: str) -> Any:
        if name in known:
            return known[name]
        value = values[name] if name in values else missing(name)
        if isinstance(value, Expression):
            if name in active:
                chain = list(active)
                raise CircularExpressionError([*chain[chain.index(name) :], name])
            if len(active) >= MAX_DEPTH:
                raise ExpressionError(
                    f"expressions nested more than {MAX_DEPTH} names deep, from {next(iter(active))!r} to {name!r}"
                )
            active[name] = None
            try:
                value = value.evaluate(lookup)
            finally:
                del active[name]
        known[name] = value
        return value

    return lookup


class Knobs(Mapping[str, Value]):
    """Immutable mapping of knob names to numbers or deferred expressions.

    Parameters
    ----------
    values : mapping
        Number or `Expression` of every name; names are case-insensitive.
    used : iterable of str
        Names that something outside, such as the elements of a line, depends on.

    Raises
    ------
    InputError
        For a value that is neither a number nor an expression.
    """

    __slots__ = ("_values", "_used", "_numbers")

    def __init__(self, values: Mapping[str, Value] | None = None, used: Iterable[str] = ()) -> None:
        self._values = {name.lower(): _checked(name, value) for name, value in (values or {}).items()}
        self._used = frozenset(used)
        self._numbers: Lookup | None = None

    def __getitem__(self, name: str) -> Value:
        try:
            return self._values[name.lower()]
        except KeyError:
            raise KeyError(self._unknown(name)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Knobs({len(self)} names, {len(self.independent)} independent)"

    def __getstate__(self) -> tuple:
        return self._values, self._used

    def __setstate__(self, state: tuple) -> None:
        self._values, self._used = state
        self._numbers = None

    @property
    def independent(self) -> tuple[str, ...]:
        """Names of plain numbers that an expression or an element depends on: what can be varied."""
        feeding = set(self._used)
        for value in self._values.values():
            if isinstance(value, Expression):
                feeding |= value.names
        return tuple(name for name, value in self._values.items() if name in feeding and type(value) is float)

    def value(self, name: str) -> float:
        """Number of a knob, its expression evaluated.

        Raises
        ------
        InputError
            For an unknown name, a circular expression or one nested too deep.
        """
        if self._numbers is None:
            self._numbers = self.evaluator()
        return self._numbers(name.lower())

    def replace(self, values: Mapping[str, Value]) -> Knobs:
        """The same knobs with new numbers or expressions for some of the names.

        Raises
        ------
        InputError
            For a name that is not there, with the nearest ones.
        """
        for name in values:
            if name.lower() not in self._values:
                raise InputError(self._unknown(name))
        return Knobs({**self._values, **{name.lower(): value for name, value in values.items()}}, self._used)

    def with_used(self, used: Iterable[str]) -> Knobs:
        """The same knobs, knowing that something outside depends on the names `used`."""
        return Knobs(self._values, used)

    def evaluator(self, overrides: Mapping[str, Any] | None = None) -> Lookup:
        """Function that gives the value of a knob, every one evaluated once.

        Parameters
        ----------
        overrides : mapping, optional
            Values that replace the knob's own: numbers, Taylor series, traced values.
        """
        known = {name.lower(): value for name, value in (overrides or {}).items()}
        for name in known:
            if name not in self._values:
                raise InputError(self._unknown(name))

        def missing(name: str) -> Any:
            raise InputError(self._unknown(name))

        return evaluator(self._values, missing, known)

    def dependents(self, names: Iterable[str]) -> frozenset[str]:
        """`names` and every knob whose value depends on one of them."""
        feeds: dict[str, list[str]] = {}
        for name, value in self._values.items():
            if isinstance(value, Expression):
                for source in value.names:
                    feeds.setdefault(source, []).append(name)
        found = {name.lower() for name in names}
        pending = list(found)
        while pending:
            new = [name for name in feeds.get(pending.pop(), ()) if name not in found]
            found.update(new)
            pending.extend(new)
        return frozenset(found)

    def _unknown(self, name: str) -> str:
        near = get_close_matches(name.lower(), self._values, n=3)
        hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"there are {len(self)} knobs"
        return f"unknown knob {name!r}; {hint}"


def _checked(name: str, value: Any) -> Value:
    if isinstance(value, Expression):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"knob {name!r} = {value!r}; expected a number or an Expression") from None
