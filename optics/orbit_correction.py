"""Correction of the closed orbit with the singular values of its exact response matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls

from optics.orbit_response import KICKS, PLANES, Channels, OrbitResponse, Where, channels, response_of
from optics.plot import PLANE_COLORS, WIDTH, save_figure
from tracking.elements import Kicker, Monitor
from tracking.errors import InputError
from tracking.knobs import shifted
from tracking.line import Line

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class OrbitCorrection:
    """A corrected line, and how it was corrected.

    Attributes
    ----------
    line : Line
        With the kicks added to its correctors.
    before, after : OrbitResponse
        Orbit, readings and response matrix without and with the kicks.
    target : (m,) array
        What the monitors should read [m].
    kicks : (c,) array
        Kicks that were added, by channel of the correctors [rad].
    at_limit : (c,) array of bool
        Whether a channel's whole kick stands at its limit.
    singular_values : (k,) array
        Of the weighted response matrix before the correction, descending.
    used : int
        How many of them were used in the last iteration.
    iterations : int
    converged : bool
        Whether the last change of the kicks was within the tolerance.
    """

    line: Line
    before: OrbitResponse
    after: OrbitResponse
    target: NDArray[np.float64]
    kicks: NDArray[np.float64]
    at_limit: NDArray[np.bool_]
    singular_values: NDArray[np.float64]
    used: int
    iterations: int
    converged: bool

    @property
    def rms_before(self) -> dict[str, float]:
        """Root mean square of readings minus target without the kicks, by plane [m]."""
        return self._rms(self.before)

    @property
    def rms_after(self) -> dict[str, float]:
        """Root mean square of readings minus target with the kicks, by plane [m]."""
        return self._rms(self.after)

    def _rms(self, response: OrbitResponse) -> dict[str, float]:
        square, planes = (response.readings - self.target) ** 2, np.array(response.monitors.planes)
        return {plane: float(np.sqrt(square[planes == plane].mean())) for plane in PLANES if plane in planes}

    def to_pandas(self) -> pandas.DataFrame:
        """One row per corrector and plane: s at its exit [m] and kick [rad], indexed by name."""
        import pandas

        correctors = self.before.correctors
        columns = {"s": self.line.s[correctors.elements + 1], "plane": correctors.planes, "kick": self.kicks}
        return pandas.DataFrame(columns, index=pandas.Index(correctors.names, name="name"))


def correct_orbit(
    line: Line,
    monitors: Where | Sequence[Where] = Monitor,
    correctors: Where | Sequence[Where] = Kicker,
    *,
    planes: str = PLANES,
    target: ArrayLike = 0.0,
    weights: ArrayLike = 1.0,
    cut: float = 1e-3,
    limit: ArrayLike = np.inf,
    tolerance: float = 1e-10,
    iterations: int = 20,
    dim: int | None = None,
    pzeta: float = 0.0,
) -> OrbitCorrection:
    """Bring the closed orbit at monitors to a target with the smallest kicks that do it.

    Every iteration adds the least-squares kicks of the orbit and the response matrix as they are then (Gauss-Newton),
    both planes together, so that coupling and nonlinear fields are taken into account. With a limit, these are the best
    of the kicks within it, which is more than cutting off the best ones.

    Parameters
    ----------
    line : Line
    monitors, correctors, planes, dim, pzeta
        As of `optics.orbit_response`.
    target : array (m,) or float
        What the channels of the monitors should read [m].
    weights : array (m,) or float
        Weights of the channels of the monitors, at least 0.
    cut : float
        Singular values below this part of the largest one are left out.
    limit : array (c,) or float
        Largest magnitude of the whole kick of each channel of the correctors, with what it has already [rad].
    tolerance : float
        The correction has converged when no kick changes by more than this part of the largest.
    iterations : int
        Most iterations; if they do not do, the result says so by `converged`.

    Returns
    -------
    OrbitCorrection

    Raises
    ------
    NoClosedOrbitError
        If there is no closed orbit, before or after an iteration.
    InputError
        If nothing matches, a bad argument is given, or a corrector is beyond its limit to begin with.

    Notes
    -----
    With limits, every iteration solves a problem of least distance by non-negative least squares (Lawson and Hanson,
    Solving Least Squares Problems, chapter 23).
    """
    if not 0 <= cut < 1 or not tolerance > 0 or isinstance(iterations, bool) or iterations < 1:
        raise InputError(
            f"correct_orbit: cut = {cut!r}, tolerance = {tolerance!r}, iterations = {iterations!r}; expected a cut "
            "from 0 to below 1, a tolerance above 0 and at least one iteration"
        )
    places = channels(line, monitors, correctors, planes)
    target, weights = (_per_channel(n, v, places[0]) for n, v in (("target", target), ("weights", weights)))
    own, limit = _own_kicks(line, places[1]), _limit(limit, places[1])
    if np.any(np.abs(own) > limit):
        k = int(np.argmax(np.abs(own) - limit))
        raise InputError(
            f"correct_orbit: {places[1].names[k]} kicks by {own[k]:.6g} rad in {places[1].planes[k]} to begin with; "
            f"expected at most limit = {limit[k]:.6g} rad"
        )
    if np.any(weights < 0) or not weights.any():
        raise InputError(f"correct_orbit: weights = {weights}; expected numbers of at least 0, one of them above")
    before = now = response_of(line, *places, dim, pzeta)
    kicks, corrected = np.zeros(len(places[1])), line
    iteration, converged = 0, False
    while not converged and iteration < iterations:
        iteration += 1
        room = limit - own - kicks, limit + own + kicks
        change, used = _least_squares(weights[:, None] * now.matrix, weights * (target - now.readings), cut, room)
        kicks = np.clip(kicks + change, -limit - own, limit - own)
        corrected = _kicked(line, places[1], kicks)
        now = response_of(corrected, *places, dim, pzeta)
        converged = bool(np.abs(change).max() <= tolerance * np.abs(kicks).max())
    values = np.linalg.svd(weights[:, None] * before.matrix, compute_uv=False)
    at_limit = np.abs(own + kicks) >= limit * (1.0 - 1e-9)
    return OrbitCorrection(corrected, before, now, target, kicks, at_limit, values, used, iteration, converged)


def plot_orbit_correction(result: OrbitCorrection, path: str | Path | None = None) -> Figure:
    """Closed orbit without and with the kicks, and the kicks, along s.

    Parameters
    ----------
    result : OrbitCorrection
    path : str or Path, optional
        File to write; its ending chooses the format.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        For a file ending that matplotlib does not know.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, 6.0), layout="constrained")
    axes = figure.subplots(3, 1, sharex=True)
    for k, plane in enumerate(PLANES):
        for response, label, style in ((result.before, "before", {"alpha": 0.4}), (result.after, "after", {})):
            axes[k].plot(
                response.orbit.s, 1e3 * response.orbit.orbit[:, 2 * k], color=PLANE_COLORS[plane], label=label, **style
            )
        axes[k].set_ylabel(f"${plane}$ [mm]")
        axes[k].legend(loc="upper right", ncols=2, frameon=False)
    table = result.to_pandas()
    for plane, kicks in table.groupby("plane"):
        axes[2].vlines(kicks["s"], 0.0, 1e3 * kicks["kick"], color=PLANE_COLORS[plane], label=f"kicks in ${plane}$")
    axes[2].axhline(0.0, color="black", linewidth=0.6)
    axes[2].set_ylabel("kick [mrad]")
    axes[2].set_xlabel("$s$ [m]")
    axes[2].legend(loc="upper right", ncols=2, frameon=False)
    for axis in axes:
        axis.grid(alpha=0.3)
    if path is not None:
        save_figure(figure, path)
    return figure


