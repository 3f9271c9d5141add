"""``taylorbeam da``: its document, table, figure and exit codes."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from optics import dynamic_aperture
from optics.cli import main
from tests.test_cli import RING
from tracking import load_madx

FLAGS = ("--slices", 2, "--integrator", 4, "--turns", 20, "--angles", 5, "--largest", 0.9, "--tolerance", 0.001)
OPTIONS = {"turns": 20, "angles": 5, "largest": 0.9, "tolerance": 0.001}


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    path = tmp_path_factory.mktemp("da") / "ring.madx"
    path.write_text(RING)
    return path


@pytest.fixture(scope="module")
def line(ring):
    return load_madx(ring).with_settings(slices=2, integrator=4)


def call(ring, *arguments):
    result = CliRunner().invoke(main, ["da", str(ring), *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("how", [(), ("--threads", 2), ("--cluster", "local", "--workers", 1)])
def test_document(ring, line, how):
    code, out, err = call(ring, *FLAGS, "--delta", "-1e-3,2e-3", "--at", "b:3", *how, "--json", "-")
    assert code == 0, err
    data = json.loads(out)
    names = ["turns", "angles", "deltas", "stable", "lost", "x", "y", "area", "closed_orbit", "seconds"]
    assert list(data) == names
    expected = dynamic_aperture(line, deltas=[-1e-3, 2e-3], at="b:3", **OPTIONS)
    assert not expected.open.any()
    assert data["stable"] == expected.stable.tolist() and data["lost"] == expected.lost.tolist()
    assert data["x"] == expected.x.tolist() and data["area"] == expected.area.tolist()
    assert np.shape(data["closed_orbit"]) == (2, 6) and data["turns"] == 20


def test_table_and_figure(ring, line, tmp_path):
    code, out, err = call(ring, *FLAGS, "--plot", tmp_path / "a.png")
    assert code == 0 and "a.png" in err
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    expected = dynamic_aperture(line, **OPTIONS)
    first = [float(cell) for cell in out.splitlines()[2].split()]
    assert first == pytest.approx([0.0, 1e3 * expected.stable[0, 0], 1e3 * expected.x[0, 0], 0.0], abs=1e-6)
    assert "without a loss" not in out


def test_rays_without_a_loss_are_said(ring):
    code, out, _ = call(ring, *FLAGS, "--largest", 1e-3, "--tolerance", 1e-4)
    assert code == 0 and "5 rays without a loss" in out
    _, out, _ = call(ring, *FLAGS, "--largest", 1e-3, "--tolerance", 1e-4, "--json", "-")
    assert json.loads(out)["lost"] == [[None] * 5]


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--delta", "a"), 2, "--delta 'a'"),
        (("--largest", "-1"), 2, "largest = -1.0"),
        (("--cluster", "tcp://127.0.0.1:1"), 2, "no scheduler answers"),
        (("--workers", "2"), 2, "workers = 2"),
        (("--delta", "-0.95"), 1, "no closed orbit"),
    ],
)
def test_errors(ring, monkeypatch, options, code, message):
    monkeypatch.setattr("optics.scans.CONNECT_SECONDS", 0.3)
    found, out, err = call(ring, *FLAGS, *options)
    assert (found, out) == (code, "") and message in err
