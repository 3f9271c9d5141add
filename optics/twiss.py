"""Twiss: linear and chromatic optics of rings and beam lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optics.cavities import has_accelerating_voltage, without_rf
from optics.closed_orbit import find_closed_orbit
from optics.errors import LostOrbitError
from optics.initial import InitialOptics
from optics.lattice_functions import chromatic_functions, mais_ripken, phase_advance
from optics.linear_pass import LinearPass, Places, linear_pass, snapshots
from optics.maps import map_descriptor
from optics.normal_modes import coupled_pair, damped_modes, normal_modes, symplectic_scale
from optics.off_momentum import OffMomentum, delta_of, matrix_of_series, path_length_series
from optics.twiss_result import COLUMN_UNITS, TwissResult
from tracking.engine_taylor import propagate
from tracking.errors import InputError
from tracking.line import Line
from tracking.pack import PackedLine, pack


def twiss(
    line: Line,
    *,
    method: str | None = None,
    initial: InitialOptics | None = None,
    order: int = 1,
    pzeta: float = 0.0,
    inside: bool = False,
    chromatic: bool = False,
    dispersion_order: int = 1,
) -> TwissResult:
    """Optics along a line: periodic, or from initial values.

    Parameters
    ----------
    line : Line
    method : {"4d", "6d"}, optional
        ``"4d"``: pzeta is a constant, cavities are off in periodic optics. ``"6d"``: three normal modes with the
        cavities on. When left out, 6d where an accelerating cavity is powered and the optics is periodic.
    initial : InitialOptics, optional
        Optics at the start of a beam line (``method`` 4d; cavities act on the orbit and on the matrices).
    order : int
        Chromaticity terms up to delta^order; 0 leaves chromaticity and momentum compaction out.
    pzeta : float
        Energy deviation of the closed orbit for periodic 4d optics [1].
    inside : bool
        Places at the slice boundaries inside thick elements too.
    chromatic : bool
        Also the W functions and d(phase)/d delta along the line.
    dispersion_order : int
        Dispersion up to delta^dispersion_order along the line.

    Returns
    -------
    TwissResult

    Raises
    ------
    NoClosedOrbitError, UnstableMotionError
    InputError
        For a bad argument.

    Notes
    -----
    Chromatic quantities belong to a constant pzeta: in 6d they are those of the same line with the cavities off, about
    the pzeta that the six-dimensional closed orbit has at the start. With radiation (6d), modes are the eigenvectors of
    the damped motion, scaled at every place as those of motion without damping.
    """
    request = _Request(order, inside, chromatic, dispersion_order)
    method = _checked_method(line, method, initial)
    if initial is not None:
        return _result(_from_initial(line, initial, request))
    if method == "4d":
        return _result(_periodic_4d(without_rf(line), pzeta, request))
    return _result(_periodic_6d(line, request))


@dataclass(frozen=True)
class _Request:
    """What was asked for, checked."""

    order: int
    inside: bool
    chromatic: bool
    dispersion_order: int

    def __post_init__(self) -> None:
        for name, least in (("order", 0), ("dispersion_order", 1)):
            number = getattr(self, name)
            if isinstance(number, bool) or not isinstance(number, int) or number < least:
                raise InputError(f"twiss: {name} = {number!r}; expected an integer of at least {least}")

    def places(self, packed: PackedLine) -> Places:
        return Places.slices(packed) if self.inside else Places.exits(packed)

    @property
    def along(self) -> bool:
        """Whether series are wanted at every place."""
        return self.chromatic or self.dispersion_order > 1

    @property
    def map_order(self) -> int:
        """Order of the map that holds everything asked for; 1 when the linear pass does."""
        needed = [self.order + 1, 2 if self.chromatic else 1, self.dispersion_order]
        return max(needed)


@dataclass(frozen=True)
class _Series:
    """Off-momentum results; None where they were not asked for or do not exist."""

    chromaticity: NDArray[np.float64] | None = None
    alpha_c: NDArray[np.float64] | None = None
    columns: dict[str, NDArray[np.float64]] | None = None
    dispersion: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class _Solution:
    """Linear motion along the line, and what comes with it; `tunes` are the fractional ones of periodic optics."""

    line: Line
    packed: PackedLine
    places: Places
    linear: LinearPass
    normalising: NDArray[np.float64]
    dispersion: NDArray[np.float64]
    series: _Series
    tunes: NDArray[np.float64] | None = None
    initial: InitialOptics | None = None


def _checked_method(line: Line, method: str | None, initial: InitialOptics | None) -> str:
    if method not in (None, "4d", "6d"):
        raise InputError(f"twiss: method = {method!r}; expected '4d' or '6d'")
    if initial is not None:
        if method == "6d":
            raise InputError("twiss: method = '6d' with initial values; expected '4d' (leave method out)")
        return "4d"
    return method or ("6d" if has_accelerating_voltage(line) else "4d")


def _periodic_4d(line: Line, pzeta: float, request: _Request) -> _Solution:
    packed = pack(line)
    places = request.places(packed)
    linear = find_closed_orbit(packed, places, 4, pzeta)
    transverse = linear.matrices[:, :4, :4]
    modes = normal_modes(transverse[-1])
    start = np.linalg.solve(np.eye(4) - transverse[-1], linear.matrices[-1, :4, 5])
    dispersion = (transverse @ start + linear.matrices[:, :4, 5]) * _energy_per_delta(packed, places, linear)[:, None]
    series = _periodic_series(packed, places, linear.orbit[0], request)
    normalising = transverse @ modes.normalising
    return _Solution(line, packed, places, linear, normalising, dispersion, series, modes.tunes)


def _periodic_6d(line: Line, request: _Request) -> _Solution:
    packed = pack(line)
    places = request.places(packed)
    linear = find_closed_orbit(packed, places, 6)
    if packed.radiates:
        modes = damped_modes(linear.matrices[-1])
        normalising = symplectic_scale(linear.matrices @ modes.normalising)
    else:
        modes = normal_modes(linear.matrices[-1])
        normalising = linear.matrices @ modes.normalising
    # on the synchrotron mode, (x, px, y, py) is a linear function of (zeta, pzeta): its pzeta part is the dispersion
    slopes = normalising[:, :4, 4:] @ np.linalg.inv(normalising[:, 4:, 4:])
    dispersion = slopes[:, :, 1] * _energy_per_delta(packed, places, linear)[:, None]
    series = _Series()
    if request.map_order > 1:
        quiet = pack(without_rf(line))
        quiet_places = request.places(quiet)
        guess = np.append(linear.orbit[0, :4], [0.0, linear.orbit[0, 5]])
        orbit = find_closed_orbit(quiet, Places.ends(quiet), 4, guess[5], guess).orbit[0]
        series = _periodic_series(quiet, quiet_places, orbit, request)
    return _Solution(line, packed, places, linear, normalising, dispersion, series, modes.tunes)


def _from_initial(line: Line, initial: InitialOptics, request: _Request) -> _Solution:
    packed = pack(line)
    places = request.places(packed)
    linear = linear_pass(packed, initial.orbit, places)
    if not linear.finite:
        raise LostOrbitError(initial.orbit)
    # areas in phase space shrink with 1/p0: scaled back, W stays symplectic
    momenta = np.array([reference.p0c for reference in packed.references]) / packed.reference.p0c
    scale = np.sqrt(momenta[packed.stages_at(places.rows)])
    normalising = scale[:, None, None] * (linear.matrices[:, :4, :4] @ initial.normal_modes())
    vector = np.append(initial.dispersion, [0.0, float(_energy_per_delta(packed, places, linear)[0])])
    moved = linear.matrices @ vector
    dispersion = moved[:, :4] / moved[:, 5:] * _energy_per_delta(packed, places, linear)[:, None]
    series = _Series()
    if request.along:
        if len(packed.references) > 1:
            raise InputError("twiss: chromatic functions where the reference energy changes; expected order 0 only")
        descriptor = map_descriptor(request.map_order)
        along = OffMomentum.given(descriptor, initial.orbit, initial.dispersion, packed.beta0)
        start = np.zeros((4, 4, 2))
        start[:, :, 0] = initial.normal_modes()
        maps = snapshots(packed, descriptor, initial.orbit, places.rows)
        series = _Series(None, None, *_series_along(along, maps, start, request))
    return _Solution(line, packed, places, linear, normalising, dispersion, series, None, initial)


def _periodic_series(packed: PackedLine, places: Places, orbit: NDArray[np.float64], request: _Request) -> _Series:
    """Chromaticity, momentum compaction and what was asked for along the line, about the closed orbit (6,)."""
    if request.map_order == 1:
        return _Series()
    descriptor = map_descriptor(request.map_order)
    if request.along:
        maps = snapshots(packed, descriptor, orbit, places.rows)
        one_turn = maps[-1]
    else:
        maps, one_turn = None, propagate(packed, descriptor, orbit)
    along = OffMomentum.periodic(descriptor, one_turn, packed.beta0)
    kept = request.map_order - 1
    modes = coupled_pair(matrix_of_series(along.matrices(one_turn, kept)))
    chromaticity = np.array([tune.coefficients[1 : request.order + 1] for tune in modes.tunes])
    path = path_length_series(along.coordinates(one_turn), packed.s[-1], orbit[4], packed.beta0)
    columns = dispersion = None
    if maps is not None:
        start = np.array([[entry.coefficients[:2] for entry in row] for row in modes.normalising])
        columns, dispersion = _series_along(along, maps, start, request)
    if request.order == 0:
        return _Series(None, None, columns, dispersion)
    return _Series(chromaticity, path[1 : request.order + 2], columns, dispersion)


def _series_along(
    along: OffMomentum, maps: NDArray[np.float64], start: NDArray[np.float64], request: _Request
) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.float64] | None]:
    """Chromatic columns and dispersion series at every place, from W (4, 4, 2) to first order at the start."""
    columns: dict[str, NDArray[np.float64]] = {}
    if request.chromatic:
        matrices = along.matrices(maps, 1)
        normalising = matrices[..., 0] @ start[..., 0]
        derivative = matrices[..., 1] @ start[..., 0] + matrices[..., 0] @ start[..., 1]
        columns = chromatic_functions(normalising, derivative)
    dispersion = None
    if request.dispersion_order > 1:
        dispersion = along.coordinates(maps)[:, :4, 1 : request.dispersion_order + 1]
    return columns, dispersion


def _columns(solution: _Solution) -> dict[str, NDArray[np.float64]]:
    """Columns of the result, phases from 0 or from the initial ones."""
    places, initial = solution.places, solution.initial or InitialOptics()
    functions = mais_ripken(solution.normalising)
    functions["mux"] = phase_advance(solution.normalising, places.s, 0) + initial.mux
    functions["muy"] = phase_advance(solution.normalising, places.s, 1) + initial.muy
    functions |= dict(zip(("dx", "dpx", "dy", "dpy"), solution.dispersion.T, strict=True))
    functions |= dict(zip(("x", "px", "y", "py", "zeta", "pzeta"), solution.linear.orbit.T, strict=True))
    functions |= {"s": places.s, **(solution.series.columns or {})}
    return {name: np.ascontiguousarray(functions[name]) for name in COLUMN_UNITS if name in functions}


def _result(solution: _Solution) -> TwissResult:
    """Put the result together."""
    line, packed, places, series = solution.line, solution.packed, solution.places, solution.series
    columns = _columns(solution)
    totals = [float(columns[phase][-1] - columns[phase][0]) for phase in ("mux", "muy")]
    tunes = solution.tunes
    if tunes is not None:  # the eigenvalues know the fraction best
        totals = [float(np.round(total - tune) + tune) for total, tune in zip(totals, tunes, strict=False)]
    # a place of index -1, the start, takes the last entry
    names = [*packed.names, f"{line.name}$start"]
    keywords = [*(element.keyword for element in line.elements), "marker"]
    indices = places.elements.tolist()
    return TwissResult(
        names=tuple(names[i] for i in indices),
        keywords=tuple(keywords[i] for i in indices),
        columns=columns,
        dispersion=solution.dispersion[:, :, None] if series.dispersion is None else series.dispersion,
        normalising=solution.normalising,
        matrix=solution.linear.matrices[-1],
        length=float(packed.s[-1] - packed.s[0]),
        q1=totals[0],
        q2=totals[1],
        qs=float(min(tunes[2], 1.0 - tunes[2])) if tunes is not None and len(tunes) == 3 else None,
        chromaticity=series.chromaticity,
        alpha_c=series.alpha_c,
        beta0=packed.reference.beta0,
        gamma0=packed.reference.gamma0,
        periodic=tunes is not None,
    )


def _energy_per_delta(packed: PackedLine, places: Places, linear: LinearPass) -> NDArray[np.float64]:
    """d pzeta/d delta (n,) on the orbit at each place."""
    pzeta = linear.orbit[:, 5]
    beta0 = np.array([reference.beta0 for reference in packed.references])[packed.stages_at(places.rows)]
    return (1.0 + delta_of(pzeta, beta0)) / (1.0 + beta0**2 * pzeta)
