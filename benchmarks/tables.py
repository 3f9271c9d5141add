"""Write the tables of the pages from the stored rows: ``python -m benchmarks.tables [--check]``.

A table stands between ``<!-- table: NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterable, Sequence
from functools import partial

import click

from benchmarks.common import RESULTS, ROOT, Row

PAGES = (ROOT / "README.md", *(ROOT / "docs" / f"{name}.md" for name in ("accuracy", "tpsa", "tracking")))
REGION = re.compile(r"(<!-- table: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
PEER_NAMES = {"madng": "MAD-NG", "ptc": "PTC", "madx": "MAD-X", "xtrack": "xtrack", "pyat": "pyAT"}


def stored(name: str) -> list[Row]:
    """Rows of a benchmark, none where it has not been run."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def markdown(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A table; every column but the first is aligned right."""
    lines = [" | ".join(head), " | ".join(["---"] + ["---:"] * (len(head) - 1)), *(" | ".join(cells) for cells in body)]
    return "".join(f"| {line} |\n" for line in lines)


def digits(number: float) -> str:
    """Three significant digits, all digits before the point."""
    return f"{number:.0f}" if number >= 100.0 else f"{number:#.3g}"


def milliseconds(seconds: float) -> str:
    """Seconds as milliseconds."""
    return digits(seconds * 1e3)


def measured(name: str) -> list[Row]:
    """Stored rows that have numbers."""
    return [row for row in stored(name) if "note" not in row]


def speed_maps() -> str:
    """One line per lattice and order: our time, MAD-NG's and the ratios."""
    rows = {(row["case"], row["order"], row["peer"]): row for row in measured("one_turn_map")}
    body = []
    for case, order in dict.fromkeys((case, order) for case, order, _ in rows):
        madng, ptc = rows.get((case, order, "madng")), rows.get((case, order, "ptc"))
        cells = ["-"] * 3
        if madng:
            cells = [milliseconds(madng["ours_s"]), milliseconds(madng["peer_s"]), digits(madng["ratio"])]
        error = f"{madng['error']:.1g}" if madng else "-"
        body.append([case, str(order), *cells, digits(ptc["ratio"]) if ptc else "-", error])
    head = ("lattice", "order", "ours [ms]", "MAD-NG [ms]", "MAD-NG / ours", "PTC / ours", "map difference to MAD-NG")
    return markdown(head, body) + machine_line("one_turn_map")


def speed_twiss() -> str:
    """One line per lattice and peer."""
    head = ("lattice", "peer", "ours [ms]", "peer [ms]", "peer / ours", "tune difference", "chromaticity difference")
    body = [
        [
            row["case"], PEER_NAMES[row["peer"]], milliseconds(row["ours_s"]), milliseconds(row["peer_s"]),
            digits(row["ratio"]), f"{row['error']:.1g}", f"{row['chromaticity_error']:.1g}",
        ]
        for row in measured("twiss")
    ]  # fmt: skip
    return markdown(head, body) + machine_line("twiss")


def microseconds(seconds: float) -> str:
    """Seconds as microseconds."""
    return digits(seconds * 1e6)


def speed_tracking() -> str:
    """One line per lattice, model and peer: our time with each number of particles, the peer's, ratio, difference."""
    rows: dict[tuple[str, str, str], list[Row]] = {}
    for row in measured("tracking"):
        if "peer_particles" in row:
            rows.setdefault((row["case"], row["model"], row["peer"]), []).append(row)
    counts = sorted({row["particles"] for found in rows.values() for row in found})
    body = []
    for (case, model, peer), found in rows.items():
        ours = {row["particles"]: microseconds(row["ours_s"]) for row in found}
        first = min(found, key=lambda row: row["particles"])
        body.append([
            case, model, PEER_NAMES[peer], *(ours.get(count, "-") for count in counts), microseconds(first["peer_s"]),
            digits(first["ratio"]), f"{first['error']:.1g}",
        ])  # fmt: skip
    ours = (f"ours, {count} particles [us]" for count in counts)
    head = ("lattice", "model", "peer", *ours, "peer [us]", "peer / ours", "difference after a turn")
    return markdown(head, body) + machine_line("tracking")


def speed_limits() -> str:
    """One line per lattice: our time, the limit of arithmetic, and what a second thread does."""
    body = [
        [row["case"], row["op"], microseconds(row["ours_s"]), microseconds(row["peer_s"]), digits(row["ratio"])]
        for row in measured("tracking")
        if row["peer"] in ("limit", "ours")
    ]
    return markdown(("lattice", "what", "ours [us]", "limit or one thread [us]", "ratio"), body)


