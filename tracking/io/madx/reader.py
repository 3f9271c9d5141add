"""Makes a line of what MAD-X files define."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

from tracking.elements import Drift, Element
from tracking.errors import ElementError, InputError
from tracking.expressions import Expression, ExpressionError
from tracking.fields import Deferred, deferred_fields, expressions, resolved_element
from tracking.io.madx.convert import Converter
from tracking.io.madx.definitions import Definition
from tracking.io.madx.interpreter import Interpreter
from tracking.io.madx.layout import Expander, Layout, Placed
from tracking.io.madx.program import Program
from tracking.io.madx.source import MadxError, Place, Source
from tracking.io.report import ReportBuilder
from tracking.knobs import Knobs, evaluator
from tracking.line import Line
from tracking.reference import ReferenceParticle

OVERLAP = 1e-9  # m; elements that overlap by more are an error
SHORTEST_DRIFT = 1e-6  # m; MAD-X leaves out shorter gaps between elements of a sequence
ROUNDING = 1e-12  # m; gaps and overlaps below are not worth a remark


def load_madx(
    path: str | Path,
    sequence: str | None = None,
    *,
    reference: ReferenceParticle | None = None,
    strict: bool = False,
    unknown: str = "error",
    overlap: float = OVERLAP,
) -> Line:
    """Line of a MAD-X file.

    Variables, elements, sequences, lines, beams and options are read; commands that compute or print are not carried
    out but listed in the line's `report`. Deferred expressions (``:=``) become knobs of the line.

    Parameters
    ----------
    path : str or Path
        The file; files that it calls are looked for beside the one that calls them.
    sequence : str, optional
        Sequence or line to take. Needed where the file has several and no ``use``.
    reference : ReferenceParticle, optional
        In place of the beam of the file.
    strict : bool
        Undefined variables (else 0), unknown attributes and edits of the lattice that are not carried out are errors.
    unknown : {"error", "drift"}
        What becomes of elements of a type that is not known or has no map.
    overlap : float
        By how much [m] elements of a sequence may overlap; they are taken one after the other. MAD-X allows 1e-6.

    Returns
    -------
    Line
        Implicit drifts are named ``drift_1``, ``drift_2``, ...; their lengths are numbers, also between elements whose
        lengths are knobs.

    Raises
    ------
    InputError
        `MadxError`, with file and line, where the file is at fault.
    """
    if unknown not in ("error", "drift"):
        raise InputError(f"load_madx: unknown = {unknown!r}; expected 'error' or 'drift'")
    if not 0.0 <= overlap < math.inf:
        raise InputError(f"load_madx: overlap = {overlap!r}; expected a length in m, 0 or more")
    report = ReportBuilder()
    interpreter = Interpreter(report, strict, unknown)
    source = Source.read(Path(path))
    Program(interpreter).run(source)
    interpreter.finish()
    name = _chosen(interpreter, sequence.lower() if sequence else "", source.file)
    if reference is None:
        if interpreter.beams.find(name) is None:
            place = interpreter.origin(name)
            raise MadxError(place, f"no beam for sequence {name!r}; add a beam command, or give reference=")
        reference = interpreter.beams.reference(name)
        for place, what in interpreter.beams.defaults(name):
            report.add("defaulted", place, what)
    return _Assembly(interpreter, name, reference, overlap).line()


def _chosen(interpreter: Interpreter, wanted: str, file: str) -> str:
    """Name of the sequence or line to take."""
    there = [*interpreter.sequences, *interpreter.lines]
    place = Place(file, 1)
    if wanted:
        if wanted not in there:
            raise MadxError(place, f"no sequence {wanted!r}; there are {sorted(there) or 'none'}")
        return wanted
    if not there:
        raise MadxError(place, "no sequence or line in the file")
    if interpreter.used:
        if interpreter.used not in there:
            raise MadxError(place, f"use of {interpreter.used!r}, which is not there; there are {sorted(there)}")
        return interpreter.used
    inner = interpreter.nested()
    outer = [name for name in there if name not in inner]
    if len(outer) == 1:
        return outer[0]
    raise MadxError(place, f"{len(there)} sequences; give one of {sorted(there)} as sequence=")


@dataclass
class _Assembly:
    """Elements, names and knobs of one sequence."""

    interpreter: Interpreter
    name: str
    reference: ReferenceParticle
    overlap: float
    elements: list[Element] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        table = self.interpreter
        self.lookup = evaluator(table.variables.values, table.variables.missing, {})
        self.converter = Converter(table, self.lookup, self.reference, table.beams.bv(self.name))
        self._made: dict[int, tuple[Element, float, Deferred]] = {}
        self._share_attributes()

    def _share_attributes(self) -> None:
        """Make knobs of the attributes that deferred expressions refer to, as in ``kq := qf->k1``."""
        table = self.interpreter
        for name in table.variables.first_use:
            owner, _, attribute = name.partition("->")
            if attribute and owner in table.elements:
                value = table.elements[owner].attributes.get(attribute, 0.0)
                if isinstance(value, (float, Expression)):
                    table.variables.values[name] = value
                    table.elements[owner].attributes[attribute] = Expression.name(name)

    def line(self) -> Line:
        """The line."""
        try:
            layout = Expander(self.interpreter, self.converter.number, self._length).layout(self.name)
            self._fill(layout)
            knobs = self._knobs()
        except ExpressionError as error:
            raise MadxError(self.interpreter.origin(self.name), str(error)) from error
        what = f"{self.name}: {len(layout.items)} elements, {len(self.elements) - len(layout.items)} implicit drifts"
        self.interpreter.report.add("read", self.interpreter.origin(self.name), what)
        report = self.interpreter.report.finish()
        return Line(self.elements, self.names, self.reference, knobs, name=self.name, report=report)

    def _length(self, definition: Definition) -> float:
        return self._element(definition)[1]

    def _element(self, definition: Definition) -> tuple[Element, float, Deferred]:
        """Element of a definition, its present length and its fields with expressions."""
        if id(definition) not in self._made:
            element = self.converter.element(definition)
            length = self.converter.number(element.length)
            if not length >= 0.0:
                what = f"element {definition.name!r} has length {length}"
                raise MadxError(definition.place, f"{what}; expected 0 or more")
            try:
                deferred = deferred_fields(definition.name, element)
                resolved_element(definition.name, element, deferred, self.lookup)
            except (ElementError, ExpressionError) as error:
                raise MadxError(definition.place, str(error)) from error
            self._made[id(definition)] = (element, length, deferred)
        return self._made[id(definition)]

    def _fill(self, layout: Layout) -> None:
        """Put elements and the drifts between them into the line, each gap as the file's own positions have it."""
        end = 0.0  # of the element in front
        drifts = 0
        overlap = left_out = 0.0
        last: Placed | None = None
        for item in [*layout.items, None]:
            gap = (layout.length if item is None else item.entrance) - end
            if gap > SHORTEST_DRIFT:
                drifts += 1
                self._append(f"drift_{drifts}", Drift(length=gap))
            elif gap < -self.overlap:
                raise self._overlap(last, item, end, layout.length)
            else:
                overlap, left_out = max(overlap, -gap), max(left_out, gap)
            if item is not None:
                self._append(item.definition.name, self._element(item.definition)[0])
                end = item.entrance + item.length
                last = item
        self._remark(layout, overlap, "elements of {} overlap by up to {:.3g} m; taken one after the other")
        self._remark(layout, left_out, "gaps of up to {1:.3g} m in {0} left out, as MAD-X does below 1e-6 m")

    def _remark(self, layout: Layout, distance: float, what: str) -> None:
        """Report a distance [m] by which the line differs from the file's positions."""
        if distance > ROUNDING:
            place = layout.items[0].place if layout.items else self.interpreter.origin(self.name)
            self.interpreter.report.add("approximated", place, what.format(self.name, distance))

    def _append(self, name: str, element: Element) -> None:
        self.names.append(name)
        self.elements.append(element)

    def _overlap(self, last: Placed | None, item: Placed | None, position: float, length: float) -> MadxError:
        """Error for an element that begins before the one in front of it ends."""
        front = f"{last.definition.name!r} (ends at {position:.12g} m)" if last else "the start of the sequence"
        if item is None:
            what = f"{front} reaches beyond sequence {self.name!r} of length {length:.12g} m"
            return MadxError(last.place, f"{what}; correct at or l, or allow an overlap")
        what = f"{item.definition.name!r} (begins at {item.entrance:.12g} m) overlaps {front}"
        by = f"by {position - item.entrance:.3g} m; correct at, l or the order of the elements, or allow an overlap"
        return MadxError(item.place, f"{what} {by}")

    def _knobs(self) -> Knobs:
        """Variables, with the names that only expressions know."""
        values = dict(self.interpreter.variables.values)
        values_used = [value for _, _, deferred in self._made.values() for _, value in deferred]
        pending = [name for value in values_used for x in expressions(value) for name in sorted(x.names)]
        seen = set()
        while pending:
            name = pending.pop()
            if name in seen:
                continue
            seen.add(name)
            if name not in values:
                values[name] = self.lookup(name)
            if isinstance(values[name], Expression):
                pending.extend(sorted(values[name].names))
        return Knobs(values)
