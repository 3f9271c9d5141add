"""Response of the closed orbit to orbit correctors, exact to first order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from optics.cavities import orbit_dimension, without_rf
from optics.closed_orbit import ClosedOrbit, closed_orbit
from optics.linear_pass import Places, linear_pass
from tpsa import Descriptor
from tracking.elements import Element, Kicker, Monitor
from tracking.engine_taylor import propagate
from tracking.errors import InputError
from tracking.expressions import Expression
from tracking.knobs import Knobs
from tracking.line import Line
from tracking.pack import pack

if TYPE_CHECKING:
    import pandas

Where = str | type[Element]
PLANES = "xy"
READS: Mapping[str, str] = {"hmonitor": "x", "vmonitor": "y", "hkicker": "x", "vkicker": "y"}  # both for others
KICKS = ("hkick", "vkick")


@dataclass(frozen=True, eq=False)
class Channels:
    """Monitors or correctors, one channel for every plane that they act in.

    Attributes
    ----------
    names : tuple of str
    planes : tuple of str
        ``"x"`` or ``"y"``.
    elements : (n,) int64
        Indices of the elements.
    """

    names: tuple[str, ...]
    planes: tuple[str, ...]
    elements: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.names)

    @property
    def plane(self) -> NDArray[np.int64]:
        """(n,) 0 for x, 1 for y."""
        return np.array([PLANES.index(plane) for plane in self.planes], dtype=np.int64)

    @classmethod
    def of(cls, line: Line, elements: Sequence[int], planes: str) -> Channels:
        """Channels of some elements in `planes`, by plane, then along the line."""
        keywords = [line.elements[i].keyword for i in elements]
        acting = [READS.get(keyword, PLANES) for keyword in keywords]
        found = [(i, p) for p in planes for i, own in zip(elements, acting, strict=True) if p in own]
        indices = np.array([i for i, _ in found], dtype=np.int64)
        return cls(tuple(line.names[i] for i in indices), tuple(p for _, p in found), indices)


@dataclass(frozen=True, eq=False)
class OrbitResponse:
    """Closed orbit at monitors, and its derivatives by the kicks of correctors.

    Attributes
    ----------
    monitors, correctors : Channels
    readings : (m,) array
        Closed orbit at the exits of the monitors, in each channel's plane [m].
    matrix : (m, c) array
        d readings/d kicks [m/rad].
    orbit : ClosedOrbit
        Of the whole line.
    """

    monitors: Channels
    correctors: Channels
    readings: NDArray[np.float64]
    matrix: NDArray[np.float64]
    orbit: ClosedOrbit

    def to_pandas(self) -> pandas.DataFrame:
        """The matrix, rows and columns indexed by name and plane."""
        import pandas

        rows, columns = (
            pandas.MultiIndex.from_arrays([c.names, c.planes], names=["name", "plane"])
            for c in (self.monitors, self.correctors)
        )
        return pandas.DataFrame(self.matrix, index=rows, columns=columns)


def orbit_response(
    line: Line,
    monitors: Where | Sequence[Where] = Monitor,
    correctors: Where | Sequence[Where] = Kicker,
    *,
    planes: str = PLANES,
    dim: int | None = None,
    pzeta: float = 0.0,
) -> OrbitResponse:
    """Response matrix of the closed orbit about itself.

    The orbit z solves M(z, kicks) = z. Its derivative follows from the Jacobian of the one-turn map and from the
    derivatives of each corrector's own map by its kick, both from first-order Taylor series: no finite differences.

    Parameters
    ----------
    line : Line
    monitors, correctors : names, patterns or types, or sequences of them
        Correctors are `Kicker` elements. Horizontal and vertical ones (hmonitor, vkicker, ...) have one plane, all
        others both.
    planes : {"xy", "x", "y"}
    dim, pzeta
        As of `optics.closed_orbit`.

    Returns
    -------
    OrbitResponse

    Raises
    ------
    NoClosedOrbitError
    InputError
        If nothing matches, or a bad argument is given.

    Notes
    -----
    Costs one closed orbit and one short series per corrector, about 1 ms.
    """
    return response_of(line, *channels(line, monitors, correctors, planes), dim, pzeta)


def response_of(
    line: Line, monitors: Channels, correctors: Channels, dim: int | None = None, pzeta: float = 0.0
) -> OrbitResponse:
    """`orbit_response` of known channels."""
    dim = orbit_dimension(line, dim)
    line = line if dim == 6 else without_rf(line)
    found = closed_orbit(line, dim=dim, pzeta=pzeta)
    matrices = _matrices(line, found)
    kicked = _kicks_at_start(line, found, matrices, correctors)
    moved = np.zeros((6, len(correctors)))
    moved[:dim] = np.linalg.solve(np.eye(dim) - found.matrix[:dim, :dim], (found.matrix @ kicked)[:dim])
    behind = monitors.elements[:, None] >= correctors.elements
    rows = matrices[monitors.elements + 1, 2 * monitors.plane]
    matrix = rows @ moved + behind * (rows @ kicked)
    readings = found.orbit[monitors.elements + 1, 2 * monitors.plane]
    return OrbitResponse(monitors, correctors, readings, matrix, found)


def channels(
    line: Line, monitors: Where | Sequence[Where], correctors: Where | Sequence[Where], planes: str
) -> tuple[Channels, Channels]:
    """Channels of the monitors and the correctors.

    Raises
    ------
    InputError
        If there are none, or `planes` is bad.
    """
    if planes not in ("xy", "x", "y"):
        raise InputError(f"orbit response: planes = {planes!r}; expected 'xy', 'x' or 'y'")
    places = _found(line, monitors)
    kickers = [i for i in _found(line, correctors) if isinstance(line.elements[i], Kicker)]
    result = Channels.of(line, places, planes), Channels.of(line, kickers, planes)
    for name, given, one in (("monitors", monitors, result[0]), ("correctors", correctors, result[1])):
        if not len(one):
            kind = "Kicker" if name == "correctors" else "element"
            raise InputError(f"orbit response: {name} = {given!r} matches no {kind} of planes {planes!r}")
    return result


def _found(line: Line, where: Where | Sequence[Where]) -> list[int]:
    wanted = [where] if isinstance(where, (str, type)) else where
    return sorted({i for one in wanted for i in line.find(one)})


def _matrices(line: Line, found: ClosedOrbit) -> NDArray[np.float64]:
    packed = pack(line)
    return linear_pass(packed, found.start, Places.exits(packed)).matrices


def _kicks_at_start(
    line: Line, found: ClosedOrbit, matrices: NDArray[np.float64], correctors: Channels
) -> NDArray[np.float64]:
    """(6, c) changes at the start of the line that act behind each corrector as its kick does."""
    kicked = np.empty((6, len(correctors)))
    for index in np.unique(correctors.elements):
        derivative = np.linalg.solve(matrices[index + 1], _kick_derivatives(line, int(index), found.orbit[index]))
        mine = correctors.elements == index
        kicked[:, mine] = derivative[:, correctors.plane[mine]]
    return kicked


def _kick_derivatives(line: Line, index: int, entrance: NDArray[np.float64]) -> NDArray[np.float64]:
    """(6, 2) derivatives of the coordinates at a corrector's exit by its hkick and vkick."""
    element = line.resolve()[index]
    descriptor = Descriptor(6, 1, 2, 1)
    values = {name: float(getattr(element, name)) for name in KICKS}
    probe = replace(element, **{name: Expression.name(name) for name in KICKS})
    alone = Line([probe], [line.names[index]], line.reference, Knobs(values), line.settings)
    parameters = {name: descriptor.parameter(k, values[name]) for k, name in enumerate(KICKS)}
    return propagate(pack(alone, parameters), descriptor, entrance)[:, 7:9]
