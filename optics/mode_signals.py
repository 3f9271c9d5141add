"""Transverse normal modes of tracked particles, turn by turn: their tunes and actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optics.errors import UnstableMotionError
from optics.frequency import naff, window_of
from optics.normal_modes import damped_modes, normal_modes
from optics.starts import Starts
from optics.twiss import twiss
from tracking.engine_float import track
from tracking.line import Line
from tracking.monitor import TurnMonitor
from tracking.pack import pack

HARMONICS = 5  # |m1| + |m2| of the lines that the actions are summed from
WINDOW = 4  # power of the window of smooth motion: lines leak little beyond five bins


@dataclass(frozen=True, eq=False)
class ModeFrame:
    """Normalised coordinates about closed orbits at the start of a line.

    Attributes
    ----------
    line : Line
        What is tracked.
    orbit : (d, 6) array
        Closed orbits.
    normalising : (d, 6, 6) array
        Symplectic W of the normal modes about them; in four dimensions the identity in zeta and pzeta.
    tunes : (2,) array
        Of small amplitudes about the orbit of delta = 0, with integer part.
    """

    line: Line
    orbit: NDArray[np.float64]
    normalising: NDArray[np.float64]
    tunes: NDArray[np.float64]

    @classmethod
    def of(cls, starts: Starts) -> ModeFrame:
        """Frame of particles that start as given.

        Raises
        ------
        UnstableMotionError
            If motion about one of the orbits is not bounded; its delta is named.
        """
        modes_of = damped_modes if pack(starts.line).radiates else normal_modes
        normalising = np.tile(np.eye(6), (len(starts.closed), 1, 1))
        own = slice(starts.dim)
        for matrix, closed, delta in zip(normalising, starts.closed, starts.deltas.tolist(), strict=False):
            try:
                matrix[own, own] = modes_of(closed.matrix[own, own]).normalising
            except UnstableMotionError as error:
                if starts.dim == 4:
                    error.add_note(f"for delta = {delta:g}")
                raise
        optics = twiss(starts.line, method=f"{starts.dim}d", order=0)
        orbit = np.array([closed.start for closed in starts.closed])
        return cls(starts.line, orbit, normalising, np.array([optics.q1, optics.q2]))

    def points(self, actions: NDArray[np.float64], which: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n, 6) particles of linear actions (n, 2) [m] at p = 0 of both modes, about the orbits numbered `which`."""
        normalised = np.zeros((len(actions), 6))
        normalised[:, [0, 2]] = np.sqrt(2.0 * actions)
        return self.orbit[which] + np.einsum("nij,nj->ni", self.normalising[which], normalised)

    def signals(
        self, points: NDArray[np.float64], which: NDArray[np.int64], turns: int, **options: Any
    ) -> tuple[NDArray[np.complex128], NDArray[np.int64]]:
        """Signals q - i p (n, 2, turns) of particles about the orbits numbered `which`, and turns of loss (n,).

        `options` are those of `tracking.track`; the turn of loss of survivors is -1.
        """
        inverse = np.linalg.inv(self.normalising)[which]
        monitor = _ModeMonitor(self.orbit[which], inverse[:, 0:4:2] - 1j * inverse[:, 1:4:2], turns)
        result = track(self.line, points, turns, monitors=[monitor], **options)
        if result.turns < turns:
            raise KeyboardInterrupt
        return monitor.signals, np.where(result.alive, -1, result.lost_turn)

    def tunes_of(self, signals: NDArray[np.complex128], threads: int, window: int) -> NDArray[np.float64]:
        """Tunes (..., 2) of signals (..., 2, turns), less than half an integer from those of small amplitudes.

        `window` as of `optics.naff`.
        """
        found = naff(signals, threads=threads, window=window).frequencies[..., 0]
        return self.tunes + (found - self.tunes + 0.5) % 1.0 - 0.5


class _ModeMonitor(TurnMonitor):
    """Signals q - i p of the transverse modes at the end of the line: 32 bytes per particle and turn."""

    def __init__(self, orbit: NDArray[np.float64], modes: NDArray[np.complex128], turns: int) -> None:
        super().__init__()
        self.orbit, self.modes = orbit.T, modes
        self.shape = (len(orbit), 2, turns)

    def add(self, turns: NDArray[np.int64], seen: NDArray[np.float64]) -> None:
        self.signals[:, :, turns] = np.einsum("nmi,tin->nmt", self.modes, seen[:, 0] - self.orbit)

    def state(self) -> dict[str, NDArray]:
        return {"signals": self.signals}

    def restore(self, state: Mapping[str, NDArray]) -> None:
        self.signals = state["signals"] if state else np.full(self.shape, np.nan + 0j)


def torus_actions(
    signals: NDArray[np.complex128], tunes: NDArray[np.float64], midplane: bool
) -> tuple[NDArray[np.float64], bool]:
    """Actions (n, 2) [m] of motion with signals (n, 2, turns) and tunes (n, 2), and whether they are sure.

    On the invariant torus q - i p of each mode is a sum of c_m exp(i m.theta) over integer m = (m1, m2). The integral
    of p dq about the loop of theta_k is 2 pi J_k = pi sum m_k |c_m|^2, summed over both modes and averaged over the
    other angle. Other than (q^2 + p^2)/2 of a turn, it is an invariant of the nonlinear motion.

    `midplane` says that the fields are symmetric about y = 0: then m2 is even in mode 1 and odd in mode 2. The actions
    are not sure where a resonance is so close that lines of order 0 to 2 coincide.
    """
    turns = signals.shape[-1]
    t = np.arange(turns) - 0.5 * (turns - 1)
    weighted = signals * (window_of(turns, WINDOW) / turns)
    turned = np.exp(-2j * np.pi * tunes[:, :, None] * t)  # (n, 2, turns)
    with np.errstate(invalid="ignore"):  # lost particles
        powers = {k: turned**k for k in range(-HARMONICS, HARMONICS + 1)}
    actions, sure = np.zeros_like(tunes), True
    for mode in (0, 1):
        lines = _harmonics(mode, midplane)
        apart = _stand_apart(tunes @ lines.T, (WINDOW + 1) / turns)
        sure &= bool(apart[:, np.abs(lines).sum(axis=1) <= 2].all())
        for (m1, m2), here in zip(lines.tolist(), apart.T, strict=True):
            amplitude = np.einsum("nt,nt,nt->n", weighted[:, mode], powers[m1][:, 0], powers[m2][:, 1])
            actions += (0.5 * here * np.abs(amplitude) ** 2)[:, None] * [m1, m2]
    return actions, sure


def _harmonics(mode: int, midplane: bool) -> NDArray[np.int64]:
    """Integers (h, 2) of the lines of a mode: the constant, the mode's own line, then by order."""
    pairs = product(range(-HARMONICS, HARMONICS + 1), repeat=2)
    orders = sorted((abs(m[0]) + abs(m[1]), m[mode] != 1, m) for m in pairs)
    return np.array([m for order, _, m in orders if order <= HARMONICS and not (midplane and (m[1] - mode) % 2)])


def _stand_apart(frequencies: NDArray[np.float64], width: float) -> NDArray[np.bool_]:
    """Whether lines (n, h) are further than `width` from every line before them.

    Close to a resonance, lines of high order coincide with strong ones, whose amplitude they must not be given too.
    """
    gaps = frequencies[:, :, None] - frequencies[:, None, :]
    close = np.abs(gaps - np.round(gaps)) < width
    return ~np.tril(close, -1).any(axis=2)
