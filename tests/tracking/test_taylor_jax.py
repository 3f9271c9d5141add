"""Taylor maps with JAX: those of the compiled engine, for machines side by side, and their derivatives."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import tracking
from tpsa import Descriptor
from tracking.engine_taylor import propagate
from tracking.expressions import Expression
from tracking.knobs import Knobs
from tracking.pack import pack
from tracking.taylor_jax import taylor_map

REFERENCE = tracking.ReferenceParticle.of("proton", kinetic_energy=160e6)
POINT = np.array([1.2e-3, -0.7e-3, -0.9e-3, 0.4e-3, 2e-3, 1.5e-3])
SECOND = Descriptor(6, 2)
STRENGTHS = np.array([0.8, 0.9, 1.1])


def cell(cavity=False):
    elements = {
        "qf": tracking.Quadrupole(length=0.4, k1=Expression.parse("kq")),
        "d1": tracking.Drift(length=0.5),
        "d2": tracking.Drift(length=0.1),
        "sx": tracking.Sextupole(length=0.2, k2=7.0),
        "qd": tracking.Quadrupole(length=0.4, k1=Expression.parse("-kq")),
    }
    if cavity:
        elements["rf"] = tracking.RFCavity(length=0.0, volt=8e3, lag=0.1, freq=2e6)
    else:
        elements["mb"] = tracking.SectorBend(length=1.1, angle=0.3)
    line = tracking.Line(list(elements.values()), list(elements), REFERENCE, Knobs({"kq": 0.9}))
    return line.with_settings(slices=2, integrator=2)


def relative(found, expected):
    return np.abs(np.asarray(found) - expected).max() / np.abs(expected).max()


@pytest.mark.parametrize("cavity", [False, True])
def test_machines_side_by_side_are_those_of_the_compiled_engine(cavity):
    line = cell(cavity)
    starts = np.outer(POINT, [1.0, -1.0, 0.5])
    found = jax.jit(lambda k, z: taylor_map(line, SECOND, z, {"kq": k}))(STRENGTHS, starts)
    assert found.shape == (6, SECOND.size, 3)
    for lane, k in enumerate(STRENGTHS):
        expected = propagate(pack(line, {"kq": float(k)}), SECOND, starts[:, lane])
        assert relative(found[:, :, lane], expected) < 1e-13


def test_gradients_are_those_of_a_parameter():
    line, chosen = cell(), SECOND.index([1, 0, 0, 0, 0, 0])

    def focusing(k):
        return taylor_map(line, SECOND, POINT, {"kq": k})[1, chosen]

    with_knob = Descriptor(6, 3, 1, 1)
    series = propagate(pack(line, {"kq": with_knob.parameter(0, 0.9)}), with_knob, POINT)
    expected = series[1, with_knob.index([1, 0, 0, 0, 0, 0, 1])]
    gradient = jax.jit(jax.grad(focusing))(0.9)
    assert abs(gradient - expected) < 1e-13 * abs(expected)

    def compiled(k):
        return propagate(pack(line, {"kq": k}), SECOND, POINT)[1, chosen]

    difference = (compiled(0.9 + 1e-5) - compiled(0.9 - 1e-5)) / 2e-5
    assert abs(gradient - difference) < 1e-8 * abs(difference)


def test_vmap_over_machines():
    line = cell()
    mapped = jax.jit(jax.vmap(lambda k: taylor_map(line, SECOND, POINT, {"kq": k})))(jnp.asarray(STRENGTHS))
    for found, k in zip(mapped, STRENGTHS, strict=True):
        assert relative(found, propagate(pack(line, {"kq": float(k)}), SECOND, POINT)) < 1e-13


def test_errors():
    line = cell()
    with pytest.raises(tracking.InputError, match="expected 6"):
        taylor_map(line, Descriptor(4, 2))
    with pytest.raises(tracking.InputError, match=r"\(6, \.\.\.\)"):
        taylor_map(line, SECOND, np.zeros(4))
    with pytest.raises(tracking.InputError, match="packed already"):
        taylor_map(pack(line), SECOND, overrides={"kq": 1.0})
    with pytest.raises(tracking.InputError, match="a knob is a series"):
        taylor_map(line, SECOND, overrides={"kq": Descriptor(6, 2, 1, 1).parameter(0, 0.9)})
