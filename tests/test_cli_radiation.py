"""``taylorbeam radiation``: its document, table, figure and exit codes."""

import json
import re

import pytest
from click.testing import CliRunner

from optics import envelope, radiation_integrals
from optics.cli import main
from tests.test_cli import RING
from tracking import load_madx

FLAGS = ("--slices", 4, "--integrator", 4)
WITH_CAVITY = RING.replace("b: sbend", "rf: rfcavity, l=0, volt=1.0, lag=0.5, harmon=4; b: sbend").replace(
    "endsequence;\nring", " rf, at=4;\nendsequence;\nring"
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    path = tmp_path_factory.mktemp("radiation")
    (path / "ring.madx").write_text(WITH_CAVITY)
    (path / "drift.madx").write_text("beam, particle=electron, energy=1; d: drift, l=1; r: line=(d); use, sequence=r;")
    return path


@pytest.fixture(scope="module")
def line(files):
    return load_madx(files / "ring.madx").with_settings(slices=4, integrator=4)


def call(file, *arguments):
    result = CliRunner().invoke(main, ["radiation", str(file), *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_document(files, line):
    code, out, err = call(files / "ring.madx", *FLAGS, "--json", "-")
    assert code == 0, err
    data, integrals, beam = json.loads(out), radiation_integrals(line), envelope(line.with_settings(radiation="mean"))
    assert list(data) == [
        "length", "energy", "integrals", "momentum_compaction", "energy_loss", "partition_numbers", "damping_times",
        "emittances", "energy_spread", "synchrotron_tune", "bunch_length", "envelope", "slices", "integrator", "report",
        "seconds",
    ]  # fmt: skip
    assert data["integrals"]["i5"] == integrals.i5 and data["damping_times"] == integrals.damping_times.tolist()
    along = data["envelope"]
    assert along["emittances"] == beam.emittances[0].tolist() and along["tunes"] == beam.tunes.tolist()
    assert [e["name"] for e in along["elements"]] == list(beam.names)
    assert along["elements"][3]["sigma"] == beam.sizes[3].tolist()


def test_table_and_figure(files, line):
    code, out, err = call(files / "ring.madx", *FLAGS, "--plot", files / "e.png")
    assert code == 0, err
    assert (files / "e.png").read_bytes().startswith(b"\x89PNG")
    lines = [re.split(r"\s{2,}", text) for text in out.splitlines()]
    rows = {cells[0]: cells[1:] for cells in lines}
    beam = envelope(line.with_settings(radiation="mean"))
    assert float(rows["energy spread"][1]) == pytest.approx(beam.energy_spread[0], rel=1e-7)
    assert float(rows["emittance x"][0]) == pytest.approx(radiation_integrals(line).emittances[0], rel=1e-7)


def test_without_cavities_there_are_only_the_integrals(files):
    code, out, _ = call(files / "ring.madx", *FLAGS, "--no-rf")
    assert code == 0 and "bunch length" in out
    code, out, _ = call(files / "ring.madx", *FLAGS, "--no-rf", "--json", "-")
    assert json.loads(out)["envelope"] is None and json.loads(out)["synchrotron_tune"] is None


@pytest.mark.parametrize(
    ("file", "options", "code", "message"),
    [
        ("ring.madx", ("--no-rf", "--plot", "e.png"), 2, "no cavity is powered"),
        ("ring.madx", ("--set", "k1=9"), 1, "unstable"),
        ("drift.madx", (), 2, "nothing in this line radiates"),
    ],
)
def test_errors(files, file, options, code, message):
    found, out, err = call(files / file, *FLAGS, *options)
    assert (found, out) == (code, "") and message in err
