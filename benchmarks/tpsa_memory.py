"""Memory that our algebra, GTPSA and DACE have allocated and keep, in bytes.

"descriptor" counts the tables of products, "product" also what a product needs (ours makes a workspace for 256 series,
which becomes resident only as it is used), "compose" also what a composition of the identity with itself needs; less
what is there after the same with a small descriptor. Needs the GNU C library, whose allocator is asked.
"""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from benchmarks import common
from benchmarks.algebra import case_name
from tpsa import Descriptor, TaylorMap

CASES = ((6, 4), (6, 6), (6, 8), (6, 10), (2, 20), (4, 10), (6, 4, 2, 2), (6, 3, 6, 2), (6, 2, 20, 1))
SMALL = (2, 2, 1, 1)


def ours(variables: int, order: int, parameters: int = 0, parameter_order: int = 0) -> Iterator[Any]:
    """Descriptor, product and composition of ours."""
    d = Descriptor(variables, order, parameters, parameter_order)
    yield d.tables
    x, y, *_ = d.identity()
    yield x * y
    yield TaylorMap.identity(d) @ TaylorMap.identity(d)


def gtpsa(variables: int, order: int, parameters: int = 0, parameter_order: int = 0) -> Iterator[Any]:
    """Descriptor, product and composition of GTPSA."""
    from madng_tpsa import Descriptor as Basis
    from madng_tpsa._cffi import ffi
    from madng_tpsa.paths import core_library

    more = {"num_params": parameters, "param_order": parameter_order} if parameters else {}
    basis = Basis(variables, order, **more)
    yield basis
    series = list(basis.vars()) + [basis.param(k + 1) for k in range(parameters)]
    yield series[0] * series[1]
    results = [basis.zero() for _ in range(variables)]
    identity, out = (
        (ctypes.c_void_p * len(part))(*(int(ffi.cast("uintptr_t", one.ptr)) for one in part))
        for part in (series, results)
    )
    ctypes.CDLL(core_library()).mad_tpsa_compose(variables, identity, len(series), identity, out)
    yield results


def dace(variables: int, order: int, parameters: int = 0, parameter_order: int = 0) -> Iterator[Any]:
    """Descriptor, product and composition of DACE, whose memory is made once for a process."""
    from daceypy import DA, array

    DA.init(order, variables)
    yield DA
    identity = array.identity(variables)
    yield identity[0] * identity[1]
    yield identity.eval(identity)


CODES = {"ours": ours, "gtpsa": gtpsa, "dace": dace}
PACKAGES = {"gtpsa": "madng_tpsa", "dace": "daceypy"}
OPS = ("descriptor", "product", "compose")


class _HeapState(ctypes.Structure):
    """`struct mallinfo2` of glibc."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"
        )
    )  # fmt: skip


def in_use() -> int:
    """Bytes that this process has from the C library's allocator and has not freed."""
    ask = ctypes.CDLL(None).mallinfo2
    ask.restype = _HeapState
    state = ask()
    return state.uordblks + state.hblkhd


def growth(code: str, numbers: tuple[int, ...]) -> list[int]:
    """Bytes by which a fresh process grows at each step of a code."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.tpsa_memory", "--child", code, json.dumps(numbers)],
        cwd=common.ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def measure(code: str, numbers: tuple[int, ...]) -> list[int]:
    """Bytes by which this process grows at each step of a code, after the same with a small descriptor."""
    keep, found = list(CODES[code](*SMALL[: len(numbers)])), []
    gc.collect()
    before = in_use()
    for step in CODES[code](*numbers):
        keep.append(step)
        gc.collect()
        found.append(in_use() - before)
    return found


@click.command()
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the rows to this file.")
@click.option("--child", nargs=2, hidden=True, help="Print the growth of one code at one descriptor, as JSON.")
def main(child: tuple[str, str] | None, json_path: Path | None) -> None:
    """Memory of descriptors beside GTPSA and DACE."""
    if child:
        print(json.dumps(measure(child[0], tuple(json.loads(child[1])))))
        return
    rows, where = [], common.environment()
    for numbers in CASES:
        own, case = growth("ours", numbers), case_name(Descriptor(*numbers))
        for name, package in PACKAGES.items():
            if importlib.util.find_spec(package) is None or (name == "dace" and len(numbers) > 2):
                continue
            for op, ours_bytes, peer_bytes in zip(OPS, own, growth(name, numbers), strict=True):
                ratio = peer_bytes / ours_bytes
                rows.append({
                    "case": case, "op": op, "peer": name, "ours_bytes": ours_bytes, "peer_bytes": peer_bytes,
                    "ratio": ratio, "machine": where,
                })  # fmt: skip
                mebibytes = f"{ours_bytes / 2**20:8.2f} {peer_bytes / 2**20:8.2f} MiB"
                print(f"{case:10} {op:10} {name:6} {mebibytes} {ratio:6.2f}")
    common.store(rows, json_path or common.RESULTS / "tpsa_memory.json")


if __name__ == "__main__":
    main()
