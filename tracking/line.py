"""Line: a reference particle, ordered elements and the knobs that they depend on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import constants

from tracking.elements import Element, ReferenceEnergyChange
from tracking.errors import ElementError, InputError
from tracking.fields import Deferred, deferred_fields, expressions, resolved_element
from tracking.knobs import Knobs
from tracking.mirror import mirrored
from tracking.reference import ReferenceParticle
from tracking.settings import Settings

MAX_ELEMENTS = 5_000_000  # of one line


@dataclass(frozen=True, eq=False, repr=False)
class Line:
    """Immutable sequence of elements; every change returns a new line.

    Parameters
    ----------
    elements : sequence of Element
    names : sequence of str
        One name per element. A name that occurs more than once becomes ``name:1``, ``name:2``, ... in `names`.
    reference : ReferenceParticle
    knobs : Knobs
        Values of the names in the elements' expressions.
    settings : Settings
        How elements become maps.
    name : str
    report : optional
        Import report of the reader that made the line.

    Raises
    ------
    InputError
        If lengths differ, an element is no `Element`, or a field is not finite.
    """

    elements: tuple[Element, ...]
    names: tuple[str, ...]
    reference: ReferenceParticle
    knobs: Knobs = field(default_factory=Knobs)
    settings: Settings = field(default_factory=Settings)
    name: str = "line"
    report: Any = None

    def __post_init__(self) -> None:
        elements, names = tuple(self.elements), tuple(self.names)
        if len(elements) != len(names):
            raise InputError(f"line {self.name!r}: {len(elements)} elements but {len(names)} names; expected as many")
        for label, element in zip(names, elements, strict=True):
            if not isinstance(element, Element):
                raise InputError(f"line {self.name!r}: element {label!r} is {element!r}; expected an Element")
        known: dict[int, Deferred] = {}
        for label, element in zip(names, elements, strict=True):
            if id(element) not in known:
                known[id(element)] = deferred_fields(label, element)
        deferred = tuple(known[id(element)] for element in elements)
        used = {n for fields in known.values() for _, value in fields for e in expressions(value) for n in e.names}
        self._set(elements=elements, names=_unique(names), base_names=names, knobs=self.knobs.with_used(used))
        self._set(_deferred=deferred, _cache={})

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _with(self, **values: Any) -> Line:
        """Copy with other fields than elements and names."""
        line = copy(self)
        line._set(**values, _cache={})
        return line

    def _rebuilt(self, elements: Sequence[Element], names: Sequence[str]) -> Line:
        return Line(elements, names, self.reference, self.knobs, self.settings, self.name, self.report)

    def __getstate__(self) -> dict:
        return {**self.__dict__, "_cache": {}}

    def __repr__(self) -> str:
        return f"Line({self.name!r}, {len(self)} elements, {self.length:.9g} m, {self.reference.name})"

    def __len__(self) -> int:
        return len(self.elements)

    def __getitem__(self, key: int | str | slice) -> Element | Line:
        """Element of an index or a name; a line for a slice. A slice by names includes both ends."""
        if isinstance(key, slice):
            start = self.index(key.start) if isinstance(key.start, str) else key.start
            stop = self.index(key.stop) + 1 if isinstance(key.stop, str) else key.stop
            if isinstance(key.start, str) and isinstance(key.stop, str) and start >= stop:
                raise InputError(f"line {self.name!r}: {key.start!r} stands behind {key.stop!r}; give them in order")
            part = slice(start, stop, key.step)
            chosen = self._rebuilt(self.elements[part], self.base_names[part])
            return chosen.with_reference(self.references[part.indices(len(self))[0]])
        return self.elements[self.index(key)]

    def index(self, key: int | str) -> int:
        """Index of an element of which the name or the index (negative: from the end) is given.

        Raises
        ------
        InputError
            For an index out of range, an unknown name, or a name that occurs more than once.
        """
        if isinstance(key, str):
            found = self.find(key)
            if len(found) != 1:
                raise InputError(
                    f"line {self.name!r}: {key!r} stands for {len(found)} elements; expected one"
                    + (f", such as {self.names[found[0]]!r}" if found else "")
                )
            return found[0]
        if not -len(self) <= key < len(self):
            raise InputError(f"line {self.name!r}: index {key}; expected one from 0 to {len(self) - 1}")
        return int(key) % len(self)

    def find(self, what: str | type[Element]) -> tuple[int, ...]:
        """Indices of the elements of a name, of a pattern with ``*``, ``?`` or ``[]``, or of a type.

        A name that occurs more than once stands for all of its elements. Upper and lower case are alike.

        Raises
        ------
        InputError
            For a name without a pattern character that the line does not have.
        """
        if isinstance(what, type):
            return tuple(i for i, element in enumerate(self.elements) if isinstance(element, what))
        wanted = what.lower()
        places = self._places()
        if wanted in places:
            return places[wanted]
        if any(character in wanted for character in "*?["):
            return tuple(i for i, name in enumerate(self.names) if fnmatchcase(name.lower(), wanted))
        near = get_close_matches(wanted, places, n=3)
        hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "names may hold the wildcards * ? []"
        raise InputError(f"line {self.name!r}: no element {what!r}; {hint}")

    def _places(self) -> dict[str, tuple[int, ...]]:
        """Indices of every name, unique ones and the repeated ones that they were made from."""
        if "places" not in self._cache:
            places: dict[str, list[int]] = {}
            for i, (base, name) in enumerate(zip(self.base_names, self.names, strict=True)):
                for key in {base.lower(), name.lower()}:
                    places.setdefault(key, []).append(i)
            self._cache["places"] = {key: tuple(found) for key, found in places.items()}
        return self._cache["places"]

    @property
    def s(self) -> NDArray[np.float64]:
        """(n + 1,) positions [m]: s[i] is the entrance of element i, s[i + 1] its exit."""
        if "s" not in self._cache:
            s = np.concatenate(([0.0], np.cumsum([float(element.length) for element in self.resolve()])))
            s.flags.writeable = False
            self._cache["s"] = s
        return self._cache["s"]

    @property
    def length(self) -> float:
        """Length along the reference orbit [m]."""
        return float(self.s[-1])

    @property
    def references(self) -> tuple[ReferenceParticle, ...]:
        """Reference particle at the entrance of every element, and at the line's end."""
        if "references" not in self._cache:
            self._cache["references"] = references_along(self.names, self.resolve(), self.reference)
        return self._cache["references"]

    @property
    def revolution_frequency(self) -> float:
        """Revolution frequency of the reference particle, the line taken as a ring [Hz]."""
        if self.length <= 0:
            raise InputError(f"line {self.name!r}: length {self.length} m has no revolution frequency")
        return self.reference.beta0 * constants.c / self.length

    def resolve(self, overrides: Mapping[str, Any] | None = None) -> tuple[Element, ...]:
        """Elements with every expression evaluated; those without one are returned as they are.

        Parameters
        ----------
        overrides : mapping, optional
            Knob values of any number type (Taylor series, traced values) in place of the line's own.

        Raises
        ------
        InputError
            For an unknown or circular knob, or a field that evaluates to no finite number.
        """
        if "resolved" not in self._cache:
            every = [i for i, fields in enumerate(self._deferred) if fields]
            self._cache["resolved"] = self._resolve(self.elements, every, None)
        if not overrides:
            return self._cache["resolved"]
        affected = {i for name in self.knobs.dependents(overrides) for i in self._users().get(name, ())}
        return self._resolve(self._cache["resolved"], sorted(affected), overrides)

    def _resolve(self, base: tuple[Element, ...], indices: Sequence[int], overrides: Mapping | None) -> tuple:
        lookup = self.knobs.evaluator(overrides)
        resolved = list(base)
        for i in indices:
            resolved[i] = resolved_element(self.names[i], self.elements[i], self._deferred[i], lookup)
        return tuple(resolved)

    def _users(self) -> dict[str, list[int]]:
        """Indices of the elements that use a name."""
        if "users" not in self._cache:
            users: dict[str, list[int]] = {}
            for i, fields in enumerate(self._deferred):
                for name in {n for _, value in fields for e in expressions(value) for n in e.names}:
                    users.setdefault(name, []).append(i)
            self._cache["users"] = users
        return self._cache["users"]

    def with_settings(self, **choices: Any) -> Line:
        """The same line with other `Settings`, such as ``model="expanded"``."""
        return self._with(settings=self.settings.override(**choices))

    def with_knobs(self, values: Mapping[str, Any] | None = None, /, **named: Any) -> Line:
        """The same line with other knob values, given as a mapping or by keyword.

        Raises
        ------
        InputError
            For a knob that is not there, with the nearest names.
        """
        return self._with(knobs=self.knobs.replace({**(values or {}), **named}))

    def with_reference(self, reference: ReferenceParticle) -> Line:
        """The same line for another reference particle; normalised strengths stay."""
        return self._with(reference=reference)

    def insert(self, where: int | str, element: Element, name: str) -> Line:
        """Line with one more element in front of the element `where` (the line's length as an index: at its end)."""
        at = len(self) if where == len(self) else self.index(where)
        return self._rebuilt(
            (*self.elements[:at], element, *self.elements[at:]), (*self.base_names[:at], name, *self.base_names[at:])
        )

    def replace(self, which: int | str, element: Element) -> Line:
        """Line with `element` in place of the one or, for a repeated name or a pattern, of all that are meant."""
        found = set(self.find(which) if isinstance(which, str) else (self.index(which),))
        if not found:
            raise InputError(f"line {self.name!r}: no element matches {which!r}; nothing to replace")
        return self._rebuilt([element if i in found else old for i, old in enumerate(self.elements)], self.base_names)

    def with_elements(self, elements: Mapping[int, Element]) -> Line:
        """Line with other elements at the given indices; names stay."""
        changed = list(self.elements)
        for key, element in elements.items():
            changed[self.index(key)] = element
        return self._rebuilt(changed, self.base_names)

    def reverse(self) -> Line:
        """Mirror image: the order reversed and every element traversed from its exit to its entrance.

        Faces of bends change places, solenoids and patches their sign, cavities their lag, so that the line's map is
        J M^-1 J with J = diag(1, -1, 1, -1, -1, 1). (A reflected LINE of a MAD-X file, ``-name``, reverses the order
        only.)

        Raises
        ------
        InputError
            For an element without a mirror image, such as a matrix.
        """
        turned = [mirrored(element, name) for element, name in zip(self.elements, self.names, strict=True)]
        return self._rebuilt(turned[::-1], self.base_names[::-1])

    def repeat(self, times: int) -> Line:
        """The line `times` times in a row.

        Raises
        ------
        InputError
            For less than one time, or more than `MAX_ELEMENTS` elements.
        """
        if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times * len(self) <= MAX_ELEMENTS:
            raise InputError(
                f"line {self.name!r}: repeat {times!r} times {len(self)} elements; expected an integer of at least 1 "
                f"and at most {MAX_ELEMENTS} elements in all"
            )
        return self._rebuilt(self.elements * times, self.base_names * times)


def references_along(
    names: Sequence[str], elements: Sequence[Element], reference: ReferenceParticle
) -> tuple[ReferenceParticle, ...]:
    """Reference particle at the entrance of every one of the resolved elements, and behind the last.

    Raises
    ------
    ElementError
        For a change of the reference energy that is no plain number.
    """
    found = [reference]
    for name, element in zip(names, elements, strict=True):
        if type(element) is ReferenceEnergyChange:
            if not isinstance(element.gain, (int, float)):
                raise ElementError(name, "gain", element.gain, "a plain number [eV]: no series and no traced value")
            reference = reference.gained(element.gain)
        found.append(reference)
    return tuple(found)


def _unique(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names with ``:k``, k from 1, appended where a name occurs more than once."""
    total = Counter(names)
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if total[name] == 1 else f"{name}:{seen[name]}")
    return tuple(unique)
