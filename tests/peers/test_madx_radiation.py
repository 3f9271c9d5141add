"""Radiation integrals beside MAD-X, where it is right.

In bends with a gradient its I1 contradicts its own momentum compaction; in an rbend its I2 has the chord for the arc.
"""

from __future__ import annotations

import numpy as np
import pytest

from optics import radiation_integrals
from tracking import load_madx

madx = pytest.importorskip("cpymad.madx")

RING = """
beam, particle=electron, energy=2.0;
qf: quadrupole, l=0.4, k1={kf};
qd: quadrupole, l=0.4, k1=-1.05;
mb: sbend, l=1.5, angle=twopi/16, {more};
d1: drift, l=0.5;
cell: line=(qf, d1, mb, d1, qd, d1, mb, d1);
ring: line=(8*cell);
"""
BENDS = {
    "sector": {"kf": 1.1, "more": "e1=0"},
    "turned faces": {"kf": 1.15, "more": "e1=0.12, e2=0.05"},
}


@pytest.mark.parametrize("case", BENDS)
def test_integrals_agree(case, tmp_path):
    path = tmp_path / "ring.madx"
    path.write_text(RING.format(**BENDS[case]) + "use, sequence=ring;")
    other = madx.Madx(stdout=False)
    other.call(str(path))
    summary = other.twiss(chrom=True).summary
    other.exit()
    ours = radiation_integrals(load_madx(path).with_settings(model="expanded"))
    theirs = [summary[f"synch_{n}"] for n in (1, 2, 3, 4, 5)]
    np.testing.assert_allclose([ours.i1, ours.i2, ours.i3, ours.i4, ours.i5], theirs, rtol=1e-6)
