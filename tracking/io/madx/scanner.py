"""Splits the text of a MAD-X file into statements, blocks and macros."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tracking.io.madx.source import Source

MAX_NESTING = 100  # braces inside each other

_SKIP = re.compile(r"[\s;]*+")
_PLAIN = re.compile(r"""(?>[^;"']++|"[^"]*+"|'[^']*+')*+;""")
_BLOCK = re.compile(r"(if|elseif|else|while)\s*(?=[({])([^{;]*)\{")
_MACRO = re.compile(r"([a-z_][\w.$]*)\s*(?:\(([^()]*)\))?\s*:\s*macro\s*+=?\s*\{")
_BRACE = re.compile(r"""[{}]|"[^"]*+"|'[^']*+'""")


@dataclass(frozen=True)
class Plain:
    """Statement at text[start:end], semicolon included."""

    start: int
    end: int


@dataclass(frozen=True)
class Block:
    """``if``, ``elseif``, ``else`` or ``while`` with the places of its condition and its body."""

    keyword: str
    start: int
    condition: tuple[int, int]
    body: tuple[int, int]


@dataclass(frozen=True)
class Macro:
    """``name(arguments): macro = {body}``."""

    name: str
    arguments: tuple[str, ...]
    start: int
    body: tuple[int, int]


def scan(source: Source, start: int, end: int) -> Iterator[Plain | Block | Macro]:
    """Pieces of text[start:end], one after the other.

    Raises
    ------
    MadxError
        For a statement or block that has no end.
    """
    text = source.code
    position = _SKIP.match(text, start, end).end()
    while position < end:
        if block := _BLOCK.match(text, position, end):
            close = _closing_brace(source, block.end(), end)
            yield Block(block[1], position, block.span(2), (block.end(), close))
            position = close + 1
        elif macro := _MACRO.match(text, position, end):
            close = _closing_brace(source, macro.end(), end)
            arguments = tuple(name.strip() for name in (macro[2] or "").split(",") if name.strip())
            yield Macro(macro[1], arguments, position, (macro.end(), close))
            position = close + 1
        elif plain := _PLAIN.match(text, position, end):
            yield Plain(position, plain.end())
            position = plain.end()
        else:
            raise source.error(position, "syntax error: no semicolon ends this statement, or a quote is left open")
        position = _SKIP.match(text, position, end).end()


def _closing_brace(source: Source, start: int, end: int) -> int:
    """Offset of the brace that closes the one in front of `start`."""
    depth = 1
    for match in _BRACE.finditer(source.code, start, end):
        if match[0] == "{":
            depth += 1
            if depth > MAX_NESTING:
                raise source.error(match.start(), f"braces nested more than {MAX_NESTING} deep are refused")
        elif match[0] == "}":
            depth -= 1
            if depth == 0:
                return match.start()
    raise source.error(start - 1, "syntax error: this brace is never closed")
