"""Maps as PTC has them: its printed tables ("etall") and MAD-X's map table in TFS files.

Variables are PTC's, called as the columns of the map table: x, px, y, py, deltap, t. The fifth is pt of MAD-X where
PTC's layout has time=true, delta else; the sixth is minus MAD-X's t. Coordinates are left as they are: the pair is
called "ptc" in `tracking.coordinates.convert`, which takes series.
"""

import re
from pathlib import Path

import numpy as np

from tpsa.descriptor import Descriptor
from tpsa.errors import FileFormatError
from tpsa.taylor_map import TaylorMap
from tpsa.texts import NUMBER, Term, components, joined, series_of, to_float
from tpsa.tps import TPS

NAMES = ("x", "px", "y", "py", "deltap", "t")
_COLUMNS = ("NX", "NXP", "NY", "NYP", "NDELTAP", "NT")
_HEADER = re.compile(r"\s*(\S+)\s+(\d+),\s*NO\s*=\s*(\d+),\s*NV\s*=\s*(\d+),\s*INA\s*=\s*(\d+)\s*")
_TERM = re.compile(rf"\s*\d+\s+({NUMBER})\s+(\d+)    ((?:[ \d]\d[ \d]\d ?)*(?:[ \d]\d)?)\s*$")
_DECORATION = re.compile(r"\s*(?:\*+|I\s+COEFFICIENT\s+ORDER\s+EXPONENTS|ALL COMPONENTS ZERO.*|)\s*$")
_WIDTH = 26  # characters of a TFS column: tfs-pandas writes 17 digits then


def to_ptc_text(series: TPS | TaylorMap) -> str:
    """Tables of a map, or of one series, as PTC prints them: 13 digits, and all of them on a line of their own.

    Costs two lines of text, some microseconds, for each coefficient that is not zero.
    """
    d = series.descriptor
    lines = []
    for ina, component in enumerate(components(series, "PTC"), 1):
        lines += [f" etall    1, NO ={d.order:5d}, NV ={len(d.names):5d}, INA ={ina:5d}", " " + "*" * 45, ""]
        lines.append("    I  COEFFICIENT          ORDER   EXPONENTS")
        for number, (exponents, value) in enumerate(component.terms().items(), 1):
            pairs = [f"{a:2d}{b:2d}" for a, b in zip(exponents[::2], exponents[1::2], strict=False)]
            powers = " ".join(pairs + [f"{exponents[-1]:2d}"] * (len(exponents) % 2))
            lines += [f"{number:6d}  {value:20.13E}{sum(exponents):5d}    {powers}", f"{value:25.16E}"]
        lines.append(" " * 38)
    return "\n".join(lines)


def from_ptc_text(text: str) -> TPS | TaylorMap:
    """Map of tables that PTC printed (as PTC_NORMAL's file fort.18 holds), a series of one table.

    A component that PTC keeps as a number stands as this number alone, after a blank line. Costs some ten microseconds
    for each line.

    Raises
    ------
    FileFormatError
        If a header is missing or another one than the first, a line is damaged, or a term does not fit the header.
    """
    found: list[tuple[int, int]] = []
    tables: list[list[Term]] = []
    lines, previous = iter(text.splitlines()), ""
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is not None:
            found.append((int(header[4]), int(header[3])))
            tables.append([])
        elif not previous.strip() and re.fullmatch(rf"\s*{NUMBER}\s*", line):
            tables.append([(complex(to_float(line)), 0, [], line)])
        elif not _DECORATION.match(line):
            if not found:
                raise FileFormatError(f"expected the header of a PTC table, got {line!r}")
            tables[-1].append(_term(line, next(lines, "")))
        previous = line
    if len(set(found)) != 1:
        raise FileFormatError(f"expected PTC tables of one NV and NO, got those of {sorted(set(found))}")
    descriptor = _descriptor(*found[0])
    return joined([series_of(terms, descriptor) for terms in tables])


