"""Ways out of a Twiss result."""

import numpy as np
import pytest

from optics import twiss
from optics.twiss_result import COLUMN_UNITS
from tracking.errors import InputError


@pytest.fixture(scope="module")
def result(ring):
    return twiss(ring, chromatic=True)


def test_every_column_has_a_unit(result):
    assert list(result.columns) == list(COLUMN_UNITS)


def test_rows_columns_and_places(result, ring):
    assert result.names[0] == "ring$start" and result.names[1:] == ring.names
    assert result["QF:2"]["betx"] == result.betx[ring.index("qf:2") + 1]
    assert result["qf:2"]["keyword"] == "quadrupole"
    assert [result.names[i] for i in result.matching("QD*")] == [f"qd:{k}" for k in range(1, 7)]


def test_unknown_names_say_so(result):
    with pytest.raises(KeyError, match="qf:1"):
        result["qf:11"]
    with pytest.raises(InputError, match="nowhere"):
        result.matching("nowhere*")
    with pytest.raises(AttributeError, match="betz"):
        _ = result.betz


def test_result_cannot_be_changed(result):
    with pytest.raises(ValueError, match="read-only"):
        result.betx[0] = 1.0
    with pytest.raises(AttributeError):
        result.q1 = 0.0


def test_pandas_and_tfs_keep_the_numbers(result, tmp_path):
    frame = result.to_pandas()
    assert frame.loc["sq", "betx"] == result["sq"]["betx"] and frame.attrs["q1"] == result.q1
    import tfs

    path = tmp_path / "twiss.tfs"
    result.to_tfs(path)
    table = tfs.read(path, index="NAME")
    assert table.headers["Q1"] == pytest.approx(result.q1, rel=1e-12) and "QS" not in table.headers
    assert table["BETX"].to_numpy() == pytest.approx(np.array(result.betx), rel=1e-12)
