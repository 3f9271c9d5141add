"""What holds for every element map: symplectic, undone by its inverse, and the same in every kind of numbers."""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases import ALL, CASES, DISSIPATIVE, NAMES, QUANTUM
from tests.tracking.rows import REFERENCE, TINY, symplectic_error
from tpsa import Descriptor, TPSBatch
from tracking import Context, Lowered, lower, pack, track
from tracking.elements import Element
from tracking.engine_jax import track_jax
from tracking.engine_taylor import propagate
from tracking.inverse import inverse_row
from tracking.line import Line
from tracking.ops import VARIABLE, Op
from tracking.step import step

BETA0 = REFERENCE.beta0
SECOND_ORDER = Descriptor(6, 2)
AMPLITUDE = 3e-2
points = st.tuples(*[st.floats(-1e-2, 1e-2)] * 6)
few = settings(max_examples=25, deadline=None)
every_map = pytest.mark.parametrize(("op", "parameters"), ALL, ids=NAMES)


@dataclass(frozen=True, kw_only=True)
class Bare(Element):
    """Rows as they are."""

    rows: tuple = ()


@lower.register
def _(element: Bare, context: Context) -> Lowered:
    return Lowered(entry=list(element.rows))


def packed(*rows):
    return pack(Line((Bare(rows=rows),), ("one",), REFERENCE))


def jacobian(op, parameters, z):
    """(6, 6) derivatives by complex steps."""
    columns = [step(op, tuple((np.array(z) + 1j * TINY * unit).tolist()), parameters, BETA0) for unit in np.eye(6)]
    return np.array(columns, dtype=complex).imag.T / TINY


def test_every_op_has_a_case():
    assert set(CASES) == set(Op)
    for op, parameters in ALL:
        assert op.parameters in (VARIABLE, len(parameters))


@pytest.mark.parametrize(("op", "parameters"), [case for case in ALL if case[0] not in DISSIPATIVE])
@few
@given(z=points)
def test_map_is_symplectic(op, parameters, z):
    assert symplectic_error(jacobian(op, parameters, z)) < 1e-13


@every_map
@few
@given(z=points)
def test_inverse_then_forward_returns(op, parameters, z):
    back = step(*inverse_row(op, parameters)[:1], z, inverse_row(op, parameters)[1], BETA0)
    again = step(op, back, parameters, BETA0)
    assert np.abs(np.subtract(again, z)).max() <= 1e-13 * max(1e-2, np.abs(back).max())


@pytest.mark.parametrize(("op", "parameters"), [case for case in ALL if case[0] not in QUANTUM])
def test_rows_that_repeat_are_their_maps_in_turn(op, parameters):
    particles = np.random.default_rng(int(op)).uniform(-1e-2, 1e-2, (20, 6))
    rows = [(op, parameters), (Op.DRIFT, (0.1,)), (Op.QUADRUPOLE_KICK, (0.2,))] * 3 + [(op, parameters)]
    found = track(packed(*rows), particles)
    assert np.abs(found.coordinates - np.array([through(rows, z) for z in particles.tolist()])).max() < 1e-14
    assert np.array_equal(track(packed(*rows), particles[3:4]).coordinates, found.coordinates[3:4])


def through(rows, z):
    for op, parameters in rows:
        z = step(op, z, parameters, BETA0)
    return z


@every_map
def test_numbers_of_every_kind_agree(op, parameters):
    particles = np.random.default_rng(int(op)).uniform(-AMPLITUDE, AMPLITUDE, (20, 6))
    plain = np.array([step(op, tuple(z), parameters, BETA0) for z in particles.tolist()])
    tolerance = 1e-14 * max(np.abs(plain).max(), np.abs(particles).max())
    line = packed((op, parameters))
    arrays = step(op, tuple(particles.T), parameters, BETA0)
    traced = step(op, tuple(jnp.asarray(particles.T)), parameters, BETA0)
    for other in (
        *([] if op in QUANTUM else [track(line, particles).coordinates]),
        np.stack(np.broadcast_arrays(*arrays), axis=1),
        np.stack(np.broadcast_arrays(*traced), axis=1),
        np.array([propagate(line, SECOND_ORDER, z)[:, 0] for z in particles]),
    ):
        assert np.abs(other - plain).max() <= tolerance


@every_map
def test_batches_of_series_take_every_map(op, parameters):
    points = np.random.default_rng(int(op)).uniform(-AMPLITUDE, AMPLITUDE, (6, 3))
    batches = step(op, TPSBatch.identity(SECOND_ORDER, points), parameters, BETA0)
    per_machine = tuple(np.array([p, 1.01 * p, p]) for p in parameters)  # each lane has its own parameters
    varied = step(op, TPSBatch.identity(SECOND_ORDER, points), per_machine, BETA0)
    for lane, point in enumerate(points.T):
        single = step(op, SECOND_ORDER.identity(point), parameters, BETA0)
        own = step(op, SECOND_ORDER.identity(point), [p[lane] for p in per_machine], BETA0)
        for found, expected in ((batches, single), (varied, own)):
            for one, series in zip(found, expected, strict=True):
                error = np.abs(one[lane].coefficients - series.coefficients).max()
                assert error <= 1e-13 * max(1.0, np.abs(series.coefficients).max())


def test_every_map_and_its_inverse_in_one_line():
    line = packed(*(row for case in ALL for row in (case, inverse_row(*case)) if case[0] not in QUANTUM))
    particles = np.random.default_rng(5).uniform(-1e-3, 1e-3, (20, 6))
    for after in (track(line, particles).coordinates, np.asarray(track_jax(line, particles))):
        assert np.abs(after - particles).max() < 1e-14


@every_map
def test_series_have_the_derivatives(op, parameters):
    z = np.random.default_rng(int(op)).uniform(-1e-2, 1e-2, 6)
    compiled = propagate(packed((op, parameters)), SECOND_ORDER, z)
    python = step(op, SECOND_ORDER.identity(z), parameters, BETA0)
    linear = compiled[:, [SECOND_ORDER.index(row) for row in np.eye(6, dtype=int).tolist()]]
    exact = jacobian(op, parameters, z)
    assert np.abs(linear - exact).max() <= 1e-13 * np.abs(exact).max()
    scale = np.abs(compiled).max()
    assert max(np.abs(p.coefficients - c).max() for p, c in zip(python, compiled, strict=True)) <= 1e-14 * scale
