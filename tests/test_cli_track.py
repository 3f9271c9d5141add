"""``taylorbeam track``: its document, files and exit codes."""

import csv
import json

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

from optics.cli import main
from optics.matched_beam import BeamParameters, matched_beam
from optics.twiss import twiss
from tests.test_cli import RING
from tracking import load_madx, track

BEAM = "ex=1e-7,ey=4e-8,sigp=1e-3,sigz=0.01,seed=5"


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    path = tmp_path_factory.mktemp("track") / "ring.madx"
    path.write_text(RING.replace("l=1.0, angle=pi/4", "l=1.0, angle=pi/4, apertype=ellipse, aperture={0.004, 0.004}"))
    return path


def call(ring, *arguments):
    result = CliRunner().invoke(main, ["track", str(ring), *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def start_of(ring, n):
    return matched_beam(load_madx(ring), n, BeamParameters.parse(BEAM))


def test_document(ring):
    code, out, err = call(ring, "--particles", 200, "--turns", 5, "--beam", BEAM, "--json", "-")
    assert code == 0, err
    data = json.loads(out)
    assert list(data) == ["turns", "particles", "alive", "lost", "moments", "seconds"]
    expected = track(load_madx(ring), start_of(ring, 200), 5)
    assert data["turns"] == 5 and data["particles"] == 200 and data["alive"] == expected.alive.sum() < 200
    assert list(data["lost"][0]) == ["particle", "turn", "element", "s", "cause"]
    assert [one["particle"] for one in data["lost"]] == expected.losses["particle"].tolist()
    assert {one["cause"] for one in data["lost"]} == {"aperture"} and data["lost"][0]["element"].startswith("b:")
    survivors = expected.coordinates[expected.alive]
    assert data["moments"]["end"]["mean"] == pytest.approx(survivors.mean(axis=0).tolist(), abs=1e-15)


def test_csv_out_and_in(ring, tmp_path):
    code, _, err = call(ring, "--particles", 30, "--turns", 3, "--beam", BEAM, "--out", tmp_path / "a.csv")
    assert code == 0, err
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["particle", "turn", "x", "px", "y", "py", "zeta", "pzeta", "alive"] and len(rows) == 61
    first = np.array(rows[1:31], dtype=float)
    assert np.array_equal(first[:, 2:8], start_of(ring, 30))
    (tmp_path / "in.csv").write_text("\n".join(",".join(row[2:8]) for row in rows[:31]))
    code, _, err = call(ring, "--particles", tmp_path / "in.csv", "--turns", 3, "--out", tmp_path / "b.csv")
    assert code == 0, err
    assert (tmp_path / "a.csv").read_text() == (tmp_path / "b.csv").read_text()


def test_hdf5_out_and_checkpoint(ring, tmp_path):
    state, out = tmp_path / "state.npz", tmp_path / "a.h5"
    options = ("--particles", 30, "--beam", BEAM, "--checkpoint", state, "--out", out)
    assert call(ring, *options, "--turns", 2)[0] == 0
    assert call(ring, *options, "--turns", 4)[0] == 0
    expected = track(load_madx(ring), start_of(ring, 30), 4)
    with h5py.File(out) as file:
        assert file["turn"][:].tolist() == [0, 1, 2, 3]
        assert np.array_equal(file["coordinates"][3, 0][expected.alive], expected.coordinates[expected.alive])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--particles", "0"), "at least 1"),
        (("--particles", "nowhere.csv"), "nowhere.csv"),
        (("--particles", "3", "--beam", "ex=a"), "ex = 'a'"),
        (("--particles", "3", "--beam", "e=1"), "'e=1'"),
        (("--particles", "3", "--out", "a.txt"), ".h5 or .csv"),
    ],
)
def test_bad_input(ring, options, message):
    code, out, err = call(ring, *options)
    assert code == 2 and not out and message in err


def test_matched_beam_has_the_optics(ring):
    line = load_madx(ring)
    optics = twiss(line, method="4d")
    z = matched_beam(line, 40000, BeamParameters.parse(BEAM))
    sigma = np.cov(z.T)
    assert sigma[0, 0] == pytest.approx(1e-7 * optics.betx[0] + (1e-3 * optics.dx[0]) ** 2, rel=0.03)
    assert sigma[2, 3] == pytest.approx(-4e-8 * optics.alfy[0], rel=0.1, abs=4e-10)
    assert sigma[5, 5] == pytest.approx(1e-6, rel=0.03)
