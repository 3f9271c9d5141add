"""Files that PTC, MAD-NG and DACE wrote, and files of ours that they read."""

import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers import connect
from optics import one_turn_map
from tests.tpsa.reference import close, random_series
from tpsa import Descriptor, TaylorMap, files
from tracking.coordinates import convert


@pytest.fixture
def ptc_files(load, tmp_path):
    """Our line, and PTC's map of second order: its printed tables, and the file of the map table with all digits."""
    pytest.importorskip("cpymad")
    line, machine = load("plain")
    with connect("ptc", machine, slices=20, method=6, splitting=2) as ptc:
        ptc.madx.input('set, format="25.17e";')
        ptc.one_turn_map(2)
        ptc.madx.input(f"write, table=map_table, file={tmp_path / 'map.tfs'};")
        ptc.madx.quit()
        printed = Path(ptc.folder.name, "fort.18").read_text()
    return line, printed, tmp_path / "map.tfs"


def test_map_of_ptc_in_both_files_is_ours_in_other_coordinates(ptc_files):
    line, printed, table = ptc_files
    a, b = files.from_ptc_text(printed), files.load_map_table(table)
    assert a.descriptor == b.descriptor == Descriptor(6, 2, names=("x", "px", "y", "py", "deltap", "t"))
    assert close(a.coefficients, b.coefficients, 1e-14)
    beta0 = line.reference.beta0
    into = TaylorMap(convert(a.descriptor.identity(), "taylorbeam", "ptc", beta0))
    found = TaylorMap(convert(tuple(a @ into), "ptc", "taylorbeam", beta0))
    expected = one_turn_map(line.with_settings(slices=32, integrator=6), 2)
    assert close(found.coefficients, expected.coefficients, 1e-9)


def test_ptc_files_of_ours_are_those_of_ptc(ptc_files, tmp_path):
    _, printed, table = ptc_files
    m = files.from_ptc_text(printed)
    theirs, ours = (sorted(re.findall(r"(?m)^ *\d+ .{21}( +\d+    [ \d]+)$", text)) for text in (
        printed, files.to_ptc_text(m),
    ))  # fmt: skip
    assert theirs == ours and len(ours) == np.count_nonzero(m.coefficients)
    files.save_map_table(tmp_path / "ours.tfs", files.load_map_table(table))
    assert np.array_equal(
        files.load_map_table(tmp_path / "ours.tfs").coefficients, files.load_map_table(table).coefficients
    )


MAD_NG = """
local tpsa in MAD
local d = MAD.gtpsad {{nv=3, mo=4, np=2, po=2{limits}}}
local x = tpsa(d):set(1, 1.5):set(2, 2.5):set(4, -3):set(6, 7)
local y = x:exp()
y:print("Y", 0)
local file = io.open("{path}", "r")
local z = tpsa(d):read(file)
file:close()
z:print("Z", 0)
py:send("done")
"""


@pytest.mark.parametrize("most", [None, (2, 4, 1, 2, 1)])
def test_tables_of_mad_ng_are_read_and_ours_are_read_there(tmp_path, most):
    MAD = pytest.importorskip("pymadng").MAD
    d = Descriptor(3, 4, 2, 2, max_orders=most)
    y = np.exp(1.5 + 2.5 * d.variable(0) - 3.0 * d.variable(2) + 7.0 * d.parameter(1))
    path, printed = tmp_path / "ours.tps", tmp_path / "printed"
    path.write_text(files.to_gtpsa_text(y, "Y"))
    with MAD(stdout=printed) as mad:
        limits = f", no={{{', '.join(map(str, most))}}}" if most else ""
        mad.send(MAD_NG.format(path=path, limits=limits))
        assert mad.recv() == "done"
    theirs, ours = files.from_gtpsa_text(printed.read_text())
    assert theirs.descriptor == d and close(theirs, y, 1e-15)
    assert np.array_equal(ours.coefficients, y.coefficients)


def test_texts_of_dace():
    DA = pytest.importorskip("daceypy").DA
    d = Descriptor(3, 4)
    a = random_series(d, 3)
    DA.init(4, 3)
    theirs = DA()
    for exponents, value in a.terms().items():
        theirs.setCoefficient(list(exponents), value)
    assert np.array_equal(files.from_dace_text(theirs.toString(), d).coefficients, a.coefficients)
    ours = [line.split()[1:] for line in files.to_dace_text(a).splitlines()]
    assert sorted(ours) == sorted(line.split()[1:] for line in theirs.toString().splitlines())
    assert not files.from_dace_text(DA(0.0).toString(), d).coefficients.any()
