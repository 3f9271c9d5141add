"""Streaming to HDF5: what memory holds, on a disk that fills up too, and over kills and resumes."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

import tracking
from tests.tracking.test_engine_tracking import assert_same, beam, cell
from tracking.engine_float import track
from tracking.monitor import ParticleMonitor
from tracking.stream import StreamMonitor

PARTICLES, TURNS = 2000, 40  # 96 kB per turn

FILL = """
import sys
import tracking.engine_float
import tests.tracking.test_stream as t
tracking.engine_float.MONITOR_BYTES = 2 * 48 * t.PARTICLES
try:
    t.track(t.cell(), t.beam(t.PARTICLES), t.TURNS, monitors=[t.StreamMonitor(sys.argv[1])])
except OSError as error:
    print(error)
"""
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, 3 << 20))" + FILL
KILLED = """
import sys, time
import tests.tracking.test_stream as t
print("begun", flush=True)
t.run(sys.argv[1], sys.argv[2], lambda turn, now: print(turn, flush=True) or time.sleep(0.01))
"""


def same_as_memory(path, turns):
    memory = ParticleMonitor()
    track(cell(), beam(PARTICLES), turns, monitors=[memory])
    with h5py.File(path) as file:
        assert file["turn"][:].tolist() == list(range(turns))
        assert np.array_equal(file["coordinates"], memory.data, equal_nan=True)


def python(*arguments, before=()):
    root = str(Path(tracking.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    return [*before, sys.executable, "-c", *map(str, arguments)], environment


def test_stream_holds_what_memory_holds(tmp_path, monkeypatch):
    monkeypatch.setattr(tracking.engine_float, "MONITOR_BYTES", 3 * 48 * 2 * 300)  # three turns of two places
    memory, stream = ParticleMonitor(["qf", "rf"]), StreamMonitor(tmp_path / "out.h5", ["qf", "rf"])
    track(cell(), beam(300), 8, monitors=[memory, stream])
    with h5py.File(tmp_path / "out.h5") as file:
        assert np.array_equal(file["coordinates"], memory.data, equal_nan=True)
        assert file["turn"][:].tolist() == list(range(8))
        assert list(file.attrs["places"]) == ["qf", "rf"]
    assert (tmp_path / "out.h5").stat().st_size < 8 * 48 * 2 * 300 + 50_000  # nothing reserved is left over


def test_full_disk_is_named_and_leaves_the_earlier_turns(tmp_path, monkeypatch):
    calls = []

    def fallocate(*arguments):
        calls.append(arguments)
        if len(calls) > 3:  # the first one is for the file itself
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(tracking.engine_float, "MONITOR_BYTES", 48 * 100)
    monkeypatch.setattr(os, "posix_fallocate", fallocate)
    memory, stream = ParticleMonitor(), StreamMonitor(tmp_path / "out.h5")
    with pytest.raises(OSError, match="holds 2 turns"):
        track(cell(), beam(100), 8, monitors=[memory, stream])
    with h5py.File(tmp_path / "out.h5") as file:
        assert np.array_equal(file["coordinates"], memory.data[:2], equal_nan=True)


def test_file_that_may_not_grow(tmp_path):
    """The limit of a file's size, which the kernel enforces on every write."""
    path = tmp_path / "out.h5"
    command, environment = python(LIMITED, path)
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert "File too large" in done.stdout and str(path) in done.stdout, done.stderr
    held = int(done.stdout.split("holds ")[1].split()[0])
    assert 2 <= held < TURNS and held % 2 == 0
    same_as_memory(path, held)


def test_disk_that_is_full(tmp_path):
    """A small disk in memory, in a mount namespace of its own, from which the file is copied."""
    disk, kept = tmp_path / "disk", tmp_path / "kept.h5"
    disk.mkdir()
    mount = f'mount -t tmpfs -o size=3m tmpfs "{disk}" || exit 77; "$@"; cp "{disk}/out.h5" "{kept}"'
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare")
    command, environment = python(FILL, disk / "out.h5", before=("unshare", "-rm", "sh", "-c", mount, "sh"))
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if not kept.exists():
        pytest.skip(f"no mount namespace: {done.stderr.strip()}")
    assert "No space left on device" in done.stdout, done.stderr
    held = int(done.stdout.split("holds ")[1].split()[0])
    assert 2 <= held < TURNS
    same_as_memory(kept, held)


def run(stream, checkpoint, callback=None):
    line = cell().with_reference(tracking.ReferenceParticle.of("electron", total_energy=1e9))
    monitors = [StreamMonitor(stream, turns=slice(0, None, 3)), ParticleMonitor(last=2)]
    options = {"checkpoint": checkpoint, "every": 7, "monitors": monitors, "seed": 3, "callback": callback}
    found = track(line.with_settings(radiation="photons"), beam(300), 60, **options)
    return found, monitors[1].data


def test_run_killed_again_and_again_ends_with_the_same_bits(tmp_path):
    """Between appends: with photons, losses, a stream and a rolling monitor."""
    files = tmp_path / "stream.h5", tmp_path / "state.npz"
    command, environment = python(KILLED, *files)
    for after in (9, 10, 25):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        next(process.stdout)
        for turn in process.stdout:
            if int(turn) >= after:
                break
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    with np.load(files[1]) as saved:
        assert 21 <= int(saved["turn"]) < 60
    seen = []
    found, last = run(*files, lambda turn, now: seen.append(turn))
    assert seen[0] > 21
    whole, expected = run(tmp_path / "whole.h5", tmp_path / "whole.npz")
    assert_same(whole, found)
    assert np.array_equal(last, expected, equal_nan=True) and 0 < whole.alive.sum() < 300
    with h5py.File(files[0]) as resumed, h5py.File(tmp_path / "whole.h5") as uninterrupted:
        assert resumed["turn"][:].tolist() == list(range(0, 60, 3))
        assert np.array_equal(resumed["coordinates"], uninterrupted["coordinates"], equal_nan=True)
