"""Acceleration: a reference particle whose energy follows the cavities."""

from __future__ import annotations

from tracking.elements import ReferenceEnergyChange, RFCavity
from tracking.errors import InputError
from tracking.line import Line
from tracking.pack import PackedLine, pack
from tracking.step import step

ON_AXIS = 1e-12  # m and 1: how far the reference particle may leave the reference orbit in a cavity


def accelerated(line: Line) -> Line:
    """Line whose reference energy follows the gain of the reference particle in every cavity.

    Behind each cavity that changes its energy stands a `ReferenceEnergyChange`, named ``<cavity>.energy``: coordinates
    there are relative to the particle that came through all cavities on the reference orbit, and strengths of later
    magnets are normalised with its momentum. Lags are phases at which this particle arrives.

    Parameters
    ----------
    line : Line
        Strengths [1/m^n] with respect to the momentum that the reference particle then has at each place.

    Raises
    ------
    InputError
        If the line has changes of the reference energy already, or a cavity deflects the reference particle or leaves
        it no energy.

    Notes
    -----
    The gains are numbers: knobs that move them later act on the particles, not on the reference. To follow a change of
    voltage, change the knob first. Source: the exact motion through each cavity; coordinates as in docs/conventions.md.
    """
    if line.find(ReferenceEnergyChange):
        raise InputError(f"accelerated: line {line.name!r} changes its reference energy already; expected a plain line")
    if not line.settings.rf:
        raise InputError("accelerated: the line's setting rf is False; expected True, so that cavities have a field")
    elements, names = [], []
    reference = line.reference
    for i, name in enumerate(line.base_names):
        elements.append(line.elements[i])
        names.append(name)
        if not isinstance(line.elements[i], RFCavity):
            continue
        cavity = line[i : i + 1].with_reference(reference)
        x, px, y, py, zeta, pzeta = _through(pack(cavity), reference.beta0)
        if not max(abs(x), abs(px), abs(y), abs(py)) <= ON_AXIS:
            raise InputError(
                f"accelerated: element {line.names[i]!r} takes the reference particle to (x, px, y, py) = "
                f"({x:.3g}, {px:.3g}, {y:.3g}, {py:.3g}); expected a cavity that leaves it on the reference orbit"
            )
        gain = pzeta * reference.beta0 * reference.p0c
        if gain != 0.0 or zeta != 0.0:
            elements.append(ReferenceEnergyChange(gain=gain, zeta=zeta))
            names.append(f"{name}.energy")
            reference = reference.gained(gain)
    return Line(elements, names, line.reference, line.knobs, line.settings, line.name, line.report)


def _through(packed: PackedLine, beta0: float) -> tuple[float, ...]:
    """The reference particle's coordinates behind a line."""
    z = (0.0,) * 6
    for row, op in enumerate(packed.ops.tolist()):
        z = step(op, z, tuple(packed.par[packed.ptr[row] : packed.ptr[row + 1]].tolist()), beta0)
    return z
