"""Typed errors of the tracking package: what was got, what was expected, what to do next."""

from __future__ import annotations


class InputError(ValueError):
    """Bad input of a user: a wrong argument, element field, lattice statement or file."""


class ElementError(InputError):
    """An element field holds a value that no map can use."""

    def __init__(self, element: str, field: str, got: object, expected: str) -> None:
        self.element, self.field, self.got, self.expected = element, field, got, expected
        super().__init__(f"element {element!r}: {field} = {got!r}; expected {expected}")


class MapError(RuntimeError):
    """A compiled element map failed: a user's raised an error, or one holds too many Taylor series."""
