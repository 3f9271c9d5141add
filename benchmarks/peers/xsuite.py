"""Xtrack, reading the MAD-X file itself."""

from __future__ import annotations

import time

import numpy as np
import xtrack

from benchmarks.peers import Machine, Optics

EXACT = {"bend": ("bend-kick-bend", "full", 30, "yoshida-4"), "drift": "exact"}
SPLIT = dict.fromkeys(("quadrupole", "sextupole"), ("drift-kick-drift-exact", 30, "yoshida-4"))
FASTEST = {
    "bend": ("mat-kick-mat", "linear", 1, "uniform"), "quadrupole": ("mat-kick-mat", 1, "uniform"),
    "sextupole": ("drift-kick-drift-expanded", 1, "uniform"), "drift": "expanded",
}  # fmt: skip
"""Models of elements: core, edge of bends, kicks, integrator."""


class Xtrack:
    """Xtrack line without cavities: exact bends (30 kicks: ten fourth-order slices), full edges and exact drifts.

    `splitting`: quadrupoles and sextupoles, which are solved or kicked in the middle by default, are split in the same
    way. `fastest`: expanded matrices around one kick per magnet, linear edges, expanded drifts instead.
    """

    def __init__(self, machine: Machine, splitting: bool = False, fastest: bool = False) -> None:
        self.reference = machine.reference
        lines = xtrack.load(str(machine.path.resolve())).lines
        self.line = lines[machine.sequence.lower()]
        models = FASTEST if fastest else EXACT | (SPLIT if splitting else {})
        core, edge, kicks, integrator = models["bend"]
        self.line.configure_bend_model(core=core, edge=edge, num_multipole_kicks=kicks, integrator=integrator)
        self.line.configure_drift_model(models["drift"])
        for kind in set(models) - {"bend", "drift"}:
            model, kicks, integrator = models[kind]
            configure = getattr(self.line, f"configure_{kind}_model")
            configure(model=model, num_multipole_kicks=kicks, integrator=integrator)
        table = self.line.get_table()
        for name in table.rows[np.isin(table.element_type, ("Cavity", "CrabCavity"))].name:
            element = self.line[name]
            for strength in ("voltage", "crab_voltage"):
                if hasattr(element, strength):
                    setattr(element, strength, 0.0)
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
        """Processor seconds of the track call."""
        z = self._particles(particles)
        start = time.process_time()
        self.line.track(z, num_turns=turns)
        return time.process_time() - start

    def optics_seconds(self) -> float:
        """Seconds of the Twiss call."""
        start = time.perf_counter()
        self.line.twiss(method="4d")
        return time.perf_counter() - start