def speed_tasks() -> str:
    """Whole tasks: published runs and apertures."""
    body = [
        [row["case"], row["op"], row["peer"], digits(row["ours_s"]), digits(row["peer_s"]), digits(row["ratio"])]
        for row in measured("tracking")
        if "published" in row or "turns" in row
    ]
    return markdown(("lattice", "what", "peer", "ours [s]", "peer [s]", "peer / ours"), body)


def least_ratios(name: str) -> dict[tuple[str, str], float]:
    """The fastest peer's time over ours, by descriptor and operation."""
    rows: dict[tuple[str, str], float] = {}
    for row in measured(name):
        key = (row["case"], row["op"])
        if row["peer"] != "limit" and not row["op"].endswith(" in Python"):
            rows[key] = min(rows.get(key, math.inf), row["ratio"])
    return rows


def aim(case: str, op: str) -> float:
    """Ratio an operation of the algebra should reach; 0 where none is set."""
    order = int(case.strip("()").split(", ")[1])
    by_order = ((20, 6.0), (8, 3.5), (6, 2.5), (4, 2.0), (0, 0.0))
    function = next(least for first, least in by_order if order >= first)
    return {
        "mul": 1.2, "square": 1.5, "compose": 2.0, "inverse": 2.0,
        **dict.fromkeys(("exp", "sin", "sqrt"), function), **dict.fromkeys(("div", "inv", "rsqrt"), 1.5 * function),
    }.get(op, 0.0)  # fmt: skip


def speed_missed() -> str:
    """One line per row that misses its aim."""
    body = [
        [case, op, digits(ratio), digits(aim(case, op))]
        for (case, op), ratio in least_ratios("tpsa_ops").items()
        if ratio < aim(case, op)
    ]
    return markdown(["(variables, order)", "operation", "fastest peer / ours", "aim"], body)


def speed_threads() -> str:
    """One line per descriptor: a product on one thread and on two."""
    body = [
        [row["case"], microseconds(row["ours_s"]), microseconds(row["peer_s"]), digits(1.0 / row["ratio"])]
        for row in measured("tpsa_threads")
    ]
    return markdown(["(variables, order)", "one thread [us]", "two threads [us]", "one / two"], body)


def ratios(name: str) -> str:
    """One line per descriptor: the fastest peer's time over ours for each operation."""
    rows = least_ratios(name)
    operations = list(dict.fromkeys(op for _, op in rows))
    body = [
        [case, *(digits(rows[case, op]) if (case, op) in rows else "-" for op in operations)]
        for case in dict.fromkeys(case for case, _ in rows)
    ]
    return markdown(["(variables, order)", *operations], body) + machine_line(name)


def speed_pairs() -> str:
    """One line per descriptor: pairs of coefficients per nanosecond, and the machine's limits."""
    rows = {(row["case"], row["op"]): row for row in measured("tpsa_ops") if row["peer"] == "limit"}
    head = ("(variables, order)", "product [pairs/ns]", "scattered stores [pairs/ns]", "vectors in cache [pairs/ns]")
    body = []
    for case in dict.fromkeys(case for case, _ in rows):
        stores, vectors = (rows[case, f"pair, {kind}"] for kind in ("scattered", "vectors"))
        body.append([case, *(digits(1e-9 / s) for s in (stores["ours_s"], stores["peer_s"], vectors["peer_s"]))])
    return markdown(head, body)


def speed_calls() -> str:
    """One line per descriptor and operation: microseconds of Python calls."""
    seconds: dict[tuple[str, str], dict[str, float]] = {}
    for row in measured("tpsa_ops"):
        if row["op"].endswith(" in Python"):
            line = seconds.setdefault((row["case"], row["op"].removesuffix(" in Python")), {})
            line["ours"] = min(line.get("ours", math.inf), row["ours_s"])
            line[row["peer"]] = row["peer_s"]
    codes = ("ours", "gtpsa", "dace")
    body = [
        [case, op, *(microseconds(line[code]) if code in line else "-" for code in codes)]
        for (case, op), line in seconds.items()
    ]
    return markdown(["(variables, order)", "Python call", "ours [us]", "GTPSA [us]", "DACE [us]"], body)


