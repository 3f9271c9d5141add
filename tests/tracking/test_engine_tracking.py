"""Particle tracking: the same bits however it is run, losses, monitors, checkpoints."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

import tracking
from tracking.apertures import Circle, Ellipse
from tracking.backtrack import inverse_line
from tracking.engine_float import track
from tracking.monitor import MomentMonitor, ParticleMonitor

REFERENCE = tracking.ReferenceParticle.of("proton", kinetic_energy=160e6)
RESULT_FIELDS = ("coordinates", "lost_turn", "lost_element", "cause", "lost_s")


def cell(**settings) -> tracking.Line:
    pipe = {"aperture": Ellipse(a=0.03, b=0.02)}
    elements = {
        "qf": tracking.Quadrupole(length=0.4, k1=0.9),
        "d1": tracking.Drift(length=0.5, **pipe),
        "mb": tracking.SectorBend(length=1.1, angle=0.3, e1=0.05, e2=0.1),
        "qd": tracking.Quadrupole(length=0.4, k1=-0.9),
        "sx": tracking.Sextupole(length=0.2, k2=30.0, aperture=Circle(radius=0.025)),
        "thin": tracking.Multipole(knl=(0.0, 0.0, 1.0, 40.0), ksl=(0.0, 0.01)),
        "d2": tracking.Drift(length=0.7, **pipe),
        "rf": tracking.RFCavity(length=0.4, volt=8e3, lag=0.5, freq=2e6),
    }
    return tracking.Line(list(elements.values()), list(elements), REFERENCE).with_settings(slices=2, **settings)


def beam(n: int = 700, size: float = 6e-3) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(n, 6)) * np.array([1, 0.3, 1, 0.3, 1, 0.3]) * size


def assert_same(a, b, where=slice(None)):
    for name in RESULT_FIELDS:
        assert np.array_equal(getattr(a, name)[where], getattr(b, name), equal_nan=True), name


@pytest.fixture(scope="module")
def reference():
    return track(cell(), beam(), 40)


def test_some_are_lost_and_some_survive(reference):
    assert 50 < reference.alive.sum() < 650
    assert len(np.unique(reference.lost_turn)) > 5


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_leave_the_bits(reference, threads):
    assert_same(reference, track(cell(), beam(), 40, threads=threads))


def test_order_and_company_of_particles_leave_the_bits(reference):
    order = np.random.default_rng(2).permutation(700)
    assert_same(reference, track(cell(), beam()[order], 40), order)
    for part in (slice(0, 1), slice(3, 36), slice(100, 390)):
        assert_same(reference, track(cell(), beam()[part], 40), part)


def test_callbacks_and_single_turns_leave_the_bits(reference):
    seen = []
    found = track(cell(), beam(), 40, callback=lambda turn, now: seen.append((turn, now.alive.sum())), callback_every=7)
    assert_same(reference, found)
    assert [turn for turn, _ in seen] == [7, 14, 21, 28, 35]
    assert seen[-1][1] >= reference.alive.sum()


def test_callback_ends_tracking(reference):
    found = track(cell(), beam(), 40, callback=lambda turn, now: turn == 5)
    assert found.turns == 5
    assert_same(track(cell(), beam(), 5), found)


def test_losses_come_in_order(reference):
    losses = reference.losses
    assert len(losses) == (~reference.alive).sum()
    assert (np.diff(losses["turn"] * 100 + losses["s"]) >= 0).all()


def test_particle_monitor_sees_what_shorter_lines_give(reference):
    line, particles = cell(), beam(300)
    monitor = ParticleMonitor(["start", "mb", "d?"], turns=slice(1, None, 2), coordinates=("x", "pzeta"))
    found = track(line, particles, 6, monitors=[monitor], threads=2)
    assert monitor.places == ("start", "d1", "mb", "d2") and monitor.seen_turns.tolist() == [1, 3, 5]
    assert np.array_equal(monitor.s, line.s[[0, 2, 3, 7]])
    after = track(line, particles, 3)
    seen = monitor.data[1, 0]
    assert np.array_equal(seen[after.alive], after.coordinates[after.alive][:, [0, 5]])
    assert np.isnan(seen[~after.alive]).all()
    partway = track(line[:3], after.coordinates[after.alive])
    assert np.array_equal(monitor.data[1, 2][after.alive][partway.alive], partway.coordinates[partway.alive][:, [0, 5]])
    assert_same(found, track(line, particles, 6))


def test_rolling_monitor_keeps_the_last_turns():
    monitor = ParticleMonitor(last=3)
    found = track(cell(), beam(40), 9, monitors=[monitor])
    assert monitor.seen_turns.tolist() == [6, 7, 8]
    assert np.array_equal(monitor.data[-1, 0][found.alive], found.coordinates[found.alive])


def test_moments_are_those_of_the_particles():
    particles, moments = ParticleMonitor("qd"), MomentMonitor("qd")
    track(cell(), beam(300), 4, monitors=[particles, moments])
    for turn in range(4):
        z = particles.data[turn, 0]
        z = z[~np.isnan(z[:, 0])]
        assert moments.survivors[turn, 0] == len(z)
        assert moments.mean[turn, 0] == pytest.approx(z.mean(axis=0), rel=1e-12)
        assert moments.minimum[turn, 0] == pytest.approx(z.min(axis=0))
        assert moments.maximum[turn, 0] == pytest.approx(z.max(axis=0))
        sigma = np.cov(z.T, bias=True)
        assert moments.covariance[turn, 0] == pytest.approx(sigma, rel=1e-9, abs=1e-18)
        assert moments.emittance[turn, 0, 1] == pytest.approx(np.sqrt(np.linalg.det(sigma[2:4, 2:4])), rel=1e-9)


def test_knob_as_a_function_of_turn():
    k1 = tracking.Expression.parse("kq")
    elements = [tracking.Quadrupole(length=0.3, k1=k1), tracking.Drift(length=1.0)]
    line = tracking.Line(elements, ["q", "d"], REFERENCE, knobs=tracking.Knobs({"kq": 0.4}))
    found = track(line, beam(5), 3, knobs={"kq": lambda turn: 0.4 + 0.1 * turn}).coordinates
    expected = beam(5)
    for turn in range(3):
        expected = track(line.with_knobs(kq=0.4 + 0.1 * turn), expected).coordinates
    assert np.array_equal(found, expected)


def test_backtracking_returns_to_the_start(reference):
    survivors = reference.coordinates[reference.alive]
    back = track(inverse_line(cell()), survivors, 40)
    assert back.alive.all()
    assert np.abs(back.coordinates - beam()[reference.alive]).max() < 1e-10


def test_aperture_of_the_way_back_is_at_the_entrance():
    elements = [tracking.Drift(length=1.0, aperture=Circle(radius=1e-2)), tracking.Drift(length=2.0)]
    line = tracking.Line(elements, ["narrow", "wide"], REFERENCE)
    found = track(inverse_line(line), [2e-2, 0, 0, 0, 0, 0])
    assert found.losses["s"].tolist() == [1.0] and inverse_line(line).names[found.lost_element[0]] == "wide"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threads": 0}, "threads = 0"),
        ({"every": 2.5}, "every = 2.5"),
        ({"limits": {"x": -1}}, "limits 'x' = -1"),
        ({"limits": {"q": 1}}, "limits 'q'"),
        ({"monitors": [ParticleMonitor("nowhere")]}, "at = 'nowhere'"),
        ({"knobs": {"nothing": float}}, "nothing"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(tracking.InputError, match=message):
        track(cell(), beam(2), 3, **options)


def test_coordinates_of_monitors_are_checked():
    with pytest.raises(tracking.InputError, match="'z'"):
        ParticleMonitor(coordinates=("x", "z"))


CHECKPOINTED = """
import sys, time
import numpy as np
import tests.tracking.test_engine_tracking as t
from tracking.monitor import ParticleMonitor
monitor = ParticleMonitor(turns=slice(0, None, 50))
result = t.track(t.cell(), t.beam(), 400, checkpoint=sys.argv[1], every=20, monitors=[monitor],
                 callback=(lambda turn, now: print(turn, flush=True) or time.sleep(0.01)))
