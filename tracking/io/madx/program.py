"""Runs through MAD-X files: calls, conditions, loops and macros."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tracking.errors import InputError
from tracking.expressions import Expression, ExpressionError
from tracking.io.madx.grammar import parse_condition, parse_statement
from tracking.io.madx.interpreter import Interpreter
from tracking.io.madx.scanner import Block, Macro, Plain, scan
from tracking.io.madx.source import MadxError, Source
from tracking.io.madx.variables import whole

MAX_NESTING = 50  # files, macros and blocks inside each other
MAX_STATEMENTS = 500_000  # carried out in all
MAX_TEXT = 2**24  # characters of one expanded macro

_CALL = re.compile(r"call\s*,?\s*file\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s,;]+)\s*;")
_EXEC = re.compile(r"exec\s*,?\s*([a-z_][\w.$]*)\s*(?:\((.*)\))?\s*;", re.DOTALL)
_FIRST = re.compile(r"[a-z_][\w.$]*(?=\s*[,;{\"']|\s+[\w#+-](?!>))")
_LEAVE = re.compile(r"(return|stop|exit|quit)\s*;")


class Return(Exception):
    """A return statement: the rest of the file or macro is left out."""


class Stop(Exception):
    """A stop statement: the rest of everything is left out."""


@dataclass
class Program:
    """Runs files with an interpreter.

    Parameters
    ----------
    interpreter : Interpreter
    """

    interpreter: Interpreter
    macros: dict[str, tuple[Macro, Source]] = field(default_factory=dict)
    _depth: int = 0
    _left: int = MAX_STATEMENTS

    def run(self, source: Source) -> None:
        """Run a file to its end, or to the statement that stops it."""
        try:
            self._call(source)
        except Stop:
            pass

    def _call(self, source: Source) -> None:
        """Run a file or an expanded macro."""
        if source.code.count(";") > self._left:
            raise MadxError(source.place(0), f"more than {MAX_STATEMENTS} statements are refused")
        try:
            self._body(source, 0, len(source.text))
        except Return:
            pass

    def _body(self, source: Source, start: int, end: int) -> None:
        """Run text[start:end]: a file, an expanded macro or a block."""
        if self._depth >= MAX_NESTING:
            what = f"files, macros and blocks nested more than {MAX_NESTING} deep are refused"
            raise MadxError(source.place(start), what)
        self._depth += 1
        try:
            self._pieces(source, start, end)
        finally:
            self._depth -= 1

    def _pieces(self, source: Source, start: int, end: int) -> None:
        taken = False  # whether a branch of the present if was taken
        for piece in scan(source, start, end):
            self._left -= 1
            if self._left < 0:
                raise source.error(piece.start, f"more than {MAX_STATEMENTS} statements carried out; an endless loop?")
            if isinstance(piece, Plain):
                self._plain(source, piece)
            elif isinstance(piece, Macro):
                self.macros[piece.name] = (piece, source)
            elif piece.keyword == "while":
                while self._holds(source, piece):
                    self._left -= 1
                    self._body(source, *piece.body)
            else:
                taken = self._branch(source, piece, taken)

    def _branch(self, source: Source, block: Block, taken: bool) -> bool:
        """Run a branch of an if where it is the first that holds; whether one of the if was taken so far."""
        if block.keyword == "if":
            taken = False
        if taken or (block.keyword != "else" and not self._holds(source, block)):
            return taken
        self._body(source, *block.body)
        return True

    def _holds(self, source: Source, block: Block) -> bool:
        """Whether the condition of a block is true now."""
        if self._left < 0:
            raise source.error(block.start, f"more than {MAX_STATEMENTS} statements carried out; an endless loop?")
        condition = parse_condition(source, *block.condition)
        try:
            return self.interpreter.variables.number(condition) != 0.0
        except ExpressionError as error:
            raise source.error(block.start, str(error)) from error

    def _plain(self, source: Source, piece: Plain) -> None:
        text = source.code
        if _LEAVE.match(text, piece.start, piece.end):
            raise Return if text.startswith("return", piece.start) else Stop
        if call := _CALL.match(text, piece.start, piece.end):
            return self._call(self._called(source, *call.span(1)))
        if execution := _EXEC.match(text, piece.start, piece.end):
            return self._call(self._expanded(source, piece.start, execution))
        word = _FIRST.match(text, piece.start, piece.end)
        if word and self.interpreter.skips(word[0]):
            return self.interpreter.skip(word[0], source.place(piece.start))
        self.interpreter.execute(parse_statement(source, piece.start, piece.end), source.place(piece.start))

    def _called(self, source: Source, start: int, end: int) -> Source:
        """Source of a called file, looked for beside the file that calls it, then beside the first one (as MAD-X)."""
        name = source.text[start:end].strip("\"'")
        try:
            folder = source.folder if (source.folder / name).exists() else source.first_folder
            return Source.read(folder / name, source.first_folder)
        except InputError as error:
            raise source.error(start, str(error)) from None

    def _expanded(self, source: Source, start: int, execution: re.Match) -> Source:
        """Body of a macro with its arguments put in, as text."""
        name = execution[1]
        if name not in self.macros:
            raise source.error(start, f"no macro {name!r}; there are {sorted(self.macros) or 'none'}")
        macro, origin = self.macros[name]
        body = origin.text[slice(*macro.body)]
        given = [argument.strip() for argument in (execution[2] or "").split(",")]
        for argument, text in zip(macro.arguments, given, strict=False):
            if text.startswith("$"):
                text = self._whole_number(source, start, text[1:])
            found = len(re.findall(re.escape(argument), body, re.IGNORECASE))
            if len(body) + found * (len(text) - len(argument)) > MAX_TEXT:
                raise source.error(start, f"macro {name!r} expands to more than {MAX_TEXT} characters; refused")
            body = re.sub(re.escape(argument), lambda _, text=text: text, body, flags=re.IGNORECASE)
        place = origin.place(macro.body[0])
        return Source(place.file, body, place.line, origin.folder, origin.first_folder)

    def _whole_number(self, source: Source, start: int, name: str) -> str:
        """Text of the whole part of a variable's present value."""
        try:
            return str(whole(self.interpreter.variables.number(Expression.name(name))))
        except ExpressionError as error:
            raise source.error(start, str(error)) from error
