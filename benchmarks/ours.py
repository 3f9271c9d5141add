"""taylorbeam behind the interface of `benchmarks.peers`."""

from __future__ import annotations

import numpy as np

from benchmarks.common import timed
from benchmarks.peers import Optics
from benchmarks.terms import Terms, terms_of
from optics import closed_orbit, one_turn_map, twiss
from tpsa import Descriptor
from tracking.engine_taylor import propagate
from tracking.line import Line
from tracking.pack import pack

SAME_SPLITTING = {"model": "exact", "fringe": "dipole", "integrator": 4, "split": "drift-kick", "slices": 10}
"""Settings of the peers' maps: Forest-Ruth, ten slices of every magnet, quadrupoles split into drifts and kicks."""


class TaylorBeam:
    """A line with fixed settings, its cavities off."""

    def __init__(self, line: Line, **settings: object) -> None:
        self.line = line.with_settings(**{**SAME_SPLITTING, **settings}, rf=False)
        self.packed = pack(self.line)
        self.orbit = np.asarray(closed_orbit(self.line, dim=4).start)

    def one_turn_map(self, order: int) -> Terms:
        """Taylor map of one turn about the closed orbit."""
        return terms_of(one_turn_map(self.line, order))

    def map_seconds(self, order: int) -> float:
        """Seconds of tracking the map along the packed line, closed orbit known: what MAD-NG's track does."""
        descriptor = Descriptor(6, order)
        return timed(lambda: propagate(self.packed, descriptor, self.orbit))()

    def call_seconds(self, order: int) -> float:
        """Seconds of `optics.one_turn_map`: packing, closed orbit and map."""
        return timed(lambda: one_turn_map(self.line, order))()

    def optics(self) -> Optics:
        """4D Twiss with chromaticity by delta."""
        found = twiss(self.line, method="4d")
        return Optics(found.q1, found.q2, found.dq1, found.dq2)

    def optics_seconds(self) -> float:
        """Seconds of `optics.twiss`."""
        return timed(lambda: twiss(self.line, method="4d"))()
