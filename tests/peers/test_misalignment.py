"""Misaligned elements beside MAD-NG, which displaces bodies in the same order: equal to round-off."""

from __future__ import annotations

import numpy as np
import pytest

from tests.tracking.rows import REFERENCE, through
from tracking.elements import Element, Misalignment, SectorBend, Solenoid

pymadng = pytest.importorskip("pymadng")
MOVED = {"dx": 1e-3, "dy": -2e-3, "ds": 3e-3, "dtheta": -5e-2, "dphi": 4e-2, "dpsi": 6e-2}
BODIES = {
    "solenoid": (Solenoid, {"ks": 0.7}),
    "bend": (SectorBend, {"angle": 0.3}),
    "tilted bend": (SectorBend, {"angle": 0.3, "tilt": 0.4}),
}
SCRIPT = """
local beam, sequence, track in MAD
local ring = sequence {{ refer='entry', l=0.8, beam=beam {{ particle='proton', pc={pc} }},
    MAD.element.{keyword} {{ at=0, l=0.8, {fields}, misalign={{ {moved} }} }} }}
local _, flow = track {{ sequence=ring, model='TKT', method=6, nslice=20, observe=0, X0={{ {start} }} }}
local final = flow[1]
py:send(MAD.vector {{ final.x, final.px, final.y, final.py, final.t, final.pt }})
"""


def lua(fields: dict[str, float]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in fields.items())


@pytest.mark.parametrize("case", BODIES)
def test_misaligned_body_is_that_of_madng(case):
    kind, fields = BODIES[case]
    element: Element = kind(length=0.8, misalignment=Misalignment(**MOVED), **fields)
    z = np.array([1e-3, -2e-3, 3e-3, 1e-3, 2e-2, -3e-3])
    scale = np.array([1.0, 1.0, 1.0, 1.0, REFERENCE.beta0, 1.0 / REFERENCE.beta0])
    start = dict(zip(("x", "px", "y", "py", "t", "pt"), (z / scale).tolist(), strict=True))
    with pymadng.MAD() as mad:
        mad.send(
            SCRIPT.format(
                pc=REFERENCE.p0c * 1e-9, keyword=element.keyword, fields=lua(fields), moved=lua(MOVED), start=lua(start)
            )
        )
        theirs = np.ravel(mad.recv()) * scale
    np.testing.assert_allclose(through(element, z.tolist()), theirs, rtol=0.0, atol=5e-15)