def save_map_table(path: str | Path, m: TaylorMap) -> None:
    """Write a map of up to six variables as a TFS table in the form of MAD-X's map_table, with 17 digits.

    Costs a row of the table, up to a hundred microseconds, for each coefficient that is not zero.

    Raises
    ------
    ValueError
        If the map has more than six variables and parameters together, or is complex.
    """
    import tfs
    from pandas import DataFrame

    count = len(m.descriptor.names)
    if np.iscomplexobj(m.coefficients):
        raise ValueError("save_map_table: map tables have real coefficients, got complex ones")
    if count > len(NAMES):
        raise ValueError(f"save_map_table: at most {len(NAMES)} variables and parameters, got {count}")
    rows = []
    for k, component in enumerate(m, 1):
        for exponents, value in component.terms().items():
            full = [*exponents, *[0] * (len(NAMES) - count)]
            rows.append([f"C{k}_{''.join(map(str, full))}", value, k, count, sum(full), *full])
    frame = DataFrame(rows, columns=["NAME", "COEF", "N_VECTOR", "NV", "ORDER", *_COLUMNS])
    table = tfs.TfsDataFrame(frame, headers={"NAME": "MAP_TABLE", "TYPE": "MAP_TAB", "ORDER": m.descriptor.order})
    tfs.write(path, table, colwidth=_WIDTH, headerswidth=_WIDTH)


def load_map_table(path: str | Path, order: int | None = None) -> TaylorMap:
    """Map of a TFS file of MAD-X's map_table, as `ptc_normal, maptable` and `write, table=map_table` make it.

    MAD-X writes 10 digits unless told otherwise (`set, format="25.17e"`). Costs some ten microseconds for each row.

    Parameters
    ----------
    path : str or Path
    order : int, optional
        Order of the map: the table's header ORDER where there is one, else the highest order of a term.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileFormatError
        If it is no such table or a damaged one.
    """
    import tfs

    if not Path(path).exists():
        raise FileNotFoundError(f"no such file: {path}")
    try:
        table = tfs.read(path)
        columns = table[["N_VECTOR", "NV", "ORDER", *_COLUMNS]].to_numpy(np.float64)
        values = table["COEF"].to_numpy(np.float64)
    except (tfs.errors.TfsFormatError, KeyError, ValueError, IndexError, TypeError) as error:
        raise FileFormatError(f"{path} cannot be read as a map table: {error}") from error
    numbers = columns.astype(np.int64) if np.all(np.isfinite(columns)) else columns - 0.5
    if not len(numbers) or np.any(numbers != columns) or numbers.min() < 0 or numbers.max() > 255:
        raise FileFormatError(f"{path}: a map table has terms, and orders and exponents that are integers up to 255")
    rows, nv, orders, exponents = numbers[:, 0], int(numbers[0, 1]), numbers[:, 2], numbers[:, 3:]
    if np.any(numbers[:, 1] != nv) or not 1 <= nv <= len(NAMES) or not 1 <= rows.min() <= rows.max() <= len(NAMES):
        raise FileFormatError(f"{path}: NV must be one number and N_VECTOR go from 1 to 6, got {set(numbers[:, 1])}")
    if exponents[:, nv:].any():
        raise FileFormatError(f"{path}: a term has an exponent of a variable beyond NV = {nv}")
    descriptor = _descriptor(nv, int(order or table.headers.get("ORDER") or max(orders.max(), 1)))
    terms: list[list[Term]] = [[] for _ in range(max(nv, int(rows.max())))]
    for row, value, degree, powers in zip(rows, values, orders, exponents[:, :nv].tolist(), strict=True):
        terms[row - 1].append((complex(value), int(degree), powers, f"{path}, C{row}_{powers}: {value}"))
    return TaylorMap([series_of(part, descriptor) for part in terms])


def _descriptor(count: int, order: int) -> Descriptor:
    """Descriptor of PTC's variables."""
    try:
        names = NAMES[:count] + tuple(f"k{i + 1}" for i in range(count - len(NAMES)))
        return Descriptor(count, order, names=names)
    except ValueError as error:
        raise FileFormatError(f"NV = {count}, NO = {order}: {error}") from error


def _term(line: str, digits: str) -> Term:
    """A term of a printed table: its line, and the line with all digits of its coefficient."""
    term = _TERM.match(line)
    if term is None or not re.fullmatch(rf"\s*{NUMBER}\s*", digits):
        raise FileFormatError(
            f"damaged term {line.strip()!r}, {digits.strip()!r}: expected number, coefficient, order and exponents, "
            "then all digits of the coefficient"
        )
    short, value = to_float(term[1]), to_float(digits)
    if abs(short - value) > 1e-9 * abs(value):
        raise FileFormatError(f"damaged term {line.strip()!r}: its digits are {digits.strip()!r}")
    places = [5 * (k // 2) + 2 * (k % 2) for k in range(2 * len(term[3]) // 4)]
    exponents = [int(term[3][p : p + 2]) for p in places if term[3][p : p + 2].strip()]
    return complex(value), int(term[2]), exponents, line
