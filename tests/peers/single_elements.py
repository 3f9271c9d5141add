"""One element at a time through PTC or MAD-X TRACK, in our coordinates."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.tracking.rows import REFERENCE

COLUMNS = ("x", "px", "y", "py", "t", "pt")


class SingleElements:
    """A running MAD-X that tracks particles through single elements of an 0.8 GeV/c proton line."""

    def __init__(self, madx: Any) -> None:
        self.madx = madx
        beta0 = REFERENCE.beta0
        self.scale = np.array([1.0, 1.0, 1.0, 1.0, beta0, 1.0 / beta0])

    def ptc(
        self,
        element: str,
        particles: NDArray,
        slices: int = 10,
        exact: bool = True,
        fringe: bool = False,
        errors: str = "",
    ) -> NDArray:
        """(n, 6) coordinates after `element`, MAD-X text such as "quadrupole, l=1, k1=0.3"; `errors` of EALIGN."""
        self._define(element)
        if errors:
            self.madx.input(f'select, flag=error, clear; select, flag=error, pattern="^one"; ealign, {errors};')
        self.madx.input(
            "ptc_create_universe; ptc_create_layout, time=true, model=2, method=6, closed_layout=false, "
            f"nst={slices}, exact={exact};"
        )
        self.madx.input(f"ptc_setswitch, fringe={fringe};" + ("ptc_align;" if errors else ""))
        self._start("ptc_start", particles)
        self.madx.input("ptc_track, icase=6, turns=1, dump, onetable, closed_orbit=false, norm_no=1; ptc_end;")
        return self._result(len(particles))

    def madx_track(self, element: str, particles: NDArray) -> NDArray:
        """(n, 6) coordinates after `element`, by the MAD-X command TRACK."""
        self._define(element)
        self.madx.input("track, onepass, onetable;")
        self._start("start", particles)
        self.madx.input("run, turns=1; endtrack;")
        return self._result(len(particles))

    def _define(self, element: str) -> None:
        momentum = REFERENCE.p0c * 1e-9
        self.madx.input(f"beam, particle=proton, pc={momentum!r}; one: {element}; beamline: line=(one);")
        self.madx.input("use, sequence=beamline;")

    def _start(self, command: str, particles: NDArray) -> None:
        for z in particles / self.scale:
            self.madx.input(f"{command}, " + ", ".join(f"{c}={v:.17g}" for c, v in zip(COLUMNS, z, strict=True)) + ";")

    def _result(self, n: int) -> NDArray:
        table = self.madx.table.tracksumm
        last = np.flatnonzero(np.asarray(table["turn"]) == 1)
        result = np.full((n, 6), np.nan)
        result[np.asarray(table["number"])[last].astype(int) - 1] = np.array([table[c][last] for c in COLUMNS]).T
        return result * self.scale


@contextmanager
def running() -> Iterator[SingleElements]:
    """A MAD-X without output, ended on leaving."""
    from cpymad.madx import Madx

    with open(os.devnull, "w", encoding="utf-8") as sink, TemporaryDirectory() as folder:
        madx = Madx(stdout=sink, cwd=folder)  # it writes files where it runs
        try:
            yield SingleElements(madx)
        finally:
            madx.quit()
