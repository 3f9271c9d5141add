"""What a fresh clone relies on: package metadata, commands, imports, stored results and the tables made from them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import one_turn_map, peers
from benchmarks.tables import PAGES, filled

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PROJECT = tomllib.loads(PYPROJECT)["project"]
ROW_KEYS = {"case", "op", "peer", "ours_s", "peer_s", "ratio", "error", "threads", "device"}


def requirements() -> list[str]:
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    return [requirement for group in groups for requirement in group]


@pytest.mark.parametrize("requirement", requirements())
def test_every_dependency_has_a_lower_bound_and_a_reason(requirement):
    assert ">=" in requirement
    line = next(line for line in PYPROJECT.splitlines() if f'"{requirement}"' in line)
    assert re.search(r"#\s*\w.{5,}", line)


def test_package_carries_the_apache_licence():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert PROJECT["license"] == "Apache-2.0"
    assert "Apache License" in text and "Version 2.0" in text and "END OF TERMS AND CONDITIONS" in text


def test_continuous_integration_calls_make_test():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text(encoding="utf-8")


@pytest.mark.parametrize("package", ["tpsa", "tracking"])
def test_import_leaves_heavy_libraries_alone(package):
    heavy = ("jax", "pandas", "matplotlib", "h5py", "dask", "distributed", "beamphysics", "rich")
    code = f"import sys, {package}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks" / "results").glob("*.json")), ids=lambda path: path.stem)
def test_stored_rows_are_complete(path):
    rows = json.loads(path.read_text(encoding="utf-8"))
    assert rows
    for row in rows:
        assert {"cpu", "versions", "commit", "date"} <= set(row["machine"])
        if path.stem == "accuracy":
            assert row["agrees"] == (None if row["limit"] is None else row["difference"] <= row["limit"])
        elif "note" in row:
            assert row["ratio"] is None
        elif path.stem == "tpsa_memory":
            assert row["ours_bytes"] > 0 and row["ratio"] == pytest.approx(row["peer_bytes"] / row["ours_bytes"])
        else:
            assert set(row) >= ROW_KEYS
            assert row["ratio"] == pytest.approx(row["peer_s"] / row["ours_s"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_tables_are_made_from_the_stored_rows(page):
    text = page.read_text(encoding="utf-8")
    assert "<!-- table:" in text
    assert filled(text) == text


@pytest.mark.parametrize("name", ["spear3_optics", "taylor_map_of_a_function"])
def test_readme_shows_the_example_that_the_tests_run(name):
    code = (ROOT / "docs" / "examples" / f"{name}.py").read_text(encoding="utf-8")
    assert f"```python\n{code}```" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_absent_peer_gives_a_row_that_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(peers, "installed", lambda name: False)
    path = tmp_path / "rows.json"
    result = CliRunner().invoke(one_turn_map.main, ["--quick", "--peers", "madng", "--json", str(path)])
    assert result.exit_code == 0, result.output
    (row,) = json.loads(path.read_text(encoding="utf-8"))
    assert row["note"] == "not installed"
    assert row["ratio"] is None and row["error"] is None
