"""Plots of frequency maps, amplitude detuning and chromaticity."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from optics.detuning import AmplitudeDetuning
from optics.frequency_map import FrequencyMap
from optics.plot import HEIGHT, PLANE_COLORS, WIDTH, finished
from optics.resonances import resonances
from optics.tracked_chromaticity import TrackedChromaticity
from tracking.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LABELS = {"x": "$x$ [mm]", "y": "$y$ [mm]", "delta": r"$\delta$ [%]"}
UNITS = {"x": 1e3, "y": 1e3, "delta": 1e2}
QUIET, CHAOTIC = -10.0, -2.0  # ends of the colours of log10 diffusion
TUNE_PERCENTILES = (1.0, 99.0)  # of the particles, in the window of tunes
CURVE = 200  # points


def plot_frequency_map(
    result: FrequencyMap,
    path: str | Path | None = None,
    axes: Sequence[Axes] | None = None,
    delta: float | None = None,
    order: int = 5,
    superperiod: int = 1,
    window: tuple[tuple[float, float], tuple[float, float]] | None = None,
) -> Figure:
    """Diffusion over the grid and over the tunes of the first half of the turns, with resonance lines.

    Parameters
    ----------
    result : FrequencyMap
        On a plane (x, y), (x, delta) or (y, delta).
    path : str or Path, optional
        File to write; its ending chooses the format.
    axes : two matplotlib axes, optional
        Where to draw; a new figure is made when left out.
    delta : float, optional
        Which one to show if there are several beside several x and y; the first one by default.
    order, superperiod : int
        Of the lines, as of `optics.resonances`: solid where normal fields drive them, dashed where skew ones do.
    window : ((float, float), (float, float)), optional
        Ends of the tunes (q1, q2) shown; where nearly all particles are by default.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If the grid is no plane, for a `delta` that it does not have, or if no particle survived.
    """
    names, values, diffusion, tunes = _plane(result, delta)
    known = np.isfinite(diffusion)
    if not known.any():
        raise InputError("plot: no particle of the frequency map survived; expected some that have tunes")
    if axes is None:
        from matplotlib.figure import Figure

        axes = Figure(figsize=(1.5 * WIDTH, HEIGHT), layout="constrained").subplots(1, 2)
    space, diagram = axes
    style = {"vmin": QUIET, "vmax": CHAOTIC, "cmap": "jet"}
    first, second = (UNITS[name] * value for name, value in zip(names, values, strict=True))
    cells = space.pcolormesh(first, second, np.ma.masked_invalid(diffusion), shading="nearest", **style)
    space.set_xlabel(LABELS[names[0]])
    space.set_ylabel(LABELS[names[1]])
    space.set_title(f"{result.turns} turns", fontsize=10, loc="left")
    diagram.scatter(*tunes[known].T, c=diffusion[known], s=3, linewidths=0, **style)
    (low, high) = np.percentile(tunes[known], TUNE_PERCENTILES, axis=0)
    margin = 0.1 * (high - low) + 1e-4
    q1, q2 = window or zip(low - margin, high + margin, strict=True)
    draw_resonances(diagram, q1, q2, order, superperiod)
    diagram.figure.colorbar(cells, ax=diagram, label=r"$\log_{10}\sqrt{\Delta Q_1^2 + \Delta Q_2^2}$")
    return finished(diagram, path)


def draw_resonances(
    axes: Axes, q1: tuple[float, float], q2: tuple[float, float], order: int, superperiod: int = 1
) -> None:
    """Resonance lines of a window of tunes, thinner for higher orders, dashed where only skew fields drive them.

    Arguments and errors as of `optics.resonances`.
    """
    for line in resonances(q1, q2, order, superperiod):
        axes.plot(
            *zip(*line.ends, strict=True), color="0.45", linewidth=1.6 / line.order**0.7, zorder=0,
            linestyle="--" if line.skew else "-",
        )  # fmt: skip
    axes.set_xlim(q1)
    axes.set_ylim(q2)
    axes.set_xlabel("$Q_1$")
    axes.set_ylabel("$Q_2$")


def plot_amplitude_detuning(
    result: AmplitudeDetuning, path: str | Path | None = None, axes: Sequence[Axes] | None = None
) -> Figure:
    """Tracked tunes against each action, the other one small, on the largest range without losses; the polynomial.

    Parameters
    ----------
    result : AmplitudeDetuning
    path, axes
        As of `plot_frequency_map`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    if axes is None:
        from matplotlib.figure import Figure

        axes = Figure(figsize=(WIDTH, HEIGHT), layout="constrained").subplots(1, 2, sharey=True)
    shown = int(np.argmax(np.isfinite(result.measured).all(axis=(1, 2))))
    side = round(np.sqrt(result.actions.shape[1]))
    grid = (side, side, 2)  # the first mode's action runs fastest
    actions, measured = result.actions[shown].reshape(grid), result.measured[shown].reshape(grid)
    for mode, axis in enumerate(axes):
        row = (0, slice(None)) if mode == 0 else (slice(None), 0)
        here = actions[row]
        curve = np.tile(here.mean(axis=0), (CURVE, 1))
        curve[:, mode] = np.linspace(0.0, here[:, mode].max(), CURVE)
        shifts, along = measured[row] - result.tunes, result(curve) - result.tunes
        _draw_shifts(axis, 1e6 * here[:, mode], shifts, 1e6 * curve[:, mode], along)
        axis.set_xlabel(rf"$J_{mode + 1}$ [$\mu$m]")
    axes[0].set_ylabel(r"$Q - Q_0$")
    axes[0].legend(frameon=False)
    return finished(axes[0], path)


