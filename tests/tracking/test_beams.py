"""Beams: moments of the distributions, statistics, files."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tests.tracking.test_engine_tracking import REFERENCE
from tracking import InputError, MomentMonitor, ReferenceParticle
from tracking.beams import DISTRIBUTIONS, Beam, moments, normalised_beam, read_beam, slices, write_beam

ELECTRON = ReferenceParticle.of("electron", total_energy=3e9)
N = 2**14


@pytest.mark.parametrize("dimensions", [2, 4, 6])
@pytest.mark.parametrize("kind", [kind for kind in DISTRIBUTIONS if kind != "pencil"])
def test_unit_rms_without_correlation(kind, dimensions):
    beam = normalised_beam(kind, N, dimensions, seed=3)
    assert np.abs(beam.mean(axis=0)).max() < 5 / np.sqrt(N)
    assert np.abs(beam.T @ beam / N - np.eye(dimensions)).max() < 6 / np.sqrt(N)


# kurtosis <x^4>/<x^2>^2 of one coordinate of a power law (1 - r^2/R^2)^m: 3 (2 + n)/(4 + n) with n = d + 2 (m + 1) - 2
@pytest.mark.parametrize(
    ("kind", "dimensions", "shape", "kurtosis"),
    [
        ("gaussian", 4, {}, 3.0),
        ("kv", 4, {}, 2.0),
        ("kv", 6, {}, 15 / 7 * 1.05),
        ("waterbag", 4, {}, 9 / 4),
        ("waterbag", 6, {}, 12 / 5),
        ("uniform", 6, {}, 2.0),
        ("parabolic", 2, {}, 15 / 7),
        ("q-gaussian", 4, {"q": 0.5}, 7 / 3),
        ("q-gaussian", 6, {"q": 1.1}, 3 + 6 / 15),
        ("hollow", 2, {"inner": 0.0}, 2.0),
    ],
)
def test_fourth_moments(kind, dimensions, shape, kurtosis):
    beam = normalised_beam(kind, 2**16, dimensions, quiet=True, **shape)
    assert (beam**4).mean(axis=0) == pytest.approx(np.full(dimensions, kurtosis), rel=0.01)


def test_projections():
    kv = normalised_beam("kv", N, 4, quiet=True)
    assert stats.kstest((kv[:, [0, 2]] ** 2).sum(axis=1) / 4, "uniform").statistic < 0.01  # uniform in x, y
    q = 1.3
    one = normalised_beam("q-gaussian", N, 6, q=q, quiet=True)[:, 2]
    nu = (3 - q) / (q - 1)
    assert stats.kstest(one * np.sqrt(nu / (nu - 2)), stats.t(nu).cdf).statistic < 0.01
    bunch = normalised_beam("parabolic", N, 2, quiet=True)[:, 0]
    assert stats.kstest(bunch, lambda x: 0.5 + 0.75 * (x / 5**0.5 - (x / 5**0.5) ** 3 / 3)).statistic < 0.01


def test_cut_and_hollow_edges():
    cut = normalised_beam("gaussian", N, 4, cut=1.5)
    assert max(np.hypot(cut[:, 0], cut[:, 1]).max(), np.hypot(cut[:, 2], cut[:, 3]).max()) <= 1.5
    expected = 1 - 1.5**2 / 2 / np.expm1(1.5**2 / 2)
    assert cut.var(axis=0) == pytest.approx(np.full(4, expected), rel=0.05)
    radius = np.linalg.norm(normalised_beam("hollow", N, 4, inner=0.8), axis=1)
    assert radius.min() / radius.max() == pytest.approx(0.8, abs=1e-3)


@given(q=st.floats(-1e-6, 1e-6).filter(lambda e: e != 0.0))
def test_q_near_one_is_gaussian(q):
    near, gaussian = (normalised_beam("q-gaussian", 64, 6, q=1.0 + e) for e in (q, 0.0))
    assert np.abs(near - gaussian).max() < 10 * abs(q) + 1e-12


def test_sobol_points_are_quieter_than_random_ones():
    def error(quiet):
        beams = [normalised_beam("gaussian", 1024, 4, seed=seed, quiet=quiet) for seed in range(8)]
        return np.sqrt(np.mean([(beam.T @ beam / 1024 - np.eye(4)) ** 2 for beam in beams]))

    assert error(True) < error(False) / 4


def test_exact_moments_and_seeds():
    beam = normalised_beam("waterbag", 100, 6, seed=7, exact=True)
    assert np.abs(beam.mean(axis=0)).max() < 1e-15 and np.abs(beam.T @ beam / 100 - np.eye(6)).max() < 1e-14
    assert np.array_equal(beam, normalised_beam("waterbag", 100, 6, seed=7, exact=True))
    assert not np.array_equal(beam, normalised_beam("waterbag", 100, 6, seed=8, exact=True))
    assert not normalised_beam("pencil", 5, 6).any()


@pytest.mark.parametrize(
    ("arguments", "shape", "message"),
    [
        (("round", 10, 4), {}, "'round'"),
        (("kv", 0, 4), {}, "particles = 0"),
        (("kv", 10, 3), {}, "dimensions = 3"),
        (("kv", 10, 4), {"q": 2.0}, "no q"),
        (("q-gaussian", 10, 4), {"q": 1.7}, "q < 5/3"),
        (("q-gaussian", 10, 6), {"q": 0.2}, "in 6 dimensions"),
        (("gaussian", 10, 4), {"cut": 0.0}, "cut = 0.0"),
        (("hollow", 10, 4), {"inner": 1.0}, "inner = 1.0"),
        (("kv", 4, 4), {"exact": True}, "more than 4"),
    ],
)
def test_bad_distributions(arguments, shape, message):
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        normalised_beam(*arguments, **shape)


def sheared(n=5000, seed=2):
    """Particles with correlations, dispersion and an offset, and the symplectic matrix that made them."""
    rng = np.random.default_rng(seed)
    generator = rng.standard_normal((6, 6)) * 0.3
    poisson = np.kron(np.eye(3), [[0.0, 1.0], [-1.0, 0.0]])
    half = 0.5 * poisson @ (generator + generator.T)
    matrix = np.linalg.solve(np.eye(6) - half, np.eye(6) + half)  # Cayley: symplectic
    emittances = np.array([3e-6, 1e-7, 2e-5])
    beam = normalised_beam("gaussian", n, 6, seed=seed, exact=True) * np.sqrt(np.repeat(emittances, 2))
    return beam @ matrix.T, matrix, emittances


def test_eigen_emittances_are_invariant():
    beam, _, emittances = sheared()
    found = moments(beam + 1e3)  # a centroid far away costs no digits
    assert sorted(found.eigen_emittance) == pytest.approx(sorted(emittances), rel=1e-6)
    assert found.mean == pytest.approx(np.full(6, 1e3), rel=1e-14)
    assert moments(normalised_beam("kv", 500, 6, exact=True) * 1e-3).eigen_emittance == pytest.approx(np.full(3, 1e-6))


def test_twiss_and_dispersion_of_a_beam():
    alpha, beta, emittance, dispersion = 0.7, 12.0, 4e-9, np.array([1.5, -0.2, 0.03, 0.004])
    normal = normalised_beam("gaussian", 400, 6, exact=True)
    z = np.zeros((400, 6))
    z[:, 0] = np.sqrt(emittance * beta) * normal[:, 0]
    z[:, 1] = np.sqrt(emittance / beta) * (normal[:, 1] - alpha * normal[:, 0])
    z[:, 5] = 1e-3 * normal[:, 5]
    z[:, :4] += z[:, 5:] * dispersion
    found = moments(z)
    assert found.dispersion == pytest.approx(dispersion, rel=1e-10)
    assert found.twiss("x") == pytest.approx((alpha, beta, (1 + alpha**2) / beta), rel=1e-9)
    assert found.betatron_emittance[0] == pytest.approx(emittance, rel=1e-9)
    assert found.emittance[0] > 2 * emittance
    with pytest.raises(InputError, match="emittance of zeta"):
        found.twiss("zeta")


def test_weights_and_lost_particles():
    beam, _, _ = sheared(300)
    weights = np.random.default_rng(1).integers(0, 4, 300)
    beam[5] = np.nan
    weighted, repeated = moments(beam, weights), moments(np.repeat(beam, weights, axis=0))
    assert weighted.covariance == pytest.approx(repeated.covariance, rel=1e-12)
    assert weighted.weight == weights.sum() - weights[5] == repeated.survivors and weighted.survivors == 299
    empty = moments(beam[5:6])
    assert empty.survivors == 0 and np.isnan(empty.covariance).all() and np.isnan(empty.eigen_emittance).all()
    with pytest.raises(InputError, match="weights"):
        moments(beam, -weights)


@pytest.mark.parametrize("equal", ["length", "charge"])
def test_slices_are_the_whole(equal):
    beam, _, _ = sheared(1000)
    cut = slices(beam, 7, equal=equal)
    assert len(cut) == 7 and cut.survivors.sum() == 1000 and cut.edges.shape == (8,)
    assert cut.survivors @ cut.mean / 1000 == pytest.approx(beam.mean(axis=0), abs=1e-15)
    assert (cut.minimum[1:, 4] >= cut.maximum[:-1, 4]).all() and cut.emittance.shape == (7, 3)
    steps = np.diff(cut.edges) if equal == "length" else cut.survivors
    assert np.ptp(steps) <= (1e-15 if equal == "length" else 1)
    with pytest.raises(InputError, match="'size'"):
        slices(beam, 7, equal="size")


def test_moment_monitor_has_the_same_moments():
    beam, _, _ = sheared(50)
    monitor = MomentMonitor()
    monitor.restore({})
    monitor.add(np.array([0]), beam.T[None, None])
    found = moments(beam)
    assert np.array_equal(monitor.covariance[0, 0], found.covariance)
    assert np.array_equal(monitor.eigen_emittance[0, 0], found.eigen_emittance)


@pytest.mark.parametrize("name", ["beam.csv", "beam.h5"])
@pytest.mark.parametrize("reference", [ELECTRON, REFERENCE, ReferenceParticle.of("negmuon", p0c=1e8)])
def test_files_give_back_the_beam(name, reference, tmp_path):
    rng = np.random.default_rng(4)
    z = rng.standard_normal((40, 6)) * 1e-2
    beam = Beam.of(z, rng.random(40) * 1e-12, rng.random(40) > 0.2)
    write_beam(tmp_path / name, beam, reference)
    read = read_beam(tmp_path / name, reference)
    tolerance = 0.0 if name.endswith("csv") else 2e-15
    assert np.abs(read.particles - z).max() <= tolerance
    assert np.array_equal(read.alive, beam.alive) and read.weights == pytest.approx(beam.weights, rel=1e-15)


def test_another_reference_momentum(tmp_path):
    """Momenta of a file are absolute: at a reference 1 % higher, deltas are about 1 % lower."""
    write_beam(tmp_path / "beam.h5", Beam.of(np.zeros((3, 6))), ELECTRON)
    higher = ReferenceParticle.of("electron", p0c=1.01 * ELECTRON.p0c)
    read = read_beam(tmp_path / "beam.h5", higher).particles
    energy = (ELECTRON.total_energy - higher.total_energy) / (higher.beta0**2 * higher.total_energy)
    assert read[:, 5] == pytest.approx(np.full(3, energy), rel=1e-12)


def damaged(tmp_path, kind):
    path = tmp_path / f"{kind}.{'csv' if kind in ('text', 'short', 'alive') else 'npy' if kind == 'pickle' else 'h5'}"
    if kind == "text":
        path.write_text("x,px,y,py,zeta,pzeta\n1,2,3,4,five,6\n")
    elif kind == "short":
        path.write_text("x,px\n1,2\n")
    elif kind == "alive":
        path.write_text("x,px,y,py,zeta,pzeta\n1,2,3,nan,5,6\n")
    elif kind == "pickle":
        np.save(path, np.array([{}], dtype=object), allow_pickle=True)
    else:
        write_beam(path, Beam.of(np.full((30, 6), 1e-3)), REFERENCE if kind == "species" else ELECTRON)
        if kind == "cut":
            path.write_bytes(path.read_bytes()[:900])
        if kind == "plane":
            group = Beam.of(np.zeros((3, 6))).to_openpmd(ELECTRON)
            group.z = np.array([0.0, 1e-3, 0.0])
            group.write(path)
    return path


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("text", "five"), ("short", "no column y"), ("alive", "particle 0 is alive"), ("pickle", "no array"),
        ("species", "same species"), ("cut", "openPMD"), ("plane", "drift_to_z"),
    ],
)  # fmt: skip
def test_damaged_files(kind, message, tmp_path):
    path = damaged(tmp_path, kind)
    with pytest.raises(InputError, match=message) as caught:
        read_beam(path, ELECTRON)
    assert str(path) in str(caught.value)


def test_files_that_are_not_there_or_unknown(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_beam(tmp_path / "a.csv", ELECTRON)
    with pytest.raises(InputError, match=r"\.csv"):
        read_beam(tmp_path / "a.txt", ELECTRON)
    with pytest.raises(InputError, match="one of electron"):
        Beam.of(np.zeros((1, 6))).to_openpmd(ReferenceParticle.of(mass=1e9, charge=2.0, p0c=1e9))
