"""Plot of lattice functions with a synoptic of the magnets above."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from optics.twiss_result import TwissResult
from tracking.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# keyword -> (colour, height of the symbol)
SYMBOLS = {
    "sbend": ("#4c72b0", 0.6),
    "rbend": ("#4c72b0", 0.6),
    "quadrupole": ("#c44e52", 1.0),
    "sextupole": ("#dda520", 0.8),
    "octupole": ("#55a868", 0.7),
    "solenoid": ("#8172b3", 0.5),
    "rfcavity": ("#64b5cd", 0.4),
    "crabcavity": ("#64b5cd", 0.4),
}
LABELS = {"sbend": "bend", "rbend": "bend", "rfcavity": "cavity", "crabcavity": "cavity"}
PLANE_COLORS = {"x": "#1f4e9c", "y": "#b8341b"}
POINTS = 8  # of a curve between neighbouring places
WIDTH, HEIGHT = 7.5, 5.0  # inches: the width of a page


def plot_twiss(
    result: TwissResult,
    path: str | Path | None = None,
    axes: Iterable[Axes] | None = None,
    s_range: tuple[float, float] | None = None,
) -> Figure:
    """Beta functions, dispersion and magnets along s.

    Parameters
    ----------
    result : TwissResult
        Compute it with ``twiss(..., inside=True)`` for smooth curves in long magnets.
    path : str or Path, optional
        File to write; its ending chooses the format (png, pdf, svg, ...).
    axes : three matplotlib axes, optional
        Where to draw: magnets, beta functions, dispersion. A new figure is made when left out.
    s_range : (float, float), optional
        Part of the line to show [m].

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        For a file ending that matplotlib does not know.
    """
    from matplotlib.figure import Figure

    if axes is None:
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        axes = figure.subplots(3, 1, sharex=True, height_ratios=(0.7, 4.0, 2.2))
    magnets, beta, dispersion = axes
    _draw_magnets(magnets, result, s_range)
    for plane, color in PLANE_COLORS.items():
        columns = result.columns
        slope = -2.0 * columns[f"alf{plane}"]
        beta.plot(*smooth_curve(result.s, columns[f"bet{plane}"], slope), color=color, label=rf"$\beta_{plane}$")
        dispersion.plot(
            *smooth_curve(result.s, columns[f"d{plane}"], columns[f"dp{plane}"]), color=color, label=f"$D_{plane}$"
        )
    beta.set_ylabel(r"$\beta$ [m]")
    dispersion.set_ylabel("$D$ [m]")
    dispersion.set_xlabel("$s$ [m]")
    dispersion.set_xlim(s_range or (result.s[0], result.s[-1]))
    magnets.set_title(_title(result), fontsize=10, loc="left")
    for axis, headroom in ((beta, 0.15), (dispersion, 0.3)):
        bottom, top = axis.get_ylim()
        axis.set_ylim(0.0 if axis is beta else bottom, top + headroom * (top - bottom))
        axis.legend(loc="upper right", ncols=2, frameon=False)
        axis.grid(alpha=0.3)
    return finished(beta, path)


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure in the format of the path's ending.

    Raises
    ------
    InputError
        For a file ending that matplotlib does not know.
    """
    known = figure.canvas.get_supported_filetypes()
    if Path(path).suffix.lstrip(".").lower() not in known:
        raise InputError(f"plot: path = {str(path)!r}; expected an ending of {', '.join(sorted(known))}")
    figure.savefig(path, dpi=150)


def finished(axes: Axes, path: str | Path | None) -> Figure:
    """The figure of some axes, written if there is a path."""
    if path is not None:
        save_figure(axes.figure, path)
    return axes.figure


def _title(result: TwissResult) -> str:
    quantity = "Q" if result.periodic else r"\mu"
    unit = "" if result.periodic else r" [2$\pi$]"
    name = result.names[0].removesuffix("$start")
    return rf"{name}:  ${quantity}_x$ = {result.q1:.5f},  ${quantity}_y$ = {result.q2:.5f}{unit}"


def _draw_magnets(axis: Axes, result: TwissResult, s_range: tuple[float, float] | None) -> None:
    """One box per magnet: above the axis where it focuses or bends, below for a defocusing quadrupole."""
    low, high = s_range or (result.s[0], result.s[-1])
    hairline = (high - low) / 800.0
    spans: dict[tuple[str, float, float], list[tuple[float, float]]] = {}
    for keyword, start, end, focusing in _magnets(result):
        if keyword in SYMBOLS and end >= low and start <= high:
            height = SYMBOLS[keyword][1]
            bottom = -height if keyword != "quadrupole" or not focusing else 0.0
            top = height if keyword != "quadrupole" or focusing else 0.0
            spans.setdefault((keyword, bottom, top), []).append((start, max(end - start, hairline)))
    drawn: dict[str, Any] = {}
    for (keyword, bottom, top), ranges in spans.items():
        boxes = axis.broken_barh(ranges, (bottom, top - bottom), facecolors=SYMBOLS[keyword][0], linewidth=0)
        drawn.setdefault(LABELS.get(keyword, keyword), boxes)
    axis.axhline(0.0, color="black", linewidth=0.6, zorder=0)
    axis.set_ylim(-1.1, 1.1)
    axis.set_axis_off()
    if drawn:
        axis.legend(
            drawn.values(), drawn.keys(), loc="lower right", bbox_to_anchor=(1.0, 0.95), ncols=len(drawn), fontsize=8,
            frameon=False, handlelength=1.0, columnspacing=1.2,
        )  # fmt: skip


def smooth_curve(
    s: NDArray[np.float64], values: NDArray[np.float64], slopes: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points of a smooth curve between the places: cubic in s, so exact in drifts; jumps of the slope are kept."""
    u = np.linspace(0.0, 1.0, POINTS)
    h = np.diff(s)[:, None]
    left, right = slice(None, -1), slice(1, None)
    bend = h * (slopes[left, None] * (1.0 - u) - slopes[right, None] * u)
    rise = (values[right] - values[left])[:, None]
    curve = values[left, None] + u * rise + u * (1.0 - u) * (bend + (2.0 * u - 1.0) * rise)
    return (s[left, None] + u * h).ravel(), curve.ravel()


def _magnets(result: TwissResult) -> list[tuple[str, float, float, bool]]:
    """Keyword, start and end [m] of every thick element, and whether it focuses in x."""
    names = np.array(result.names)
    exits = np.append(np.flatnonzero(names[1:] != names[:-1]), names.size - 1)
    starts, exits = exits[:-1], exits[1:]
    steps = result.normalising[exits] @ np.linalg.inv(result.normalising[starts])
    edges = zip(exits.tolist(), result.s[starts].tolist(), result.s[exits].tolist(), steps[:, 1, 0] < 0.0, strict=True)
    return [(result.keywords[i], start, end, bool(focusing)) for i, start, end, focusing in edges if end > start]
