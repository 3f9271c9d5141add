"""Readable text of a series."""

import numpy as np
from numpy.typing import NDArray

from tpsa.descriptor import Descriptor

MAX_LINES = 40


def format_series(descriptor: Descriptor, coefficients: NDArray) -> str:
    """Aligned table of the non-zero coefficients with their degrees and exponents; long ones are cut.

    The last line, O(n), says from which degree on nothing is known.
    """
    shown = np.flatnonzero(coefficients)
    kind, form, width = "TPS", "{:24.16e}", 24
    if np.iscomplexobj(coefficients):
        kind, form, width = "ComplexTPS", "{0.real:23.16e} {0.imag:+23.16e}i", 48
    header = f"{kind} of order {descriptor.order} in {', '.join(descriptor.names[: descriptor.variables])}"
    if descriptor.parameters:
        parameters = ", ".join(descriptor.names[descriptor.variables :])
        header += f"; parameters {parameters} of order {descriptor.parameter_order}"
    if descriptor.max_orders:
        limits = descriptor.limits
        header += "; at most " + ", ".join(f"{descriptor.names[i]}^{limits.each[i]}" for i in limits.bound)
    mark = f"  + O({descriptor.order + 1})"
    if not shown.size:
        return f"{header}\n  0\n{mark}"
    widths = [max(len(name), 3) for name in descriptor.names]
    titles = " ".join(name.rjust(width) for name, width in zip(descriptor.names, widths, strict=True))
    lines = [header, f"  {'coefficient':>{width}} degree  {titles}"]
    for i in shown[:MAX_LINES]:
        exponents = descriptor.exponents[i]
        powers = " ".join(str(e).rjust(width) for e, width in zip(exponents, widths, strict=True))
        lines.append(f"  {form.format(coefficients[i])} {int(exponents.sum()):6d}  {powers}")
    if shown.size > MAX_LINES:
        lines.append(f"  ... {shown.size - MAX_LINES} more")
    return "\n".join([*lines, mark])
