"""Imports and the cache of compiled code."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numba
import pytest

import tpsa
from tpsa import jit

PACKAGE = Path(tpsa.__file__).parent


def python(code, root, **environment):
    """Output of a fresh interpreter that finds packages in `root`."""
    variables = {**os.environ, "PYTHONPATH": str(root), **environment}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=variables, check=True)
    return done.stdout.strip(), done.stderr


def test_import_is_light():
    heavy = {"jax", "pandas", "matplotlib", "h5py", "tfs"}
    code = f"import sys, tpsa, tpsa.files; print(sorted({heavy} & set(sys.modules)))"
    assert python(code, PACKAGE.parent)[0] == "[]"


def test_import_costs_little_beyond_numba():
    code = "import numba, time; t = time.perf_counter(); import tpsa; print(time.perf_counter() - t)"
    python(code, PACKAGE.parent)
    assert min(float(python(code, PACKAGE.parent)[0]) for _ in range(2)) < 1.0


COUNT = """
import small
print(small.outer(3.0), sum(small.outer.stats.cache_hits.values()))
"""


@pytest.fixture
def small_tree(tmp_path):
    """A package of two files, one function calling the other's, compiled through `package_njit`."""
    (tmp_path / "inner.py").write_text("FACTOR = 2.0\n")
    (tmp_path / "small.py").write_text(
        "import inner\n"
        "from pathlib import Path\n"
        "from tpsa.jit import package_njit\n"
        "njit = package_njit([Path(__file__).parent])\n"
        "FACTOR = inner.FACTOR\n"
        "@njit\n"
        "def outer(x):\n"
        "    return FACTOR * x\n"
    )
    return tmp_path


def test_edit_of_another_source_file_is_seen(small_tree, tmp_path_factory):
    path = f"{small_tree}{os.pathsep}{PACKAGE.parent}"
    cache = str(tmp_path_factory.mktemp("cache"))
    assert python(COUNT, path, NUMBA_CACHE_DIR=cache)[0] == "6.0 0"
    assert python(COUNT, path, NUMBA_CACHE_DIR=cache)[0] == "6.0 1"
    (small_tree / "inner.py").write_text("FACTOR = 5.0\n")
    assert python(COUNT, path, NUMBA_CACHE_DIR=cache)[0] == "15.0 0"


def test_digest_depends_on_every_source_file(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "tpsa", ignore=shutil.ignore_patterns("__pycache__"))
    before = jit.source_digest([tmp_path / "tpsa"])
    assert before == jit.source_digest([PACKAGE])
    for path in sorted((tmp_path / "tpsa").glob("*.py")):
        path.write_text(path.read_text() + "\n# edited\n")
        after = jit.source_digest([tmp_path / "tpsa"])
        assert after != before
        before = after


def test_users_cache_folder_stays_theirs(tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    function = jit.njit(lambda x: x + 1.0)
    assert numba.config.CACHE_DIR == str(tmp_path)
    assert function(1.0) == 2.0
    assert not list(tmp_path.iterdir())


def test_old_digests_are_pruned_and_fresh_ones_kept(tmp_path):
    for k in range(6):
        folder = tmp_path / f"digest{k}"
        folder.mkdir()
        os.utime(folder, (time.time() - 100 * k,) * 2)
    jit.prune(tmp_path, keep=2, seconds=250)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["digest0", "digest1", "digest2"]


def test_without_a_writable_folder_code_runs_uncached_with_one_warning(small_tree, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    path = f"{small_tree}{os.pathsep}{PACKAGE.parent}"
    code = "import small, small as again; print(small.outer(3.0))"
    out, err = python(code, path, NUMBA_CACHE_DIR=str(blocked))
    assert out == "6.0"
    assert err.count("no writable cache folder") == len({PACKAGE, small_tree})
