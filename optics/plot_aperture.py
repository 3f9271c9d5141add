"""Plots of dynamic and momentum apertures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from optics.dynamic_aperture import ApertureGrid, DynamicAperture
from optics.momentum_aperture import MomentumAperture
from optics.plot import HEIGHT, PLANE_COLORS, WIDTH, finished
from tracking.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_dynamic_aperture(
    results: DynamicAperture | Sequence[DynamicAperture],
    path: str | Path | None = None,
    axes: Axes | None = None,
    label: str = "",
) -> Figure:
    """Borders of stable motion in the (x, y) plane, one curve per delta.

    Parameters
    ----------
    results : DynamicAperture or sequence of them
        Of several results, such as those of error seeds, each is drawn as a thin line. Open symbols mark rays on which
        no loss was found.
    path : str or Path, optional
        File to write; its ending chooses the format.
    axes : matplotlib axes, optional
        Where to draw; a new figure is made when left out.
    label : str
        What stands before delta in the legend.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        For an empty sequence, or a file ending that matplotlib does not know.
    """
    results = [results] if isinstance(results, DynamicAperture) else list(results)
    if not results:
        raise InputError("plot: results is empty; expected at least one DynamicAperture")
    axes = _axes() if axes is None else axes
    style = {"linewidth": 0.6, "alpha": 0.7} if len(results) > 1 else {"marker": "o", "markersize": 3}
    colors: dict[float, str] = {}
    for result in results:
        for k, delta in enumerate(result.deltas.tolist()):
            known = {"color": colors[delta]} if delta in colors else {"label": f"{label} " + rf"$\delta$ = {delta:g}"}
            (curve,) = axes.plot(1e3 * result.x[k], 1e3 * result.y[k], **known, **style)
            colors[delta] = curve.get_color()
            free = result.open[k]
            axes.plot(
                1e3 * result.x[k, free], 1e3 * result.y[k, free], linestyle="", marker="o", fillstyle="none",
                color=colors[delta],
            )  # fmt: skip
    axes.set_xlabel("$x$ [mm]")
    axes.set_ylabel("$y$ [mm]")
    axes.set_title(f"{results[0].turns} turns", fontsize=10, loc="left")
    axes.legend(frameon=False)
    axes.grid(alpha=0.3)
    return finished(axes, path)


def plot_aperture_grid(
    result: ApertureGrid, path: str | Path | None = None, axes: Axes | None = None, delta: float | None = None
) -> Figure:
    """Turns survived on the grid of one delta, the first one by default; arguments and errors otherwise as above.

    Raises
    ------
    InputError
        For a `delta` that the result does not have.
    """
    deltas = result.deltas.tolist()
    if delta is not None and delta not in deltas:
        raise InputError(f"plot: delta = {delta!r}; expected one of {deltas}")
    place = 0 if delta is None else deltas.index(delta)
    axes = _axes() if axes is None else axes
    turns = np.where(result.survived[place], result.turns, result.lost_turn[place])
    cells = axes.pcolormesh(1e3 * result.x, 1e3 * result.y, turns, vmin=0, vmax=result.turns, shading="nearest")
    axes.figure.colorbar(cells, ax=axes, label="turns survived")
    axes.set_xlabel("$x$ [mm]")
    axes.set_ylabel("$y$ [mm]")
    axes.set_title(rf"$\delta$ = {deltas[place]:g}", fontsize=10, loc="left")
    return finished(axes, path)


def plot_momentum_aperture(
    result: MomentumAperture, path: str | Path | None = None, axes: Axes | None = None
) -> Figure:
    """Momentum aperture along s; open symbols mark places where no loss was found. Arguments and errors as above."""
    axes = _axes() if axes is None else axes
    color = PLANE_COLORS["x"]
    for aperture, lost in ((result.negative, result.negative_lost), (result.positive, result.positive_lost)):
        axes.plot(result.s, 100.0 * aperture, color=color, linewidth=1.0)
        free = np.isinf(lost)
        axes.plot(result.s[free], 100.0 * aperture[free], linestyle="", marker="o", color=color, fillstyle="none")
    axes.axhline(0.0, color="black", linewidth=0.6)
    axes.set_xlabel("$s$ [m]")
    axes.set_ylabel(r"$\delta$ [%]")
    axes.set_title(f"{result.turns} turns", fontsize=10, loc="left")
    axes.grid(alpha=0.3)
    return finished(axes, path)


def _axes() -> Axes:
    from matplotlib.figure import Figure

    return Figure(figsize=(WIDTH, HEIGHT), layout="constrained").subplots()
