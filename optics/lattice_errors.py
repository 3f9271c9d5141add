"""Misalignments and field errors of elements, systematic and random.

The random numbers of an element come from the seed and its own name: elements that are added, removed or moved leave
the errors of all others as they are, and so does any change of another error record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field, fields, replace
from hashlib import blake2b
from math import factorial, isfinite
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from tracking.elements import Element, Magnet, Misalignment, Multipole
from tracking.errors import InputError
from tracking.knobs import shifted
from tracking.line import Line

if TYPE_CHECKING:
    import pandas

MISALIGNMENTS = tuple(f.name for f in fields(Misalignment))
Where = str | type[Element]


@dataclass(frozen=True, kw_only=True)
class FieldComponents:
    """Multipole components by order 0 (dipole), 1 (quadrupole), ...

    dkn, dks : absolute normal and skew errors, integrated [1/m^n] (MAD-X EFCOMP)
    dknr, dksr : errors relative to the main field at the reference radius [1]
    """

    dkn: tuple[float, ...] = ()
    dks: tuple[float, ...] = ()
    dknr: tuple[float, ...] = ()
    dksr: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ErrorRecord:
    """What all errors have.

    where : name, pattern with ``*?[]``, or type of the elements
    cut : Gaussian numbers are drawn within this many standard deviations; None for no limit
    label : part of the random seed, for records that would otherwise draw the same numbers
    """

    where: Where
    cut: float | None = 3.0
    label: str = ""

    def __post_init__(self) -> None:
        if self.cut is not None and not self.cut > 0:
            raise InputError(f"errors of {self.where!r}: cut = {self.cut!r}; expected a number above 0, or None")


@dataclass(frozen=True, kw_only=True)
class AlignmentErrors(ErrorRecord):
    """Displacements and rotations of bodies, added to those they have.

    mean : the same for every element [m, rad]
    rms : standard deviations of the random part, before the cut [m, rad]
    """

    mean: Misalignment = field(default_factory=Misalignment)
    rms: Misalignment = field(default_factory=Misalignment)


@dataclass(frozen=True, kw_only=True)
class FieldErrors(ErrorRecord):
    """Multipole errors of magnets, added to their knl and ksl.

    A relative error r of order i means the integrated strength r K radius^(order - i) i!/order!, where K is the
    magnet's integrated main strength of order `order`: the normal one, or if it is 0 the skew one.

    order : order of the main field that dknr and dksr refer to
    radius : reference radius of dknr and dksr [m]
    mean : the same for every element
    rms : standard deviations of the random part, before the cut

    Source: MAD-X User's Reference Manual, EFCOMP. There, relative errors replace absolute ones given with them, K is a
    normal strength only, and of a bend or quadrupole it is the dipole or quadrupole one for any `order`.
    """

    order: int = 0
    radius: float = 1.0
    mean: FieldComponents = field(default_factory=FieldComponents)
    rms: FieldComponents = field(default_factory=FieldComponents)

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.order, bool) or not isinstance(self.order, int) or self.order < 0:
            raise InputError(f"errors of {self.where!r}: order = {self.order!r}; expected an integer of at least 0")
        if not (isfinite(self.radius) and self.radius > 0):
            raise InputError(f"errors of {self.where!r}: radius = {self.radius!r}; expected a length above 0 [m]")


@dataclass(frozen=True, eq=False)
class ErrorTable:
    """Errors that were applied, one row per element that has any.

    Attributes
    ----------
    names : tuple of str
    misalignment : (n, 6) array
        dx, dy, ds [m], dtheta, dphi, dpsi [rad].
    normal, skew : (n, orders) arrays
        Integrated multipole errors by order [1/m^order].
    """

    names: tuple[str, ...]
    misalignment: NDArray[np.float64]
    normal: NDArray[np.float64]
    skew: NDArray[np.float64]

    def to_pandas(self) -> pandas.DataFrame:
        """Columns dx, ..., dpsi, k0l, k0sl, k1l, ... (as in the error table of MAD-X), indexed by name."""
        import pandas

        columns = dict(zip(MISALIGNMENTS, self.misalignment.T, strict=True))
        for n in range(self.normal.shape[1]):
            columns |= {f"k{n}l": self.normal[:, n], f"k{n}sl": self.skew[:, n]}
        return pandas.DataFrame(columns, index=pandas.Index(self.names, name="name"))


def apply_errors(
    line: Line, errors: Sequence[AlignmentErrors | FieldErrors], seed: int = 0
) -> tuple[Line, ErrorTable]:
    """Line with errors, and what they are.

    Parameters
    ----------
    line : Line
    errors : sequence of AlignmentErrors and FieldErrors
        Those that meet on one element add up. Field errors leave the elements of a pattern that are no magnets alone.
    seed : int
        Another seed is another machine.

    Returns
    -------
    Line, ErrorTable

    Raises
    ------
    InputError
        If nothing matches a record, a number is not finite, or a thin multipole would get a skew dipole, which in it
        bends the reference orbit.
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise InputError(f"errors: seed = {seed!r}; expected an integer")
    resolved = line.resolve()
    misalignment: dict[int, NDArray[np.float64]] = {}
    field_errors: dict[int, NDArray[np.float64]] = {}
    drawn: Counter[tuple] = Counter()
    for record in errors:
        for i in _matching(line, record):
            key = (type(record).__name__, record.label, line.names[i])
            drawn[key] += 1
            random = _Gauss(record.cut, seed, *key, drawn[key])
            if isinstance(record, AlignmentErrors):
                misalignment[i] = misalignment.get(i, np.zeros(6)) + _displacement(record, random)
            else:
                old = field_errors.get(i, np.zeros((2, 0)))
                field_errors[i] = _added(old, _components(record, resolved[i], random))
    changed = {i: _misaligned(line.elements[i], numbers) for i, numbers in misalignment.items()}
    for i, numbers in field_errors.items():
        changed[i] = _with_field(line.names[i], changed.get(i, line.elements[i]), numbers)
    return line.with_elements(changed), _table(line, sorted(changed), misalignment, field_errors)


