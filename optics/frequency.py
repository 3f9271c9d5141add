"""Frequency analysis of tracked particles: numerical analysis of fundamental frequencies (NAFF), many signals at once.

The strongest line is where the windowed Fourier integral is largest; the amplitudes of all lines found so far are
fitted together; what they leave is searched for the next. Then each line is sought again beside the others, so that
neighbours, a constant offset and the mirrored lines of real signals do not pull it.

Source: J. Laskar, Physica D 67, 257 (1993), and "Introduction to frequency map analysis", NATO ASI C533 (1999), with
the window (1 + cos)^p. The package nafflib (2.1) takes one signal at a time and does not seek lines again: with 1000
turns of three lines and the same window, it takes 3 times as long, and main lines are right to 5e-10, here to 1e-15.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft

from optics.spectral_sums import LANES, add_line, climb, windowed_sums
from tracking.errors import InputError

PADDING = 2  # length of the Fourier transform that brackets a maximum, in lengths of the signal
FEWEST_TURNS = 16
SWEEPS = 8  # at most, of lines sought again beside the others
SETTLED = 1e-13  # [cycles per turn] movement of a line that ends the sweeps


@dataclass(frozen=True, eq=False)
class SpectralLines:
    """Lines of signals, strongest first; NaN for signals with numbers that are not finite (lost particles).

    Attributes
    ----------
    frequencies : (..., lines) array
        Cycles per turn: [-1/2, 1/2) for complex signals, [0, 1/2] for real ones.
    amplitudes : (..., lines) complex array
        Of exp(2 pi i f n), n = 0 being the first turn; a real signal has the real part of the sum, so that
        |amplitude| is that of a cosine.
    offset : (...,) array
        Constant part; 0 where it was not asked for.
    """

    frequencies: NDArray[np.float64]
    amplitudes: NDArray[np.complex128]
    offset: NDArray


def naff(
    signals: ArrayLike, lines: int = 1, *, window: int = 1, offset: bool = True, threads: int = 1
) -> SpectralLines:
    """Strongest spectral lines of signals sampled once per turn.

    Parameters
    ----------
    signals : (..., turns) real or complex array
        Such as q - i p of normalised coordinates, whose main line is the tune.
    lines : int
        How many to find.
    window : int
        Power p of the window (1 + cos)^p: 1 is the Hann window; larger ones separate weak lines from strong ones.
    offset : bool
        Fit a constant part beside the lines.
    threads : int

    Returns
    -------
    SpectralLines
        For a quasi-periodic signal whose strong lines are all asked for, right to about 1e-12 with 1000 turns; one line
        beside others of a tenth of its size, to about 1e-10.

    Raises
    ------
    InputError
        For fewer than 16 turns, or arguments out of range.

    Notes
    -----
    About 0.1 ms per signal of 1000 turns for one line with its offset, 0.3 ms for three lines, on one thread.
    """
    signals = np.asarray(signals)
    is_real = not np.iscomplexobj(signals)
    turns = signals.shape[-1] if signals.ndim else 0
    if turns < FEWEST_TURNS:
        raise InputError(f"naff: signals of shape {signals.shape}; expected (..., at least {FEWEST_TURNS} turns)")
    for name, value, least in (("lines", lines, 1), ("window", window, 0), ("threads", threads, 1)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
            raise InputError(f"naff: {name} = {value!r}; expected an integer of at least {least}")
    flat = signals.reshape(-1, turns)
    good = np.flatnonzero(np.isfinite(flat).all(axis=1))
    frequencies = np.full((len(flat), lines), np.nan)
    amplitudes = np.full((len(flat), lines), np.nan + 0j)
    constant = np.full(len(flat), np.nan, dtype=signals.dtype if not is_real else np.float64)

    def analyse(which: NDArray[np.int64]) -> None:
        found = _Fit(flat[which].T, lines, window, offset, is_real)
        frequencies[which], amplitudes[which] = found.lines()
        constant[which] = found.offset.real if is_real else found.offset

    blocks = [good[i : i + LANES] for i in range(0, good.size, LANES)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(analyse, blocks))
    shape = signals.shape[:-1]
    return SpectralLines(
        frequencies.reshape(*shape, lines), amplitudes.reshape(*shape, lines), constant.reshape(shape)
    )


class _Fit:
    """Lines of a block of signals (turns, particles), found one after the other and then refined together.

    Of a real signal, every line stands for itself and its mirror image at -f.
    """

    def __init__(self, signals: NDArray, lines: int, window: int, offset: bool, is_real: bool) -> None:
        self.turns, self.count = signals.shape
        self.is_real, self.constant = is_real, offset
        self.power = window
        self.window = window_of(self.turns, window)
        self.signal = _parts(signals)
        self.left = _parts(signals)
        self.frequencies: list[NDArray[np.float64]] = []
        self.amplitudes: list[NDArray[np.complex128]] = []
        self.offset = np.zeros(self.count, dtype=complex)
        if offset:
            self._fit_amplitudes()
        for _ in range(lines):
            self.frequencies.append(self._peak())
            self._climb(-1)
            self._fit_amplitudes()
        self._refine()

    def lines(self) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
        """(particles, lines) frequencies and amplitudes, strongest first, amplitudes at the first turn."""
        frequencies = np.array(self.frequencies).T
        first = np.exp(-2j * np.pi * frequencies * 0.5 * (self.turns - 1))
        amplitudes = np.array(self.amplitudes).T * first * (2.0 if self.is_real else 1.0)
        if self.is_real:  # a line may have been found at its mirror image
            amplitudes = np.where(frequencies < 0.0, amplitudes.conj(), amplitudes)
            frequencies = np.abs(frequencies)
        if not self.is_real:
            frequencies = (frequencies + 0.5) % 1.0 - 0.5
        order = np.argsort(-np.abs(amplitudes), axis=1, kind="stable")
        return np.take_along_axis(frequencies, order, 1), np.take_along_axis(amplitudes, order, 1)

    def _peak(self) -> NDArray[np.float64]:
        """Frequency of the highest point of the windowed spectrum of what is left."""
        length = fft.next_fast_len(PADDING * self.turns)
        signal = (self.left[0] + 1j * self.left[1]) * self.window[:, None]
        height = np.abs(fft.fft(signal, length, axis=0))
        if self.is_real:
            height = height[: length // 2 + 1]
        peak = np.argmax(height, axis=0) / length
        return np.where(peak >= 0.5, peak - 1.0, peak) if not self.is_real else peak

    def _climb(self, k: int) -> None:
        """Move line k to the maximum of what is left, which must contain it."""
        climb(*self.left, self.window, self.frequencies[k])

    def _basis(self) -> list[NDArray[np.float64]]:
        """Frequencies of all exponentials: the constant, then every line, with its mirror image for real signals."""
        found = [np.zeros(self.count)] if self.constant else []
        for frequency in self.frequencies:
            found += [frequency, -frequency] if self.is_real else [frequency]
        return found

    def _fit_amplitudes(self) -> None:
        """Least squares with the window as weight for all amplitudes together, and what they leave of the signal."""
        basis = np.array(self._basis())  # (m, particles)
        sums = np.empty((6, self.count))
        right = np.empty((self.count, len(basis)), dtype=complex)
        for k, frequency in enumerate(basis):
            windowed_sums(*self.signal, self.window, frequency, sums)
            right[:, k] = sums[0] + 1j * sums[1]
        gram = _window_transform(basis.T[:, :, None] - basis.T[:, None, :], self.turns, self.power)
        # lines that have run into each other share their amplitude instead of making the equations singular
        solution = np.einsum("nij,nj->ni", np.linalg.pinv(gram, rcond=1e-9, hermitian=True), right)
        self.left = self.signal[0].copy(), self.signal[1].copy()
        for k, frequency in enumerate(basis):
            self._add(self.left, frequency, solution[:, k], -1.0)
        first, step = int(self.constant), 2 if self.is_real else 1
        self.offset = solution[:, 0] if self.constant else self.offset
        self.amplitudes = [solution[:, k].copy() for k in range(first, len(basis), step)]

    def _refine(self) -> None:
        """Seek every line again with the others taken away, until none moves."""
        if len(self._basis()) < 2:
            return
        for _ in range(SWEEPS):
            before = np.array(self.frequencies)
            for k in range(len(self.frequencies)):
                self._add(self.left, self.frequencies[k], self.amplitudes[k], 1.0)
                self._climb(k)
                self._fit_amplitudes()
            if np.abs(np.array(self.frequencies) - before).max() < SETTLED:
                break

    @staticmethod
    def _add(signal: tuple[NDArray, NDArray], frequency: NDArray, amplitude: NDArray, sign: float) -> None:
        add_line(*signal, frequency, amplitude.real.copy(), amplitude.imag.copy(), sign)


def _parts(signals: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return (
        np.array(signals.real, dtype=np.float64, order="C"),
        np.array(signals.imag, dtype=np.float64, order="C"),
    )


def window_of(turns: int, power: int) -> NDArray[np.float64]:
    """(1 + cos(2 pi t/turns))^power over the turns counted from the middle, of mean 1."""
    t = np.arange(turns) - 0.5 * (turns - 1)
    return (1.0 + np.cos(2.0 * np.pi * t / turns)) ** power * (2.0**power / comb(2 * power, power))


def _window_transform(frequency: NDArray, turns: int, power: int) -> NDArray[np.float64]:
    """sum_t window exp(2 pi i f t), real: Dirichlet kernels at the window's own frequencies."""
    total = np.zeros_like(frequency)
    for m in range(-power, power + 1):
        total += comb(2 * power, power + m) / comb(2 * power, power) * _dirichlet(frequency + m / turns, turns)
    return total


def _dirichlet(frequency: NDArray, turns: int) -> NDArray[np.float64]:
    """sum_t exp(2 pi i f t) over `turns` turns about the middle: sin(pi turns f)/sin(pi f)."""
    nearest = np.round(frequency)
    f = frequency - nearest
    sign = np.where((nearest * (turns - 1)) % 2 == 0, 1.0, -1.0)
    small = np.abs(f) < 1e-9 / turns
    safe = np.where(small, 0.5, f)
    return sign * np.where(small, turns, np.sin(np.pi * turns * safe) / np.sin(np.pi * safe))
