"""Import report: what a reader took from a file, assumed, approximated and left out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, order=True)
class Entry:
    """One remark about a place in a file; `line` counts from 1."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


@dataclass(frozen=True)
class ImportReport:
    """Remarks of one import.

    Parameters
    ----------
    read : tuple of Entry
        Files and what was taken from them.
    defaulted : tuple of Entry
        Values that the file does not give, such as undefined variables, which count as 0.
    approximated : tuple of Entry
        Things taken over with a change that may matter.
    ignored : tuple of Entry
        Statements and attributes that have no effect here.
    """

    read: tuple[Entry, ...] = ()
    defaulted: tuple[Entry, ...] = ()
    approximated: tuple[Entry, ...] = ()
    ignored: tuple[Entry, ...] = ()

    def __str__(self) -> str:
        kinds = {"read": self.read, "defaulted": self.defaulted}
        kinds |= {"approximated": self.approximated, "ignored": self.ignored}
        return "\n".join(f"{kind}: {entry}" for kind, entries in kinds.items() for entry in entries)

    def to_dict(self) -> dict[str, list[dict]]:
        """Remarks by kind, each as a mapping of file, line and what."""
        return {kind: [asdict(entry) for entry in entries] for kind, entries in self.__dict__.items()}


@dataclass
class ReportBuilder:
    """Collects the remarks of an import while it goes on."""

    entries: dict[str, dict[Entry, None]] = field(default_factory=dict)

    def add(self, kind: str, where: tuple[str, int], what: str) -> None:
        """Add a remark of a kind (read, defaulted, approximated, ignored) about a place; equal ones count once."""
        self.entries.setdefault(kind, {})[Entry(*where, what)] = None

    def finish(self) -> ImportReport:
        """The report, remarks in the order of their places."""
        return ImportReport(**{kind: tuple(sorted(entries)) for kind, entries in self.entries.items()})
