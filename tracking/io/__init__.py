"""Readers of lattice files."""

from tracking.io.madx import MadxError as MadxError
from tracking.io.madx import load_madx as load_madx
from tracking.io.report import Entry as Entry
from tracking.io.report import ImportReport as ImportReport
