"""``taylorbeam fma``: its document, summary, files and exit codes."""

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner

from optics import frequency_map
from optics.cli import main
from tests.test_cli import RING
from tracking import load_madx

FLAGS = ("--slices", 2, "--integrator", 4, "--turns", 64)
X, Y = np.linspace(0.01, 0.9, 4), np.linspace(0.02, 0.1, 3)
GRID = ("--grid", "4,3", "--range", "0.01,0.9,0.02,0.1")


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    path = tmp_path_factory.mktemp("fma") / "ring.madx"
    path.write_text(RING)
    return path


@pytest.fixture(scope="module")
def line(ring):
    return load_madx(ring).with_settings(slices=2, integrator=4)


def call(ring, *arguments):
    result = CliRunner().invoke(main, ["fma", str(ring), *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("how", [(), ("--threads", 2), ("--cluster", "local", "--workers", 1)])
def test_document(ring, line, how):
    code, out, err = call(ring, *FLAGS, *GRID, "--delta", "-1e-3,2e-3", *how, "--json", "-")
    assert code == 0, err
    data = json.loads(out)
    assert list(data) == [
        "turns", "x", "y", "deltas", "tunes", "diffusion", "lost_turn", "linear_tunes", "closed_orbit", "seconds",
    ]  # fmt: skip
    expected = frequency_map(line, X, Y, deltas=[-1e-3, 2e-3], turns=64)
    assert expected.survived.any() and not expected.survived.all()
    assert np.array_equal(np.array(data["tunes"], dtype=float), expected.tunes, equal_nan=True)
    assert np.array_equal(np.array(data["diffusion"], dtype=float), expected.diffusion, equal_nan=True)
    assert data["lost_turn"] == expected.lost_turn.tolist() and data["x"] == X.tolist()
    assert data["linear_tunes"] == expected.linear_tunes.tolist() and np.shape(data["closed_orbit"]) == (2, 6)


def test_plane_of_x_and_delta_in_files(ring, line, tmp_path):
    files = ("--csv", tmp_path / "map.csv", "--plot", tmp_path / "map.png", "--json", tmp_path / "map.json")
    plane = ("--plane", "x,delta", "--grid", "3,2", "--range", "0.01,0.1,-1e-3,1e-3")
    code, out, err = call(ring, *FLAGS, *plane, "--order", 3, *files)
    assert code == 0 and all(name in err for name in ("map.csv", "map.png", "map.json"))
    expected = frequency_map(line, np.linspace(0.01, 0.1, 3), deltas=[-1e-3, 1e-3], turns=64)
    rows = list(csv.DictReader((tmp_path / "map.csv").open()))
    assert [float(row["delta"]) for row in rows] == [-1e-3] * 3 + [1e-3] * 3
    assert [float(row["q1"]) for row in rows] == expected.tunes[0, ..., 0].ravel().tolist()
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((tmp_path / "map.json").read_text())["deltas"] == [-1e-3, 1e-3]
    assert out.startswith(f"{expected.survived.sum()} of 6 particles survived 64 turns")


def test_summary(ring, line):
    code, out, _ = call(ring, *FLAGS, *GRID)
    expected = frequency_map(line, X, Y, turns=64)
    lines = out.splitlines()
    assert code == 0 and len(lines) == 5
    assert [float(text) for text in lines[1].split()[-2:]] == pytest.approx(expected.linear_tunes, abs=1e-8)
    lowest = expected.tunes[0, ..., 0][expected.survived].min()
    assert float(lines[2].split()[1]) == pytest.approx(lowest, abs=1e-6)


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--grid", "3"), 2, "--grid '3'"),
        (("--grid", "3,2.5"), 2, "--grid '3,2.5'"),
        (("--range", "0,a,0,1"), 2, "--range '0,a,0,1'"),
        (("--range", "0,1"), 2, "--range '0,1'; expected four"),
        (("--plane", "x,delta", "--delta", "0.1"), 2, "--delta '0.1' with --plane"),
        (("--turns", "65"), 2, "turns = 65"),
        (("--workers", "2"), 2, "workers = 2"),
        (("--delta", "-0.95"), 1, "no closed orbit"),
    ],
)
def test_errors(ring, options, code, message):
    found, out, err = call(ring, *FLAGS, *options)
    assert (found, out) == (code, "") and message in err
