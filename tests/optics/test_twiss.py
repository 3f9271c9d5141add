"""Twiss of the test ring against PTC and MAD-X, and against itself by other routes.

The numbers are from MAD-X 5.09.03 (TWISS) and its PTC (model=2, method=6, exact=true, time=false, sector_nmul=10 and
sector_nmul_max=10 for the whole field of combined-function bends), run on `lattices.RING` with the knobs named in each
test. Series are extrapolated from nst=30 and 90, since PTC's converge as 1/nst^2; linear optics is that of nst=60.
TWISS agrees in linear optics only: its nonlinear model is paraxial.
"""

import numpy as np
import pytest

from optics import CouplingError, InitialOptics, UnstableMotionError, edwards_teng, twiss
from tracking.errors import InputError
from tracking.io.madx import load_madx

PTC_SERIES = {  # tunes, then coefficients of delta, delta^2, delta^3
    "plain": (
        (0.5432169039503, 0.6351587361015, 15.86014480004, -92.67792143124),
        (0.3334299198281, 1.56375528239, -1.851465308043, -0.5995589271188),
    ),
    "skew": (
        (0.5532267195393, 0.7136705387453, 17.45817277805, 18.98132806233),
        (0.3368798986609, 1.720559587863, 7.319014172294, 5.510072411351),
    ),
    "kick": (
        (0.5440320591996, 0.6354558733129, 16.0461967004, -94.60357459381),
        (0.3356974293438, 1.566435712886, -1.823169939523, -0.1556309419275),
    ),
}
PTC_DISPERSION = {  # Taylor coefficients of the orbit in delta^1 ... delta^4 at the start: x, px, y, py
    "plain": (
        (3.288738794291, 0.2770685589708, 56.33949758285, 51.45530728374),
        (0.5336685324801, 0.8164800335463, 8.102647379759, 39.8071804172),
        (0.0, 0.0, 0.0, 0.0),
        (0.0, 0.0, 0.0, 0.0),
    ),
    "skew": (
        (3.236442725897, 0.9564494728761, 52.07926622748, 69.58300246052),
        (0.5271027065894, 0.8480055404737, 8.115599179649, 37.34080294198),
        (-0.4505037927851, 2.619127204947, -18.0958627644, 91.31938505966),
        (0.08324012220042, -0.06135889156889, 1.742121121431, 1.837520290125),
    ),
}
KNOBS = {"plain": {}, "skew": {"kskew": 0.4}, "kick": {"kick": 3e-3}}


@pytest.mark.parametrize("case", KNOBS)
def test_tunes_and_chromaticity_to_third_order_match_ptc(ring, case):
    result = twiss(ring.with_knobs(KNOBS[case]), order=3)
    for mode, expected in enumerate(PTC_SERIES[case]):
        found = ((result.q1, result.q2)[mode] % 1.0, *result.chromaticity[mode])
        assert found[0] == pytest.approx(expected[0], abs=1e-9)
        assert found[1:] == pytest.approx(expected[1:], rel=1e-7)
    assert int(result.q1) == int(result.q2) == 1
    assert result.dq1 == result.chromaticity[0, 0] and result.dq2 == result.chromaticity[1, 0]


@pytest.mark.parametrize("case", PTC_DISPERSION)
def test_dispersion_to_fourth_order_matches_ptc(ring, case):
    result = twiss(ring.with_knobs(KNOBS[case]), dispersion_order=4)
    assert result.dispersion[0] == pytest.approx(np.array(PTC_DISPERSION[case]), rel=1e-7, abs=1e-8)
    assert result.dispersion[:, :, 0].T == pytest.approx(
        np.array([result.dx, result.dpx, result.dy, result.dpy]), rel=1e-10, abs=1e-12
    )
    assert result.dispersion[-1] == pytest.approx(result.dispersion[0], rel=1e-8, abs=1e-8)


