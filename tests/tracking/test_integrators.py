"""Order and convergence of the integrators."""

import numpy as np
import pytest

from tests.tracking.rows import through
from tracking.elements import Octupole, Quadrupole, SectorBend, Sextupole
from tracking.errors import InputError
from tracking.integrators import composition
from tracking.settings import Settings

Z = (1e-2, -3e-3, 8e-3, 4e-3, 1e-3, 2e-3)
BEND = SectorBend(length=1.2, angle=0.5, k1=-0.6, k2=3.0, e1=0.2, e2=0.1)
STRONG = [Quadrupole(length=1.2, k1=2.0, knl=(0.0, 0.0, 30.0)), Sextupole(length=1.2, k2=60.0), BEND]
COARSE, FINE = 5, 10


@pytest.mark.parametrize("order", [2, 4, 6, 8])
def test_weights_cover_the_slice_symmetrically(order):
    drifts, kicks = composition(order)
    assert sum(drifts) == pytest.approx(1.0, abs=1e-14)
    assert sum(kicks) == pytest.approx(1.0, abs=1e-14)
    assert drifts == pytest.approx(drifts[::-1], abs=1e-15)
    assert kicks == pytest.approx(kicks[::-1], abs=1e-15)
    assert len(drifts) == len(kicks) + 1


@pytest.mark.parametrize("model", ["exact", "expanded"])
@pytest.mark.parametrize("split", ["drift-kick", "matrix-kick"])
@pytest.mark.parametrize("order", [2, 4, 6, 8])
@pytest.mark.parametrize("element", STRONG, ids=lambda element: element.keyword)
def test_error_falls_with_the_order(element, order, split, model):
    choice = {"model": model, "split": split}
    exact = through(element, Z, integrator=8, slices=40, **choice)
    coarse, fine = (
        np.abs(through(element, Z, integrator=order, slices=n, **choice) - exact).max() for n in (COARSE, FINE)
    )
    assert fine < 1e-13 or np.log2(coarse / fine) > order - 0.4


@pytest.mark.parametrize("model", ["exact", "expanded"])
@pytest.mark.parametrize("element", [*STRONG, Octupole(length=0.5, k3=500.0)], ids=lambda element: element.keyword)
def test_splits_have_one_limit(element, model):
    choice = {"model": model, "integrator": 8, "slices": 40}
    drift_kick, matrix_kick = (through(element, Z, split=split, **choice) for split in ("drift-kick", "matrix-kick"))
    assert np.abs(drift_kick - matrix_kick).max() < 1e-14


def test_matrix_kick_solves_an_expanded_quadrupole_in_one_piece():
    quadrupole = Quadrupole(length=0.7, k1=1.5)
    one = through(quadrupole, Z, model="expanded", split="matrix-kick", slices=1)
    many = through(quadrupole, Z, model="expanded", split="drift-kick", slices=60, integrator=8)
    assert np.abs(one - many).max() < 1e-15


def test_unknown_order_is_refused():
    with pytest.raises(InputError, match="integrator = 5"):
        Settings(integrator=5)
    with pytest.raises(InputError, match="order"):
        composition(5)
