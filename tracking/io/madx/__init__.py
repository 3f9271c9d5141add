"""Reader of the MAD-X language."""

from tracking.io.madx.reader import load_madx as load_madx
from tracking.io.madx.source import MadxError as MadxError
