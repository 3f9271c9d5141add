"""How elements are turned into maps: model, fringes, integrator, slices. Chosen per line, overridden per element."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from tracking.errors import InputError

CHOICES = {
    "model": ("exact", "expanded"),
    "fringe": ("none", "dipole", "all"),
    "integrator": (2, 4, 6, 8),
    "split": ("drift-kick", "matrix-kick"),
    "radiation": ("none", "mean", "gaussian", "photons"),
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Choices that turn elements into maps.

    Parameters
    ----------
    model : {"exact", "expanded"}
        Full square-root Hamiltonian, or the paraxial one with linear edges.
    fringe : {"none", "dipole", "all"}
        Hard-edge fringe maps: of bends only, or of every multipole too. ``"none"`` leaves out the bends' linear edge
        focusing as well.
    integrator : {2, 4, 6, 8}
        Order of the symplectic integrator.
    split : {"drift-kick", "matrix-kick"}
        What is solved exactly between kicks: the drift (or the pure bend), or the body with its linear focusing.
    slices : int
        Slices of every thick element with a field.
    rf : bool
        False switches the voltage of every cavity off.
    radiation : {"none", "mean", "gaussian", "photons"}
        Synchrotron radiation of every magnet that has a length, and of thin multipoles with lrad: none; the classical
        mean loss; with fluctuations, normally distributed, or photon by photon. Fluctuations act on tracked particles;
        in Taylor maps and in JAX there is the mean loss.
    """

    model: str = "exact"
    fringe: str = "dipole"
    integrator: int = 6
    split: str = "drift-kick"
    slices: int = 10
    rf: bool = True
    radiation: str = "none"

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise InputError(f"settings: {name} = {getattr(self, name)!r}; expected one of {allowed}")
        if isinstance(self.slices, bool) or not isinstance(self.slices, int) or self.slices < 1:
            raise InputError(f"settings: slices = {self.slices!r}; expected an integer of at least 1")

    def override(self, **choices: Any) -> Settings:
        """The same settings with the given choices that are not None."""
        unknown = set(choices) - {f.name for f in fields(self)}
        if unknown:
            raise InputError(f"settings: unknown choice {sorted(unknown)}; expected {[f.name for f in fields(self)]}")
        return replace(self, **{name: value for name, value in choices.items() if value is not None})