def memory_algebra() -> str:
    """One line per descriptor: allocated memory."""
    rows = {(row["case"], row["op"], row["peer"]): row for row in stored("tpsa_memory")}
    operations = ("descriptor", "compose")
    head = ["(variables, order)", *(f"{op}: {code} [MiB]" for op in operations for code in ("ours", "GTPSA", "DACE"))]
    body = []
    for case in dict.fromkeys(case for case, *_ in rows):
        cells = []
        for op in operations:
            found = [rows.get((case, op, peer)) for peer in ("gtpsa", "dace")]
            cells += [found[0]["ours_bytes"], *(row and row["peer_bytes"] for row in found)]
        body.append([case, *("-" if cell is None else digits(cell / 2**20) for cell in cells)])
    return markdown(head, body)


def speed_jax() -> str:
    """One line per row: seconds of a machine with JAX, and what they are compared with."""
    head = (
        "lattice and map",
        "machines",
        "device",
        "threads",
        "time of a machine [ms]",
        "compared with",
        "its time / ours",
    )
    body = [
        [
            f"{row['case']}, {row['op']}", str(row["machines"]), row["device"], str(row["threads"]),
            milliseconds(row["ours_s"]), row["peer"], digits(row["ratio"]),
        ]
        for row in measured("tpsa_jax")
    ]  # fmt: skip
    return markdown(head, body) + machine_line("tpsa_jax", "")


def machine_line(name: str, threads: str = ", one thread") -> str:
    """What the rows were measured on."""
    rows = measured(name)
    if not rows:
        return ""
    machine = rows[-1]["machine"]
    versions = machine["versions"]
    named = ", ".join(f"{package} {versions[package]}" for package in ("numba", "numpy") if versions.get(package))
    return f"\n{machine['cpu']}{threads}, Python {versions['python']}, {named}, {machine['date']}.\n"


def accuracy_summary() -> str:
    """One line per lattice: differences to the references of the exact model."""
    columns = {
        "tunes": "tunes", "chromaticity": "chromaticity", "beta functions": "beta (relative)",
        "map, order 1": "map 1", "map, order 2": "map 2", "map, order 3": "map 3",
    }  # fmt: skip
    rows = {(row["lattice"], row["quantity"]): row for row in stored("accuracy")}
    body = []
    for lattice in dict.fromkeys(lattice for lattice, _ in rows):
        found = [rows.get((lattice, f"exact: {quantity}")) for quantity in columns]
        body.append([lattice, *(f"{row['difference']:.1g}" if row else "-" for row in found)])
    return markdown(["lattice", *columns.values()], body)


def accuracy_full() -> str:
    """Every stored comparison with what sets its difference."""
    head = ("lattice", "quantity", "reference", "difference", "limit", "our error", "its error", "set by")
    keys = ("difference", "limit", "our_error", "reference_error")
    body = [
        [
            row["lattice"], row["quantity"], row["reference"],
            *("-" if row[key] is None else f"{row[key]:.1g}" for key in keys),
            row["set_by"] + ("" if row["agrees"] in (True, None) else " (**beyond the limit**)"),
        ]
        for row in stored("accuracy")
    ]  # fmt: skip
    return markdown(head, body)


TABLES = {
    "speed-maps": speed_maps, "speed-twiss": speed_twiss, "speed-pairs": speed_pairs, "speed-calls": speed_calls,
    "speed-algebra": partial(ratios, "tpsa_ops"), "speed-batches": partial(ratios, "tpsa_batch"),
    "speed-missed": speed_missed, "speed-threads": speed_threads, "speed-jax": speed_jax,
    "memory-algebra": memory_algebra,
    "speed-tracking": speed_tracking, "speed-limits": speed_limits, "speed-tasks": speed_tasks,
    "accuracy-summary": accuracy_summary, "accuracy-full": accuracy_full,
}  # fmt: skip


def filled(text: str) -> str:
    """A page with all its tables made from the stored rows."""
    return REGION.sub(lambda found: found[1] + TABLES[found["name"]]() + found[3], text)


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if a page is out of date.")
def main(check: bool) -> None:
    """Fill the tables of the pages."""
    stale = [page for page in PAGES if filled(page.read_text(encoding="utf-8")) != page.read_text(encoding="utf-8")]
    if check:
        sys.exit(f"out of date: {', '.join(page.name for page in stale)}" if stale else 0)
    for page in stale:
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
        print(f"wrote {page.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    main()
