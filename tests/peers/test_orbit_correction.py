"""Closed orbits of misaligned rings and their least-squares corrections beside MAD-X."""

from __future__ import annotations

import numpy as np
import pytest

from optics import AlignmentErrors, apply_errors, correct_orbit
from tracking import Misalignment
from tracking.io.madx import load_madx

madx = pytest.importorskip("cpymad.madx")

LATTICE = """
beam, particle=proton, pc=50;
qf: quadrupole, l=0.4, k1=0.75;
qd: quadrupole, l=0.4, k1=-0.72;
mb: sbend, l=1.5, angle=twopi/16;
bpm: monitor;
ch: hkicker;
cv: vkicker;
d: drift, l=0.3;
cell: line=(bpm, ch, qf, d, mb, d, bpm, cv, qd, d, mb, d);
ring: line=(8*cell);
use, sequence=ring;
"""


@pytest.mark.parametrize("plane", ["x", "y"])
def test_least_squares_correction_is_that_of_madx(plane, tmp_path):
    """Sixteen monitors, eight correctors; MAD-X corrects the linear orbit once."""
    path = tmp_path / "ring.madx"
    path.write_text(LATTICE)
    records = [AlignmentErrors(where="q*", rms=Misalignment(dx=1e-4, dy=1e-4))]
    line, table = apply_errors(load_madx(path), records, seed=1)
    ours = correct_orbit(line, planes=plane, cut=0.0, iterations=1)
    with madx.Madx(stdout=False) as machine:
        machine.call(str(path))
        for name, errors in table.to_pandas().iterrows():
            base, _, count = name.partition(":")
            machine.input(f"select, flag=error, clear; select, flag=error, range={base}[{count}];")
            machine.input(f"ealign, dx={float(errors.dx)!r}, dy={float(errors.dy)!r};")
        orbit = machine.twiss().dframe()
        before = orbit.loc[orbit.keyword == "monitor", plane].to_numpy()
        machine.input(f"correct, flag=ring, plane={plane}, mode=lsq;")
        kicks = machine.table.corr.dframe()[f"p{plane}.correction"].to_numpy()
        orbit = machine.twiss().dframe()
        after = orbit.loc[orbit.keyword == "monitor", plane].to_numpy()
    assert ours.before.readings == pytest.approx(before, abs=1e-6 * np.abs(before).max())
    assert ours.kicks == pytest.approx(kicks[kicks != 0.0], abs=2e-4 * np.abs(kicks).max())
    assert ours.after.readings == pytest.approx(after, abs=2e-4 * np.abs(before).max())
