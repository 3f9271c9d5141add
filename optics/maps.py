"""Taylor maps and matrices of lines and sections, with knobs as parameters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optics.cavities import orbit_dimension, without_rf
from optics.closed_orbit import find_closed_orbit
from optics.linear_pass import Places, linear_pass
from tpsa import Descriptor, TaylorMap
from tracking.engine_taylor import propagate
from tracking.errors import InputError
from tracking.line import Line
from tracking.pack import PackedLine, pack

VARIABLES = ("x", "px", "y", "py", "zeta", "pzeta")


def one_turn_map(
    line: Line,
    order: int,
    knobs: Sequence[str] = (),
    at: str | None = None,
    *,
    knob_order: int = 1,
    dim: int | None = None,
    pzeta: float = 0.0,
) -> TaylorMap:
    """Taylor map of one turn about the closed orbit.

    The argument of the map is the deviation from the closed orbit (and from the knobs' values); its constant part is
    the closed orbit.

    Parameters
    ----------
    line : Line
    order : int
        Largest total degree, in variables and knobs together.
    knobs : sequence of str
        Knobs that become parameters of the map, after the six variables.
    at : str, optional
        Name of the element at whose exit the turn begins; the start of the line when left out.
    knob_order : int
        Largest degree in the knobs.
    dim : {4, 6}, optional
        Dimension of the closed orbit; 6 where a cavity is powered, when left out. 4 switches cavities off.
    pzeta : float
        Energy deviation of the closed orbit for ``dim=4`` [1].

    Returns
    -------
    TaylorMap
        Six components x, px, y, py, zeta, pzeta [m, 1, m, 1, m, 1].

    Raises
    ------
    NoClosedOrbitError, InputError
    """
    dim = orbit_dimension(line, dim)
    line = line if dim == 6 else without_rf(line)
    descriptor = map_descriptor(order, knobs, knob_order)
    plain = pack(line)
    place = 0 if at is None else line.index(at) + 1
    orbit = find_closed_orbit(plain, Places.exits(plain), dim, pzeta).orbit[place]
    packed = pack_with_knobs(line, descriptor, knobs) if knobs else plain
    row = int(packed.first_row[place])
    coefficients = propagate(packed, descriptor, orbit, first=row)
    if row:
        coefficients = propagate(packed, descriptor, coefficients, last=row)
    return TaylorMap.from_coefficients(descriptor, coefficients)


def transfer_map(
    line: Line,
    order: int,
    start: str | None = None,
    end: str | None = None,
    knobs: Sequence[str] = (),
    *,
    knob_order: int = 1,
    orbit: ArrayLike | None = None,
) -> TaylorMap:
    """Taylor map from the exit of one element to the exit of another.

    Parameters
    ----------
    line : Line
    order, knobs, knob_order
        As in `one_turn_map`.
    start, end : str, optional
        Names of the elements; the start and the end of the line when left out. An `end` before the `start` goes on
        through the end of the ring.
    orbit : (6,) array, optional
        Coordinates at `start` to expand about; the closed orbit of the whole line when left out.

    Raises
    ------
    NoClosedOrbitError, InputError
    """
    descriptor = map_descriptor(order, knobs, knob_order)
    plain = pack(line)
    place = 0 if start is None else line.index(start) + 1
    begin = _orbit_at(line, plain, place) if orbit is None else _coordinates(orbit)
    packed = pack_with_knobs(line, descriptor, knobs) if knobs else plain
    first = int(packed.first_row[place])
    last = packed.n_rows if end is None else int(packed.first_row[line.index(end) + 1])
    if last >= first:
        return TaylorMap.from_coefficients(descriptor, propagate(packed, descriptor, begin, first=first, last=last))
    halfway = propagate(packed, descriptor, begin, first=first)
    return TaylorMap.from_coefficients(descriptor, propagate(packed, descriptor, halfway, last=last))


def one_turn_matrix(line: Line, *, dim: int | None = None, pzeta: float = 0.0) -> NDArray[np.float64]:
    """Jacobian (6, 6) of the one-turn map about the closed orbit; arguments and errors as in `one_turn_map`."""
    dim = orbit_dimension(line, dim)
    packed = pack(line if dim == 6 else without_rf(line))
    return find_closed_orbit(packed, Places.ends(packed), dim, pzeta).matrices[-1]


def transfer_matrices(line: Line, orbit: ArrayLike | None = None) -> NDArray[np.float64]:
    """Jacobians (elements + 1, 6, 6) from the start to the start and to the exit of every element.

    Parameters
    ----------
    orbit : (6,) array, optional
        Coordinates at the start; the closed orbit when left out.
    """
    packed = pack(line)
    begin = _orbit_at(line, packed, 0) if orbit is None else _coordinates(orbit)
    return linear_pass(packed, begin, Places.exits(packed)).matrices


def map_descriptor(order: int, knobs: Sequence[str] = (), knob_order: int = 1) -> Descriptor:
    """Descriptor of the six variables and the knobs.

    Raises
    ------
    InputError
        For an order out of range, repeated knobs, or more monomials than the memory limit of `tpsa` allows.
    """
    try:
        if knobs:
            descriptor = Descriptor(6, order, len(knobs), knob_order, names=(*VARIABLES, *knobs))
        else:
            descriptor = Descriptor(6, order, names=VARIABLES)
        _ = descriptor.tables
        return descriptor
    except ValueError as error:
        raise InputError(f"map of order {order!r} with knobs {list(knobs)} of order {knob_order!r}: {error}") from None


def pack_with_knobs(line: Line, descriptor: Descriptor, knobs: Sequence[str]) -> PackedLine:
    """The line packed with the knobs as parameters of `descriptor`, about their values."""
    overrides = {knob: descriptor.parameter(k, float(line.knobs.value(knob))) for k, knob in enumerate(knobs)}
    return pack(line, overrides)


def _orbit_at(line: Line, packed: PackedLine, place: int) -> NDArray[np.float64]:
    """Closed orbit (6,) of the whole line at the start (0) or after its first `place` elements."""
    return find_closed_orbit(packed, Places.exits(packed), orbit_dimension(line)).orbit[place]


def _coordinates(orbit: ArrayLike) -> NDArray[np.float64]:
    coordinates = np.asarray(orbit, dtype=float)
    if coordinates.shape != (6,) or not np.isfinite(coordinates).all():
        raise InputError(f"orbit = {orbit!r}; expected 6 finite numbers (x, px, y, py, zeta, pzeta)")
    return coordinates
