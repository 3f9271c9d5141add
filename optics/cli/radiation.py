"""``taylorbeam radiation``: energy loss, damping and equilibrium of a ring."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from optics.cavities import has_accelerating_voltage
from optics.cli.kernels import compile_kernels
from optics.cli.lattice import Lattice, Seconds, Stopwatch, lattice_command
from optics.cli.output import columns, emit, import_report, number
from optics.envelope import Envelope, envelope
from optics.plot_envelope import plot_envelope
from optics.radiation import RadiationIntegrals, radiation_integrals
from tracking.errors import InputError

INTEGRALS = ("i1", "i2", "i3", "i4", "i4_modes", "i5", "i5_modes", "i6", "error")
QUANTITIES = ("energy_loss", "partition_numbers", "damping_times", "emittances", "energy_spread")


@lattice_command("radiation")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Write a figure (png, pdf, svg).")
def radiation_command(lattice: Lattice, json_path: str | None, plot: Path | None) -> None:
    """Synchrotron radiation of FILE, a ring: radiation integrals, and the equilibrium beam with its coupling.

    \b
    Examples:
      taylorbeam radiation ring.madx
      taylorbeam radiation ring.madx --set vrf=3.2 --json - --plot envelope.png
      taylorbeam radiation ring.madx --no-rf

    Two columns: from the radiation integrals, and from the envelope (one-turn map with damping, fluctuations of every
    slice), which needs a powered cavity. Energy loss per turn in eV, damping times in s, emittances and bunch length
    in m. JSON: integrals, then the quantities of both columns, with the envelope's at every element: sigma holds the
    rms of x, px, y, py, zeta, pzeta, emittances those of the modes; covariance is the matrix at the start.
    """
    seconds = Seconds()
    with Stopwatch(seconds, "load"):
        loaded = lattice.load()
    with Stopwatch(seconds, "compile"):
        compile_kernels(loaded)
    with Stopwatch(seconds, "compute"):
        line = lattice.sliced(loaded)
        integrals = radiation_integrals(loaded if lattice.slices is None else line)
        powered = has_accelerating_voltage(line)
        beam = envelope(line.with_settings(radiation="mean")) if powered else None
        longitudinal = {name: getattr(integrals, name) for name in ("synchrotron_tune", "bunch_length")}
    if plot is not None:
        if beam is None:
            raise InputError("--plot: no cavity is powered, so that there is no equilibrium along the ring to draw")
        plot_envelope(beam, plot)
    document = {
        "length": integrals.length,
        "energy": line.reference.total_energy,
        "integrals": {name: getattr(integrals, name) for name in INTEGRALS},
        "momentum_compaction": integrals.momentum_compaction,
        **{name: getattr(integrals, name) for name in QUANTITIES},
        **longitudinal,
        "envelope": None if beam is None else _along(beam),
        "slices": line.settings.slices,
        "integrator": line.settings.integrator,
        "report": import_report(line),
        "seconds": asdict(seconds),
    }
    emit(document, _table(integrals, beam), json_path)


def _along(beam: Envelope) -> dict[str, Any]:
    elements = zip(beam.names, beam.s.tolist(), beam.sizes.tolist(), beam.emittances.tolist(), beam.tilt, strict=True)
    return {
        "tunes": beam.tunes,
        "energy_loss": beam.energy_loss,
        "partition_numbers": beam.partition_numbers,
        "damping_times": beam.damping_times,
        "emittances": beam.emittances[0],
        "energy_spread": float(beam.energy_spread[0]),
        "bunch_length": float(beam.bunch_length[0]),
        "closed_orbit": beam.orbit[0],
        "covariance": beam.covariance[0],
        "elements": [
            {"name": name, "s": s, "sigma": sigma, "emittances": emittances, "tilt": float(tilt)}
            for name, s, sigma, emittances, tilt in elements
        ],
    }


def _table(integrals: RadiationIntegrals, beam: Envelope | None) -> list[str]:
    head = [f"length  {number(integrals.length)} m   energy  {number(integrals.reference.total_energy)} eV", ""]
    units = {"i1": "m", "i2": "1/m", "i3": "1/m^2", "i4": "1/m", "i5": "1/m", "i6": "1/m"}
    first = columns(("integral", "value", "unit"), [[k, number(getattr(integrals, k)), u] for k, u in units.items()])
    tunes = [None] * 3 if beam is None else beam.tunes.tolist()
    rows = [
        ("energy loss", "eV", integrals.energy_loss, beam and beam.energy_loss),
        *_modes("partition number", "", integrals.partition_numbers, beam and beam.partition_numbers),
        *_modes("damping time", "s", integrals.damping_times, beam and beam.damping_times),
        *_modes("emittance", "m", integrals.emittances, beam and beam.emittances[0]),
        ("energy spread", "", integrals.energy_spread, beam and beam.energy_spread[0]),
        ("bunch length", "m", integrals.bunch_length, beam and beam.bunch_length[0]),
        ("synchrotron tune", "", integrals.synchrotron_tune, tunes[2]),
    ]
    cells = [[name, number(a, 8), number(b, 8), unit] for name, unit, a, b in rows]
    return [*head, *first, "", *columns(("quantity", "integrals", "envelope", "unit"), cells)]


def _modes(name: str, unit: str, integrals: Any, beam: Any) -> list[tuple[str, str, Any, Any]]:
    """One row per mode that both have."""
    rows = []
    for k, value in enumerate(integrals):
        rows.append((f"{name} {'xys'[k]}", unit, value, None if beam is None else beam[k]))
    return rows
