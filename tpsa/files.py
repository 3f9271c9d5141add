"""Series and maps in files: numpy archives without pickle, and the text tables of DACE and of GTPSA (MAD-NG).

Both texts have one line per term: number, coefficient with 17 digits, order, exponents. GTPSA's has a header of name,
numbers and orders, and after the exponents of the variables those of the parameters, number^exponent where not zero;
DACE, which has no parameters, ends a series with a line of dashes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from tpsa.descriptor import Descriptor
from tpsa.taylor_map import TaylorMap
from tpsa.tps import TPS

_TERM = re.compile(r"^\s*\d+\s+([-+]?\d[\d.]*(?:[eE][-+]?\d+)?)\s+(\d+)\s+(\d[\d\s^]*)$")
_HEADER = re.compile(
    r"^\s*(\S+)\s*:\s*([RC]),\s*NV\s*=\s*(\d+),\s*MO\s*=\s*(\d+)(?:,\s*NP\s*=\s*(\d+),\s*PO\s*=\s*(\d+))?"
)


def save(path: str | Path, series: TPS | TaylorMap) -> None:
    """Write a series or a map with its descriptor to a numpy archive (.npz) that needs no pickle to read."""
    d = series.descriptor
    np.savez(
        path, coefficients=series.coefficients, names=np.array(d.names),
        numbers=np.array([d.variables, d.order, d.parameters, d.parameter_order]),
        max_orders=np.array(d.limits.each),
    )  # fmt: skip


def load(path: str | Path) -> TPS | TaylorMap:
    """Read what `save` wrote.

    Raises
    ------
    ValueError
        If the archive holds something else.
    """
    with np.load(path, allow_pickle=False) as archive:
        missing = {"coefficients", "names", "numbers", "max_orders"} - set(archive.files)
        if missing:
            raise ValueError(f"{path} is no archive of a series: it has no {', '.join(sorted(missing))}")
        coefficients, numbers = archive["coefficients"], archive["numbers"].tolist()
        descriptor = Descriptor(*numbers, tuple(archive["names"].tolist()), archive["max_orders"].tolist())
    if coefficients.ndim == 1:
        return TPS(descriptor, coefficients)
    return TaylorMap.from_coefficients(descriptor, coefficients)


def to_dace_text(series: TPS) -> str:
    """Text of a series as DACE prints it; parameters are variables there."""
    lines = ["     I  COEFFICIENT              ORDER EXPONENTS"]
    for number, (exponents, value) in enumerate(series.terms().items(), 1):
        powers = " ".join(f"{e:2d}" for e in exponents)
        lines.append(f"{number:6d}  {value:23.16e}{sum(exponents):4d}  {powers}")
    return "\n".join([*lines, "-" * 48])


def from_dace_text(text: str, descriptor: Descriptor) -> TPS:
    """Series of a text that DACE printed.

    Raises
    ------
    ValueError
        If there is no term or a term does not fit the descriptor.
    """
    if "ALL COEFFICIENTS ZERO" in text.upper():
        return descriptor.constant(0.0)
    return _from_terms(text.splitlines(), descriptor)


def to_gtpsa_text(series: TPS, name: str = "tpsa") -> str:
    """Text of a series in the form of MAD-NG's coefficient tables."""
    d = series.descriptor
    header = f" {name:<8}:  R, NV = {d.variables}, MO = {d.order}"
    if d.parameters:
        header += f", NP = {d.parameters}, PO = {d.parameter_order}"
    lines = [header, " " + "*" * 54, "     I   COEFFICIENT             ORDER   EXPONENTS"]
    for number, (exponents, value) in enumerate(series.terms().items(), 1):
        parameters = [f"  {i + 1}^{e}" for i, e in enumerate(exponents) if i >= d.variables and e]
        powers = " ".join(map(str, exponents[: d.variables])) + "".join(parameters)
        lines.append(f"{number:6d}  {value:23.16E} {sum(exponents):4d}     {powers}")
    return "\n".join(lines) + "\n"


def from_gtpsa_text(
    text: str, names: Iterable[str] | None = None, max_orders: Sequence[int] | Mapping[str, int] | None = None
) -> TPS:
    """Series of a MAD-NG coefficient table of real numbers; the descriptor is that of its header.

    The table says nothing of names and of maximum orders of single variables: both may be given.

    Raises
    ------
    ValueError
        If the header is missing or of complex numbers, or a term does not fit it.
    """
    lines = text.strip().splitlines()
    header = _HEADER.match(lines[0]) if lines else None
    if header is None or header[2] != "R":
        raise ValueError(f"expected the header of a real GTPSA table, got {lines[0] if lines else text!r}")
    numbers = [int(header[3]), int(header[4]), int(header[5] or 0), int(header[6] or 0)]
    descriptor = Descriptor(*numbers, names=None if names is None else tuple(names), max_orders=max_orders)
    return _from_terms(lines[1:], descriptor, empty=True)


def _exponents(text: str, count: int) -> list[int]:
    """Exponents of a term: full ones, then number^exponent of single variables or parameters, up to `count`."""
    words = text.split()
    exponents = [int(word) for word in words if "^" not in word]
    sparse = [tuple(map(int, word.split("^"))) for word in words if "^" in word]
    if sparse:
        exponents += [0] * (max(count, *(i for i, _ in sparse)) - len(exponents))
    for i, exponent in sparse:
        exponents[i - 1] = exponent
    return exponents


def _from_terms(lines: Iterable[str], descriptor: Descriptor, empty: bool = False) -> TPS:
    """Series of the lines that are terms."""
    coefficients, found = np.zeros(descriptor.size), empty
    for line in lines:
        term = _TERM.match(line)
        if term is None:
            continue
        exponents = _exponents(term[3], len(descriptor.names))
        if len(exponents) == descriptor.variables:
            exponents += [0] * descriptor.parameters
        if len(exponents) != len(descriptor.names) or not descriptor.keeps(exponents) or sum(exponents) != int(term[2]):
            raise ValueError(f"term {line.strip()!r} does not fit {descriptor}")
        coefficients[descriptor.index(exponents)] = float(term[1])
        found = True
    if not found:
        raise ValueError("no term found; a term is a line of number, coefficient, order and exponents")
    return TPS(descriptor, coefficients)
