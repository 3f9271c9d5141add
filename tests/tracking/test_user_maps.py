"""Maps and elements from outside the package run in every engine."""

from dataclasses import dataclass

import numpy as np
import pytest

import tracking
from tpsa import Descriptor
from tpsa.gmath import sin
from tracking.apertures import Circle
from tracking.engine_float import trace
from tracking.engine_taylor import propagate
from tracking.errors import MapError
from tracking.knobs import Value
from tracking.user_maps import uses_zeta

REFERENCE = tracking.ReferenceParticle.of("electron", total_energy=1e9)


def sine_kick(z, p, beta0):
    """Undulator-like kick of amplitude p[0] and wave number p[1] [1/m]."""
    x, px, y, py, zeta, pzeta = z
    return x, px - p[0] * sin(p[1] * x), y, py, zeta, pzeta


SINE_KICK = tracking.register_map(sine_kick)


@dataclass(frozen=True, kw_only=True)
class SineKick(tracking.Element):
    KEYWORD = "sinekick"

    amplitude: Value = 0.0
    k: Value = 1.0


@tracking.lower.register
def _(element: SineKick, context: tracking.Context) -> tracking.Lowered:
    return tracking.Lowered(entry=[(SINE_KICK, (element.amplitude, element.k))])


def line() -> tracking.Line:
    elements = [
        tracking.Drift(length=0.4),
        SineKick(amplitude=tracking.Expression.parse("a"), k=50.0),
        tracking.Quadrupole(length=0.2, k1=1.0),
    ]
    return tracking.Line(elements, ["d", "kick", "q"], REFERENCE, knobs=tracking.Knobs({"a": 1e-3}))


def test_tracks_gives_taylor_maps_and_is_traced_by_jax():
    from tracking.engine_jax import track_jax

    packed = tracking.pack(line())
    point = np.array([3e-3, 0.0, 1e-3, 0.0, 0.0, 1e-3])
    tracked = tracking.track(packed, point).coordinates[0]
    assert tracked[1] != tracking.track(line().with_knobs(a=0.0), point).coordinates[0][1]
    assert np.abs(np.asarray(track_jax(packed, point[None]))[0] - tracked).max() < 1e-16

    descriptor = Descriptor(6, 5)
    series = propagate(packed, descriptor, np.zeros(6))
    monomials = np.prod(point**descriptor.exponents, axis=1)
    assert np.abs(series @ monomials - tracked).max() < 1e-12
    assert not packed.depends_on_zeta


def test_knob_of_a_users_element_is_differentiated():
    descriptor = Descriptor(6, 1, 1, 1)
    point = np.array([3e-3, 0.0, 0.0, 0.0, 0.0, 0.0])
    series = propagate(tracking.pack(line(), {"a": descriptor.parameter(0, 1e-3)}), descriptor, point)
    slope = series[0, descriptor.index([0] * 6 + [1])]
    low, high = (tracking.track(line().with_knobs(a=a), point).coordinates[0, 0] for a in (0.5e-3, 1.5e-3))
    assert slope == pytest.approx((high - low) / 1e-3, rel=1e-7)  # the exact quadrupole is not quite linear


def test_same_function_has_one_code_and_zeta_is_remembered():
    assert tracking.register_map(sine_kick) == SINE_KICK
    code = tracking.register_map(lambda z, p, beta0: z, uses_zeta=True)
    assert code != SINE_KICK
    assert uses_zeta(code)
    assert not uses_zeta(SINE_KICK)


def test_what_is_no_function_is_refused():
    with pytest.raises(tracking.InputError, match="callable"):
        tracking.register_map(3)


def refusing_map(z, p, beta0):
    if p[0] < 0.0:
        raise ValueError("negative")
    return z


REFUSING = tracking.register_map(refusing_map)


@dataclass(frozen=True, kw_only=True)
class Refusing(tracking.Element):
    k: Value = 0.0


@tracking.lower.register
def _(element: Refusing, context: tracking.Context) -> tracking.Lowered:
    return tracking.Lowered(entry=[(REFUSING, (element.k,))])


def test_map_that_raises_on_series_is_an_error():
    accepted, refused = (tracking.pack(tracking.Line([Refusing(k=k)], ["r"], REFERENCE)) for k in (1.0, -1.0))
    assert np.isfinite(propagate(accepted, Descriptor(6, 2), np.zeros(6))).all()
    with pytest.raises(MapError, match=f"op code {REFUSING}"):
        propagate(refused, Descriptor(6, 2), np.zeros(6))


@pytest.mark.parametrize("threads", [1, 2])
def test_map_that_raises_on_particles_is_an_error(threads):
    elements = [tracking.Drift(length=1.0), Refusing(k=1.0), Refusing(k=-1.0)]
    line = tracking.Line(elements, ["d", "fine", "bad"], REFERENCE)
    assert tracking.track(line[:2], np.zeros((600, 6)), 3, threads=threads).alive.all()
    with pytest.raises(MapError, match="element 'bad'"):
        tracking.track(line, np.zeros((600, 6)), 3, threads=threads)
    with pytest.raises(MapError, match="element 'bad'"):
        trace(tracking.pack(line), np.zeros(6), [0])


def narrow_map(z, p, beta0):
    if abs(z[0]) > p[0]:
        raise ValueError("too far")
    return z


NARROW = tracking.register_map(narrow_map)


@dataclass(frozen=True, kw_only=True)
class Narrow(tracking.Element):
    width: Value = 0.0


@tracking.lower.register
def _(element: Narrow, context: tracking.Context) -> tracking.Lowered:
    return tracking.Lowered(entry=[(NARROW, (element.width,))])


def test_lost_particles_do_not_make_a_map_raise():
    elements = [tracking.Drift(length=1.0, aperture=Circle(radius=0.01)), Narrow(width=0.02)]
    particles = np.zeros((300, 6))
    particles[::3, 0] = 0.5
    found = tracking.track(tracking.Line(elements, ["d", "n"], REFERENCE), particles, 2)
    assert found.alive.sum() == 200
    with pytest.raises(MapError, match="element 'n'"):
        tracking.track(tracking.Line(elements[1:], ["n"], REFERENCE), particles, 2)
