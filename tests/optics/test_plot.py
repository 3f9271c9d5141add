"""The figure of the lattice functions."""

import numpy as np
import pytest

from optics import InitialOptics, plot_beam, plot_twiss, twiss
from tracking.errors import InputError


@pytest.fixture(scope="module")
def result(ring):
    return twiss(ring, inside=True)


def test_figure_has_labels_units_and_the_data(result, tmp_path):
    path = tmp_path / "optics.png"
    figure = plot_twiss(result, path)
    assert path.read_bytes().startswith(b"\x89PNG")
    magnets, beta, dispersion = figure.axes
    assert [beta.get_ylabel(), dispersion.get_ylabel(), dispersion.get_xlabel()] == [
        r"$\beta$ [m]",
        "$D$ [m]",
        "$s$ [m]",
    ]
    assert np.interp(result.s, *beta.lines[0].get_data()) == pytest.approx(result.betx)
    assert "1.54322" in magnets.get_title(loc="left")
    legend = {text.get_text() for text in magnets.get_legend().get_texts()}
    assert {"bend", "quadrupole", "sextupole"} <= legend


def test_curves_follow_the_parabola_of_a_drift(ring):
    figure = plot_twiss(twiss(ring, initial=InitialOptics(betx=0.1, bety=0.1)))
    s, beta = figure.axes[1].lines[0].get_data()
    first = s < ring.s[2]
    assert first.sum() > 4 and beta[first] == pytest.approx(0.1 + s[first] ** 2 / 0.1)


def test_quadrupoles_stand_on_the_side_of_their_sign(result, ring):
    magnets = plot_twiss(result).axes[0]
    boxes = [path.vertices for group in magnets.collections for path in group.get_paths()]
    quads = {round(box[:, 0].min(), 6): box[:, 1] for box in boxes if np.ptp(box[:, 1]) == 1.0}
    for name in ("qf:1", "qd:2"):
        heights = quads[round(float(ring.s[ring.index(name)]), 6)]
        assert heights.min() == (0.0 if name.startswith("qf") else -1.0)


def test_own_axes_and_range(result):
    from matplotlib.figure import Figure

    axes = Figure().subplots(3)
    figure = plot_twiss(result, axes=axes, s_range=(6.0, 12.0))
    assert figure is axes[0].figure and axes[2].get_xlim() == (6.0, 12.0)


def test_unknown_file_ending_is_refused(result, tmp_path):
    with pytest.raises(InputError, match="png"):
        plot_twiss(result, tmp_path / "optics.docx")


def test_title_of_a_beam_line_gives_phase_advances(ring):
    result = twiss(ring, initial=InitialOptics(betx=5.0, bety=5.0))
    assert r"\mu_x" in plot_twiss(result).axes[0].get_title(loc="left")


def test_beam_histograms_count_every_particle(tmp_path):
    particles = np.random.default_rng(4).standard_normal((500, 6)) * [1e-3, 1e-4, 2e-3, 1e-4, 1e-2, 1e-3]
    particles[3, 2] = np.nan
    weights = np.linspace(1.0, 2.0, 500)
    path = tmp_path / "beam.png"
    figure = plot_beam(particles, weights, bins=20, path=path)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert [axes.get_xlabel() for axes in figure.axes] == ["$x$ [mm]", "$y$ [mm]", r"$\zeta$ [mm]"]
    alive = np.arange(500) != 3
    for k, axes in enumerate(figure.axes):
        assert axes.collections[0].get_array().sum() == pytest.approx(weights[alive].sum())
        values, edges, lowest = axes.patches[0].get_data()
        expected, expected_edges = np.histogram(1e3 * particles[alive, 2 * k], 20, weights=weights[alive])
        assert edges == pytest.approx(expected_edges)
        assert (values - lowest) / (values - lowest).max() == pytest.approx(expected / expected.max())


@pytest.mark.parametrize(
    ("particles", "bins", "message"),
    [
        (np.full((3, 6), np.nan), 20, "no particle is finite"),
        (np.zeros((3, 5)), 20, "shape"),
        (np.zeros((3, 6)), 1, "bins = 1"),
    ],
)
def test_beam_histograms_refuse(particles, bins, message):
    with pytest.raises(InputError, match=message):
        plot_beam(particles, bins=bins)
