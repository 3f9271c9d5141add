"""Aperture shapes against their geometry, in numpy and in compiled code."""

import math

import numpy as np
import pytest
from numba import njit

from tracking.apertures import Circle, Ellipse, Octagon, Polygon, Racetrack, Rectangle, RectEllipse, inside
from tracking.errors import InputError

SHAPES = {
    "circle": (Circle(radius=0.03), math.pi * 0.03**2),
    "ellipse": (Ellipse(a=0.04, b=0.02), math.pi * 0.04 * 0.02),
    "rectangle": (Rectangle(half_width=0.04, half_height=0.02), 4 * 0.04 * 0.02),
    "rectellipse": (
        RectEllipse(half_width=0.02, half_height=1.0, a=0.04, b=0.03),
        0.04 * 0.03 * (2 * math.asin(0.5) + math.sin(2 * math.asin(0.5))),
    ),
    "racetrack": (Racetrack(half_width=0.04, half_height=0.03, a=0.02, b=0.01), 4 * 0.04 * 0.03 - (4 - math.pi) * 2e-4),
    "octagon": (
        Octagon(half_width=0.04, half_height=0.03, angle1=math.atan2(0.02, 0.04), angle2=math.atan2(0.03, 0.03)),
        4 * 0.04 * 0.03 - 4 * 0.5 * 0.01 * 0.01,
    ),
    "polygon": (Polygon(x=(0.0, 0.04, 0.04, 0.02, 0.0), y=(0.0, 0.0, 0.03, 0.01, 0.03)), 0.04 * 0.03 - 0.04 * 0.02 / 2),
}


@pytest.fixture(params=SHAPES)
def shape_and_area(request):
    return SHAPES[request.param]


def grid(n=801, half=0.05):
    axis = (np.arange(n) + 0.5) / n * 2 * half - half
    return np.meshgrid(axis, axis)


def test_area(shape_and_area):
    shape, area = shape_and_area
    x, y = grid()
    assert shape.contains(x, y).mean() * 0.1**2 == pytest.approx(area, rel=6e-3)


def test_offset_moves_the_shape(shape_and_area):
    shape, _ = shape_and_area
    moved = type(shape)(**{**vars(shape), "dx": 0.004, "dy": -0.007})
    x, y = grid(101)
    assert np.array_equal(moved.contains(x + 0.004, y - 0.007), shape.contains(x, y))


def test_compiled_and_numpy_agree(shape_and_area):
    shape, _ = shape_and_area
    kind, numbers = int(shape.kind()), np.array(shape.numbers())
    x, y = (c.ravel() for c in grid(51))

    @njit
    def count(kind, numbers, x, y):
        return np.array([inside(kind, numbers, x[i], y[i]) for i in range(x.size)])

    assert np.array_equal(count(kind, numbers, x, y), shape.contains(x, y))


def test_not_a_number_is_outside(shape_and_area):
    shape, _ = shape_and_area
    assert not shape.contains([math.nan, 0.01], [0.005, math.nan]).any()


def test_corners_of_the_octagon():
    octagon, _ = SHAPES["octagon"]
    assert octagon.contains([0.0399, 0.0299, 0.0345], [0.0199, 0.0299, 0.0245]).all()
    assert not octagon.contains([0.0399, 0.0310, 0.0355], [0.0205, 0.0299, 0.0255]).any()


def test_octagon_without_cut_is_a_rectangle():
    diagonal = math.atan2(0.03, 0.07)
    octagon = Octagon(half_width=0.07, half_height=0.03, angle1=diagonal, angle2=diagonal)
    assert octagon.contains([0.069, 0.0, -0.069], [0.029, 0.0, -0.029]).all()


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Circle(radius=0.0), "radius = 0.0"),
        (lambda: Circle(radius=0.1, dx=math.nan), "dx = nan"),
        (lambda: Ellipse(a=0.1, b=-0.1), "b = -0.1"),
        (lambda: Rectangle(half_width=math.nan, half_height=0.1), "half_width = nan"),
        (lambda: Racetrack(half_width=0.1, half_height=0.1, a=0.2, b=0.1), "a = 0.2"),
        (lambda: Octagon(half_width=0.1, half_height=0.1, angle1=1.0, angle2=1.2), "angle1 = 1.0"),
        (lambda: Octagon(half_width=0.1, half_height=0.1, angle1=0.1, angle2=0.2), "angle2 = 0.2"),
        (lambda: Polygon(x=(0.0, 1.0), y=(0.0, 1.0)), "at least 3"),
        (lambda: Polygon(x=(0.0, 1.0, 2.0), y=(0.0, 1.0, 2.0)), "no area"),
    ],
)
def test_bad_shapes_are_refused(make, named):
    with pytest.raises(InputError, match=named):
        make()
