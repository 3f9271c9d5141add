"""Element fields that hold deferred expressions: finding, evaluating and checking them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from tracking.elements import Element, Misalignment
from tracking.errors import ElementError
from tracking.expressions import Expression
from tracking.knobs import Lookup, evaluate

Deferred = tuple[tuple[str, Any], ...]  # (field, value that holds expressions) of one element


def expressions(value: Any) -> Iterator[Expression]:
    """Every expression inside a field's value."""
    if isinstance(value, Expression):
        yield value
    elif isinstance(value, tuple):
        yield from (item for item in value if isinstance(item, Expression))
    elif isinstance(value, Misalignment):
        yield from (item for item in vars(value).values() if isinstance(item, Expression))


def deferred_fields(name: str, element: Element) -> Deferred:
    """Fields of an element that hold expressions; its numbers are checked on the way.

    Raises
    ------
    ElementError
        If a field, or an item of it, is not a number or not finite where it is one.
    """
    found = []
    for field, value in element.__dict__.items():
        kind = type(value)
        if kind is float:
            if not math.isfinite(value):
                raise ElementError(name, field, value, "a finite number")
        elif kind is Expression:
            found.append((field, value))
        elif kind is tuple:
            kinds = set(map(type, value))
            if float in kinds and not all(math.isfinite(item) for item in value if type(item) is float):
                raise ElementError(name, field, value, "finite numbers")
            if Expression in kinds:
                found.append((field, value))
        elif kind is Misalignment:
            if not all(math.isfinite(item) for item in vars(value).values() if type(item) is float):
                raise ElementError(name, field, value, "finite numbers")
            if any(True for _ in expressions(value)):
                found.append((field, value))
    return tuple(found)


def resolved_value(value: Any, lookup: Lookup) -> Any:
    """A field's value with every expression in it evaluated."""
    if isinstance(value, Expression):
        return value.evaluate(lookup)
    if isinstance(value, tuple):
        return tuple(evaluate(item, lookup) for item in value)
    return replace(value, **{item.name: evaluate(getattr(value, item.name), lookup) for item in fields(value)})


def resolved_element(name: str, element: Element, deferred: Deferred, lookup: Lookup) -> Element:
    """Copy of an element with the expressions of its fields evaluated.

    Raises
    ------
    ElementError
        If an expression evaluates to a number that is not finite.
    """
    copy = object.__new__(type(element))  # past the constructor: thousands of elements are resolved at a time
    state = copy.__dict__
    state.update(element.__dict__)
    for field, value in deferred:
        result = resolved_value(value, lookup)
        for number in result if isinstance(result, tuple) else (result,):
            if type(number) is float and not math.isfinite(number):
                raise ElementError(name, field, result, f"finite numbers from {_text(value)}")
        state[field] = result
    return copy


def _text(value: Any) -> str:
    return ", ".join(expression.text for expression in expressions(value))
