"""The command line: documents, exit codes, and nothing but results on stdout."""

import json
import math
import subprocess
import sys

import pytest
from click.testing import CliRunner

from optics.cli import main

RING = """
beam, particle=electron, energy=1.0;
k1 = 1.2;
qf: quadrupole, l=0.3, k1:=k1;
qd: quadrupole, l=0.3, k1:=-k1;
sf: sextupole, l=0.1, k2=2;
b: sbend, l=1.0, angle=pi/4;
cell: sequence, l=4;
 qf, at=0.15; sf, at=0.5; b, at=1.2; qd, at=2.15; b, at=3.2;
endsequence;
ring: sequence, l=16;
 cell, at=2; cell, at=6; cell, at=10; cell, at=14;
endsequence;
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("cli")
    (path / "ring.madx").write_text(RING)
    (path / "two.madx").write_text(RING + "second: sequence, l=4; cell, at=2; endsequence;")
    (path / "broken.madx").write_text("qf: quadrupole, l=0.3 k1=1;\n")
    return path


def call(folder, *arguments):
    """Run a command on a file of the folder: exit code, stdout, stderr."""
    command, file, *rest = arguments
    result = CliRunner().invoke(main, [command, str(folder / file), *rest])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def document(folder, *arguments):
    code, out, err = call(folder, *arguments, "--json", "-")
    assert code == 0, err
    return json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_what_madx_reads_though_it_is_wrong(folder):
    text = "beam, particle=proton, energy=5; q: quadrupole, l=1; w: wire, l=1; "
    (folder / "odd.madx").write_text(text + "s: sequence, l=5; q, at=1; q, at=2-5e-7; w, at=4; endsequence;")
    assert call(folder, "info", "odd.madx", "--unknown", "drift")[0] == 2
    assert call(folder, "info", "odd.madx", "--overlap", "1e-6")[0] == 2
    data = document(folder, "info", "odd.madx", "--overlap", "1e-6", "--unknown", "drift")
    assert data["length"] == pytest.approx(5.0, abs=1e-6) and len(data["report"]["approximated"]) == 2


@pytest.mark.parametrize("arguments", [("--initial", "betx=1,bety=1"), ("--initial", "betx=1,bety=1", "--slices", "4")])
def test_orbit_lost_on_its_way_is_a_failure_of_physics(folder, arguments):
    text = "beam, particle=proton, energy=5; k: hkicker, kick=1.5; d: drift, l=1; s: line=(k, d);"
    (folder / "lost.madx").write_text(text)
    code, out, err = call(folder, "twiss", "lost.madx", *arguments)
    assert (code, out) == (1, "") and "is lost on its way" in err
    assert call(folder, "map", "lost.madx", "--order", "2")[0] == 1


def test_info_document(folder):
    data = document(folder, "info", "two.madx", "--sequence", "ring")
    assert list(data) == [
        "sequence", "length", "particle", "mass", "charge", "p0c", "beta0", "gamma0", "counts", "knobs", "report",
    ]  # fmt: skip
    assert data["length"] == pytest.approx(16.0) and data["particle"] == "electron" and data["charge"] == -1
    assert data["mass"] == pytest.approx(510998.95) and data["gamma0"] == pytest.approx(1e9 / 510998.95)
    assert data["counts"]["quadrupole"] == 8 and data["knobs"]["k1"] == 1.2
    assert set(data["report"]) == {"ignored", "approximated", "defaulted"}


def test_twiss_document(folder):
    data = document(folder, "twiss", "ring.madx", "--order", "3")
    assert list(data) == [
        "length", "q1", "q2", "qs", "dq1", "dq2", "chromaticity", "alpha_c", "gamma_tr", "closed_orbit", "matrix",
        "elements", "slices", "integrator", "report", "seconds",
    ]  # fmt: skip
    assert data["qs"] is None and data["integrator"] == 6
    assert len(data["chromaticity"]["q1"]) == 3 and data["chromaticity"]["q2"][0] == data["dq2"]
    assert len(data["alpha_c"]) == 4 and data["gamma_tr"] == pytest.approx(data["alpha_c"][0] ** -0.5)
    start, end = data["elements"][0], data["elements"][-1]
    assert list(start) == [
        "name", "keyword", "s", "betx", "alfx", "mux", "bety", "alfy", "muy", "dx", "dpx", "dy", "dpy", "x", "px", "y",
        "py", "zeta", "pzeta",
    ]  # fmt: skip
    assert start["s"] == 0 and end["s"] == pytest.approx(16)
    assert end["mux"] == pytest.approx(data["q1"]) and end["betx"] == pytest.approx(start["betx"])
    assert set(data["seconds"]) == {"load", "compile", "compute"}
    trace = data["matrix"][0][0] + data["matrix"][1][1]
    assert 2 * math.cos(2 * math.pi * data["q1"]) == pytest.approx(trace, abs=1e-9)


def test_default_slices_converge_the_tunes(folder):
    chosen = document(folder, "twiss", "ring.madx")
    more = document(folder, "twiss", "ring.madx", "--slices", str(2 * chosen["slices"]))
    assert more["slices"] == 2 * chosen["slices"]
    assert (chosen["q1"], chosen["q2"]) == pytest.approx((more["q1"], more["q2"]), abs=1e-10)


def test_set_range_and_glob(folder):
    common = ("twiss", "ring.madx", "--slices", "6")
    plain, changed = document(folder, *common), document(folder, *common, "--set", "k1=1.3")
    assert abs(plain["q1"] - changed["q1"]) > 0.01
    assert {e["name"] for e in document(folder, *common, "--at", "qf*")["elements"]} == {f"qf:{k}" for k in range(1, 5)}
    part = document(folder, *common, "--start", "qf:2", "--end", "qd:2", "--initial", "betx=5,bety=4,dx=0.1")
    assert part["length"] == pytest.approx(2.3) and part["chromaticity"] is None and part["alpha_c"] is None
    assert part["elements"][0]["betx"] == pytest.approx(5) and part["elements"][0]["dx"] == pytest.approx(0.1)
    assert len(document(folder, *common, "--inside")["elements"]) > 2 * len(plain["elements"])


def test_settings_reach_the_calculation(folder):
    common = ("twiss", "ring.madx", "--slices", "4")
    reference = document(folder, *common)
    for flag in (("--model", "expanded"), ("--fringe", "none"), ("--integrator", "2")):
        assert document(folder, *common, *flag)["dq2"] != reference["dq2"]


def test_files_are_written_beside_the_table(folder, tmp_path):
    paths = {kind: tmp_path / f"out.{kind}" for kind in ("json", "tfs", "png")}
    code, out, _ = call(
        folder, "twiss", "ring.madx", "--slices", "4", "--json", str(paths["json"]),
        "--tfs", str(paths["tfs"]), "--plot", str(paths["png"]),
    )  # fmt: skip
    assert code == 0 and all(path.stat().st_size > 500 for path in paths.values())
    assert json.loads(paths["json"].read_text())["slices"] == 4
    assert "q1" in out and "qf:1" in out


def test_map_document(folder):
    data = document(
        folder, "map", "ring.madx", "--order", "2", "--slices", "6", "--knobs", "k1",
    )  # fmt: skip
    assert list(data) == ["variables", "order", "coefficients"]
    assert data["variables"] == ["x", "px", "y", "py", "zeta", "pzeta", "k1"] and data["order"] == 2
    terms = {row: {tuple(e): c for e, c in terms} for row, terms in data["coefficients"].items()}
    assert list(terms) == ["x", "px", "y", "py", "zeta", "pzeta"]
    assert terms["pzeta"] == {(0, 0, 0, 0, 0, 1, 0): 1.0}
    matrix = document(folder, "twiss", "ring.madx", "--slices", "6")["matrix"]
    assert terms["x"][(0, 1, 0, 0, 0, 0, 0)] == pytest.approx(matrix[0][1], rel=1e-12)
    assert terms["x"][(1, 0, 0, 0, 0, 0, 1)] != 0


@pytest.mark.parametrize(
    ("arguments", "expected", "words"),
    [
        (("twiss", "ring.madx", "--set", "k1=9"), 1, "unstable"),
        (("twiss", "ring.madx", "--method", "6d"), 1, "cavity"),
        (("twiss", "absent.madx"), 2, "absent.madx"),
        (("twiss", "broken.madx"), 2, "broken.madx"),
        (("twiss", "two.madx"), 2, "second"),
        (("twiss", "two.madx", "--sequence", "rong"), 2, "second"),
        (("twiss", "ring.madx", "--set", "k1"), 2, "KNOB=VALUE"),
        (("twiss", "ring.madx", "--set", "kk=1"), 2, "kk"),
        (("twiss", "ring.madx", "--initial", "betx=1"), 2, "bety"),
        (("twiss", "ring.madx", "--slices", "0"), 2, "0"),
        (("twiss", "ring.madx", "--start", "nowhere"), 2, "nowhere"),
        (("map", "ring.madx"), 2, "--order"),
        (("map", "ring.madx", "--order", "2", "--knobs", "nothing"), 2, "nothing"),
        (("map", "ring.madx", "--order", "300"), 2, "255"),
        (("map", "ring.madx", "--order", "40"), 2, "MiB"),
        (("twiss", "ring.madx", "--at", "nowhere*"), 2, "nowhere"),
    ],
)
def test_failures_have_exit_codes_and_say_why_on_stderr(folder, arguments, expected, words):
    code, out, err = call(folder, *arguments)
    assert (code, out) == (expected, "")
    assert words in err


def test_unrequested_libraries_are_not_imported():
    code = "import sys, optics.cli; print([m for m in ('jax', 'pandas', 'matplotlib', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", [(), ("info",), ("twiss",), ("map",)])
def test_help_shows_examples(command):
    result = CliRunner().invoke(main, [*command, "--help"])
    assert result.exit_code == 0 and "taylorbeam " in result.stdout and "Examples" in result.stdout
