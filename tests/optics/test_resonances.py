"""Resonance lines: all of them, once each, with the lowest order, inside the window."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optics import draw_resonances, resonances
from tracking.errors import InputError


def crosses(m, n, p, q1, q2):
    values = [m * a + n * b - p for a in q1 for b in q2]
    return min(values) < -1e-9 and max(values) > 1e-9


@settings(max_examples=25, deadline=None)
@given(
    low=st.tuples(st.floats(-2, 20), st.floats(-2, 20)),
    size=st.tuples(st.floats(0.05, 1.5), st.floats(0.05, 1.5)),
    order=st.integers(1, 6),
    superperiod=st.integers(1, 4),
)
def test_every_line_that_crosses_the_window(low, size, order, superperiod):
    q1, q2 = ((a, a + b) for a, b in zip(low, size, strict=True))
    found = resonances(q1, q2, order, superperiod)
    for line in found:
        assert line.order <= order and line.p % superperiod == 0
        assert np.linalg.norm(np.subtract(*line.ends)) > 0
        for a, b in line.ends:
            assert line.m * a + line.n * b == pytest.approx(line.p, abs=1e-9)
            assert q1[0] - 1e-9 <= a <= q1[1] + 1e-9 and q2[0] - 1e-9 <= b <= q2[1] + 1e-9
    lines = {}  # direction and place of every line -> the lowest order
    for m in range(order + 1):
        for n in range(-order, order + 1):
            if 0 < m + abs(n) <= order and (m > 0 or n > 0):
                for p in range(-140, 141):
                    if p % superperiod == 0 and crosses(m, n, p, q1, q2):
                        key = (Fraction(n, m), Fraction(p, m)) if m else (None, Fraction(p, n))
                        lines[key] = min(lines.get(key, 99), m + abs(n))
    ours = {(Fraction(r.n, r.m), Fraction(r.p, r.m)) if r.m else (None, Fraction(r.p, r.n)): r.order for r in found}
    assert len(ours) == len(found)
    assert {key: ours.get(key) for key in lines} == lines
    assert [r.order for r in found] == sorted(r.order for r in found)


def test_superperiod_leaves_what_the_ring_drives():
    window = (13.9, 14.6), (4.9, 5.6)
    every = {(r.m, r.n, r.p) for r in resonances(*window, 2)}
    assert every == {(1, 0, 14), (0, 1, 5), (2, 0, 29), (0, 2, 11), (1, 1, 19), (1, 1, 20), (1, -1, 9)}
    driven = {(r.m, r.n, r.p) for r in resonances(*window, 2, superperiod=2)}
    assert driven == {(1, 0, 14), (0, 2, 10), (1, 1, 20)}  # Q2 = 5 by second order only


def test_labels_and_kinds():
    found = {r.label: r for r in resonances((0.1, 0.4), (0.1, 0.4), 3)}
    assert "3 Q1 = 1" in found and "Q1 + 2 Q2 = 1" in found and "Q1 - Q2 = 0" in found and "2 Q1 - Q2 = 0" in found
    assert found["Q1 - Q2 = 0"].skew and not found["Q1 + 2 Q2 = 1"].skew and found["2 Q1 - Q2 = 0"].skew


def test_lines_are_drawn():
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    draw_resonances(axes, (0.1, 0.4), (0.1, 0.4), 4)
    assert len(axes.lines) == len(resonances((0.1, 0.4), (0.1, 0.4), 4))
    assert axes.get_xlim() == (0.1, 0.4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((0.2, 0.1), (0.1, 0.2), 3), "q1 = "),
        (((0.1, 0.2), (0.1,), 3), "q2 = "),
        (((0.1, 0.2), (0.1, 0.2), 0), "order = 0"),
        (((0.1, 0.2), (0.1, 0.2), 2, 0), "superperiod = 0"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(InputError, match=f"resonances: {message}"):
        resonances(*arguments)
