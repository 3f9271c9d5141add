"""Losses beside a slow oracle in plain Python: shapes by their geometry, causes, turns, places, coordinates."""

import math

import numpy as np
import pytest

import tracking
from tests.tracking.test_engine_tracking import REFERENCE, assert_same
from tracking.apertures import Circle, Ellipse, Octagon, Polygon, Racetrack, Rectangle, RectEllipse
from tracking.engine_float import track
from tracking.pack import pack
from tracking.step import step

CENTRE = {"dx": 1e-3, "dy": -2e-3}
STAR = ((0.018, 0.0), (0.005, 0.006), (0.0, 0.016), (-0.005, 0.006), (-0.018, 0.0), (-0.004, -0.012), (0.004, -0.012))


def ellipse(x, y, a, b):
    return math.hypot(x / a, y / b) <= 1.0


def box(x, y, w, h):
    return -w <= x <= w and -h <= y <= h


def racetrack(x, y, w, h, a, b):
    """A cross of two rectangles, and an ellipse in each corner."""
    corners = (ellipse(x - i * (w - a), y - j * (h - b), a, b) for i in (-1, 1) for j in (-1, 1))
    return box(x, y, w, h - b) or box(x, y, w - a, h) or any(corners)


def octagon(x, y, w, h, low, high):
    """Left of every edge of the polygon through its eight corners."""
    right, top = (w, w * math.tan(low)), (h / math.tan(high), h)
    quarter = [right, top]
    corners = [(sx * px, sy * py) for (sx, sy), points in (
        ((1, 1), quarter), ((-1, 1), quarter[::-1]), ((-1, -1), quarter), ((1, -1), quarter[::-1])
    ) for px, py in points]  # fmt: skip
    edges = zip(corners, corners[1:] + corners[:1], strict=True)
    return all((bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0 for (ax, ay), (bx, by) in edges)


def polygon(x, y, points):
    """The angles under which the edges are seen go once around."""
    turned = 0.0
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True):
        u, v = complex(ax - x, ay - y), complex(bx - x, by - y)
        turned += math.atan2((u.conjugate() * v).imag, (u.conjugate() * v).real)
    return abs(turned) > math.pi


# element: (aperture, the same in plain geometry)
SHAPES = {
    "circle": (Circle(radius=0.02), lambda x, y: ellipse(x, y, 0.02, 0.02)),
    "ellipse": (Ellipse(a=0.022, b=0.015), lambda x, y: ellipse(x, y, 0.022, 0.015)),
    "rectangle": (Rectangle(half_width=0.017, half_height=0.013), lambda x, y: box(x, y, 0.017, 0.013)),
    "rectellipse": (
        RectEllipse(half_width=0.017, half_height=0.012, a=0.02, b=0.014),
        lambda x, y: box(x, y, 0.017, 0.012) and ellipse(x, y, 0.02, 0.014),
    ),
    "racetrack": (
        Racetrack(half_width=0.018, half_height=0.012, a=0.007, b=0.005),
        lambda x, y: racetrack(x, y, 0.018, 0.012, 0.007, 0.005),
    ),
    "octagon": (
        Octagon(half_width=0.018, half_height=0.014, angle1=0.3, angle2=1.1),
        lambda x, y: octagon(x, y, 0.018, 0.014, 0.3, 1.1),
    ),
    "star": (
        Polygon(x=tuple(p[0] for p in STAR), y=tuple(p[1] for p in STAR)), lambda x, y: polygon(x, y, STAR),
    ),
}  # fmt: skip
LIMITS = {"x": 0.021, "px": 0.02, "zeta": 0.02}


def ring(**settings):
    """Cells of a magnet, a drift and an aperture each, of which every second one has no length and no rows."""
    elements, names = [], []
    for k, (name, (aperture, _)) in enumerate(SHAPES.items()):
        k1 = 0.8 if k % 2 else -0.7
        elements += [tracking.Quadrupole(length=0.3, k1=k1), tracking.Drift(length=0.5)]
        narrow = {"aperture": type(aperture)(**{**vars(aperture), **CENTRE})}
        elements.append(tracking.Marker(**narrow) if k % 2 else tracking.Drift(length=0.2, **narrow))
        names += [f"q{k}", f"d{k}", name]
    elements += [tracking.SectorBend(length=0.5, angle=0.1), tracking.Multipole(knl=(0.0, 0.0, 3.0))]
    names += ["bend", "thin"]
    return tracking.Line(elements, names, REFERENCE).with_settings(slices=1, integrator=2, **settings)


