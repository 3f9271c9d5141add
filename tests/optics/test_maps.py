"""Taylor maps of rings and sections: against tracking, against each other, and knobs against finite differences."""

import numpy as np
import pytest

from optics import closed_orbit, one_turn_map, one_turn_matrix, transfer_map, transfer_matrices, twiss
from tpsa import TaylorMap
from tracking.engine_float import track
from tracking.errors import InputError

STATE = np.array([1e-4, -2e-5, 5e-5, 3e-5, 1e-3, 1e-4])


def test_map_predicts_tracking_with_the_error_of_its_order(ring):
    start = closed_orbit(ring.with_knobs(kick=1e-3)).start
    line = ring.with_knobs(kick=1e-3)
    errors = []
    for order in (2, 4):
        one_turn = one_turn_map(line, order)
        assert one_turn.value[:4] == pytest.approx(start[:4], abs=1e-13)
        errors.append(np.abs(one_turn(STATE) - track(line, (start + STATE)[None, :]).coordinates[0]).max())
    assert errors[0] > 1e-10 > 1e-13 > errors[1]


def deviation(taylor_map):
    """The map without its constant part: what the next map takes as argument."""
    coefficients = taylor_map.coefficients.copy()
    coefficients[:, 0] = 0.0
    return TaylorMap.from_coefficients(taylor_map.descriptor, coefficients)


def test_sections_compose_to_the_turn(ring):
    line = ring.with_knobs(kick=1e-3)
    first, second = transfer_map(line, 3, end="sq"), transfer_map(line, 3, start="sq")
    whole = one_turn_map(line, 3)
    assert (second @ deviation(first)).coefficients == pytest.approx(whole.coefficients, rel=1e-9, abs=1e-9)
    shifted = one_turn_map(line, 3, at="sq")
    assert shifted.value[:4] == pytest.approx(closed_orbit(line).orbit[line.index("sq") + 1, :4], abs=1e-13)
    assert (first @ deviation(second)).coefficients[:4] == pytest.approx(shifted.coefficients[:4], rel=1e-9, abs=1e-9)


def test_matrices_follow_twiss(ring):
    result = twiss(ring)
    assert one_turn_matrix(ring) == pytest.approx(result.matrix, abs=1e-12)
    assert transfer_matrices(ring)[-1] == pytest.approx(result.matrix, abs=1e-12)


def test_knob_derivatives_match_finite_differences(ring):
    one_turn = one_turn_map(ring, 3, ("kqf", "ksd"), knob_order=2)
    descriptor = one_turn.descriptor
    step = 1e-4

    def row(index, knob):
        samples = [one_turn_map(ring.with_knobs({knob: ring.knobs.value(knob) + k * step}), 2) for k in (-2, -1, 1, 2)]
        v = [m.coefficients[0, m.descriptor.index(index)] for m in samples]
        return (8 * (v[2] - v[1]) - (v[3] - v[0])) / (12 * step)

    for index in ((1, 0, 0, 0, 0, 0), (0, 0, 1, 1, 0, 0), (2, 0, 0, 0, 0, 0)):
        for k, knob in enumerate(("kqf", "ksd")):
            unit = [int(k == 0), int(k == 1)]
            exact = one_turn.coefficients[0, descriptor.index([*index, *unit])]
            assert exact == pytest.approx(row(index, knob), rel=1e-7, abs=1e-8)


def test_knob_at_zero_acts_on_sections_and_shifted_turns(ring):
    """kskew is 0: without it as a parameter, the skew quadrupole is no more than a drift."""
    section = transfer_map(ring, 2, "oc", "qf:4", ("kskew",))
    skewed = transfer_map(ring, 2, "drift_19", "oc", ("kskew",))
    index = skewed.descriptor.index((1, 0, 0, 0, 0, 0, 1))
    assert not section.coefficients[3, index]
    step = 1e-4
    linear = skewed.descriptor.index((1, 0, 0, 0, 0, 0))
    plus, minus = (transfer_map(ring.with_knobs(kskew=k * step), 2, "drift_19", "oc") for k in (1, -1))
    row = plus.descriptor.index((1, 0, 0, 0, 0, 0))
    slope = (plus.coefficients[3, row] - minus.coefficients[3, row]) / (2 * step)
    assert skewed.coefficients[3, index] == pytest.approx(slope, rel=1e-6) and skewed.coefficients[3, linear] == 0.0


def test_unknown_names_are_refused(ring):
    with pytest.raises(InputError, match="nowhere"):
        one_turn_map(ring, 2, at="nowhere")
    with pytest.raises(InputError, match="nothing"):
        one_turn_map(ring, 2, knobs=("nothing",))
    with pytest.raises(InputError, match="order"):
        one_turn_map(ring, 0)
