"""Particles in other containers: pandas data frames, CSV tables, openPMD files with the extension BeamPhysics.

openPMD holds positions, momenta and times in SI units at one place of the line: t = -zeta/(beta0 c), counted from
the arrival of the reference particle. The library `beamphysics` reads and writes its files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import c as speed_of_light

from tracking.coordinates import COORDINATES, delta_of, pzeta_of
from tracking.errors import InputError
from tracking.reference import ReferenceParticle

if TYPE_CHECKING:
    import pandas
    from beamphysics import ParticleGroup

OPENPMD_SPECIES = {"posmuon": "antimuon", "negmuon": "muon"}  # others are called the same
SAME_MASS = 1e-6  # relative: sets of physical constants differ by less
SAME_PLANE = 1e-12  # [m]


@dataclass(frozen=True)
class Beam:
    """Particles with what belongs to each.

    Attributes
    ----------
    particles : (n, 6) array
        Coordinates (x, px, y, py, zeta, pzeta) [m, 1, m, 1, m, 1].
    weights : (n,) array
        Charge per macroparticle [C], or any other measure of it.
    alive : (n,) array of bool
        False for lost particles; the status of openPMD.
    """

    particles: NDArray[np.float64]
    weights: NDArray[np.float64]
    alive: NDArray[np.bool_]

    @classmethod
    def of(
        cls, particles: ArrayLike, weights: ArrayLike | float | None = None, alive: ArrayLike | None = None
    ) -> Beam:
        """Checked copies; weights are 1 and all particles alive where nothing is said.

        Raises
        ------
        InputError
            For arrays of another shape, negative weights, or living particles whose coordinates are not finite.
        """
        z = np.array(particles, dtype=np.float64)
        if z.ndim != 2 or z.shape[1] != 6:
            raise InputError(f"beam: particles of shape {z.shape}; expected (n, 6)")
        w = np.broadcast_to(np.asarray(1.0 if weights is None else weights, dtype=np.float64), len(z)).copy()
        lives = np.ones(len(z), dtype=bool) if alive is None else np.array(alive, dtype=bool)
        if lives.shape != (len(z),) or not (np.isfinite(w) & (w >= 0.0)).all():
            raise InputError(f"beam: expected {len(z)} finite weights of at least 0 and as many states")
        bad = np.flatnonzero(lives & ~np.isfinite(z).all(axis=1))
        if bad.size:
            raise InputError(f"beam: particle {bad[0]} is alive at {z[bad[0]].tolist()}; expected finite coordinates")
        return cls(z, w, lives)

    def to_pandas(self) -> pandas.DataFrame:
        """Columns x, px, y, py, zeta, pzeta, weight, alive."""
        import pandas

        frame = pandas.DataFrame(self.particles, columns=list(COORDINATES))
        return frame.assign(weight=self.weights, alive=self.alive)

    @classmethod
    def from_pandas(cls, frame: pandas.DataFrame) -> Beam:
        """From columns x, px, y, py, zeta, pzeta and, where they are there, weight and alive.

        Raises
        ------
        InputError
            If a coordinate is missing or holds something else than numbers.
        """
        missing = [name for name in COORDINATES if name not in frame]
        if missing:
            raise InputError(f"beam: no column {', '.join(missing)}; expected {', '.join(COORDINATES)}")
        try:
            particles = frame[list(COORDINATES)].to_numpy(dtype=np.float64)
            weights = frame["weight"].to_numpy(dtype=np.float64) if "weight" in frame else None
            alive = frame["alive"].to_numpy(dtype=np.float64) != 0.0 if "alive" in frame else None
        except (TypeError, ValueError) as error:
            raise InputError(f"beam: {error}; expected numbers in every column") from None
        return cls.of(particles, weights, alive)

    def to_openpmd(self, reference: ReferenceParticle) -> ParticleGroup:
        """The beam as a `beamphysics.ParticleGroup`, which has plots and statistics of its own.

        Raises
        ------
        InputError
            For a species that openPMD's library does not know.
        """
        from beamphysics import ParticleGroup
        from beamphysics.species import CHARGE_STATE

        species = OPENPMD_SPECIES.get(reference.name, reference.name)
        if species not in CHARGE_STATE:
            raise InputError(f"openPMD: species {reference.name!r}; expected one of {', '.join(CHARGE_STATE)}")
        x, px, y, py, zeta, pzeta = self.particles.T
        total = 1.0 + delta_of(pzeta, reference.beta0)
        data = {
            "x": x, "y": y, "z": np.zeros_like(x), "t": -zeta / (reference.beta0 * speed_of_light),
            "px": px * reference.p0c, "py": py * reference.p0c,
            "pz": np.sqrt(total**2 - px**2 - py**2) * reference.p0c,
            "weight": self.weights, "status": self.alive.astype(int), "species": species,
        }  # fmt: skip
        return ParticleGroup(data=data)

    @classmethod
    def from_openpmd(cls, group: ParticleGroup, reference: ReferenceParticle) -> Beam:
        """From a `beamphysics.ParticleGroup`, relative to a reference particle whose arrival is at t = 0.

        Raises
        ------
        InputError
            If the species is another one, or the particles are not in one plane: `ParticleGroup.drift_to_z` brings
            them there.
        """
        if (
            abs(group.mass / reference.mass - 1.0) > SAME_MASS
            or group.species_charge * reference.charge < 0.0
        ):
            raise InputError(
                f"openPMD: particles are {group.species} ({group.mass:.9g} eV), the line's {reference.name} "
                f"({reference.mass:.9g} eV, charge {reference.charge:g}); expected the same species"
            )
        if len(group) and np.ptp(group.z) > SAME_PLANE:
            raise InputError(
                f"openPMD: particles are spread over {np.ptp(group.z):.3g} m in z, as at one time; expected one plane: "
                "call drift_to_z of the particle group first"
            )
        px, py, pz = (np.asarray(p) / reference.p0c for p in (group.px, group.py, group.pz))
        delta = np.sqrt(px**2 + py**2 + pz**2) - 1.0
        zeta = -reference.beta0 * speed_of_light * np.asarray(group.t)
        z = np.stack([group.x, px, group.y, py, zeta, pzeta_of(delta, reference.beta0)], axis=1)
        return cls.of(z, group.weight, group.status == 1)


def write_beam(path: str | Path, beam: Beam, reference: ReferenceParticle) -> None:
    """Write a CSV table (``.csv``, every digit) or an openPMD file (``.h5``); an existing file is replaced.

    Raises
    ------
    InputError
        For another suffix, or a species openPMD does not know.
    """
    path = Path(path)
    if path.suffix == ".csv":
        beam.to_pandas().assign(alive=beam.alive.astype(int)).to_csv(path, index=False)
    elif path.suffix == ".h5":
        beam.to_openpmd(reference).write(path)
    else:
        raise InputError(f"beam file {path}; expected a name that ends in .csv or .h5")


def read_beam(path: str | Path, reference: ReferenceParticle) -> Beam:
    """Read a CSV table, a NumPy array (``.npy``) or an openPMD file (``.h5``) with one bunch in one plane.

    Raises
    ------
    InputError
        If the file is missing, damaged or of another kind, or its particles are not the reference's species.
    """
    path = Path(path)
    readers = {".csv": _read_csv, ".npy": _read_array, ".h5": _read_openpmd}
    if path.suffix not in readers:
        raise InputError(f"beam file {path}; expected a name that ends in {', '.join(readers)}")
    if not path.is_file():
        raise InputError(f"beam file {path}: there is no such file")
    try:
        return readers[path.suffix](path, reference)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _read_csv(path: Path, reference: ReferenceParticle) -> Beam:
    import pandas

    try:
        text = pandas.read_csv(path, dtype=str, skipinitialspace=True)
        frame = text.astype(np.float64)  # every digit counts, which pandas' own parser does not promise
    except (ValueError, pandas.errors.ParserError) as error:
        raise InputError(f"no table: {error}") from None
    return Beam.from_pandas(frame)


def _read_array(path: Path, reference: ReferenceParticle) -> Beam:
    try:
        return Beam.of(np.load(path, allow_pickle=False))
    except (ValueError, EOFError, TypeError) as error:
        raise InputError(f"no array of numbers: {error}") from None


def _read_openpmd(path: Path, reference: ReferenceParticle) -> Beam:
    from beamphysics import ParticleGroup
    from beamphysics.exceptions import BeamPhysicsError
    from beamphysics.readers import is_openpmd

    if not is_openpmd(path):
        raise InputError("no openPMD file; expected HDF5 with the attribute openPMD")
    try:
        group = ParticleGroup(str(path))
    except (BeamPhysicsError, OSError, KeyError, ValueError, AttributeError) as error:
        raise InputError(f"openPMD file cannot be read: {error!r}") from None
    return Beam.from_openpmd(group, reference)
