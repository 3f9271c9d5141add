"""Reference particle: mass, charge and momentum that coordinates are measured against."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scipy import constants

from tracking.errors import InputError

# CODATA 2018 rest energies [eV], the set of MAD-X 5.09: a file's beam then means the same particle in both codes.
ELECTRON_MASS = 510998.95
PROTON_MASS = 938272088.16
NEUTRON_MASS = 939565420.52
MUON_MASS = 105658375.5
ATOMIC_MASS_UNIT = 931494102.42

SPECIES = {  # name: (rest energy [eV], charge [e])
    "electron": (ELECTRON_MASS, -1.0),
    "positron": (ELECTRON_MASS, 1.0),
    "proton": (PROTON_MASS, 1.0),
    "antiproton": (PROTON_MASS, -1.0),
    "posmuon": (MUON_MASS, 1.0),
    "negmuon": (MUON_MASS, -1.0),
}


@dataclass(frozen=True)
class ReferenceParticle:
    """Reference particle of a line.

    Parameters
    ----------
    mass : float
        Rest energy m c^2 [eV].
    charge : float
        Charge in units of the elementary charge.
    p0c : float
        Reference momentum times c [eV].
    name : str
        Species, for display.
    """

    mass: float
    charge: float
    p0c: float
    name: str = "particle"

    def __post_init__(self) -> None:
        for name in ("mass", "charge", "p0c"):
            value = getattr(self, name)
            if not math.isfinite(value) or (name != "charge" and value <= 0) or (name == "charge" and value == 0):
                expected = "not 0" if name == "charge" else "above 0"
                raise InputError(f"reference particle: {name} = {value!r}; expected a finite number {expected}")

    @classmethod
    def of(
        cls,
        species: str | None = None,
        *,
        mass: float | None = None,
        charge: float | None = None,
        kinetic_energy: float | None = None,
        total_energy: float | None = None,
        p0c: float | None = None,
        gamma0: float | None = None,
    ) -> ReferenceParticle:
        """Reference particle of a named species, or of any mass and charge.

        Exactly one of kinetic_energy, total_energy, p0c [eV, of the whole particle] and gamma0 [1] must be given.

        Parameters
        ----------
        species : str, optional
            One of electron, positron, proton, antiproton, posmuon, negmuon. `mass` [eV] and `charge` [e] override it.

        Raises
        ------
        InputError
            For an unknown species, a missing mass, none or several energies, or an energy below the rest energy.
        """
        if species is not None and species not in SPECIES:
            raise InputError(f"reference particle: species {species!r}; expected one of {sorted(SPECIES)}")
        known_mass, known_charge = SPECIES[species] if species else (None, 1.0)
        mass = known_mass if mass is None else mass
        charge = known_charge if charge is None else charge
        if mass is None:
            raise InputError("reference particle: neither species nor mass [eV] given; give one of them")
        given = {
            "kinetic_energy": kinetic_energy, "total_energy": total_energy, "p0c": p0c, "gamma0": gamma0,
        }  # fmt: skip
        given = {name: value for name, value in given.items() if value is not None}
        if len(given) != 1:
            raise InputError(
                f"reference particle: got {sorted(given) or 'no energy'}; expected exactly one of kinetic_energy, "
                "total_energy, p0c [eV] and gamma0"
            )
        ((kind, number),) = given.items()
        # p0c from the kinetic energy T: sqrt(T (T + 2 m)), free of cancellation for slow particles
        kinetic = {
            "kinetic_energy": number,
            "total_energy": number - mass,
            "gamma0": (number - 1.0) * mass,
            "p0c": 1.0,
        }[kind]
        if not kinetic > 0:
            raise InputError(f"reference particle: {kind} = {number!r}; expected more than the particle at rest has")
        momentum = number if kind == "p0c" else math.sqrt(kinetic * (kinetic + 2.0 * mass))
        return cls(float(mass), float(charge), float(momentum), species or "particle")

    def gained(self, energy: float) -> ReferenceParticle:
        """The same particle with `energy` [eV] more.

        Raises
        ------
        InputError
            If it would have no momentum left.
        """
        kinetic = self.kinetic_energy + energy
        if not kinetic > 0.0:
            raise InputError(
                f"reference particle: {energy!r} eV more than its kinetic energy of {self.kinetic_energy:.9g} eV; "
                "expected some to be left"
            )
        return replace(self, p0c=math.sqrt(kinetic * (kinetic + 2.0 * self.mass)))

    @property
    def total_energy(self) -> float:
        """Total energy [eV]."""
        return math.hypot(self.p0c, self.mass)

    @property
    def kinetic_energy(self) -> float:
        """Kinetic energy [eV]."""
        return self.p0c**2 / (self.total_energy + self.mass)

    @property
    def beta0(self) -> float:
        """Velocity over c."""
        return self.p0c / self.total_energy

    @property
    def gamma0(self) -> float:
        """Total energy over rest energy."""
        return self.total_energy / self.mass

    @property
    def rigidity(self) -> float:
        """Magnetic rigidity p0/|q| [T m]."""
        return self.p0c / (abs(self.charge) * constants.c)

    @property
    def classical_radius(self) -> float:
        """Classical radius q^2/(4 pi epsilon0 m c^2) [m]."""
        return self.charge**2 * constants.fine_structure * self.compton_length

    @property
    def compton_length(self) -> float:
        """Reduced Compton wavelength hbar/(m c) [m]."""
        return constants.hbar * constants.c / (constants.e * self.mass)
