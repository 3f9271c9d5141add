"""Xtrack, reading the MAD-X file itself."""

from __future__ import annotations

import time

import xtrack

from benchmarks.peers import Machine, Optics


class Xtrack:
    """Xtrack line with exact bends (30 kicks: ten fourth-order slices), full edges and exact drifts."""

    def __init__(self, machine: Machine) -> None:
        lines = xtrack.load(str(machine.path.resolve())).lines
        self.line = lines[machine.sequence.lower()]
        self.line.configure_bend_model(
            core="bend-kick-bend", edge="full", num_multipole_kicks=30, integrator="yoshida-4"
        )
        self.line.configure_drift_model("exact")
        self.line.build_tracker()

    def __enter__(self) -> Xtrack:
        return self

    def __exit__(self, *problem: object) -> None:
        self.line.discard_tracker()

    def optics(self) -> Optics:
        """4D Twiss; its chromaticity is a finite difference in delta."""
        found = self.line.twiss(method="4d")
        return Optics(found.qx, found.qy, found.dqx, found.dqy)

    def optics_seconds(self) -> float:
        """Seconds of the Twiss call."""
        start = time.perf_counter()
        self.line.twiss(method="4d")
        return time.perf_counter() - start