def test_uncoupled_functions_match_ptc(ring):
    row = twiss(ring)["sq"]
    expected = {
        "s": 18.3, "betx": 7.074889636314822, "alfx": -0.45106273386522605, "mux": 0.694283123905342,
        "bety": 3.1077277856471683, "muy": 0.6346683101612325, "dx": 3.022938683162433, "dpx": 0.4736821547724566,
        "beta12": 0.0, "beta21": 0.0, "dy": 0.0,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == pytest.approx(expected, rel=1e-8, abs=1e-10)


def test_coupled_functions_match_ptc_and_mad(ring):
    result = twiss(ring.with_knobs(kskew=0.4))
    row = result["sq"]
    ptc = {
        "betx": 6.027146766196319, "bety": 3.2836599098421746, "beta12": 0.09442630128165143,
        "beta21": 0.35336243026524167, "mux": 0.7131265726720579, "muy": 0.6354198806117776,
        "dx": 3.015021915111246, "dpx": 0.4823463178890973, "dy": 0.22921523475305028, "dpy": 0.06938154092347629,
    }  # fmt: skip
    assert {name: row[name] for name in ptc} == pytest.approx(ptc, rel=1e-7)
    functions, place = edwards_teng(result), result.place("sq")
    assert functions.betx[place] == pytest.approx(5.770095318312372, rel=1e-7)
    assert functions.alfx[place] == pytest.approx(-0.31661426007880916, rel=1e-7)
    assert functions.bety[place] == pytest.approx(3.1436152806130893, rel=1e-7)
    assert functions.alfy[place] == pytest.approx(0.7039536900298481, rel=1e-7)
    mad_r = [[0.2442934486027924, -0.041297751850530424], [-0.08731805852413242, -0.15981969718608827]]
    assert functions.r[place] == pytest.approx(np.array(mad_r), rel=1e-6)


def test_edwards_teng_needs_the_modes_in_their_planes(ring):
    swapped = np.eye(4)[:, [2, 3, 0, 1]]
    with pytest.raises(CouplingError, match="start.*flipped"):
        edwards_teng(twiss(ring, initial=InitialOptics(normalising=swapped)))
    with pytest.raises(CouplingError, match="4d"):
        edwards_teng(twiss(ring.with_knobs(vrf=5.0), order=0))


def test_orbit_kick_matches_ptc(ring):
    result = twiss(ring.with_knobs(kick=3e-3))
    assert result.closed_orbit[:4] == pytest.approx(
        [-0.009221839065684325, -0.0013125167587927286, 0.0, 0.0], abs=1e-10
    )
    row = result["oc"]
    assert (row["x"], row["px"]) == pytest.approx((-0.001264127846274556, -0.0016157808728690256), abs=1e-10)
    assert (row["betx"], row["bety"]) == pytest.approx((7.553447636601936, 2.7446570546791946), rel=1e-8)


def test_momentum_compaction_and_transition(ring):
    result = twiss(ring, order=2)
    assert result.alpha_c[0] == pytest.approx(0.4295345714933849, rel=1e-9)
    assert result.gamma_tr == pytest.approx(1.5258116899855332, rel=1e-9)
    assert result.slip_factor == pytest.approx(result.alpha_c[0] - 1 / ring.reference.gamma0**2)


def test_series_describe_the_line_at_another_energy(ring):
    """Tunes, orbit and path length at pzeta = 1e-3, against the series about 0."""
    pzeta, beta0 = 1e-3, ring.reference.beta0
    delta = np.sqrt(1 + 2 * pzeta + (beta0 * pzeta) ** 2) - 1
    powers = delta ** np.arange(1, 6)
    here = twiss(ring, order=5, dispersion_order=6)
    there = twiss(ring, pzeta=pzeta, order=1)
    assert there.q1 - here.q1 == pytest.approx(here.chromaticity[0] @ powers, abs=1e-11)
    assert there.q2 - here.q2 == pytest.approx(here.chromaticity[1] @ powers, abs=1e-11)
    assert there.x == pytest.approx(here.dispersion[:, 0] @ delta ** np.arange(1, 7), abs=1e-11)
    speed = (1 + delta) / (1 + beta0**2 * pzeta)
    path = (ring.length - there.zeta[-1]) * speed
    assert path / ring.length - 1 == pytest.approx(here.alpha_c @ delta ** np.arange(1, 7), abs=1e-12)


def test_local_slopes_at_another_energy(ring):
    """Dispersion, chromaticity and momentum compaction about pzeta are the slopes there of what they describe."""
    pzeta, step = 4e-3, 1e-4
    result = twiss(ring, pzeta=pzeta)
    samples = [twiss(ring, pzeta=pzeta + k * step) for k in (-2, -1, 1, 2)]
    beta0 = ring.reference.beta0
    momentum = np.sqrt(1 + 2 * pzeta + (beta0 * pzeta) ** 2)
    factor = momentum / (1 + beta0**2 * pzeta)  # d pzeta/d delta

    def slope(values):
        return factor * (8 * (values[2] - values[1]) - (values[3] - values[0])) / (12 * step)

    assert result.dx == pytest.approx(slope([s.x for s in samples]), rel=1e-7)
    assert result.dq1 == pytest.approx(slope([s.q1 for s in samples]), rel=1e-7)
    assert result.dq2 == pytest.approx(slope([s.q2 for s in samples]), rel=1e-7)


@pytest.mark.parametrize("case", ["plain", "skew", "kick"])
def test_chromatic_functions_match_differences_of_optics(ring, case):
    line = ring.with_knobs(KNOBS[case])
    step, beta0 = 1e-4, line.reference.beta0
    result = twiss(line, chromatic=True)

    def at(delta):
        return twiss(line, pzeta=(np.sqrt(1 + beta0**2 * (2 * delta + delta**2)) - 1) / beta0**2, order=0)

    samples = [at(k * step) for k in (-2, -1, 1, 2)]

    def slope(name):
        v = [getattr(s, name) for s in samples]
        return (8 * (v[2] - v[1]) - (v[3] - v[0])) / (12 * step)

    for plane in "xy":
        beta, alpha = getattr(result, f"bet{plane}"), getattr(result, f"alf{plane}")
        b = slope(f"bet{plane}") / beta
        a = slope(f"alf{plane}") - alpha * b
        assert getattr(result, f"w{plane}") == pytest.approx(np.hypot(a, b), rel=1e-6)
        phase = 2 * np.pi * getattr(result, f"phi{plane}")
        assert np.cos(phase) * np.hypot(a, b) == pytest.approx(b, rel=1e-6, abs=1e-6)
        assert np.sin(phase) * np.hypot(a, b) == pytest.approx(a, rel=1e-6, abs=1e-6)
        assert getattr(result, f"dmu{plane}") == pytest.approx(slope(f"mu{plane}"), rel=1e-6, abs=1e-7)


def test_chromatic_functions_of_straight_cells_match_mad(tmp_path):
    """MAD-X 5.09.03 TWISS with chrom. Its derivatives are per pt, ours are beta0 times as large."""
    path = tmp_path / "cell.madx"
    path.write_text("""
    beam, particle=proton, pc=1.2;
    qf: quadrupole, l=0.4, k1=0.7;
    qd: quadrupole, l=0.4, k1=-0.65;
    m: marker;
    cell: sequence, l=5; qf, at=0.7; m, at=1.5; qd, at=3.1; endsequence;
    """)
    result = twiss(load_madx(path).with_settings(slices=32), chromatic=True)
    row = result["m"]
    mad = {"wx": 0.3288146104837396, "wy": 0.2923833729502166 / result.beta0, "dmux": -0.02134904057587478}
    assert {name: row[name] / result.beta0 for name in mad} == pytest.approx(mad, rel=1e-9)
    assert row["phix"] % 1 == pytest.approx(0.5566763759188076, abs=1e-9)
    assert row["phiy"] % 1 == pytest.approx(0.06127375992374443, abs=1e-9)


def test_six_dimensional_tunes_match_ptc(ring):
    line = ring.with_knobs(vrf=5.0)
    result = twiss(line)
    assert result.q1 == pytest.approx(1.5428178977816962, abs=1e-9)
    assert result.q2 == pytest.approx(1.3334299198280746, abs=1e-9)
    assert result.qs == pytest.approx(1 - 0.988748104352629, abs=1e-9)
    row = result["oc"]
    assert (row["betx"], row["dx"]) == pytest.approx((7.326093423763551, 3.165), rel=1e-2)
    quiet = twiss(line, method="4d")
    assert quiet.qs is None and quiet.q1 == pytest.approx(twiss(ring).q1, abs=1e-14)
    assert result.chromaticity == pytest.approx(quiet.chromaticity, rel=1e-9)


def test_wrong_cavity_phase_is_unstable_in_zeta(ring):
    with pytest.raises(UnstableMotionError, match="lag") as caught:
        twiss(ring.with_knobs(vrf=-5.0))
    assert caught.value.plane == "zeta"


def test_unstable_lattice_is_refused(ring):
    with pytest.raises(UnstableMotionError) as caught:
        twiss(ring.with_knobs(kqd=-2.5))
    assert caught.value.plane in ("x", "y")
    assert np.abs(caught.value.traces).max() > 2


@pytest.mark.parametrize("case", ["plain", "skew", "kick"])
def test_initial_values_of_the_periodic_solution_reproduce_it(ring, case):
    line = ring.with_knobs(KNOBS[case])
    periodic = twiss(line, chromatic=True)
    again = twiss(line, initial=InitialOptics.of(periodic, periodic.names[0]))
    for name in ("betx", "alfy", "mux", "muy", "beta12", "dx", "dpy", "x"):
        assert getattr(again, name) == pytest.approx(getattr(periodic, name), rel=1e-8, abs=1e-8)
    assert (again.q1, again.q2) == pytest.approx((periodic.q1, periodic.q2), abs=1e-11)
    assert again.chromaticity is None and again.alpha_c is None and again.gamma_tr is None and not again.periodic


def test_initial_phase_offsets_the_columns(ring):
    result = twiss(ring, initial=InitialOptics(betx=5.0, bety=4.0, mux=0.25))
    assert result.mux[0] == 0.25 and result.q1 == pytest.approx(result.mux[-1] - 0.25)


def test_inside_adds_places_without_moving_the_others(ring):
    outside, inside = twiss(ring), twiss(ring, inside=True)
    exits = [inside.place(name) for name in outside.names[1:]]
    assert len(inside) > 3 * len(outside)
    assert inside.betx[exits] == pytest.approx(outside.betx[1:], rel=1e-12)
    assert inside.mux[exits] == pytest.approx(outside.mux[1:], abs=1e-12)
    assert np.all(np.diff(inside.s) >= 0)
    step = np.diff(inside.s)
    # mu' = 1/beta, by Simpson's rule of neighbouring slices
    assert np.all(np.diff(inside.mux)[step > 0] > 0)


@pytest.mark.parametrize(
    "wrong", [{"method": "5d"}, {"order": -1}, {"dispersion_order": 0}, {"order": 1.5}, {"pzeta": float("nan")}]
)
def test_bad_arguments_are_named(ring, wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        twiss(ring, **wrong)


@pytest.mark.parametrize(
    "text", ["betx=1", "betx=1,bety=-1", "betx=1,bety=2,foo=3", "betx=1,bety=two", "betx=1,bety=nan", "betx,bety=1"]
)
def test_bad_initial_values_are_refused(text):
    with pytest.raises(InputError, match="initial optics"):
        InitialOptics.parse(text)
