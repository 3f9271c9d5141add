"""Coordinates of other codes."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracking.rows import REFERENCE, jacobian, symplectic_error
from tpsa import Descriptor
from tracking.coordinates import (
    SYSTEMS,
    convert,
    convert_matrix,
    convert_particles,
    coordinate_jacobian,
    delta_of,
    pzeta_of,
)
from tracking.elements import SectorBend
from tracking.errors import InputError

BETA0, MASS, P0C = REFERENCE.beta0, REFERENCE.mass, REFERENCE.p0c
Z = np.array([1e-3, -2e-3, 3e-3, 1e-3, 2e-3, -3e-2])
CANONICAL = ("taylorbeam", "madx", "ptc", "bmad")
small = st.floats(-0.1, 0.1)


@pytest.mark.parametrize(("source", "target"), list(product(SYSTEMS, SYSTEMS)))
def test_there_and_back(source, target):
    there = convert_particles(Z, source, target, BETA0)
    assert convert_particles(there, target, source, BETA0) == pytest.approx(Z, abs=1e-16)


@settings(max_examples=50, deadline=None)
@given(pzeta=small)
def test_momentum_and_energy_agree(pzeta):
    energy = REFERENCE.total_energy * (1 + BETA0**2 * pzeta)
    momentum = np.sqrt(energy**2 - MASS**2)
    assert delta_of(pzeta, BETA0) == pytest.approx(momentum / P0C - 1, abs=4e-15)
    assert pzeta_of(delta_of(pzeta, BETA0), BETA0) == pytest.approx(pzeta, abs=1e-16)
    t, pt = convert((0, 0, 0, 0, 0.01, pzeta), "taylorbeam", "madx", BETA0)[4:]
    assert pt == pytest.approx((energy - REFERENCE.total_energy) / P0C, abs=1e-15)
    z, _ = convert((0, 0, 0, 0, 0.01, pzeta), "taylorbeam", "bmad", BETA0)[4:]
    assert z / t == pytest.approx(momentum / energy, rel=1e-14)


def test_signs_of_a_late_particle():
    late = (0.0, 0.0, 0.0, 0.0, -1e-3, 0.0)
    assert convert(late, "taylorbeam", "madx", BETA0)[4] < 0
    assert convert(late, "taylorbeam", "ptc", BETA0)[5] > 0
    assert convert(late, "taylorbeam", "at", BETA0)[5] > 0
    assert convert(late, "taylorbeam", "bmad", BETA0)[4] < 0


def test_small_deviations_keep_their_digits():
    assert delta_of(1e-20, BETA0) == pytest.approx(1e-20, rel=1e-14)
    assert pzeta_of(1e-20, BETA0) == pytest.approx(1e-20, rel=1e-14)


@pytest.mark.parametrize("system", CANONICAL)
def test_canonical_pairs_keep_matrices_symplectic(system):
    matrix = jacobian(SectorBend(length=1.0, angle=0.3, k1=0.5), (0.0,) * 6, slices=2)
    converted = convert_matrix(matrix, "taylorbeam", system, BETA0)
    assert symplectic_error(converted) < 1e-14


def test_matrix_between_different_orbits():
    start, end = 1e-3 * np.arange(1.0, 7.0), 1e-3 * np.arange(7.0, 1.0, -1.0)
    matrix = np.arange(36.0).reshape(6, 6) + 10 * np.eye(6)
    there = convert_matrix(matrix, "taylorbeam", "bmad", BETA0, start, end)
    back = convert_matrix(
        there, "bmad", "taylorbeam", BETA0, *(convert_particles(z, "taylorbeam", "bmad", BETA0) for z in (start, end))
    )
    assert back == pytest.approx(matrix, abs=1e-12)


def test_series_convert_as_numbers_do():
    descriptor = Descriptor(6, 1)
    series = convert(descriptor.identity(Z), "taylorbeam", "bmad", BETA0)
    matrix = np.array([[s[tuple(row)] for row in np.eye(6, dtype=int).tolist()] for s in series])
    assert matrix == pytest.approx(coordinate_jacobian(Z, "taylorbeam", "bmad", BETA0), abs=1e-14)


def test_bad_input():
    with pytest.raises(InputError, match="system 'elegant'; expected one of"):
        convert(tuple(Z), "elegant", "madx", BETA0)
    with pytest.raises(InputError, match=r"shape \(5,\); expected"):
        convert_particles(Z[:5], "madx", "ptc", BETA0)
