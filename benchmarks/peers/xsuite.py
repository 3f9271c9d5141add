"""Xtrack, reading the MAD-X file itself."""

from __future__ import annotations

import time

import numpy as np
import xtrack

from benchmarks.peers import Machine, Optics


class Xtrack:
    """Xtrack line with exact bends (30 kicks: ten fourth-order slices), full edges and exact drifts.

    `splitting`: quadrupoles and sextupoles, which are solved or kicked in the middle by default, are split in the same
    way.
    """

    def __init__(self, machine: Machine, splitting: bool = False) -> None:
        self.reference = machine.reference
        lines = xtrack.load(str(machine.path.resolve())).lines
        self.line = lines[machine.sequence.lower()]
        self.line.configure_bend_model(
            core="bend-kick-bend", edge="full", num_multipole_kicks=30, integrator="yoshida-4"
        )
        self.line.configure_drift_model("exact")
        if splitting:
            model = {"model": "drift-kick-drift-exact", "integrator": "yoshida-4", "num_multipole_kicks": 30}
            self.line.configure_quadrupole_model(**model)
            self.line.configure_sextupole_model(**model)
        self.line.build_tracker()

    def __enter__(self) -> Xtrack:
        return self

    def __exit__(self, *problem: object) -> None:
        self.line.discard_tracker()

    def optics(self) -> Optics:
        """4D Twiss; its chromaticity is a finite difference in delta."""
        found = self.line.twiss(method="4d")
        return Optics(found.qx, found.qy, found.dqx, found.dqy)

    def _particles(self, particles: np.ndarray) -> xtrack.Particles:
        names = ("x", "px", "y", "py", "zeta", "pzeta")
        reference = self.reference
        return xtrack.Particles(
            mass0=reference.mass, q0=reference.charge, p0c=reference.p0c,
            **dict(zip(names, particles.T, strict=True)),
        )  # fmt: skip

    def track(self, particles: np.ndarray, turns: int) -> np.ndarray:
        """Particles after some turns."""
        z = self._particles(particles)
        self.line.track(z, num_turns=turns)
        z.sort()
        return np.column_stack([z.x, z.px, z.y, z.py, z.zeta, z.pzeta])

    def track_seconds(self, particles: np.ndarray, turns: int) -> float:
        """Seconds of the track call."""
        z = self._particles(particles)
        start = time.perf_counter()
        self.line.track(z, num_turns=turns)
        return time.perf_counter() - start

    def optics_seconds(self) -> float:
        """Seconds of the Twiss call."""
        start = time.perf_counter()
        self.line.twiss(method="4d")
        return time.perf_counter() - start
