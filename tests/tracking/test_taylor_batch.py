"""Taylor maps of machines side by side on batches of series: those of the compiled engine, one machine at a time."""

import numpy as np
import pytest

import tracking
from tests.tracking.test_taylor_jax import POINT, SECOND, STRENGTHS, cell, relative
from tpsa import Descriptor
from tracking import taylor_batch
from tracking.engine_taylor import propagate
from tracking.pack import pack
from tracking.taylor_batch import taylor_maps


@pytest.mark.parametrize("cavity", [False, True])
@pytest.mark.parametrize("descriptor", [SECOND, Descriptor(6, 3, max_orders=(2, 3, 2, 3, 1, 1))])
def test_every_machine_is_that_of_the_compiled_engine(cavity, descriptor):
    line, starts = cell(cavity), np.outer(POINT, [1.0, -1.0, 0.5])
    found = taylor_maps(line, descriptor, {"kq": STRENGTHS}, starts)
    assert found.shape == (6, descriptor.size, 3)
    for lane, k in enumerate(STRENGTHS):
        expected = propagate(pack(line, {"kq": float(k)}), descriptor, starts[:, lane])
        assert relative(found[:, :, lane], expected) < 1e-13


def test_groups_of_machines_and_shared_values(monkeypatch):
    line, starts = cell(), np.outer(POINT, np.linspace(-1.0, 1.0, 21))
    together = taylor_maps(line, SECOND, {"kq": 0.9}, starts)
    assert np.array_equal(together, taylor_maps(line, SECOND, {}, starts))
    monkeypatch.setattr(taylor_batch, "COEFFICIENTS", 8 * SECOND.size)
    assert relative(taylor_maps(line, SECOND, {"kq": np.full(21, 0.9)}, starts), together) < 1e-15


def test_errors():
    line = cell()
    with pytest.raises(tracking.InputError, match="expected 6 and 0"):
        taylor_maps(line, Descriptor(6, 2, 1, 1), {"kq": STRENGTHS})
    with pytest.raises(tracking.InputError, match=r"expected \(6,\) or \(6, n\)"):
        taylor_maps(line, SECOND, {"kq": STRENGTHS}, np.zeros(4))
    with pytest.raises(tracking.InputError, match=r"numbers of machines \[2, 3\]"):
        taylor_maps(line, SECOND, {"kq": STRENGTHS}, np.zeros((6, 2)))
    with pytest.raises(tracking.InputError, match=r"numbers of machines \[\]"):
        taylor_maps(line, SECOND, {"kq": 0.9})
    with pytest.raises(tracking.InputError, match="knob kq"):
        taylor_maps(line, SECOND, {"kq": np.zeros((2, 2))})
