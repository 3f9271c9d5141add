"""Plot of a beam: histograms of its phase space."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from optics.plot import WIDTH, finished
from tracking.beams.statistics import finite_particles
from tracking.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LABELS = [(f"${q}$ [mm]", f"$p_{{{q}}}$ [$10^{{-3}}$]") for q in ("x", "y", r"\zeta")]
CURVE_HEIGHT = 0.25  # of a projected histogram, in heights of its panel


def plot_beam(
    particles: ArrayLike, weights: ArrayLike | None = None, bins: int = 60, path: str | Path | None = None
) -> Figure:
    """Histograms of a beam: the density of each phase plane, and its projections along the axes.

    Parameters
    ----------
    particles : (n, 6) array
        Coordinates (x, px, y, py, zeta, pzeta) [m, 1, m, 1, m, 1]; particles that are not finite are left out.
    weights : (n,) array, optional
        Real particles or charge per macroparticle; equal by default.
    bins : int
        Of each coordinate, between its extremes.
    path : str or Path, optional
        File to write; its ending chooses the format.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        For arrays of another shape, no finite particle, fewer than 2 bins, or a file ending that matplotlib does not
        know.
    """
    from matplotlib.figure import Figure

    z, w = finite_particles(particles, weights)
    if not len(z):
        raise InputError("plot: no particle is finite; expected at least one")
    if isinstance(bins, bool) or not isinstance(bins, int) or bins < 2:
        raise InputError(f"plot: bins = {bins!r}; expected an integer of at least 2")
    figure = Figure(figsize=(WIDTH, 0.36 * WIDTH), layout="constrained")
    panels = figure.subplots(1, 3)
    for k, axes in enumerate(panels):
        density, q_edges, p_edges = np.histogram2d(*1e3 * z[:, 2 * k : 2 * k + 2].T, bins, weights=w)
        axes.pcolormesh(q_edges, p_edges, np.ma.masked_equal(density.T, 0.0), cmap="viridis", rasterized=True)
        _draw_projections(axes, density, q_edges, p_edges)
        axes.set(xlabel=LABELS[k][0], ylabel=LABELS[k][1])
    return finished(panels[0], path)


def _draw_projections(axes: Axes, density: np.ndarray, q_edges: np.ndarray, p_edges: np.ndarray) -> None:
    """Both projected densities, as curves from the lower and the left border of the panel."""
    for orientation, projected, edges, across in (
        ("vertical", density.sum(axis=1), q_edges, p_edges),
        ("horizontal", density.sum(axis=0), p_edges, q_edges),
    ):
        height = CURVE_HEIGHT * np.ptp(across) / projected.max()
        axes.stairs(across[0] + height * projected, edges, baseline=across[0], orientation=orientation, color="k")
