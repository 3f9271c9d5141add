"""Readable text of a series."""

import numpy as np
from numpy.typing import NDArray

from tpsa.descriptor import Descriptor

MAX_LINES = 40


def format_series(descriptor: Descriptor, coefficients: NDArray[np.float64]) -> str:
    """Aligned table of the non-zero coefficients with their degrees and exponents; long ones are cut."""
    shown = np.flatnonzero(coefficients)
    header = f"TPS of order {descriptor.order} in {', '.join(descriptor.names[: descriptor.variables])}"
    if descriptor.parameters:
        parameters = ", ".join(descriptor.names[descriptor.variables :])
        header += f"; parameters {parameters} of order {descriptor.parameter_order}"
    if not shown.size:
        return header + "\n  0"
    widths = [max(len(name), 3) for name in descriptor.names]
    titles = " ".join(name.rjust(width) for name, width in zip(descriptor.names, widths, strict=True))
    lines = [header, f"  {'coefficient':>24} degree  {titles}"]
    for i in shown[:MAX_LINES]:
        exponents = descriptor.exponents[i]
        powers = " ".join(str(e).rjust(width) for e, width in zip(exponents, widths, strict=True))
        lines.append(f"  {coefficients[i]:24.16e} {int(exponents.sum()):6d}  {powers}")
    if shown.size > MAX_LINES:
        lines.append(f"  ... {shown.size - MAX_LINES} more")
    return "\n".join(lines)