def oracle(line, z, turns, limits):
    """One particle in plain Python: turn, element, s [m], cause and coordinates of its loss, or of its end."""
    packed, s = pack(line), 0.0
    for turn in range(turns):
        s = 0.0
        for index, (name, element) in enumerate(zip(line.names, line.elements, strict=True)):
            s += element.length
            for row in range(packed.first_row[index], packed.first_row[index + 1]):
                parameters = packed.par[packed.ptr[row] : packed.ptr[row + 1]].tolist()
                z = step(int(packed.ops[row]), z, parameters, packed.beta0)
            if not all(map(math.isfinite, z)):
                return turn, index, s, "not finite", z
            if name in SHAPES and not SHAPES[name][1](z[0] - CENTRE["dx"], z[2] - CENTRE["dy"]):
                return turn, index, s, "aperture", z
            if any(abs(z["x px y py zeta pzeta".split().index(c)]) > most for c, most in limits.items()):
                return turn, index, s, "limits", z
    return -1, -1, math.nan, "alive", z


def particles(count=220):
    z = np.random.default_rng(11).uniform(-1, 1, (count, 6)) * [0.015, 3e-3, 0.012, 3e-3, 5e-3, 5e-3]
    z[: count // 3] *= 0.1
    z[3, 1] = 1.5  # no real longitudinal momentum, from the first element on
    z[4, 5] = -0.9  # the same in mid-ring or later: hardly any momentum is left
    z[5, 0] = 0.5  # beyond the limits from the first element on
    return z


@pytest.fixture(scope="module", params=["exact", "expanded"])
def case(request):
    line, start = ring(model=request.param), particles()
    return line, start, [oracle(line, tuple(z), 12, LIMITS) for z in start.tolist()]


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_losses_are_those_of_the_oracle(case, threads):
    line, start, expected = case
    found = track(line, start, 12, limits=LIMITS, threads=threads)
    losses = {int(record["particle"]): record for record in found.losses}
    assert len(losses) == len(found.losses) == sum(turn >= 0 for turn, *_ in expected)
    for i, (turn, element, s, cause, z) in enumerate(expected):
        assert (found.lost_turn[i], found.lost_element[i]) == (turn, element), i
        assert found.alive[i] == (cause == "alive") == (i not in losses)
        assert found.coordinates[i] == pytest.approx(z, rel=1e-11, abs=1e-14, nan_ok=True)
        if i in losses:
            record = losses[i]
            assert (record["turn"], record["element"], record["cause"]) == (turn, element, cause)
            assert record["s"] == found.lost_s[i] == pytest.approx(s, rel=1e-14)
            assert np.array_equal(record["coordinates"], found.coordinates[i], equal_nan=True)
    keys = [(r["turn"], r["s"]) for r in found.losses]
    assert keys == sorted(keys)


def test_every_shape_and_cause_took_some(case):
    line, _, expected = case
    where = {line.names[element] for _, element, _, cause, _ in expected if cause == "aperture"}
    assert where == set(SHAPES)
    causes = [cause for *_, cause, _ in expected]
    assert min(causes.count(cause) for cause in ("aperture", "limits", "alive")) >= 3
    assert (expected[3][3] == "not finite") == (line.settings.model == "exact")
    assert len({turn for turn, *_ in expected}) > 5


@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_alone(name):
    """A grid of particles that do not move, so that only geometry decides."""
    aperture, inside = SHAPES[name]
    line = tracking.Line([tracking.Marker(), tracking.Drift(length=1.0, aperture=aperture)], ["m", "d"], REFERENCE)
    x, y = (c.ravel() for c in np.meshgrid(np.linspace(-0.024, 0.0241, 33), np.linspace(-0.018, 0.0183, 29)))
    start = np.zeros((x.size, 6))
    start[:, 0], start[:, 2] = x, y
    found = track(line, start, threads=2)
    expected = np.array([inside(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)])
    assert np.array_equal(found.alive, expected) and 100 < expected.sum() < x.size - 100
    assert (found.lost_element[~expected] == 1).all() and np.array_equal(found.coordinates, start)


def test_the_border_belongs_to_the_aperture_and_the_limit_to_the_beam():
    line = tracking.Line([tracking.Drift(length=1.0, aperture=Circle(radius=0.5))], ["d"], REFERENCE)
    start = np.zeros((4, 6))
    start[:, 0] = [0.5, math.nextafter(0.5, 1.0), 0.25, math.nextafter(0.25, 1.0)]
    assert track(line, start).alive.tolist() == [True, False, True, True]
    found = track(line, start, limits={"x": 0.25})
    assert found.alive.tolist() == [False, False, True, False]
    assert [r["cause"] for r in found.losses] == ["limits", "aperture", "limits"]


def test_neighbours_of_the_lost_keep_their_bits(case):
    """Not a number beside a particle, or an empty place, changes nothing."""
    line, start, expected = case
    alive = np.array([cause == "alive" for *_, cause, _ in expected])
    together = track(line, start, 12, limits=LIMITS)
    alone = track(line, start[alive], 12, limits=LIMITS)
    assert_same(together, alone, alive)
    crowd = np.tile(start[3], (1000, 1))
    crowd[::37] = start[alive][0]
    found = track(line, crowd, 12, limits=LIMITS, threads=2)
    assert (found.coordinates[::37] == alone.coordinates[0]).all() and found.alive.sum() == crowd[::37].shape[0]
