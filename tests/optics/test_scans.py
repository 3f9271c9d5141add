"""Scans on a cluster: the serial results, whatever happens to the workers."""

import os
import signal
import time
from functools import partial

import dask
import numpy as np
import pytest
from distributed import Client, LocalCluster

from optics import ScanError, scan
from optics.scans import ANY_PORT
from tracking import Drift, Line, Multipole, ReferenceParticle, track
from tracking.blocks import track_block
from tracking.errors import InputError

LINE = Line(
    [Drift(length=1.0), Multipole(knl=(0.0, 0.5, 4.0)), Drift(length=1.0), Multipole(knl=(0.0, -0.5))],
    ["d1", "qf", "d2", "qd"],
    ReferenceParticle.of("electron", total_energy=1e9),
)


@pytest.fixture(scope="module")
def serial():
    found = scan(partial(tracked, LINE), range(12))
    assert np.isfinite(found).all()
    return found


@pytest.fixture(scope="module")
def client(serial):
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ANY_PORT}
    with LocalCluster(**options) as cluster, Client(cluster) as client:
        yield client


def tracked(line, seed, pause=0.0):
    time.sleep(pause)
    return track(line, 1e-3 * np.random.default_rng(seed).standard_normal((70, 6)), 50).coordinates


def fail_on_seven(item):
    if item == 7:
        raise ValueError("seven")
    return item


def compilations(_):
    track(LINE, np.zeros(6))
    return sum(track_block.stats.cache_misses.values())


def exit_worker(_):
    os._exit(1)


def test_cluster_gives_the_serial_bits_in_order(client, serial):
    assert np.array_equal(scan(partial(tracked, LINE), range(12), cluster=client), serial)


def test_address_of_a_scheduler(client, serial):
    address = client.scheduler_info()["address"]
    assert np.array_equal(scan(partial(tracked, LINE), range(3), cluster=address), serial[:3])


def test_workers_find_the_compiled_code_on_disk(client, serial):
    assert scan(compilations, range(4), cluster=client) == [0] * 4


def test_killed_worker_loses_nothing(client, serial):
    """One worker is killed while both are busy; its items are computed anew."""
    pids = client.run(os.getpid)
    killed = []

    client.loop.call_later(0.5, lambda: killed.append(os.kill(next(iter(pids.values())), signal.SIGKILL)))
    found = scan(partial(tracked, LINE, pause=0.25), iter(range(12)), cluster=client)
    assert killed and np.array_equal(found, serial)
    client.wait_for_workers(2, timeout=15)
    assert set(client.run(os.getpid).values()) != set(pids.values())


@pytest.mark.parametrize("where", [None, "cluster"])
def test_error_names_the_item(client, where):
    with pytest.raises(ScanError, match=r"item 2 \(7\) failed: ValueError: seven") as caught:
        scan(fail_on_seven, [5, 6, 7, 8], cluster=where and client)
    assert (caught.value.index, caught.value.item) == (2, 7) and isinstance(caught.value.__cause__, ValueError)


def test_item_that_kills_every_worker_is_named():
    failures = dask.config.set({"distributed.scheduler.allowed-failures": 1})
    with failures, pytest.raises(ScanError, match=r"item 0 \(3\) failed: KilledWorker"):
        scan(exit_worker, [3], cluster="local", workers=1)


@pytest.mark.parametrize(
    "wrong", [{"cluster": "tcp://127.0.0.1:1"}, {"cluster": 5}, {"workers": 2}, {"cluster": "local", "workers": 0}]
)
def test_bad_arguments_are_named(wrong, monkeypatch):
    monkeypatch.setattr("optics.scans.CONNECT_SECONDS", 0.5)
    with pytest.raises(InputError, match=next(iter(wrong))):
        scan(fail_on_seven, [1], **wrong)
