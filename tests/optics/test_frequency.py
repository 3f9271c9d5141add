"""Frequency analysis: known lines, offsets, close pairs, lost particles, a ring."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optics import naff, twiss
from tests.optics.test_matched_beam import ring
from tracking import InputError, ParticleMonitor, track

TURNS = np.arange(1000)


def signal(frequencies, amplitudes, offset=0.0, turns=TURNS):
    return (np.asarray(amplitudes) * np.exp(2j * np.pi * np.outer(turns, frequencies))).sum(axis=1) + offset


@settings(max_examples=25, deadline=None)
@given(f=st.floats(-0.499, 0.499), phase=st.floats(0, 6.28))
def test_one_line(f, phase):
    found = naff(signal([f], [np.exp(1j * phase)]), offset=False)
    assert found.frequencies[0] == pytest.approx(f, abs=1e-13)
    assert found.amplitudes[0] == pytest.approx(np.exp(1j * phase), abs=1e-9)


def test_several_lines_and_an_offset():
    frequencies, amplitudes = np.array([0.2137, -0.1182, 0.05731, 0.4102]), np.array([1, 0.3j, 0.1, 0.03 + 0.02j])
    found = naff(signal(frequencies, amplitudes, 0.2 - 0.1j), 4)
    assert np.abs(found.frequencies - frequencies).max() < 1e-14
    assert np.abs(found.amplitudes - amplitudes).max() < 1e-11
    assert found.offset == pytest.approx(0.2 - 0.1j, abs=1e-12)


def test_strongest_of_many_lines():
    found = naff(signal([0.2137, -0.1182, 0.05731], [1, 0.1, 0.05]))
    assert found.frequencies[0] == pytest.approx(0.2137, abs=1e-10)


def test_real_signals_have_positive_frequencies():
    frequencies, amplitudes = np.array([0.31, 0.0421]), np.array([1.0 + 0.2j, 0.2j])
    found = naff(signal(frequencies, amplitudes, 3.0).real, 2)
    assert np.abs(found.frequencies - frequencies).max() < 1e-13
    assert np.abs(found.amplitudes - amplitudes).max() < 1e-10 and found.offset == pytest.approx(3.0, abs=1e-11)


def test_close_pair_beyond_the_width_of_a_bin():
    frequencies = np.array([0.21, 0.21 + 2.5e-3])
    found = naff(signal(frequencies, [1.0, 0.4]), 2)
    assert np.abs(found.frequencies - frequencies).max() < 1e-8


def test_noise_and_damping_shift_little():
    rng = np.random.default_rng(1)
    noise = 1e-3 * (rng.standard_normal(1000) + 1j * rng.standard_normal(1000))
    assert naff(signal([0.17], [1.0]) + noise).frequencies[0] == pytest.approx(0.17, abs=2e-7)
    assert naff(signal([0.17], [1.0]) * np.exp(-TURNS / 2000)).frequencies[0] == pytest.approx(0.17, abs=1e-9)


def test_many_signals_are_like_one_on_any_number_of_threads():
    rng = np.random.default_rng(2)
    signals = np.array([signal([f, 0.1], [1.0, 0.2]) for f in rng.uniform(-0.5, 0.5, 150)]).reshape(3, 50, 1000)
    signals[1, 7, 500] = np.nan
    one, two = naff(signals, 2), naff(signals, 2, threads=2)
    assert np.array_equal(one.frequencies, two.frequencies, equal_nan=True) and one.frequencies.shape == (3, 50, 2)
    assert np.isnan(one.frequencies[1, 7]).all() and np.isnan(one.frequencies).sum() == 2
    assert naff(signals[2, 4], 2).frequencies == pytest.approx(one.frequencies[2, 4], abs=1e-15)


def test_tunes_of_a_ring():
    line = ring(volt=0.0)
    optics, monitor = twiss(line, method="4d"), ParticleMonitor(coordinates=("x", "px", "y", "py"))
    start = np.zeros((5, 6))
    start[:, 0] = start[:, 2] = 1e-7 * np.arange(1, 6)
    track(line, start, 1000, monitors=[monitor])
    normalised = monitor.data[:, 0] @ np.linalg.inv(optics.normalising[0]).T
    for k, tune in ((0, optics.q1), (2, optics.q2)):
        found = naff((normalised[..., k] - 1j * normalised[..., k + 1]).T).frequencies[:, 0]
        assert np.abs((found - tune + 0.5) % 1.0 - 0.5).max() < 1e-10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((np.zeros(9),), "16 turns"), ((TURNS, 0), "lines = 0"), ((np.float64(1.0),), "shape")],
)
def test_bad_input(arguments, message):
    with pytest.raises(InputError, match=message):
        naff(*arguments)
