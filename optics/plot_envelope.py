"""Plot of the equilibrium beam along a ring."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from optics.envelope import Envelope
from optics.plot import HEIGHT, PLANE_COLORS, WIDTH, finished, smooth_curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_envelope(result: Envelope, path: str | Path | None = None, axes: Iterable[Axes] | None = None) -> Figure:
    """Rms beam sizes in x and y along s, and the energy of the closed orbit.

    Parameters
    ----------
    result : Envelope
    path : str or Path, optional
        File to write; its ending chooses the format.
    axes : two matplotlib axes, optional
        Where to draw; a new figure is made when left out.

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
        axes = Figure(figsize=(WIDTH, HEIGHT), layout="constrained").subplots(2, 1, sharex=True, height_ratios=(2, 1))
    size, energy = axes
    for k, (plane, color) in enumerate(PLANE_COLORS.items()):
        square, slope = result.covariance[:, 2 * k, 2 * k], 2.0 * result.covariance[:, 2 * k, 2 * k + 1]
        s, curve = smooth_curve(result.s, square, slope)
        size.plot(s, 1e6 * np.sqrt(np.maximum(curve, 0.0)), color=color, label=rf"$\sigma_{plane}$")
    size.set_ylabel(r"rms size [$\mu$m]")
    size.set_ylim(0.0, 1.15 * size.get_ylim()[1])
    size.legend(loc="upper right", ncols=2, frameon=False)
    emittances = result.emittances[0]
    size.set_title(
        rf"$\epsilon$ = {emittances[0]:.4g}, {emittances[1]:.4g} m,  $\sigma_E/E$ = {result.energy_spread[0]:.4g},  "
        rf"$\sigma_\zeta$ = {1e3 * result.bunch_length[0]:.4g} mm", fontsize=10, loc="left",
    )  # fmt: skip
    energy.plot(result.s, 1e3 * result.reference.beta0**2 * result.orbit[:, 5], color="black", linewidth=1.0)
    energy.set_ylabel(r"$\Delta E/E_0$ [$10^{-3}$]")
    energy.set_xlabel("$s$ [m]")
    energy.set_xlim(result.s[0], result.s[-1])
    for axis in (size, energy):
        axis.grid(alpha=0.3)
    return finished(size, path)
