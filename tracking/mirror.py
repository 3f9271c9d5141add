"""Elements traversed from exit to entrance: what `Line.reverse` puts in their place."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import Any

from tracking import elements as el
from tracking.errors import InputError
from tracking.expressions import Expression


def _plus(value: Any, number: float) -> Any:
    return Expression.apply("+", value, number) if isinstance(value, Expression) else value + number


def _minus(value: Any) -> Any:
    return Expression.apply("neg", value) if isinstance(value, Expression) else -value


@singledispatch
def mirrored(element: el.Element, name: str) -> el.Element:
    """Element whose map is J M^-1 J, with M the given element's map and J = diag(1, -1, 1, -1, -1, 1).

    Elements that are symmetric about their middle, such as straight multipoles, are their own mirror images.

    Raises
    ------
    InputError
        For an element whose mirror image has no such element (matrix, changeref, rfmultipole, some misalignments).
    """
    shift = element.misalignment
    if shift is not None and any(value != 0.0 for value in (shift.ds, shift.dtheta, shift.dphi)):
        raise InputError(f"element {name!r}: cannot reverse a misalignment in ds, dtheta or dphi; remove it first")
    return element


@mirrored.register
def _(element: el.SectorBend, name: str) -> el.Element:
    fintx = element.fint if element.fintx is None else element.fintx
    return replace(
        mirrored.dispatch(el.Element)(element, name),
        e1=element.e2,
        e2=element.e1,
        h1=element.h2,
        h2=element.h1,
        fint=fintx,
        fintx=element.fint,
        kill_entrance_fringe=element.kill_exit_fringe,
        kill_exit_fringe=element.kill_entrance_fringe,
    )


@mirrored.register
def _(element: el.Solenoid, name: str) -> el.Element:
    return replace(mirrored.dispatch(el.Element)(element, name), ks=_minus(element.ks), ksi=_minus(element.ksi))


@mirrored.register
def _(element: el.RFCavity, name: str) -> el.Element:
    return replace(mirrored.dispatch(el.Element)(element, name), lag=_minus(element.lag))


@mirrored.register
def _(element: el.CrabCavity, name: str) -> el.Element:
    return replace(mirrored.dispatch(el.Element)(element, name), lag=_plus(_minus(element.lag), 0.5))


@mirrored.register
def _(element: el.Rotation, name: str) -> el.Element:
    return replace(element, angle=_minus(element.angle)) if element.axis == "s" else element


@mirrored.register
def _(element: el.Translation, name: str) -> el.Element:
    return replace(element, dx=_minus(element.dx), dy=_minus(element.dy))


@mirrored.register(el.Wiggler)
@mirrored.register(el.Matrix)
@mirrored.register(el.ChangeReference)
@mirrored.register(el.RFMultipole)
def _(element: el.Element, name: str) -> el.Element:
    raise InputError(f"element {name!r}: a {element.keyword} cannot be reversed; remove it or write its mirror image")
