"""Rows of patches and of a user's own matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracking.elements import ChangeReference, Element, Matrix, ReferenceEnergyChange, Rotation, Translation
from tracking.errors import ElementError
from tracking.lower.base import Context, Lowered, lower
from tracking.lower.geometry import Frame, product, rotation
from tracking.ops import Op


@lower.register
def _(element: Translation, context: Context) -> Lowered:
    _check_patch(element, context)
    return Lowered(entry=Frame((element.dx, element.dy, element.ds)).rows())


@lower.register
def _(element: Rotation, context: Context) -> Lowered:
    _check_patch(element, context)
    if element.axis not in ("x", "y", "s"):
        raise ElementError(context.name, "axis", element.axis, '"x", "y" or "s"')
    return Lowered(entry=Frame(axes=rotation(element.axis, element.angle)).rows())


@lower.register
def _(element: ChangeReference, context: Context) -> Lowered:
    _check_patch(element, context)
    about_x, about_y, about_s = element.angles
    axes = product(product(rotation("x", about_x), rotation("y", about_y)), rotation("s", about_s))
    return Lowered(entry=Frame(axes=axes).rows() + Frame(element.translation).rows())


@lower.register
def _(element: Matrix, context: Context) -> Lowered:
    _check_length(element.kick, 6, "kick", context)
    _check_length(element.matrix, 36, "matrix", context)
    return Lowered(entry=[(Op.AFFINE, (*element.kick, *element.matrix))])


@lower.register
def _(element: ReferenceEnergyChange, context: Context) -> Lowered:
    """The same particles relative to another: px, py, zeta and pzeta in other units, pzeta from another zero."""
    _check_patch(element, context)
    old, new = context.reference, context.reference.gained(element.gain)
    momentum, velocity = old.p0c / new.p0c, new.beta0 / old.beta0
    scales = (1.0, momentum, 1.0, momentum, velocity, momentum / velocity)
    kick = (0.0, 0.0, 0.0, 0.0, -velocity * element.zeta, -element.gain / (new.beta0 * new.p0c))
    return Lowered(entry=[(Op.AFFINE, (*kick, *np.diag(scales).ravel().tolist()))])


def _check_patch(element: Element, context: Context) -> None:
    if element.misalignment is not None:
        raise ElementError(context.name, "misalignment", element.misalignment, "None: a patch has no body to move")


def _check_length(values: tuple[Any, ...], length: int, field: str, context: Context) -> None:
    if len(values) != length:
        raise ElementError(context.name, field, values, f"{length} numbers")