"""


def test_killed_run_goes_on_to_the_same_bits(tmp_path):
    path = tmp_path / "state.npz"
    process = subprocess.Popen([sys.executable, "-c", CHECKPOINTED, str(path)], stdout=subprocess.PIPE, text=True)
    for text in process.stdout:
        if int(text) >= 137:
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with np.load(path) as saved:
        assert 120 <= int(saved["turn"]) < 400
    whole, rest = (ParticleMonitor(turns=slice(0, None, 50)) for _ in range(2))
    turns_done = []
    found = track(
        cell(), beam(), 400, checkpoint=path, every=20, monitors=[rest], callback=lambda t, _: turns_done.append(t)
    )
    assert turns_done[0] > 120
    assert_same(track(cell(), beam(), 400, monitors=[whole]), found)
    assert np.array_equal(whole.data, rest.data, equal_nan=True)


def test_checkpoint_is_checked(tmp_path):
    path = tmp_path / "state.npz"
    track(cell(), beam(3), 4, checkpoint=path)
    with pytest.raises(tracking.InputError, match="another line"):
        track(cell(model="expanded"), beam(3), 4, checkpoint=path)
    with pytest.raises(tracking.InputError, match="turn 4 already"):
        track(cell(), beam(3), 2, checkpoint=path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(tracking.InputError, match="no readable checkpoint"):
        track(cell(), beam(3), 4, checkpoint=path)


def test_interrupt_returns_whole_turns():
    def stop(turn, now):
        if turn == 3:
            raise KeyboardInterrupt

    found = track(cell(), beam(50), 10, callback=stop)
    assert found.turns == 3
    assert_same(track(cell(), beam(50), 3), found)


def test_progress_is_on_stderr_only_when_asked_for(capsys):
    track(cell(), beam(5), 3)
    assert capsys.readouterr() == ("", "")
    track(cell(), beam(5), 3, progress=True)
    out, err = capsys.readouterr()
    assert out == "" and "3/3" in err
