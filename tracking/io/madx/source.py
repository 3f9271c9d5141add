"""Text of a MAD-X file, and errors that show the place in it."""

from __future__ import annotations

import re
import string
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from tracking.errors import InputError

MAX_FILE = 256 * 2**20  # bytes of one file
# The last kind of comment is the & of MAD-8 at the end of a line that goes on.
_COMMENT_OR_STRING = re.compile(
    r"""\"[^"]*\"|'[^']*'|![^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z)|(?<!&)&(?=[ \t\r]*(?:!|\n))""", re.DOTALL
)
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def _blanked(match: re.Match) -> str:
    """Blanks for a comment; a string, or a comment that is never closed, stays."""
    text = match[0]
    unclosed = text.startswith("/*") and not text.endswith("*/")
    return text if text[0] in "\"'" or unclosed else " " * len(text)


class Place(NamedTuple):
    """File and line (from 1) of a statement."""

    file: str
    line: int


class MadxError(InputError):
    """A MAD-X file that cannot be read; `file` and `line` say where."""

    def __init__(self, place: Place, message: str) -> None:
        self.file, self.line = place
        super().__init__(f"{place.file}:{place.line}: {message}")


@dataclass(frozen=True)
class Source:
    """Text of a file or of a macro body.

    Parameters
    ----------
    file : str
        File name to show.
    text : str
    first_line : int
        Line of the file that the text begins at.
    folder : Path
        Where the files that it calls are looked for.
    first_folder : Path
        The folder of the file that was read first, where they are looked for else.
    """

    file: str
    text: str
    first_line: int = 1
    folder: Path = field(default_factory=Path)
    first_folder: Path = field(default_factory=Path)

    @classmethod
    def read(cls, path: Path, first_folder: Path | None = None) -> Source:
        """Source of a file; the first one of a program without `first_folder`.

        Raises
        ------
        InputError
            If there is no such file, it cannot be read, or is larger than `MAX_FILE`.
        """
        try:
            size = path.stat().st_size
            if size > MAX_FILE:
                raise InputError(f"{path}: {size} bytes; a file of more than {MAX_FILE} bytes is refused")
            text = path.read_text(encoding="utf-8-sig", errors="replace")
            return cls(path.name, text, folder=path.parent, first_folder=first_folder or path.parent)
        except OSError as error:
            raise InputError(f"cannot read MAD-X file {str(path)!r}: {error.strerror}; check the path") from None

    @cached_property
    def code(self) -> str:
        """The text in lower case with blanks for comments, of the same length."""
        return _COMMENT_OR_STRING.sub(_blanked, self.text.translate(_LOWER))

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        while (found := self.text.find("\n", starts[-1])) >= 0:
            starts.append(found + 1)
        return starts

    def place(self, offset: int) -> Place:
        """Place of an offset in the text."""
        return Place(self.file, self.first_line - 1 + bisect_right(self._line_starts, offset))

    def error(self, offset: int, message: str) -> MadxError:
        """Error that shows the line of an offset with a caret below the place."""
        row = bisect_right(self._line_starts, offset) - 1
        start = self._line_starts[row]
        line = self.text[start:].split("\n", 1)[0].rstrip("\r")
        first = max(0, offset - start - 60)
        excerpt = line[first : first + 110].replace("\t", " ")
        return MadxError(self.place(offset), f"{message}\n    {excerpt}\n    {' ' * (offset - start - first)}^")
