"""The BEAM command: what reference particle a sequence has."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from scipy import constants

from tracking.errors import InputError
from tracking.io.madx.source import MadxError, Place
from tracking.reference import ELECTRON_MASS, SPECIES, ReferenceParticle

GEV = 1e9
ENERGIES = ("energy", "pc", "gamma", "beta", "brho")  # the first one given counts
DEFAULT_ENERGY = 1.0  # GeV, of a beam without any


@dataclass
class BeamTable:
    """Beams of a file: one per sequence that has its own, and the default one under the empty name."""

    beams: dict[str, dict[str, Any]] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)

    def update(self, sequence: str, values: dict[str, Any], place: Place) -> None:
        """Set values of a beam; those of an earlier BEAM of the same sequence stay unless replaced."""
        beam = self.beams.setdefault(sequence, {})
        if any(name in values for name in ENERGIES):
            for name in ENERGIES:
                beam.pop(name, None)
        beam.update(values)
        self.places[sequence] = place

    def find(self, sequence: str) -> dict[str, Any] | None:
        """Values of the beam of a sequence, else of the default one, else None."""
        return self.beams.get(sequence, self.beams.get(""))

    def defaults(self, sequence: str) -> list[tuple[Place, str]]:
        """What the beam of a sequence leaves open, and the place of its command."""
        beam = self.beams[sequence] if sequence in self.beams else self.beams[""]
        place = self.places[sequence if sequence in self.beams else ""]
        open_ = []
        if not any(name in beam for name in ENERGIES):
            open_.append(f"beam without energy: {DEFAULT_ENERGY} GeV")
        if "particle" not in beam and "mass" not in beam:
            open_.append("beam without particle: positron")
        if beam.get("particle", "positron") not in SPECIES:
            open_ += [f"beam without {name}" for name in ("mass", "charge") if name not in beam]
        return [(place, what) for what in open_]

    def bv(self, sequence: str) -> float:
        """Direction flag: -1 for a beam that runs against the sequence's magnets."""
        return float((self.find(sequence) or {}).get("bv", 1.0))

    def reference(self, sequence: str) -> ReferenceParticle:
        """Reference particle of a sequence; masses and energies of the file are in GeV, of the whole particle.

        Raises
        ------
        MadxError
            For an energy that the particle cannot have.
        """
        beam = self.find(sequence) or {}
        place = self.places.get(sequence if sequence in self.beams else "", Place("", 0))
        name = beam.get("particle", "default" if "mass" in beam else "positron")
        mass, charge = SPECIES.get(name, (beam.get("mass", ELECTRON_MASS / GEV) * GEV, beam.get("charge", 1.0)))
        kind = next((kind for kind in ENERGIES if kind in beam), "energy")
        value = beam.get(kind, DEFAULT_ENERGY)
        try:
            return ReferenceParticle.of(
                name if name in SPECIES else None, mass=mass, charge=charge, **_momentum(kind, value, mass, charge)
            )
        except InputError as error:
            raise MadxError(place, f"beam with {kind} = {value}: {error}") from None

    def attribute(self, sequence: str, name: str, place: Place) -> float:
        """Value of ``beam->name``.

        Raises
        ------
        MadxError
            If there is no beam yet.
        """
        beam = self.find(sequence)
        if beam is None:
            raise MadxError(place, f"beam->{name} in front of any beam command")
        particle = self.reference(sequence)
        derived = {
            "energy": particle.total_energy / GEV,
            "pc": particle.p0c / GEV,
            "gamma": particle.gamma0,
            "beta": particle.beta0,
            "brho": particle.rigidity,
            "mass": particle.mass / GEV,
            "charge": particle.charge,
            "bv": self.bv(sequence),
        }
        return derived[name] if name in derived else float(beam.get(name, 0.0))


def _momentum(kind: str, value: float, mass: float, charge: float) -> dict[str, float]:
    """Keyword of `ReferenceParticle.of` for one of the ways to give an energy."""
    if kind == "energy":
        return {"total_energy": value * GEV}
    if kind == "pc":
        return {"p0c": value * GEV}
    if kind == "gamma":
        return {"gamma0": value}
    if kind == "beta":
        return {"p0c": mass * value / math.sqrt(1.0 - value * value) if 0 < value < 1 else math.nan}
    return {"p0c": value * abs(charge) * constants.c}
