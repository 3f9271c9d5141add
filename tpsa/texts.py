"""Texts of other codes: the coefficient tables of DACE and of GTPSA (MAD-NG).

Both have one line per term: number, coefficient with 17 digits, order, exponents. GTPSA's has a header of name, numbers
and orders (NO: the largest exponents, of parameters where below PO), and after the exponents of the variables those of
the parameters, number^exponent where not zero; DACE, which has no parameters, ends a series with a line of dashes. A
map is the tables of its components one after the other.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from tpsa.descriptor import Descriptor
from tpsa.errors import FileFormatError
from tpsa.taylor_map import TaylorMap
from tpsa.tps import TPS

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][-+]?\d+)?"
_TERM = re.compile(rf"\s*\d+\s+({NUMBER})(?:\s+({NUMBER})i)?\s+(\d+)\s+(\d[\d\s^]*)$")
_HEADER = re.compile(
    r"\s*(\S+)\s*:\s*([RC]),\s*NV\s*=\s*(\d+),\s*MO\s*=\s*(\d+)(?:,\s*NP\s*=\s*(\d+),\s*PO\s*=\s*(\d+))?"
    r"(?:,\s*NO\s*=\s*(\d[\d\s^]*))?"
)
_DECORATION = re.compile(r"\s*(?:\*+|-+|I\s+COEFFICIENT\s+ORDER\s+EXPONENTS|ALL COMPONENTS ZERO.*|)\s*$")
Term = tuple[complex, int, list[int], str]  # coefficient, order, exponents, line


def to_dace_text(series: TPS | TaylorMap) -> str:
    """Text of a series as DACE prints it, of a map component by component; parameters are variables there.

    Costs a line of text, some microseconds, for each coefficient that is not zero.
    """
    lines = []
    for component in components(series, "DACE"):
        lines.append("     I  COEFFICIENT              ORDER EXPONENTS")
        if not component.coefficients.any():
            lines[-1] = "        ALL COEFFICIENTS ZERO"
        for number, (exponents, value) in enumerate(component.terms().items(), 1):
            powers = " ".join(f"{e:2d}" for e in exponents)
            lines.append(f"{number:6d}  {value:23.16e}{sum(exponents):4d}  {powers}")
        lines.append("-" * 48)
    return "\n".join(lines)


def from_dace_text(text: str, descriptor: Descriptor) -> TPS | TaylorMap:
    """Series of a text that DACE printed, of several such texts a map; costs some ten microseconds a line.

    Raises
    ------
    FileFormatError
        If a line is damaged, a term does not fit the descriptor, or the end is missing.
    """
    tables: list[list[Term]] = [[]]
    begun = False
    for line in text.splitlines():
        if re.fullmatch(r"\s*-{8,}\s*", line):
            tables, begun = [*tables, []], False
            continue
        begun |= bool(line.strip())
        if not re.fullmatch(r"\s*ALL COEFFICIENTS ZERO\s*", line, re.IGNORECASE) and not _DECORATION.match(line):
            tables[-1].append(_term(line, len(descriptor.names)))
    if begun or len(tables) == 1:
        raise FileFormatError("no whole DACE series: each ends with a line of dashes")
    return joined([series_of(terms, descriptor) for terms in tables[:-1]])


def to_gtpsa_text(series: TPS | TaylorMap, name: str = "tpsa") -> str:
    """Text of a series in the form of MAD-NG's coefficient tables, of a map component by component.

    Costs a line of text, some microseconds, for each coefficient that is not zero.
    """
    d = series.descriptor
    header = f"NV = {d.variables}, MO = {d.order}"
    if d.parameters or d.max_orders:
        header += f", NP = {d.parameters}, PO = {d.parameter_order}"
    if d.max_orders:
        bound = (most * (i < d.variables or most < d.parameter_order) for i, most in enumerate(d.max_orders))
        header += f", NO = {_powers(d, list(bound))}"
    lines = []
    for component in components(series):
        kind = "C" if np.iscomplexobj(component.coefficients) else "R"
        lines += [f" {name:<8}:  {kind}, {header}", " " + "*" * 54]
        lines.append("     I   COEFFICIENT             ORDER   EXPONENTS")
        for number, (exponents, value) in enumerate(component.terms().items(), 1):
            imaginary = f" {value.imag:+23.16E}i" if kind == "C" else ""
            powers = _powers(d, exponents)
            lines.append(f"{number:6d}  {value.real:23.16E}{imaginary} {sum(exponents):4d}     {powers}")
        lines.append("")
    return "\n".join(lines)


def from_gtpsa_text(text: str, names: Iterable[str] | None = None) -> TPS | TaylorMap:
    """Series of a MAD-NG coefficient table, of several tables a map; the descriptor is that of the header.

    Costs some ten microseconds for each line.

    Raises
    ------
    FileFormatError
        If a header is missing or another one than the first, a line is damaged, or a term does not fit the header.
    """
    found: list[TPS] = []
    tables: list[tuple[str, Descriptor, list[Term]]] = []
    for line in text.splitlines():
        header = _HEADER.fullmatch(line)
        if header is not None:
            tables.append((header[2], _descriptor(header, names), []))
        elif not _DECORATION.match(line):
            if not tables:
                raise FileFormatError(f"expected the header of a GTPSA table, got {line!r}")
            tables[-1][2].append(_term(line, len(tables[-1][1].names)))
    if not tables:
        raise FileFormatError(f"expected the header of a GTPSA table, got {text[:80]!r}")
    for kind, descriptor, terms in tables:
        if descriptor != tables[0][1]:
            raise FileFormatError(f"tables of one map have headers of {tables[0][1]} and {descriptor}")
        found.append(series_of(terms, descriptor, np.complex128 if kind == "C" else np.float64))
    return joined(found)


def components(series: TPS | TaylorMap, form: str | None = None) -> Iterable[TPS]:
    """Components of a map, or the one series; complex ones are refused for a form of text that has none."""
    if form and np.iscomplexobj(series.coefficients):
        raise ValueError(f"texts of {form} have real coefficients, got complex ones; write .real and .imag")
    return series if isinstance(series, TaylorMap) else (series,)


def joined(found: Sequence[TPS]) -> TPS | TaylorMap:
    """The one series, or a map of several."""
    return found[0] if len(found) == 1 else TaylorMap(found)


def series_of(terms: Iterable[Term], descriptor: Descriptor, dtype: type = np.float64) -> TPS:
    """Series of terms read from a text; no exponents at all are those of the constant.

    Raises
    ------
    FileFormatError
        If a term is none of the descriptor's, comes twice, is complex in a real series, or its order is wrong.
    """
    coefficients, known = np.zeros(descriptor.size, dtype), set()
    for value, order, exponents, line in terms:
        full = exponents + [0] * (len(descriptor.names) - len(exponents))
        right_length = len(exponents) in (0, descriptor.variables, len(descriptor.names))
        if not right_length or not descriptor.keeps(full) or sum(full) != order:
            raise FileFormatError(f"term {line.strip()!r} does not fit {descriptor}")
        i = descriptor.index(full)
        if i in known:
            raise FileFormatError(f"term {line.strip()!r} is the second of these exponents")
        known.add(i)
        coefficients[i] = value.real if dtype is np.float64 else value
        if not np.isfinite(value) or (dtype is np.float64 and value.imag):
            raise FileFormatError(f"term {line.strip()!r}: expected a finite {'real ' * (dtype is np.float64)}number")
    return TPS(descriptor, coefficients)


def to_float(text: str) -> float:
    """A number whose exponent may be marked D, as Fortran does."""
    return float(text.replace("D", "E").replace("d", "e"))


def _term(line: str, count: int) -> Term:
    """A line of a table of DACE or GTPSA."""
    term = _TERM.match(line)
    if term is None:
        raise FileFormatError(f"damaged line {line.strip()!r}: expected number, coefficient, order and exponents")
    value = complex(to_float(term[1]), to_float(term[2] or "0"))
    return value, int(term[3]), _exponents(term[4], count), line


def _descriptor(header: re.Match, names: Iterable[str] | None) -> Descriptor:
    """Descriptor of a GTPSA header."""
    numbers = [int(number or 0) for number in header.group(3, 4, 5, 6)]
    try:
        given = None if header[7] is None else _exponents(header[7], numbers[0] + numbers[2])
        most = given and [*given[: numbers[0]], *(most or numbers[3] for most in given[numbers[0] :])]
        return Descriptor(*numbers, names=None if names is None else tuple(names), max_orders=most)
    except ValueError as error:
        raise FileFormatError(f"no descriptor can be made of the header {header[0].strip()!r}: {error}") from error


def _powers(d: Descriptor, exponents: Sequence[int]) -> str:
    """Exponents as GTPSA writes them: those of variables, then number^exponent of parameters that are not zero."""
    tail = [f"  {i + 1}^{e}" for i, e in enumerate(exponents) if i >= d.variables and e]
    return " ".join(map(str, exponents[: d.variables])) + "".join(tail)


def _exponents(text: str, count: int) -> list[int]:
    """Exponents of a term: full ones, then number^exponent of single variables or parameters, up to `count`."""
    words = text.split()
    exponents = [int(word) for word in words if "^" not in word]
    sparse = [tuple(map(int, word.split("^"))) for word in words if "^" in word]
    if sparse:
        exponents += [0] * (count - len(exponents))
    for i, exponent in sparse:
        if not 1 <= i <= count:
            raise FileFormatError(f"exponents {text!r}: there is no variable or parameter {i} of {count}")
        exponents[i - 1] = exponent
    return exponents
