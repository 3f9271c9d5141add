"""Series and maps in files: archives of ours (npz, HDF5) and what DACE, GTPSA (MAD-NG) and PTC (MAD-X) write.

Every reader refuses a damaged file by `FileFormatError`, which names the file or line and what is wrong with it.
"""

from tpsa.archives import load, save
from tpsa.ptc import from_ptc_text, load_map_table, save_map_table, to_ptc_text
from tpsa.texts import from_dace_text, from_gtpsa_text, to_dace_text, to_gtpsa_text

__all__ = [
    "from_dace_text",
    "from_gtpsa_text",
    "from_ptc_text",
    "load",
    "load_map_table",
    "save",
    "save_map_table",
    "to_dace_text",
    "to_gtpsa_text",
    "to_ptc_text",
]
