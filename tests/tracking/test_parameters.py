"""Element fields as series and traced values: exact derivatives of the maps by every field."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.tracking.rows import REFERENCE, TINY, rows_of
from tpsa import Descriptor
from tracking.elements import (
    DipoleEdge,
    Drift,
    Element,
    Multipole,
    Octupole,
    Quadrupole,
    RectangularBend,
    SectorBend,
    Sextupole,
)
from tracking.step import step

jax.config.update("jax_enable_x64", True)

Z = (6e-3, -3e-3, 5e-3, 4e-3, 1e-3, 2e-3)
KNOB = Descriptor(6, 2, parameters=1, parameter_order=2)
BEND = SectorBend(
    length=0.8, angle=0.3, k0=0.35, k1=0.5, k2=2.0, e1=0.1, e2=0.2, h1=0.3, h2=0.2, fint=0.5, fintx=0.4, hgap=0.03
)
FIELDS = [
    (Drift(length=0.5), "length"),
    (Quadrupole(length=0.5, k1=1.2), "k1"),
    (Quadrupole(length=0.5, k1=0.0), "k1"),
    (Quadrupole(length=0.5, k1=1.2), "length"),
    (Quadrupole(length=0.5, k1=1.2, k1s=0.1, tilt=0.1), "tilt"),
    (Quadrupole(length=0.5, k1=1.2), "k1s"),
    (Sextupole(length=0.5, k2=20.0), "k2"),
    (Octupole(length=0.5, k3=200.0), "k3"),
    *((BEND, name) for name in ("length", "angle", "k0", "k1", "k2", "e1", "e2", "h1", "h2", "fint", "fintx", "hgap")),
    (BEND, "k0s"),
    (BEND, "k1s"),
    (SectorBend(length=0.8, angle=0.0, k0=0.0), "k0"),
    (SectorBend(length=0.8, angle=0.0, k0=0.0), "angle"),
    (RectangularBend(length=0.8, angle=0.3, k1=0.5), "angle"),
    (Multipole(lrad=0.1), "lrad"),
    (DipoleEdge(h=0.4, e1=0.1, fint=0.5, hgap=0.03), "e1"),
]
MODELS = [("exact", "drift-kick", "all"), ("exact", "matrix-kick", "dipole"), ("expanded", "matrix-kick", "dipole")]
every_field = pytest.mark.parametrize(
    ("element", "field"), FIELDS, ids=[f"{element.keyword}-{field}" for element, field in FIELDS]
)
every_model = pytest.mark.parametrize(("model", "split", "fringe"), MODELS)


def after(element: Element, field: str, value: object, z: tuple = Z, **choice: object) -> tuple:
    """Coordinates after the element with another value of a field."""
    for op, parameters in rows_of(replace(element, **{field: value}), **choice):
        z = step(op, z, parameters, REFERENCE.beta0)
    return z


@every_model
@every_field
def test_series_of_a_field(element, field, model, split, fringe):
    choice = {"model": model, "split": split, "fringe": fringe, "slices": 2, "integrator": 4}
    value = getattr(element, field)
    complex_step = np.array(after(element, field, value + 1j * TINY, **choice)).imag / TINY
    tolerance = 1e-13 * max(1.0, np.abs(complex_step).max())
    series = after(element, field, KNOB.parameter(0, value), KNOB.identity(Z), **choice)
    assert np.abs([s[(0, 0, 0, 0, 0, 0, 1)] for s in series] - complex_step).max() <= tolerance
    _, traced = jax.jvp(lambda v: jnp.stack(after(element, field, v, **choice)), (value,), (1.0,))
    assert np.abs(np.asarray(traced) - complex_step).max() <= tolerance


def test_second_derivative_by_a_field_that_is_zero():
    """The path in a bend depends on the square of its field, also about no field."""
    bend = SectorBend(length=0.8, angle=0.2, k0=0.0)
    series = after(bend, "k0", KNOB.parameter(0, 0.0), KNOB.identity(Z))
    h = 1e-3
    zeta = [after(bend, "k0", k)[4] for k in (-h, 0.0, h)]
    assert series[4][(0, 0, 0, 0, 0, 0, 2)] == pytest.approx((zeta[0] - 2 * zeta[1] + zeta[2]) / (2 * h**2), rel=1e-5)
