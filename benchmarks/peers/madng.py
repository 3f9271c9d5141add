"""MAD-NG through pymadng. Timing loops run inside MAD-NG, so that no transfer is counted."""

from __future__ import annotations

import os
import tempfile

import numpy as np
from pymadng import MAD

from benchmarks.peers import Machine, Optics
from benchmarks.terms import Terms, from_canonical_time
from tracking.coordinates import convert_particles

VARIABLES = ("x", "px", "y", "py", "t", "pt")
# The length of an RBEND becomes the arc, as in MAD-X without ``option, rbarc=false``; MAD-NG leaves it as it is.
# Quadrupoles are split into drifts and kicks, bends into exact bodies and kicks: the splitting of split="drift-kick".
LOAD = """
local MADX, beam in MAD
local rbend in MAD.element
MADX:set_methods {{
  rbend = \\name -> (\\attributes => local e = rbend(name)(attributes) ; MADX.cord2arc_w(e) ; return e end)
}}
MADX:load("{path}", "{translation}")
local found = MADX.{sequence}
ring = MAD.typeid.is_sequence(found) and found or MAD.sequence '{sequence}' {{ found }}
ring.beam = beam {{ particle='reference', mass={mass!r}, charge=1, spin=0.5, pc={pc!r} }}
for i=1,#ring do if ring[i].kind == 'quadrupole' then ring[i].model = 'DKD' end end
py:send(#ring)
"""
MAP = """
local start = MAD.damap {{ nv=6, mo={order} }} :set0(MAD.vector {{ {orbit} }})
local begin = os.clock()
local _, flow = MAD.track {{ sequence=ring, X0=start, {settings}, save=false }}
local seconds = os.clock() - begin
"""
TWISS = """
local begin = os.clock()
local found = MAD.twiss {{ sequence=ring, {settings}, mapdef=2 }}
py:send(MAD.vector {{ os.clock() - begin, found.q1, found.q2, found.dq1, found.dq2 }})
"""

PARTICLES = """
local begin = os.clock()
local _, flow = MAD.track {{ sequence=ring, X0=start, nturn={turns}, {settings}, save=false }}
local seconds = os.clock() - begin
"""


class MadNG:
    """A sequence in a MAD-NG process.

    The charge is taken as positive: MAD-NG multiplies strengths by its sign, MAD-X does not.
    """

    def __init__(self, machine: Machine, slices: int = 10, method: int = 4) -> None:
        self.beta0 = machine.reference.beta0
        self.settings = f"method={method}, nslice={slices}, nocavity=true, aper=false"
        self.process = MAD(stdout=os.devnull, redirect_stderr=True)
        with tempfile.TemporaryDirectory() as folder:
            self.process.send(LOAD.format(
                path=machine.path.resolve(), translation=f"{folder}/translated.mad", sequence=machine.sequence.lower(),
                mass=machine.reference.mass * 1e-9, pc=machine.reference.p0c * 1e-9,
            ))  # fmt: skip
            self.elements = self.process.recv()

    def __enter__(self) -> MadNG:
        return self

    def __exit__(self, *problem: object) -> None:
        self.process.close()

    def _track(self, order: int, orbit: np.ndarray) -> str:
        x, px, y, py, zeta, pzeta = (float(value) for value in orbit)
        start = (x, px, y, py, zeta / self.beta0, pzeta * self.beta0)
        return MAP.format(order=order, orbit=", ".join(map(repr, start)), settings=self.settings)

    def one_turn_map(self, order: int, orbit: np.ndarray) -> Terms:
        """Taylor map of one turn about the orbit that starts at `orbit`."""
        sends = "\n".join(f"py:send(flow[1].{name})" for name in VARIABLES)
        self.process.send(self._track(order, orbit) + sends)
        terms: dict[tuple[int, ...], np.ndarray] = {}
        for row in range(6):
            powers, values = self.process.recv()
            for exponents, value in zip(powers, values, strict=True):
                terms.setdefault(tuple(int(n) for n in exponents), np.zeros(6))[row] = value
        return from_canonical_time(terms, self.beta0)

    def map_seconds(self, order: int, orbit: np.ndarray) -> float:
        """Processor seconds of one map."""
        self.process.send(self._track(order, orbit) + "py:send(seconds)")
        return self.process.recv()

    def _track_particles(self, particles: np.ndarray, turns: int) -> str:
        z = convert_particles(particles, "taylorbeam", "madx", self.beta0)
        self.process.send("local m = py:recv() start = {} for i=1,m.nrow do local r = m:getrow(i) "
                          "start[i] = {x=r[1],px=r[2],y=r[3],py=r[4],t=r[5],pt=r[6]} end")  # fmt: skip
        self.process.send(z)
        return PARTICLES.format(turns=turns, settings=self.settings)

    def track(self, particles: np.ndarray, turns: int) -> np.ndarray:
        """Particles after some turns."""
        text = self._track_particles(particles, turns)
        sends = "local out = MAD.matrix(#flow, 6) for i=1,#flow do local f = flow[i] " + " ".join(
            f"out:set(i,{k},f.{name})" for k, name in enumerate(VARIABLES, start=1)
        )
        self.process.send(text + sends + " end py:send(out)")
        return convert_particles(self.process.recv(), "madx", "taylorbeam", self.beta0)

    def track_seconds(self, particles: np.ndarray, turns: int) -> float:
        """Processor seconds of tracking."""
        self.process.send(self._track_particles(particles, turns) + "py:send(seconds)")
        return self.process.recv()

    def _twiss(self) -> list[float]:
        self.process.send(TWISS.format(settings=self.settings))
        return self.process.recv().ravel().tolist()

    def optics(self) -> Optics:
        """4D Twiss along the ring, chromaticity from second-order maps."""
        _, q1, q2, dq1, dq2 = self._twiss()
        return Optics(q1, q2, self.beta0 * dq1, self.beta0 * dq2)

    def optics_seconds(self) -> float:
        """Processor seconds of `optics`."""
        return self._twiss()[0]
