"""The result of a Twiss calculation: columns along the line, numbers of the line, and ways out to other formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tracking.errors import InputError

if TYPE_CHECKING:
    import pandas

TFS_WIDTH = 26  # characters of a column: tfs-pandas writes 17 digits then

COLUMN_UNITS: Mapping[str, str] = {
    "s": "m",
    "betx": "m", "alfx": "1", "mux": "2 pi", "bety": "m", "alfy": "1", "muy": "2 pi",
    "dx": "m", "dpx": "1", "dy": "m", "dpy": "1",
    "x": "m", "px": "1", "y": "m", "py": "1", "zeta": "m", "pzeta": "1",
    "beta12": "m", "alfa12": "1", "beta21": "m", "alfa21": "1",
    "wx": "1", "phix": "2 pi", "dmux": "2 pi", "wy": "1", "phiy": "2 pi", "dmuy": "2 pi",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class TwissResult:
    """Optics along a line; every array has one entry per place: the start, then the exit of each element (and slice).

    Columns are attributes too (``result.betx``); ``result["qf:2"]`` gives the columns at an element's exit.

    Attributes
    ----------
    names, keywords : tuples of str
        Element names (the start is ``<line>$start``) and MAD-X keywords.
    columns : mapping of str to (n,) array
        - s : position [m].
        - betx, alfx, mux, bety, alfy, muy : Courant-Snyder functions [m], [1] and phase advances [2 pi] of normal
          modes 1 and 2 in their own planes (Mais-Ripken beta11, beta22 where motion is coupled).
        - beta12, alfa12 : function of mode 2 in x [m], [1]; beta21, alfa21 : of mode 1 in y. Zero without coupling.
        - dx, dpx, dy, dpy : dispersion d(x, px, y, py)/d delta [m], [1].
        - x, px, y, py, zeta, pzeta : closed orbit [m], [1].
        - wx, phix, wy, phiy (with ``chromatic=True``) : chromatic amplitudes W [1] and phases [2 pi] per delta,
          W exp(2 pi i phi) = (d beta/beta + i (d alpha - alpha d beta/beta)) / d delta.
        - dmux, dmuy (with ``chromatic=True``) : d(mux, muy)/d delta [2 pi].
    dispersion : (n, 4, k) array
        Taylor coefficients of the orbit (x, px, y, py) in delta^1 ... delta^k.
    normalising : (n, 4, 4) or (n, 6, 6) array
        Symplectic W of the normal modes: (x, px, y, py[, zeta, pzeta]) = W (normalised coordinates).
    matrix : (6, 6) array
        Transfer matrix from the start to the end about the orbit.
    length : float
        Length of the line [m].
    q1, q2 : float
        Tunes with integer part; total phase advances [2 pi] of a line with initial values.
    qs : float or None
        Synchrotron tune (positive), None in four dimensions.
    chromaticity : (2, k) array or None
        Taylor coefficients of q1 and q2 in delta^1 ... delta^k about the off-momentum closed orbit, cavities off.
    alpha_c : (k + 1,) array or None
        Momentum compaction series: dC/C = alpha_c[0] delta + alpha_c[1] delta^2 + ... of the closed orbit's length C.
    beta0, gamma0 : float
        Velocity over c and energy over rest energy of the reference particle.
    periodic : bool
        Whether the optics is the periodic one; False with initial values.
    """

    names: tuple[str, ...]
    keywords: tuple[str, ...]
    columns: Mapping[str, NDArray[np.float64]] = field(repr=False)
    dispersion: NDArray[np.float64] = field(repr=False)
    normalising: NDArray[np.float64] = field(repr=False)
    matrix: NDArray[np.float64] = field(repr=False)
    length: float
    q1: float
    q2: float
    qs: float | None
    chromaticity: NDArray[np.float64] | None
    alpha_c: NDArray[np.float64] | None
    beta0: float
    gamma0: float
    periodic: bool

    def __post_init__(self) -> None:
        for array in (*self.columns.values(), self.dispersion, self.normalising, self.matrix):
            array.setflags(write=False)

    def __getattr__(self, name: str) -> NDArray[np.float64]:
        columns = self.__dict__.get("columns", {})
        if name not in columns:
            raise AttributeError(f"{name!r} is neither a column nor a number of this result; columns: {list(columns)}")
        return columns[name]

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, name: str) -> dict[str, Any]:
        """All columns at the exit of an element."""
        place = self.place(name)
        row = {column: float(values[place]) for column, values in self.columns.items()}
        return {"name": self.names[place], "keyword": self.keywords[place], **row}

    def place(self, name: str) -> int:
        """Index of the exit of an element (the last place that carries its name).

        Raises
        ------
        KeyError
            If no place has this name.
        """
        try:
            return len(self.names) - 1 - self.names[::-1].index(name.lower())
        except ValueError:
            near = get_close_matches(name, self.names, n=3)
            raise KeyError(f"no element {name!r} in this result; similar names: {near}") from None

    def matching(self, pattern: str) -> NDArray[np.int64]:
        """Indices of the places whose name matches a glob such as ``"mq*"`` (case ignored).

        Raises
        ------
        InputError
            If nothing matches.
        """
        chosen = [i for i, name in enumerate(self.names) if fnmatchcase(name.lower(), pattern.lower())]
        if not chosen:
            raise InputError(f"at = {pattern!r} matches none of the {len(self.names)} places; expected a glob of names")
        return np.array(chosen)

    @property
    def closed_orbit(self) -> NDArray[np.float64]:
        """(6,) coordinates at the start [m, 1, m, 1, m, 1]."""
        return np.array([self.columns[name][0] for name in ("x", "px", "y", "py", "zeta", "pzeta")])

    @property
    def dq1(self) -> float | None:
        """dq1/d delta, None where the chromaticity was not computed."""
        return self._chromaticity_of(0)

    @property
    def dq2(self) -> float | None:
        """dq2/d delta, None where the chromaticity was not computed."""
        return self._chromaticity_of(1)

    def _chromaticity_of(self, mode: int) -> float | None:
        return None if self.chromaticity is None else float(self.chromaticity[mode, 0])

    @property
    def gamma_tr(self) -> float | None:
        """Transition energy over rest energy; negative (as in MAD-X) for an imaginary one, None without alpha_c."""
        if self.alpha_c is None or self.alpha_c[0] == 0.0:
            return None
        return float(np.sign(self.alpha_c[0]) / np.sqrt(abs(self.alpha_c[0])))

    @property
    def slip_factor(self) -> float | None:
        """alpha_c[0] - 1/gamma0^2: relative change of the revolution time per delta; positive above transition."""
        return None if self.alpha_c is None else float(self.alpha_c[0] - 1.0 / self.gamma0**2)

    def summary(self) -> dict[str, Any]:
        """Numbers of the whole line, by name."""
        names = ("length", "q1", "q2", "qs", "dq1", "dq2", "gamma_tr", "slip_factor", "beta0", "gamma0")
        alpha_c = None if self.alpha_c is None else float(self.alpha_c[0])
        return {**{name: getattr(self, name) for name in names}, "alpha_c": alpha_c}

    def to_pandas(self) -> pandas.DataFrame:
        """Columns as a data frame indexed by name; the summary is in its ``attrs``."""
        import pandas

        index = pandas.Index(self.names, name="name")
        frame = pandas.DataFrame({"keyword": self.keywords, **self.columns}, index=index)
        frame.attrs.update(self.summary())
        return frame

    def to_tfs(self, path: str | Path) -> None:
        """Write a TFS table with MAD-X column names; quantities that do not exist are left out of the header."""
        import tfs

        frame = self.to_pandas().reset_index()
        frame.columns = [column.upper() for column in frame.columns]
        headers = {name.upper(): number for name, number in self.summary().items() if number is not None}
        table = tfs.TfsDataFrame(frame, headers={"TYPE": "TWISS", **headers})
        tfs.write(path, table, colwidth=TFS_WIDTH, headerswidth=TFS_WIDTH)