def _table(
    line: Line, found: list[int], misalignment: dict[int, NDArray], field_errors: dict[int, NDArray]
) -> ErrorTable:
    orders = max((numbers.shape[1] for numbers in field_errors.values()), default=0)
    moved, components = np.zeros((len(found), 6)), np.zeros((2, len(found), orders))
    for row, i in enumerate(found):
        moved[row] = misalignment.get(i, 0.0)
        if i in field_errors:
            components[:, row, : field_errors[i].shape[1]] = field_errors[i]
    return ErrorTable(tuple(line.names[i] for i in found), moved, *components)


class _Gauss:
    """Gaussian random numbers of an element, one stream for every kind of error."""

    def __init__(self, cut: float | None, *key: object) -> None:
        self.key, self.low = key, 0.0 if cut is None else float(ndtr(-cut))

    def __call__(self, kind: str, count: int) -> NDArray[np.float64]:
        """`count` numbers; the first ones are the same for any `count`."""
        digest = blake2b(repr((*self.key, kind)).encode(), digest_size=16).digest()
        uniform = np.random.default_rng(int.from_bytes(digest, "big")).random(count) + 2.0**-54
        return ndtri(self.low + (1.0 - 2.0 * self.low) * uniform)


def _matching(line: Line, record: AlignmentErrors | FieldErrors) -> list[int]:
    found = line.find(record.where)
    if isinstance(record, FieldErrors):
        found = tuple(i for i in found if isinstance(line.elements[i], (Magnet, Multipole)))
    if not found:
        kind = "magnet" if isinstance(record, FieldErrors) else "element"
        raise InputError(f"errors: where = {record.where!r} matches no {kind} of line {line.name!r}")
    return list(found)


def _displacement(record: AlignmentErrors, random: _Gauss) -> NDArray[np.float64]:
    mean, rms = _finite(record, "mean", astuple(record.mean)), _finite(record, "rms", astuple(record.rms))
    return mean + rms * random("misalignment", 6)


def _components(record: FieldErrors, element: Element, random: _Gauss) -> NDArray[np.float64]:
    """(2, orders) integrated normal and skew strengths."""
    values = {}
    for f in fields(FieldComponents):
        mean, rms = (_finite(record, f.name, getattr(part, f.name)) for part in (record.mean, record.rms))
        values[f.name] = _added(mean, rms * random(f.name, rms.size))
    main, n = _main_strength(element, record.order), record.order
    for name in ("dknr", "dksr"):
        scales = [record.radius ** (n - i) * factorial(i) / factorial(n) for i in range(values[name].size)]
        values[name] = main * values[name] * scales
    normal, skew = _added(values["dkn"], values["dknr"]), _added(values["dks"], values["dksr"])
    orders = max(normal.size, skew.size)
    return np.stack([np.pad(normal, (0, orders - normal.size)), np.pad(skew, (0, orders - skew.size))])


def _finite(record: ErrorRecord, name: str, numbers: tuple) -> NDArray[np.float64]:
    if not all(isinstance(number, (int, float)) and isfinite(number) for number in numbers):
        raise InputError(f"errors of {record.where!r}: {name} = {numbers}; expected finite numbers")
    return np.array(numbers, dtype=float)


def _main_strength(element: Element, order: int) -> float:
    """Integrated strength of an order: the normal one, or the skew one where that is 0."""

    def total(suffix: str, integrated: tuple[float, ...]) -> float:
        strength = getattr(element, f"k{order}{suffix}", 0.0)  # None: the k0 of a bend that follows its angle
        main = element.angle if strength is None else strength * element.length
        return main + (*integrated[order : order + 1], 0.0)[0]

    return total("", element.knl) or total("s", element.ksl)


def _added(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of arrays whose last axes may differ in length."""
    total = np.zeros((*a.shape[:-1], max(a.shape[-1], b.shape[-1])))
    total[..., : a.shape[-1]] += a
    total[..., : b.shape[-1]] += b
    return total


def _misaligned(element: Element, numbers: NDArray[np.float64]) -> Element:
    old = element.misalignment or Misalignment()
    moved = {name: shifted(getattr(old, name), by) for name, by in zip(MISALIGNMENTS, numbers.tolist(), strict=True)}
    return replace(element, misalignment=Misalignment(**moved))


def _with_field(name: str, element: Element, numbers: NDArray[np.float64]) -> Element:
    """The element with (2, orders) more integrated strengths; the reference orbit stays."""
    changes = {}
    if isinstance(element, Multipole):
        if numbers[1, :1].any():
            raise InputError(
                f"errors: element {name!r} is a thin multipole, whose skew dipole bends the reference orbit; give the "
                "error to a Kicker beside it"
            )
        changes["angle"] = (*element.knl, 0.0)[0] if element.angle is None else element.angle
    for field_name, errors in zip(("knl", "ksl"), numbers.tolist(), strict=True):
        old = getattr(element, field_name)
        old += (0.0,) * (len(errors) - len(old))
        changes[field_name] = tuple(shifted(k, by) for k, by in zip(old, errors, strict=False)) + old[len(errors) :]
    return replace(element, **changes)