def _least_squares(
    matrix: NDArray, wanted: NDArray, cut: float, room: tuple[NDArray, NDArray]
) -> tuple[NDArray[np.float64], int]:
    """Solution of matrix kicks = wanted on the large singular values, and how many these are.

    It is the smallest one, or the best with -room[1] <= kicks <= room[0].
    """
    u, values, v = np.linalg.svd(matrix, full_matrices=False)
    used = int(np.sum((values >= cut * values[0]) & (values > 0)))
    ways = v[:used].T / values[:used]  # kicks = ways (best + y) is off by the length of y
    best = u[:, :used].T @ wanted
    kicks = ways @ best
    if np.all((kicks <= room[0]) & (kicks >= -room[1])):
        return kicks, used
    bounded = np.isfinite(room[0])
    constraints = np.vstack([-ways[bounded], ways[bounded]])  # constraints y >= least
    least = np.concatenate([(kicks - room[0])[bounded], (-room[1] - kicks)[bounded]])
    return ways @ (best + _least_distance(constraints, least)), used


def _least_distance(constraints: NDArray, least: NDArray) -> NDArray[np.float64]:
    """Shortest y with constraints y >= least, for constraints that can be met."""
    scale = np.abs(least).max()
    system = np.vstack([constraints.T, least / scale])
    aim = np.append(np.zeros(constraints.shape[1]), 1.0)
    rest = system @ nnls(system, aim)[0] - aim
    return -scale * rest[:-1] / rest[-1]


def _own_kicks(line: Line, correctors: Channels) -> NDArray[np.float64]:
    """(c,) kicks that the correctors have, knobs at their values [rad]."""
    elements = line.resolve()
    places = zip(correctors.elements.tolist(), correctors.plane.tolist(), strict=True)
    return np.array([float(getattr(elements[i], KICKS[plane])) for i, plane in places])


def _limit(limit: ArrayLike, correctors: Channels) -> NDArray[np.float64]:
    found = np.asarray(limit, dtype=float)
    if found.shape not in ((), (len(correctors),)) or not np.all(found > 0):
        raise InputError(
            f"correct_orbit: limit = {limit!r}; expected kicks above 0 [rad], one or as many as corrector channels "
            f"({len(correctors)})"
        )
    return np.broadcast_to(found, len(correctors))


def _kicked(line: Line, correctors: Channels, kicks: NDArray[np.float64]) -> Line:
    changed = {}
    for i, plane, kick in zip(correctors.elements.tolist(), correctors.plane.tolist(), kicks.tolist(), strict=True):
        element = changed.get(i, line.elements[i])
        changed[i] = replace(element, **{KICKS[plane]: shifted(getattr(element, KICKS[plane]), kick)})
    return line.with_elements(changed)


def _per_channel(name: str, values: ArrayLike, monitors: Channels) -> NDArray[np.float64]:
    found = np.asarray(values, dtype=float)
    if found.shape not in ((), (len(monitors),)) or not np.isfinite(found).all():
        raise InputError(
            f"correct_orbit: {name} of shape {found.shape}; expected finite numbers, one or as many as monitor "
            f"channels ({len(monitors)})"
        )
    return np.broadcast_to(found, len(monitors))
