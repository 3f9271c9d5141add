"""Line -> flat arrays: the common input of every engine.

Each element is lowered to rows (op code, parameters); the rows of the whole line stand one after the other in ``ops``,
``ptr`` and ``par``. Parameters that are not plain numbers (Taylor series of knobs, traced JAX values) are kept beside
them in ``generic_rows``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, compress, pairwise
from math import isclose
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from tpsa.gmath import value
from tracking.line import Line, references_along
from tracking.lower import Context, Lowered, Row, lower_in_place
from tracking.ops import RADIATING, Op
from tracking.reference import ReferenceParticle
from tracking.user_maps import uses_zeta

DRIFTS = (Op.DRIFT, Op.DRIFT_EXPANDED)  # maps of one length that form a group
MERGED_KEPT = 4  # merged forms of a line that it remembers


@dataclass(frozen=True)
class PackedLine:
    """A line as flat arrays.

    Attributes
    ----------
    ops : (n,) int64
        Op code of each row.
    ptr : (n + 1,) int64
        Row e has the parameters ``par[ptr[e]:ptr[e + 1]]``.
    par : float64
        Parameters; the constant part where they are Taylor series, NaN where they are traced.
    first_row : (elements + 1,) int64
        Element i has the rows ``first_row[i]:first_row[i + 1]``.
    body_start, body_rows, count : (elements,) int64
        Element i has `count` slices of `body_rows` rows each, from row `body_start` on.
    aperture_kind : (elements,) int64
        `apertures.Kind` of the aperture at each element's exit, -1 for none.
    aperture_ptr, aperture_par : (elements + 1,) int64, float64
        Its numbers, laid out like ``ptr`` and ``par``.
    s : (elements + 1,)
        Position of the start and of every element's exit [m].
    names : tuple of str
    references : tuple of ReferenceParticle
        That of the start, and those after every change of the reference energy.
    stage : (n,) int64
        Which of them each row is relative to.
    generic_rows : dict
        Row number -> parameters, for rows with a parameter that is not a plain number.
    """

    ops: NDArray[np.int64]
    ptr: NDArray[np.int64]
    par: NDArray[np.float64]
    first_row: NDArray[np.int64]
    body_start: NDArray[np.int64]
    body_rows: NDArray[np.int64]
    count: NDArray[np.int64]
    aperture_kind: NDArray[np.int64]
    aperture_ptr: NDArray[np.int64]
    aperture_par: NDArray[np.float64]
    s: NDArray[np.float64]
    names: tuple[str, ...]
    references: tuple[ReferenceParticle, ...]
    stage: NDArray[np.int64]
    generic_rows: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    _merged: dict[bytes, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _remembered: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.ops.size

    @property
    def reference(self) -> ReferenceParticle:
        """Reference particle at the start."""
        return self.references[0]

    @property
    def beta0(self) -> float:
        """Velocity of the reference particle at the start over c."""
        return self.reference.beta0

    @property
    def accelerates(self) -> bool:
        """Whether the reference particle ends with another momentum than it starts with, beyond round-off."""
        return not isclose(self.references[-1].p0c, self.references[0].p0c, rel_tol=1e-12)

    def stages_at(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which of `references` holds at the beginning of each row; the number of rows stands for the line's end."""
        return np.append(self.stage, len(self.references) - 1)[rows]

    @property
    def depends_on_zeta(self) -> bool:
        """Whether any row's map depends on zeta."""
        return any(uses_zeta(code) for code in self.codes.tolist())

    @property
    def radiates(self) -> bool:
        """Whether any row is one of synchrotron radiation."""
        return not RADIATING.isdisjoint(self.codes.tolist())

    @cached_property
    def _kinds(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        codes = 1 + self.ops.max(initial=0)
        distinct, kinds = _numbered(self.stage * codes + self.ops)
        velocities = np.array([reference.beta0 for reference in self.references])
        return distinct % codes, velocities[distinct // codes], kinds

    @property
    def codes(self) -> NDArray[np.int64]:
        """(k,) op codes that occur, once per reference energy."""
        return self._kinds[0]

    @property
    def velocities(self) -> NDArray[np.float64]:
        """(k,) beta0 that goes with each of `codes`."""
        return self._kinds[1]

    @property
    def kinds(self) -> NDArray[np.int64]:
        """(n,) index of each row's op code, and beta0, in `codes` and `velocities`."""
        return self._kinds[2]

    @cached_property
    def shapes(self) -> tuple[list[tuple[int, int, float]], NDArray[np.int64]]:
        """Distinct triples of op code, number of parameters and beta0, and the (n,) index of every row's triple."""
        widths = np.diff(self.ptr)
        size = 1 + widths.max(initial=0)
        distinct, shapes = _numbered(self.kinds * size + widths)
        kinds, counts = np.divmod(distinct, size)
        columns = self.codes[kinds], counts, self.velocities[kinds]
        return list(zip(*(column.tolist() for column in columns), strict=True)), shapes

    def merged(self, boundaries: NDArray[np.int64]) -> tuple[PackedLine, NDArray[np.int64]]:
        """`merge_drifts` of this line, remembered."""
        key = np.asarray(boundaries, dtype=np.int64).tobytes()
        if key not in self._merged:
            if len(self._merged) >= MERGED_KEPT:
                self._merged.pop(next(iter(self._merged)))
            self._merged[key] = merge_drifts(self, boundaries)
        return self._merged[key]

    def remembered(self, name: str, make: Callable[[PackedLine], Any]) -> Any:
        """`make(self)`, made once: what an engine derives from the line alone."""
        if name not in self._remembered:
            self._remembered[name] = make(self)
        return self._remembered[name]

    def section(self, first: int) -> PackedLine:
        """The line from element `first` to its end; positions stay those in the whole line."""
        row, aperture = int(self.first_row[first]), self.aperture_ptr[first]
        stage = int(self.stages_at(np.array(row)))
        return PackedLine(
            ops=self.ops[row:],
            ptr=self.ptr[row:] - self.ptr[row],
            par=self.par[self.ptr[row] :],
            first_row=self.first_row[first:] - row,
            body_start=self.body_start[first:] - row,
            body_rows=self.body_rows[first:],
            count=self.count[first:],
            aperture_kind=self.aperture_kind[first:],
            aperture_ptr=self.aperture_ptr[first:] - aperture,
            aperture_par=self.aperture_par[aperture:],
            s=self.s[first:],
            names=self.names[first:],
            references=self.references[stage:],
            stage=self.stage[row:] - stage,
            generic_rows={e - row: p for e, p in self.generic_rows.items() if e >= row},
        )

    def element_of_row(self, row: int) -> int:
        """Index of the element that a row belongs to."""
        return int(np.searchsorted(self.first_row, row, side="right")) - 1


def pack(line: Line, overrides: Mapping[str, Any] | None = None) -> PackedLine:
    """Lower every element of a line and lay the rows out in flat arrays; remembered for a line without overrides.

    Parameters
    ----------
    line : Line
    overrides : mapping of knob name to value, optional
        Values that replace knobs: numbers, `tpsa.TPS` or traced JAX values.
    """
    if overrides:
        return _pack(line, overrides)
    if line not in _packed_lines:
        _packed_lines[line] = _pack(line, {})
    return _packed_lines[line]


_packed_lines: WeakKeyDictionary[Line, PackedLine] = WeakKeyDictionary()


def _pack(line: Line, overrides: Mapping[str, Any]) -> PackedLine:
    blocks: list[_Block] = []
    known: dict[tuple[int, int], _Block] = {}
    elements = line.resolve(overrides)
    references = references_along(line.names, elements, line.reference) if overrides else line.references
    changed = [new is not old for old, new in pairwise(references)]
    stages = np.cumsum([0, *changed])
    ring = line.length > 0 and len(set(references)) == 1
    frequency = line.revolution_frequency if ring else None
    for name, element, reference, stage in zip(line.names, elements, references, stages.tolist(), strict=False):
        block = known.get((id(element), stage))
        if block is None:
            settings = line.settings.override(**element.settings) if element.settings else line.settings
            lowered = lower_in_place(element, Context(reference, settings, frequency, name))
            block = known[id(element), stage] = _Block(lowered)
        blocks.append(block)
    tests = [(-1, ()) if e.aperture is None else (e.aperture.kind(), e.aperture.numbers()) for e in elements]
    first_row = np.cumsum([0, *(b.ops.size for b in blocks)], dtype=np.int64)
    return PackedLine(
        ops=_joined([b.ops for b in blocks], np.int64),
        ptr=np.concatenate([[0], np.cumsum(_joined([b.widths for b in blocks], np.int64))]).astype(np.int64),
        par=_joined([b.par for b in blocks], np.float64),
        first_row=first_row,
        body_start=first_row[:-1] + np.array([b.n_entry for b in blocks], dtype=np.int64),
        body_rows=np.array([b.n_body for b in blocks], dtype=np.int64),
        count=np.array([b.count for b in blocks], dtype=np.int64),
        aperture_kind=np.array([kind for kind, _ in tests], dtype=np.int64),
        aperture_ptr=np.cumsum([0, *(len(numbers) for _, numbers in tests)], dtype=np.int64),
        aperture_par=np.array(list(chain.from_iterable(numbers for _, numbers in tests)), dtype=np.float64),
        s=np.asarray(line.s, dtype=float),
        names=tuple(line.names),
        references=(references[0], *compress(references[1:], changed)),
        stage=np.repeat(stages[:-1], [b.ops.size for b in blocks]),
        generic_rows={int(f) + e: p for f, b in zip(first_row, blocks, strict=False) for e, p in b.generic.items()},
    )


def merge_drifts(packed: PackedLine, boundaries: NDArray[np.int64]) -> tuple[PackedLine, NDArray[np.int64]]:
    """Join neighbouring drift rows of the same kind, except across the given rows.

    Drifts of one kind form a group, so that the map stays the same. Element boundaries of the result are meaningless.

    Parameters
    ----------
    packed : PackedLine
    boundaries : (m,) int64
        Rows, ascending, before which the state must stay observable.

    Returns
    -------
    PackedLine, (m,) int64
        The shorter line and the rows that the boundaries have become.
    """
    ops = packed.ops
    same = np.zeros(ops.size, dtype=bool)
    same[1:] = np.isin(ops[1:], DRIFTS) & (ops[1:] == ops[:-1])
    inside = boundaries[boundaries < ops.size]
    same[inside] = False
    generic = np.fromiter(packed.generic_rows, dtype=np.int64, count=len(packed.generic_rows))
    same[generic] = False
    same[generic[generic + 1 < ops.size] + 1] = False
    first = np.flatnonzero(~same)
    new_row = np.cumsum(~same) - 1
    widths = np.diff(packed.ptr)[first]
    ptr = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
    par = packed.par[_spans(packed.ptr[first], widths)]
    joined = np.flatnonzero(same)
    np.add.at(par, ptr[new_row[joined]], packed.par[packed.ptr[joined]])
    rows_of = np.append(new_row, first.size)
    merged = PackedLine(
        ops=ops[first],
        ptr=ptr,
        par=par,
        first_row=np.array([0, first.size]),
        body_start=np.zeros(1, dtype=np.int64),
        body_rows=np.zeros(1, dtype=np.int64),
        count=np.zeros(1, dtype=np.int64),
        aperture_kind=np.full(1, -1),
        aperture_ptr=np.zeros(2, dtype=np.int64),
        aperture_par=np.zeros(0),
        s=packed.s[[0, -1]],
        names=("merged",),
        references=packed.references,
        stage=packed.stage[first],
        generic_rows={int(rows_of[e]): p for e, p in packed.generic_rows.items()},
    )
    return merged, rows_of[boundaries]


class _Block:
    """The rows of one lowered element, as arrays."""

    def __init__(self, lowered: Lowered) -> None:
        rows: list[Row] = [*lowered.entry, *lowered.body * lowered.count, *lowered.exit]
        self.n_entry, self.n_body, self.count = len(lowered.entry), len(lowered.body), lowered.count
        self.ops = np.array([op for op, _ in rows], dtype=np.int64)
        self.widths = np.array([len(p) for _, p in rows], dtype=np.int64)
        self.generic: dict[int, tuple[Any, ...]] = {}
        flat = list(chain.from_iterable(p for _, p in rows))
        if not all(isinstance(p, (float, int)) for p in flat):
            self.generic = {e: p for e, (_, p) in enumerate(rows) if not all(isinstance(q, (float, int)) for q in p)}
            flat = [_constant_part(p) for p in flat]
        self.par = np.array(flat, dtype=np.float64)


def _constant_part(parameter: Any) -> float:
    """A number for the float array: the constant part of a series, NaN for a traced value."""
    try:
        return float(value(parameter))
    except TypeError:
        return float("nan")


def _numbered(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct values, ascending, of small integers from 0 on, and which of them each key is."""
    distinct = np.flatnonzero(np.bincount(keys))
    place = np.zeros(1 + distinct.max(initial=0), dtype=np.int64)
    place[distinct] = np.arange(distinct.size)
    return distinct, place[keys]


def _joined(arrays: list[NDArray[Any]], dtype: type) -> NDArray[Any]:
    return np.concatenate(arrays).astype(dtype, copy=False) if arrays else np.zeros(0, dtype=dtype)


def _spans(starts: NDArray[np.int64], widths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Indices start, start + 1, ... start + width - 1 of every span, one after the other."""
    ends = np.cumsum(widths)
    return np.arange(ends[-1] if ends.size else 0) + np.repeat(starts - (ends - widths), widths)
