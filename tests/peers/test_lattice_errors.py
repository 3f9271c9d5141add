"""Relative field errors beside the error table of MAD-X EFCOMP: equal to round-off."""

from __future__ import annotations

import pytest

from optics import FieldComponents, FieldErrors, apply_errors
from tracking.io.madx import load_madx

madx = pytest.importorskip("cpymad.madx")

LATTICE = """
beam, particle=proton, pc=5;
qd: quadrupole, l=0.5, k1=-0.7;
b: sbend, l=1, angle=0.1, k1=0.2;
r: rbend, l=1, angle=0.1;
s: sextupole, l=0.2, k2=5;
o: octupole, l=0.2, k3=50;
m: multipole, knl={0, 0.1, 0.3};
seq: sequence, l=20;
qd, at=1; b, at=6; r, at=8; s, at=10; o, at=11; m, at=12;
endsequence;
use, sequence=seq;
"""
DKNR, DKSR = (0.0, 2e-4, 3e-4, 4e-4), (0.0, 6e-4, 7e-4, -2e-4)


@pytest.mark.parametrize(("name", "order"), [("qd", 1), ("b", 0), ("r", 0), ("s", 2), ("o", 3), ("m", 2)])
def test_relative_errors_are_those_of_efcomp(name, order, tmp_path):
    path = tmp_path / "errors.madx"
    path.write_text(LATTICE)
    record = FieldErrors(where=name, order=order, radius=0.02, mean=FieldComponents(dknr=DKNR, dksr=DKSR))
    ours = apply_errors(load_madx(path), [record])[1].to_pandas().loc[name]
    with madx.Madx(stdout=False) as machine:
        machine.call(str(path))
        machine.input(f"select, flag=error, clear; select, flag=error, range={name};")
        numbers = [", ".join(map(repr, values)) for values in (DKNR, DKSR)]
        machine.input(f"efcomp, order={order}, radius=0.02, dknr={{{numbers[0]}}}, dksr={{{numbers[1]}}};")
        machine.input("select, flag=error, full; etable, table=found;")
        table = machine.table.found.dframe()
        theirs = table.set_index(table["name"].str.partition(":")[0]).loc[name]
    for n in range(4):
        assert ours[f"k{n}l"] == pytest.approx(theirs[f"k{n}l"], rel=1e-14)
        assert ours[f"k{n}sl"] == pytest.approx(theirs[f"k{n}sl"], rel=1e-14)
    assert ours["k3sl"] != 0.0
