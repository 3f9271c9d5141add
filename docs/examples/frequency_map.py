"""Frequency map of SPEAR3 with resonance lines, its amplitude detuning and its chromaticity, all from tracking."""

import numpy as np

from optics import (
    amplitude_detuning,
    frequency_map,
    plot_amplitude_detuning,
    plot_chromaticity,
    plot_frequency_map,
    tracked_chromaticity,
    twiss,
)
from tracking import load_madx
from tracking.data import lattice_path

ring = load_madx(lattice_path("spear3.madx")).with_settings(rf=False, integrator=4, slices=2)

x, y = np.linspace(0.0, 0.018, 46), np.linspace(0.0, 0.009, 31)
tunes = frequency_map(ring, x, y, turns=512)
print(f"{tunes.survived.sum()} of {tunes.survived.size} particles survived")
print(f"diffusion: median {np.median(tunes.diffusion[tunes.survived]):.1f}")
plot_frequency_map(tunes, "frequency_map.png", order=6)

detuning = amplitude_detuning(ring)
for k in (0, 1):
    along, across = detuning.first[k]
    print(f"dQ{k + 1}/dJ = {along:.4f}, {across:.4f} 1/m, within {detuning.first_change[k].max():.0e}")
plot_amplitude_detuning(detuning, "amplitude_detuning.png")

chromaticity = tracked_chromaticity(ring)
exact = twiss(ring, order=3).chromaticity
for k in (0, 1):
    print(f"Q{k + 1}: tracked", *np.round(chromaticity.coefficients[k], 3), " series", *np.round(exact[k], 3))
plot_chromaticity(chromaticity, "chromaticity.png")
