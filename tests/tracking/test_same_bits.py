"""The same bits for any number of threads, order and company of particles, and size of blocks: losses, radiation."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tracking
from tests.tracking.test_engine_tracking import RESULT_FIELDS, assert_same
from tests.tracking.test_losses import particles, ring
from tracking.engine_float import track

ELECTRON = tracking.ReferenceParticle.of("electron", total_energy=2e9)
COUNT, TURNS = 700, 15
KINDS = ("none", "mean", "gaussian", "photons")

OTHER_BLOCKS = """
import sys
import numpy as np
import tests.tracking.test_same_bits as t
modules = [m for name, m in sys.modules.items() if name.startswith("tracking.") and hasattr(m, "BLOCK")]
assert modules
for module in modules:
    module.BLOCK = int(sys.argv[1])  # before anything is compiled, into a cache of its own
results = [t.run(kind) for kind in ("none", "photons")]
np.savez(sys.argv[2], **{f"{k}.{name}": getattr(r, name) for k, r in enumerate(results) for name in t.RESULT_FIELDS})
"""


def run(kind, order=slice(None), **options):
    line = ring(radiation=kind).with_reference(ELECTRON)
    numbers = np.arange(COUNT)[order]
    return track(line, particles(COUNT)[order], TURNS, limits={"x": 0.021}, seed=8, numbers=numbers, **options)


@pytest.fixture(scope="module", params=KINDS)
def kind_and_result(request):
    found = run(request.param)
    assert 30 < found.alive.sum() < COUNT - 30 and np.unique(found.cause).size == 4
    return request.param, found


def test_radiation_makes_a_difference():
    results = [run(kind, slice(0, 3)).coordinates for kind in KINDS]
    assert all(not np.array_equal(a, b) for k, a in enumerate(results) for b in results[:k])


@pytest.mark.parametrize("threads", [2, 3, 5])
def test_threads(kind_and_result, threads):
    kind, expected = kind_and_result
    assert_same(expected, run(kind, threads=threads))


def test_order_and_company(kind_and_result):
    kind, expected = kind_and_result
    random = np.random.default_rng(5)
    for order in (random.permutation(COUNT), np.arange(COUNT)[::-1], random.permutation(COUNT)[:77], np.array([17])):
        assert_same(expected, run(kind, order, threads=2), order)


def test_segments(kind_and_result, monkeypatch):
    kind, expected = kind_and_result
    monkeypatch.setattr(tracking.engine_float, "SEGMENT_SECONDS", 1e-9)
    turns = []
    assert_same(expected, run(kind, callback=lambda turn, now: turns.append(turn), threads=2))
    assert turns == list(range(1, TURNS + 1))


@pytest.mark.slow
@pytest.mark.parametrize("size", [64, 512])
def test_block_sizes(tmp_path, size):
    """Slow: compiles the engine for blocks of another size."""
    root = str(Path(tracking.__file__).parents[1])
    environment = {
        **os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]),
        "NUMBA_CACHE_DIR": str(tmp_path / "cache"),
    }  # fmt: skip
    path = tmp_path / "found.npz"
    done = subprocess.run([sys.executable, "-c", OTHER_BLOCKS, str(size), path], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    with np.load(path) as found:
        for k, kind in enumerate(("none", "photons")):
            expected = run(kind)
            for name in RESULT_FIELDS:
                assert np.array_equal(found[f"{k}.{name}"], getattr(expected, name), equal_nan=True), (kind, name)
