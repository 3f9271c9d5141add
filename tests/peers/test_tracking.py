"""Particles beside other codes with the same Hamiltonian and slices, through the adapters of the benchmark."""

from __future__ import annotations

import pytest

from benchmarks.peers import ADAPTERS, connect, installed
from benchmarks.roofline import cost, operations
from benchmarks.tracking import COMPARISONS, MODELS, difference, particles
from tracking import Line, Quadrupole, ReferenceParticle
from tracking.engine_float import track
from tracking.pack import pack

TURNS = 3


@pytest.mark.parametrize("wanted", COMPARISONS, ids=lambda wanted: f"{wanted.peer}, {wanted.op}")
def test_particles_agree(load, wanted):
    """To round-off, without gradients in bends, where fields and edges are the same in all codes.

    PTC has another quadrature, and pyAT takes the velocity of light for that of these protons.
    """
    if not installed(wanted.peer):
        pytest.skip(f"{ADAPTERS[wanted.peer][0]} is not installed")
    line, machine = load("plain")
    start = particles(10)
    ours = track(line.with_settings(**MODELS[wanted.op]), start, TURNS).coordinates
    with connect(wanted.peer, machine, **wanted.choices) as peer:
        theirs = peer.track(start, TURNS)
        assert 0.0 < peer.track_seconds(start, 1) < 10.0
    compared = slice(0, 4 if wanted.peer == "pyat" else 6)
    assert difference(ours[:, compared], theirs[:, compared]) < 1e-9


def test_operations_of_a_drift_and_a_kick():
    """By eye: eleven instructions and a root for a drift, two instructions for a kick."""
    magnet = Line([Quadrupole(length=1.0, k1=1.0)], ["q"], ReferenceParticle.of("electron", total_energy=1e9))
    found = operations(pack(magnet.with_settings(integrator=2, slices=1, split="drift-kick")))
    assert found == {"arithmetic": 2 * 11 + 2, "rsqrt": 2}
    assert 0.0 < cost("arithmetic") < cost("rsqrt") < 1e-7