def plot_chromaticity(
    result: TrackedChromaticity, path: str | Path | None = None, axes: Axes | None = None
) -> Figure:
    """Tracked tunes of the largest range against delta, and the polynomial; arguments as above."""
    if axes is None:
        from matplotlib.figure import Figure

        axes = Figure(figsize=(WIDTH, HEIGHT), layout="constrained").subplots()
    curve = np.linspace(result.deltas[0, 0], result.deltas[0, -1], CURVE)
    shifts = result.measured[0] - result.tunes
    _draw_shifts(axes, 100.0 * result.deltas[0], shifts, 100.0 * curve, result(curve) - result.tunes)
    axes.set_xlabel(LABELS["delta"])
    axes.set_ylabel(r"$Q - Q_0$")
    axes.legend(frameon=False)
    return finished(axes, path)


def _plane(
    result: FrequencyMap, delta: float | None
) -> tuple[tuple[str, str], tuple[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64], NDArray[np.float64]]:
    """Names and values of the two axes of a plane of the grid; diffusion (n2, n1) and tunes (n2, n1, 2) on it."""
    deltas = result.deltas.tolist()
    if delta is not None and delta not in deltas:
        raise InputError(f"plot: delta = {delta!r}; expected one of {deltas}")
    diffusion, tunes = result.diffusion, result.tunes[0]
    if result.x.size > 1 and result.y.size > 1:
        place = 0 if delta is None else deltas.index(delta)
        return ("x", "y"), (result.x, result.y), diffusion[place], tunes[place]
    if result.deltas.size > 1 and result.x.size > 1:
        return ("x", "delta"), (result.x, result.deltas), diffusion[:, 0], tunes[:, 0]
    if result.deltas.size > 1 and result.y.size > 1:
        return ("y", "delta"), (result.y, result.deltas), diffusion[:, :, 0], tunes[:, :, 0]
    raise InputError(f"plot: grid of {diffusion.shape} (delta, y, x); expected more than one value of two of them")


def _draw_shifts(
    axis: Axes,
    at: NDArray[np.float64],
    shifts: NDArray[np.float64],
    along: NDArray[np.float64],
    curves: NDArray[np.float64],
) -> None:
    """Tune shifts (n, 2) as points, and the polynomial's (m, 2) as curves."""
    for k, color in enumerate(PLANE_COLORS.values()):
        axis.plot(at, shifts[:, k], linestyle="", marker="o", markersize=4, color=color)
        axis.plot(along, curves[:, k], color=color, linewidth=1.0, label=f"$Q_{k + 1}$")
    axis.axhline(0.0, color="black", linewidth=0.6)
    axis.grid(alpha=0.3)
