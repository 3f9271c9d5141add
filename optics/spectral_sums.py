"""Compiled sums over turns behind the frequency analysis, many particles side by side.

Arrays are (turns, particles): the inner loops run over particles, each with a phasor of its own that is turned from
turn to turn, and become vector code. Turns count from the middle of the data, where a line's phase is best known.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from tpsa.jit import package_njit

njit = package_njit([Path(__file__).parent])

NEWTON_STEPS = 12
STEP_LIMIT = 0.25  # of a bin of the spectrum
CONVERGED = 1e-15  # cycles per turn
LANES = 64  # particles whose sums stay in cache


@njit
def start_phasors(frequencies, turns, c, s, turn_c, turn_s):
    """exp(-2 pi i f t) at the first turn, and its change per turn."""
    first = -0.5 * (turns - 1)
    for k in range(frequencies.size):
        angle = -2.0 * math.pi * frequencies[k]
        c[k], s[k] = math.cos(angle * first), math.sin(angle * first)
        turn_c[k], turn_s[k] = math.cos(angle), math.sin(angle)


@njit
def windowed_sums(real, imag, window, frequencies, sums):
    """sums[2 m], sums[2 m + 1] = parts of sum_t window t^m z exp(-2 pi i f t), m = 0, 1, 2, for every particle."""
    turns, count = real.shape
    c, s, turn_c, turn_s = np.empty((4, count))
    start_phasors(frequencies, turns, c, s, turn_c, turn_s)
    sums[:] = 0.0
    for n in range(turns):
        t, w = n - 0.5 * (turns - 1), window[n]
        for k in range(count):
            a = w * (real[n, k] * c[k] - imag[n, k] * s[k])
            b = w * (real[n, k] * s[k] + imag[n, k] * c[k])
            sums[0, k] += a
            sums[1, k] += b
            sums[2, k] += t * a
            sums[3, k] += t * b
            sums[4, k] += t * t * a
            sums[5, k] += t * t * b
            turned = c[k] * turn_c[k] - s[k] * turn_s[k]
            s[k] = c[k] * turn_s[k] + s[k] * turn_c[k]
            c[k] = turned


@njit
def add_line(real, imag, frequencies, amplitude_real, amplitude_imag, sign):
    """Add sign * amplitude exp(2 pi i f t) to the signal of every particle."""
    turns, count = real.shape
    c, s, turn_c, turn_s = np.empty((4, count))
    start_phasors(-frequencies, turns, c, s, turn_c, turn_s)
    for n in range(turns):
        for k in range(count):
            real[n, k] += sign * (amplitude_real[k] * c[k] - amplitude_imag[k] * s[k])
            imag[n, k] += sign * (amplitude_real[k] * s[k] + amplitude_imag[k] * c[k])
            turned = c[k] * turn_c[k] - s[k] * turn_s[k]
            s[k] = c[k] * turn_s[k] + s[k] * turn_c[k]
            c[k] = turned


@njit
def climb(real, imag, window, frequencies):
    """Move each frequency to the maximum of |sum_t window z exp(-2 pi i f t)|^2 nearby, by Newton's method."""
    turns, count = real.shape
    sums = np.empty((6, count))
    limit = STEP_LIMIT / turns
    for _ in range(NEWTON_STEPS):
        windowed_sums(real, imag, window, frequencies, sums)
        largest = 0.0
        for k in range(count):
            a, b, ta, tb, tta, ttb = sums[:, k]
            slope = 2.0 * (a * tb - b * ta)  # d|S|^2/d(angle), half of it: with S' = -i sum t w z e
            curvature = 2.0 * (ta * ta + tb * tb - a * tta - b * ttb)
            step = limit if slope > 0.0 else -limit
            if curvature < 0.0:
                step = max(-limit, min(limit, -slope / curvature / (2.0 * math.pi)))
            frequencies[k] += step
            largest = max(largest, abs(step))
        if largest < CONVERGED:
            break
