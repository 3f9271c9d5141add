"""Inverse of a row: the same map with some parameters negated, or the map's own inverse."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracking.errors import InputError
from tracking.lower.base import Row
from tracking.ops import Op

ALL = slice(None)  # every parameter

NEGATED: dict[Op, tuple[int, ...] | slice] = {
    Op.DRIFT: ALL,
    Op.DRIFT_EXPANDED: ALL,
    Op.DRIFT_CORRECTION: ALL,
    Op.QUADRUPOLE_KICK: ALL,
    Op.SKEW_QUADRUPOLE_KICK: ALL,
    Op.SEXTUPOLE_KICK: ALL,
    Op.OCTUPOLE_KICK: ALL,
    Op.MULTIPOLE_KICK: ALL,
    Op.CURVED_QUADRUPOLE_KICK: (0,),
    Op.CURVED_SEXTUPOLE_KICK: (0, 1),
    Op.CURVED_MULTIPOLE_KICK: ALL,
    Op.SECTOR_BEND: (0, 4),
    Op.CURVATURE_KICK: ALL,
    Op.QUADRUPOLE_BODY: (0,),
    Op.COMBINED_BODY: (0,),
    Op.THIN_CURVATURE: ALL,
    Op.ROTATION: (1,),
    Op.WEDGE: (2,),
    Op.LINEAR_EDGE: ALL,
    Op.FACE_KICK: ALL,
    Op.SOLENOID: (1,),
    Op.SOLENOID_EXPANDED: (1,),
    Op.THIN_SOLENOID: ALL,
    Op.CAVITY_KICK: (0,),
    Op.CAVITY_FRINGE: (0,),
    Op.RF_MULTIPOLE_KICK: slice(1, None),
    Op.TRANSLATION: ALL,
    Op.ROLL: (1,),
    Op.RADIATION: (3, 4),
    Op.RADIATION_CURVED: (3,),
    Op.RADIATION_WIGGLER: (3,),
    Op.RADIATION_COMBINED: (3,),
    Op.WIGGLER: (0,),
}

PARTNERS = {
    Op.DIPOLE_FRINGE: Op.DIPOLE_FRINGE_INVERSE,
    Op.DIPOLE_FRINGE_EXTENDED: Op.DIPOLE_FRINGE_EXTENDED_INVERSE,
    Op.POLE_FACE: Op.POLE_FACE_INVERSE,
    Op.MULTIPOLE_FRINGE: Op.MULTIPOLE_FRINGE_INVERSE,
}
# rows whose map is the mean of what they do, and the row of that mean
MEANS = {
    Op.GAUSSIAN_RADIATION: Op.RADIATION,
    Op.PHOTONS: Op.RADIATION,
    Op.GAUSSIAN_RADIATION_CURVED: Op.RADIATION_CURVED,
    Op.PHOTONS_CURVED: Op.RADIATION_CURVED,
    Op.GAUSSIAN_RADIATION_WIGGLER: Op.RADIATION_WIGGLER,
    Op.PHOTONS_WIGGLER: Op.RADIATION_WIGGLER,
    Op.GAUSSIAN_RADIATION_COMBINED: Op.RADIATION_COMBINED,
    Op.PHOTONS_COMBINED: Op.RADIATION_COMBINED,
}
PARTNERS |= {inverse: op for op, inverse in PARTNERS.items()}


def inverse_row(op: int, parameters: tuple[Any, ...]) -> Row:
    """Row whose map undoes that of the given row; of quantum radiation, it undoes the mean loss.

    Raises
    ------
    InputError
        For a user's own map, whose inverse is not known.
    """
    op = MEANS.get(op, op)
    if op in PARTNERS:
        return PARTNERS[Op(op)], parameters
    if op in NEGATED:
        negated = NEGATED[Op(op)]
        places = range(*negated.indices(len(parameters))) if isinstance(negated, slice) else negated
        return Op(op), tuple(-1.0 * p if i in places else p for i, p in enumerate(parameters))
    if op == Op.PATCH:
        return Op.PATCH, _inverse_patch(parameters)
    if op == Op.AFFINE:
        matrix = np.linalg.inv(np.array(parameters[6:], dtype=float).reshape(6, 6))
        return Op.AFFINE, (*(-matrix @ np.array(parameters[:6], dtype=float)).tolist(), *matrix.ravel().tolist())
    raise InputError(f"inverse_row: op code {op!r}; expected one of tracking.ops.Op, no inverse of others is known")


def _inverse_patch(parameters: tuple[Any, ...]) -> tuple[Any, ...]:
    """The old frame in the new one: transposed axes, and the origin turned and reversed."""
    origin, axes = parameters[:3], (parameters[3:6], parameters[6:9], parameters[9:12])
    back = tuple(-1.0 * sum(a * d for a, d in zip(axis, origin, strict=True)) for axis in axes)
    return (*back, *(axes[i][j] for j in range(3) for i in range(3)))
