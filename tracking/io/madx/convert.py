"""Turns element definitions of a MAD-X file into elements."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tracking import elements as el
from tracking.expressions import Expression
from tracking.io.madx.apertures import aperture
from tracking.io.madx.classes import ATTRIBUTES, KEPT, MISALIGNMENT, SECOND_ORDER
from tracking.io.madx.definitions import Definition
from tracking.io.madx.interpreter import Interpreter
from tracking.io.madx.language import KEYWORDS
from tracking.io.madx.source import MadxError
from tracking.knobs import Lookup, Value, evaluate
from tracking.reference import ReferenceParticle

MEGA = 1e6
SMALLEST_ANGLE = 1e-8  # rad; below, MAD-X takes chord and arc of an rbend as equal


def scaled(value: Value, factor: float) -> Value:
    """Product of a value and a number."""
    return Expression.apply("*", value, factor) if isinstance(value, Expression) else value * factor


@dataclass(frozen=True)
class Converter:
    """Makes elements from definitions.

    Parameters
    ----------
    interpreter : Interpreter
        For its options and its report.
    lookup : callable
        Present value of a variable.
    reference : ReferenceParticle
    bv : float
        Direction flag of the beam.
    """

    interpreter: Interpreter
    lookup: Lookup
    reference: ReferenceParticle
    bv: float = 1.0

    def number(self, value: Any) -> float:
        """Present value of a number or an expression."""
        return float(evaluate(value, self.lookup))

    def length(self, definition: Definition) -> Value:
        """Arc length of an element; an expression if it depends on deferred ones."""
        given = definition.attributes
        length = given.get("l", 0.0)
        kind = KEYWORDS.get(definition.keyword, "Drift")
        if kind in ("Multipole", "Marker", "DipoleEdge", "Translation", "Rotation", "ChangeReference"):
            return 0.0
        if kind == "RectangularBend" and self.interpreter.options.get("rbarc", True):
            angle = given.get("angle", 0.0)
            if isinstance(angle, Expression) or isinstance(length, Expression):
                half = scaled(angle, 0.5)
                return Expression.apply("/", length, Expression.apply("sinc", half))
            if abs(angle) > SMALLEST_ANGLE:
                return length * angle / (2.0 * math.sin(angle / 2.0))
        return length

    def element(self, definition: Definition) -> el.Element:
        """Element of a definition.

        Raises
        ------
        MadxError
            For a bend of length 0, or values that make no element.
        """
        kind = KEYWORDS.get(definition.keyword, "Drift")
        given = definition.attributes
        fields: dict[str, Any] = {
            "length": self.length(definition),
            "tilt": given.get("tilt", 0.0),
            "keyword": definition.keyword,
            "aperture": aperture(definition, self.number, self.interpreter.report),
            "attributes": {name: value for name, value in given.items() if name in KEPT and "aper" not in name},
        }
        if kind != "Translation":
            shift = {name: given[name] for name in MISALIGNMENT if given.get(name, 0.0) != 0.0}
            fields["misalignment"] = el.Misalignment(**shift) if shift else None
        special: Callable | None = getattr(self, f"_{kind.lower()}", None)
        plain = {name: given[name] for name in ATTRIBUTES[kind] if name in given}
        fields |= special(definition, plain) if special else plain
        if self.bv == -1.0:
            fields = {name: self._against(kind, name, value) for name, value in fields.items()}
        return getattr(el, kind)(**fields)

    def _sectorbend(self, definition: Definition, given: dict[str, Any]) -> dict[str, Any]:
        length = self.length(definition)
        if self.number(length) == 0.0:
            raise MadxError(definition.place, f"bend {definition.name!r} has length 0; give l, or use a multipole")
        if "k0" in given and self.number(given["k0"]) == 0.0 and self.number(given.get("angle", 0.0)) != 0.0:
            field = given.pop("k0")
            if isinstance(field, Expression):
                what = f"k0 of {definition.name} is 0 and counts as angle/l, as in MAD-X"
                self.interpreter.report.add("approximated", definition.place, what)
        if "fintx" in given and self.number(given["fintx"]) < 0.0:
            del given["fintx"]
        for name, (array, order) in {"k2s": ("ksl", 2), "k3": ("knl", 3), "k3s": ("ksl", 3)}.items():
            strength = given.pop(name, 0.0)
            if strength != 0.0:
                given[array] = _added(given.get(array, ()), order, _product(strength, length))
        ends = {"kill_ent_fringe": "kill_entrance_fringe", "kill_exi_fringe": "kill_exit_fringe"}
        for name, field in ends.items():
            if name in given:
                given[field] = self.interpreter.variables.flag(given.pop(name))
        return given

    def _rectangularbend(self, definition: Definition, given: dict[str, Any]) -> dict[str, Any]:
        given = self._sectorbend(definition, given)
        if self.interpreter.variables.flag(given.pop("true_rbend", False)):
            what = f"true_rbend of {definition.name}: taken as a sector bend with parallel faces"
            self.interpreter.report.add("approximated", definition.place, what)
        if self.interpreter.options.get("rbarc", True):
            given["chord"] = definition.attributes.get("l", 0.0)
        return given

    def _multipole(self, definition: Definition, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("angle", 0.0) == 0.0:
            given.pop("angle", None)
        return given

    def _solenoid(self, definition: Definition, given: dict[str, Any]) -> dict[str, Any]:
        """A thin solenoid has the ks of its integrated strength over lrad, as in PTC, unless it is given."""
        lrad = self.number(definition.attributes.get("lrad", 0.0))
        if lrad != 0.0 and self.number(self.length(definition)) == 0.0 and given.get("ks", 0.0) == 0.0:
            given["ks"] = scaled(given.get("ksi", 0.0), 1.0 / lrad)
        return given

    def _kicker(self, definition: Definition, given: dict[str, Any]) -> dict[str, Any]:
        kick = given.pop("kick", 0.0)
        field = {"hkicker": "hkick", "vkicker": "vkick"}.get(definition.keyword)
        if field and kick != 0.0:
            given[field] = kick
        elif kick != 0.0:
            what = f"kick of {definition.name}: a {definition.keyword} has hkick and vkick"
            self.interpreter.report.add("ignored", definition.place, what)
        return given

    def _marker(self, definition: Definition, given: dict[str, Any]) -> dict[str, Any]:
        if self.number(definition.attributes.get("l", 0.0)) != 0.0:
            raise MadxError(definition.place, f"marker {definition.name!r} has a length; use a drift or a monitor")
        return given

    def _rfcavity(self, definition: Definition, given: dict[str, Any]) -> dict[str, Any]:
        for name in ("volt", "freq"):
            if name in given:
                given[name] = scaled(given[name], MEGA)
        for name in ("freq", "harmon"):
            if given.get(name, 0.0) == 0.0:
                given.pop(name, None)
        if "freq" in given:
            given.pop("harmon", None)
        return given

    _crabcavity = _rfmultipole = _rfcavity

    def _matrix(self, definition: Definition, given: dict[str, Any]) -> dict[str, Any]:
        for name in SECOND_ORDER:
            if self.number(given.get(name, 0.0)) != 0.0:
                what = f"{name} of {definition.name!r}: a matrix has no second-order terms here; give kick and rm only"
                raise MadxError(definition.place, what)
        beta0 = self.reference.beta0
        scale = (1.0, 1.0, 1.0, 1.0, beta0, 1.0 / beta0)  # (x, px, y, py, t, pt) to (x, px, y, py, zeta, pzeta)
        kick = tuple(scaled(given.get(f"kick{i + 1}", 0.0), scale[i]) for i in range(6))
        matrix = tuple(
            scaled(given.get(f"rm{i + 1}{j + 1}", float(i == j)), scale[i] / scale[j])
            for i in range(6)
            for j in range(6)
        )
        return {"kick": kick, "matrix": matrix}

    def _translation(self, definition: Definition, given: dict[str, Any]) -> dict[str, Any]:
        return {name: definition.attributes.get(name, 0.0) for name in ("dx", "dy", "ds")}

    def _rotation(self, definition: Definition, given: dict[str, Any]) -> dict[str, Any]:
        return {"axis": definition.keyword[0], **given}

    def _changereference(self, definition: Definition, given: dict[str, Any]) -> dict[str, Any]:
        names = {"patch_trans": "translation", "patch_ang": "angles"}
        return {names[name]: (*values, 0.0, 0.0, 0.0)[:3] for name, values in given.items()}

    @staticmethod
    def _against(kind: str, field: str, value: Any) -> Any:
        """Field of an element seen by a beam that runs against the magnets (bv = -1); pole faces of bends stay."""
        if field == "lag":
            return Expression.apply("-", 0.5, value) if isinstance(value, Expression) else 0.5 - value
        if value is None or not (field in REVERSED or (kind == "DipoleEdge" and field == "e1")):
            return value
        return tuple(scaled(item, -1.0) for item in value) if isinstance(value, tuple) else scaled(value, -1.0)


# Fields whose sign MAD-X turns for a beam with bv = -1
REVERSED = frozenset("angle k0 k0s k1 k1s k2 k2s k3 k3s h ks ksi hkick vkick knl ksl".split())


def _product(a: Value, b: Value) -> Value:
    return Expression.apply("*", a, b) if isinstance(a, Expression) or isinstance(b, Expression) else a * b


def _added(array: tuple[Value, ...], order: int, value: Value) -> tuple[Value, ...]:
    """Array with `value` added to its item `order`."""
    padded = [*array, *[0.0] * (order + 1 - len(array))]
    old = padded[order]
    both = isinstance(old, Expression) or isinstance(value, Expression)
    padded[order] = Expression.apply("+", old, value) if both else old + value
    return tuple(padded)
