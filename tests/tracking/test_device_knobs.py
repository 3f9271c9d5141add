"""Fields of elements as knobs: series give the derivatives that complex steps give, also about 0."""

import numpy as np
import pytest

from tests.tracking.rows import TINY, through
from tpsa import Descriptor
from tracking.elements import (
    ChangeReference,
    CrabCavity,
    Kicker,
    Matrix,
    Misalignment,
    RFCavity,
    RFMultipole,
    Rotation,
    SectorBend,
    Solenoid,
    Translation,
)

Z = (1e-3, -2e-3, 3e-3, 1e-3, 2e-3, -3e-3)
CAVITY = {"length": 0.3, "volt": 1e6, "freq": 1e8, "lag": 0.1}
KNOB = Descriptor(6, 1, parameters=1, parameter_order=1)

ELEMENTS = {  # of a small knob k
    "voltage": lambda k: RFCavity(**{**CAVITY, "volt": 1e6 * (1.0 + k)}),
    "frequency": lambda k: RFCavity(**{**CAVITY, "freq": 1e8 * (1.0 + k)}),
    "lag": lambda k: RFCavity(**{**CAVITY, "lag": 0.1 + k}),
    "crab frequency": lambda k: CrabCavity(**{**CAVITY, "freq": 1e8 * (1.0 + k)}),
    "oscillating strength": lambda k: RFMultipole(freq=1e8, knl=(0.0, 0.1 + k), pnl=(0.0, 0.2 + k)),
    "solenoid": lambda k: Solenoid(length=0.3, ks=0.7 + k),
    "solenoid about 0": lambda k: Solenoid(length=0.3, ks=0.0 + k),
    "solenoid's length": lambda k: Solenoid(length=0.3 + k, ks=0.7, knl=(0.0, 0.1)),
    "thin solenoid": lambda k: Solenoid(ksi=0.3 + k, ks=0.1),
    "kick": lambda k: Kicker(length=0.3, hkick=1e-3 + k),
    "tilted kick about 0": lambda k: Kicker(length=0.3, hkick=0.0 + k, vkick=1e-3, tilt=0.1 + k),
    "rotation about 0": lambda k: Rotation(axis="x", angle=0.0 + k),
    "translation": lambda k: Translation(dx=0.1 + k, ds=0.1 + k),
    "changeref": lambda k: ChangeReference(translation=(0.0 + k, 0.0, 0.0), angles=(0.0, 0.1 + k, 0.0)),
    "misalignment about 0": lambda k: Solenoid(
        length=0.3, ks=0.7, misalignment=Misalignment(dx=0.0 + k, dtheta=0.0 + k)
    ),
    "misaligned bend": lambda k: SectorBend(
        length=0.3, angle=0.2 + k, misalignment=Misalignment(dx=1e-3 + k, dpsi=0.01)
    ),
    "misaligned bend about 0": lambda k: SectorBend(
        length=0.3, angle=0.0 + k, misalignment=Misalignment(dx=1e-3, dpsi=0.01)
    ),
    "matrix": lambda k: Matrix(kick=(0.0 + k,) * 6),
}


@pytest.mark.parametrize("fringe", ["dipole", "all"])
@pytest.mark.parametrize("case", ELEMENTS)
def test_series_of_a_knob_have_the_derivative(case, fringe):
    element = ELEMENTS[case]
    series = through(element(KNOB.parameter(0)), KNOB.identity(Z), fringe=fringe, slices=2)
    derivative = np.array([s[(0,) * 6 + (1,)] for s in series])
    exact = through(element(1j * TINY), Z, fringe=fringe, slices=2).imag / TINY
    assert np.abs(exact).max() > 1e-7
    np.testing.assert_allclose(derivative, exact, rtol=0, atol=1e-12 * np.abs(exact).max())
    plain = through(element(0.0), Z, fringe=fringe, slices=2)
    np.testing.assert_allclose([s.value for s in series], plain, rtol=0, atol=1e-16)
