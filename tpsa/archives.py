"""Archives of series and maps with their descriptor: numpy's npz and HDF5, both read without unpickling anything.

Both hold the same arrays. `exponents` repeats what the descriptor says: other programs need it, and a reader whose
monomials have another order finds out.
"""

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tpsa.descriptor import Descriptor
from tpsa.errors import FileFormatError
from tpsa.taylor_map import TaylorMap
from tpsa.tps import TPS

FORMAT, VERSION = "truncated power series", 1
HDF5_SUFFIXES = (".h5", ".hdf5")
_ARRAYS = ("coefficients", "exponents")
_ATTRIBUTES = ("format", "version", "numbers", "names", "max_orders")


def save(path: str | Path, series: TPS | TaylorMap, group: str = "/") -> None:
    """Write a series or a map with its descriptor to a file; one pass over the coefficients.

    Parameters
    ----------
    path : str or Path
        HDF5 where it ends in .h5 or .hdf5, else a numpy archive, to which numpy adds .npz if it is not there.
    series : TPS or TaylorMap
    group : str
        Group of an HDF5 file, for several series in one file: "/" replaces the file, another is added to it.

    Raises
    ------
    ValueError
        If a coefficient is not finite, or the group exists.
    """
    if not np.all(np.isfinite(series.coefficients)):
        raise ValueError(f"save: the series for {path} has coefficients that are not finite")
    d = series.descriptor
    numbers = np.array([d.variables, d.order, d.parameters, d.parameter_order])
    arrays = {"coefficients": series.coefficients, "exponents": d.exponents}
    attributes = {"format": FORMAT, "version": VERSION, "numbers": numbers, "max_orders": np.array(d.limits.each)}
    if Path(path).suffix not in HDF5_SUFFIXES:
        np.savez(path, **arrays, **attributes, names=np.array(d.names))
        return
    import h5py

    with h5py.File(path, "w" if group == "/" else "a") as file:
        if group != "/" and group in file:
            raise ValueError(f"save: {path} has a group {group!r} already; choose another name")
        place = file.require_group(group)
        for name, array in arrays.items():
            place[name] = array
        place.attrs.update(attributes)
        place.attrs["names"] = np.array(d.names, h5py.string_dtype())


def load(path: str | Path, group: str = "/") -> TPS | TaylorMap:
    """Read what `save` wrote: a series, or a map where there are several rows of coefficients.

    Costs a pass over the coefficients, and the tables of the descriptor where they are not there yet.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileFormatError
        If the file is damaged, holds something else, or is of a later version.
    """
    try:
        content = _from_hdf5(path, group) if Path(path).suffix in HDF5_SUFFIXES else _from_npz(path)
    except FileNotFoundError:
        raise
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise FileFormatError(f"{path} cannot be read as an archive of a series: {error}") from error
    return _restore(path, content)


def _from_npz(path: str | Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in (*_ARRAYS, *_ATTRIBUTES) if name in archive.files}


def _from_hdf5(path: str | Path, group: str) -> dict[str, Any]:
    import h5py

    with h5py.File(path, "r") as file:
        place = file[group]
        arrays = {name: place[name][()] for name in _ARRAYS if name in place}
        return arrays | {name: np.asarray(place.attrs[name]) for name in _ATTRIBUTES if name in place.attrs}


def _restore(path: str | Path, content: Mapping[str, Any]) -> TPS | TaylorMap:
    """Series of an archive's arrays, each of which is checked."""

    def require(holds: bool, problem: str) -> None:
        if not holds:
            raise FileFormatError(f"{path}: {problem}")

    missing = {*_ARRAYS, *_ATTRIBUTES} - set(content)
    require(not missing, f"no archive of a series, it has no {', '.join(sorted(missing))}")
    require(str(content["format"]) == FORMAT, f"format {content['format']!s}; expected {FORMAT}")
    require(str(content["version"]) == str(VERSION), f"version {content['version']!s}; this release reads {VERSION}")
    numbers, names, coefficients = content["numbers"], content["names"], content["coefficients"]
    require(numbers.shape == (4,), f"numbers of shape {numbers.shape}; expected (4,)")
    try:
        descriptor = Descriptor(*numbers.tolist(), tuple(map(str, names.tolist())), content["max_orders"].tolist())
        exponents = descriptor.exponents
    except (TypeError, ValueError) as error:
        raise FileFormatError(f"{path}: no descriptor can be made of its numbers: {error}") from error
    require(np.array_equal(exponents, content["exponents"]), "its monomials are not those of its descriptor")
    require(coefficients.dtype in (np.float64, np.complex128), f"coefficients of type {coefficients.dtype}")
    require(
        coefficients.ndim in (1, 2) and coefficients.size > 0 and coefficients.shape[-1] == descriptor.size,
        f"coefficients of shape {coefficients.shape}; expected ({descriptor.size},) or (n, {descriptor.size})",
    )
    require(bool(np.all(np.isfinite(coefficients))), "it has coefficients that are not finite")
    if coefficients.ndim == 1:
        return TPS(descriptor, coefficients)
    return TaylorMap.from_coefficients(descriptor, coefficients)
