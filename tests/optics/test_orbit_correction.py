"""Orbit response against other ways to the same derivatives, and corrections that do what least squares promise."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import lsq_linear, minimize

from optics import (
    AlignmentErrors,
    NoClosedOrbitError,
    apply_errors,
    closed_orbit,
    correct_orbit,
    one_turn_map,
    orbit_response,
    plot_orbit_correction,
)
from tracking import Expression, Kicker, Misalignment, Monitor
from tracking.errors import InputError

MOVED = AlignmentErrors(where="q*", rms=Misalignment(dx=2e-4, dy=3e-4, dpsi=1e-3))


@pytest.fixture(scope="module")
def machine(ring):
    """The ring with eleven monitors and eight correctors, thick, thin, tilted and misaligned, and its errors."""
    line = ring.with_settings(slices=4).with_knobs(kskew=0.02)
    for k in range(1, 12):
        line = line.insert(line.find(f"qf:{(k + 1) // 2}" if k % 2 else f"qd:{k // 2}")[0], Monitor(), f"bpm{k}")
    for k in range(1, 7):
        kicker = Kicker(length=0.0, keyword="hkicker" if k % 2 else "vkicker")
        line = line.insert(line.index(f"sd:{k}"), kicker, f"cor{k}")
    tilted = Kicker(length=0.05, tilt=0.3, misalignment=Misalignment(dx=1e-3, dtheta=2e-3))
    line = line.insert("sq", tilted, "cor7").insert("qd:5", Kicker(length=0.1), "cor8")
    return apply_errors(line, [MOVED], seed=5)[0]


def kicked(line, name, field, by):
    element = line[name]
    return line.replace(name, replace(element, **{field: getattr(element, field) + by}))


@pytest.mark.parametrize("dim", [4, 6])
def test_matrix_is_the_slope_of_the_closed_orbit(machine, dim):
    """Central differences with two steps, extrapolated."""
    line = machine.with_knobs(vrf=2.0) if dim == 6 else machine
    found = orbit_response(line, "bpm*", "cor*", dim=dim)
    assert found.matrix.shape == (22, 10)
    for column, (name, plane) in enumerate(zip(found.correctors.names, found.correctors.planes, strict=True)):
        field = {"x": "hkick", "y": "vkick"}[plane]

        def slope(h, name=name, field=field):
            ends = [closed_orbit(kicked(line, name, field, sign * h), dim=dim).orbit for sign in (1, -1)]
            return (ends[0] - ends[1]) / (2 * h)

        expected = (4 * slope(1e-5) - slope(2e-5)) / 3
        expected = expected[found.monitors.elements + 1, 2 * found.monitors.plane]
        assert found.matrix[:, column] == pytest.approx(expected, abs=2e-9 * np.abs(found.matrix).max())


def test_matrix_agrees_with_taylor_maps_of_a_knob(ring):
    """The fixed point of a first-order map with the kick as a parameter, to round-off."""
    line = ring.with_knobs(kick=1e-3, kskew=0.03)
    found = orbit_response(line, ["qf:2", "qd:5"], "ch", planes="x")
    for row, name in enumerate(("qf:2", "qd:5")):
        turn = one_turn_map(line, 1, ["kick"], at=name).coefficients
        slope = np.linalg.solve(np.eye(4) - turn[:4, 1:5], turn[:4, 7])
        assert found.matrix[row, 0] == pytest.approx(slope[0], rel=1e-11)


def test_readings_and_channels(machine):
    line = machine.replace("bpm3", Monitor(keyword="vmonitor"))
    found = orbit_response(line, "bpm*", ["cor2", "cor1", "cor8"])
    assert found.correctors.names == ("cor1", "cor8", "cor2", "cor8")
    assert found.correctors.planes == ("x", "x", "y", "y")
    monitors = list(zip(found.monitors.names, found.monitors.planes, strict=True))
    assert len(monitors) == 21 and ("bpm3", "x") not in monitors
    orbit = closed_orbit(line).orbit
    assert found.readings[-1] == orbit[line.index("bpm11") + 1, 2]
    assert found.to_pandas().loc[("bpm4", "y"), ("cor8", "x")] == found.matrix[monitors.index(("bpm4", "y")), 1]


def test_known_kicks_are_taken_back(machine):
    """Kicks of the correctors themselves are found again, coupling and nonlinear fields included."""
    kicks = np.array([2e-4, -1e-4, 3e-4, 1e-4, 2e-4, -2e-4, 1e-4, 3e-4, -1e-4, 2e-4])
    before = orbit_response(machine, "bpm*", "cor*")
    line = machine
    for name, plane, kick in zip(before.correctors.names, before.correctors.planes, kicks.tolist(), strict=True):
        line = kicked(line, name, {"x": "hkick", "y": "vkick"}[plane], kick)
    found = correct_orbit(line, "bpm*", "cor*", target=before.readings, cut=0.0)
    assert found.converged and found.iterations <= 6 and found.used == 10
    assert found.kicks == pytest.approx(-kicks, abs=1e-12)
    assert found.rms_before["x"] > 1e-4 and max(found.rms_after.values()) < 1e-13


def test_result_is_the_least_squares_one(machine):
    """More monitors than correctors: what is left is orthogonal to every column of the final matrix."""
    weights = np.linspace(0.5, 2.0, 22)
    found = correct_orbit(machine, "bpm*", "cor*", cut=0.0, weights=weights)
    assert found.converged
    left = weights * found.after.readings
    projected = (weights[:, None] * found.after.matrix).T @ left
    assert np.abs(projected).max() < 1e-9 * np.linalg.norm(left) * found.singular_values[0]
    assert np.linalg.norm(left) < 0.7 * np.linalg.norm(weights * found.before.readings)
    again = closed_orbit(found.line).orbit[found.after.monitors.elements + 1, 2 * found.after.monitors.plane]
    assert np.array_equal(again, found.after.readings)


def test_cut_leaves_small_singular_values_out(machine):
    all_of_them = correct_orbit(machine, "bpm*", "cor*", cut=0.0, iterations=1)
    some = correct_orbit(machine, "bpm*", "cor*", cut=0.4, iterations=1)
    values = all_of_them.singular_values
    assert np.all(np.diff(values) <= 0) and some.used == np.sum(values >= 0.4 * values[0]) < all_of_them.used
    assert np.linalg.norm(some.kicks) < np.linalg.norm(all_of_them.kicks)
    assert not all_of_them.converged and all_of_them.iterations == 1


@pytest.mark.parametrize("cut", [0.0, 0.05])
def test_limited_kicks_are_the_best_within_the_limits(machine, cut):
    """Beside SciPy's bounded least squares on the final matrix, and the conditions of a constrained minimum."""
    free = correct_orbit(machine, "bpm*", "cor*", cut=cut)
    assert not free.at_limit.any()
    limit = 0.6 * np.abs(free.kicks).max()
    found = correct_orbit(machine, "bpm*", "cor*", cut=cut, limit=limit)
    assert found.converged and 0 < found.at_limit.sum() < 10
    assert np.abs(found.kicks).max() <= limit
    assert np.array_equal(found.at_limit, np.abs(found.kicks) > 0.999 * limit)
    matrix, left = found.after.matrix, -found.after.readings
    u, values, v = np.linalg.svd(matrix, full_matrices=False)
    kept = values >= cut * values[0]
    basis = v[kept].T
    if cut:  # within the kept directions, by another solver
        best = minimize(
            lambda c: 0.5 * np.sum((matrix @ basis @ c - left) ** 2) * 1e6, np.zeros(kept.sum()), method="SLSQP",
            constraints={"type": "ineq", "fun": lambda c: (limit - np.abs(found.kicks + basis @ c)) * 1e3},
            options={"ftol": 1e-14},
        )  # fmt: skip
        assert np.abs(basis @ best.x).max() < 1e-3 * limit
    else:
        change = lsq_linear(matrix, left, (-limit - found.kicks, limit - found.kicks), tol=1e-14).x
        assert np.abs(change).max() < 1e-6 * limit
        slope = matrix.T @ left  # pushes kicks at a limit outwards, others not at all
        assert np.all(slope[found.at_limit] * found.kicks[found.at_limit] > 0)
        assert np.abs(slope[~found.at_limit]).max() < 1e-6 * np.abs(slope).max()
    clipped = machine
    for name, plane, kick in zip(
        found.before.correctors.names, found.before.correctors.planes, np.clip(free.kicks, -limit, limit), strict=True
    ):
        clipped = kicked(clipped, name, {"x": "hkick", "y": "vkick"}[plane], float(kick))
    cut_off = orbit_response(clipped, "bpm*", "cor*").readings
    assert np.linalg.norm(found.after.readings) < np.linalg.norm(cut_off)


def test_limit_counts_what_a_corrector_has_already(ring):
    line = ring.with_settings(slices=4).with_knobs(kick=2e-4)
    found = correct_orbit(line, ["qf:2"], "ch", planes="x", target=3e-3, limit=2.5e-4)
    assert found.kicks == pytest.approx([0.5e-4], rel=1e-12) and found.at_limit.all() and found.converged
    with pytest.raises(InputError, match="ch kicks by 0.0002 rad in x to begin with; expected at most limit = 0.0001"):
        correct_orbit(line, ["qf:2"], "ch", planes="x", limit=1e-4)


def test_weightless_monitor_and_single_plane(machine):
    weights = np.ones(11)
    weights[4] = 0.0
    lying = np.zeros(11)
    lying[4] = 1.0
    honest = correct_orbit(machine, "bpm*", "cor*", planes="x", weights=weights)
    misled = correct_orbit(machine, "bpm*", "cor*", planes="x", weights=weights, target=lying)
    assert np.array_equal(honest.kicks, misled.kicks) and set(honest.rms_after) == {"x"}
    assert all(honest.line[name].vkick == 0.0 for name in ("cor2", "cor8"))


def test_corrector_of_an_expression_follows_its_knob(ring):
    line = ring.with_settings(slices=4).with_knobs(kick=2e-4)
    found = correct_orbit(line, ["qf:2"], "ch", planes="x")
    assert found.kicks == pytest.approx([-2e-4], abs=1e-12)
    element = found.line["ch"]
    assert isinstance(element.hkick, Expression)
    assert found.line.with_knobs(kick=5e-4).resolve()[line.index("ch")].hkick == pytest.approx(3e-4)


def test_table_and_plot(machine, tmp_path):
    found = correct_orbit(machine, "bpm*", "cor*")
    table = found.to_pandas()
    assert table.loc["cor1", "kick"] == found.kicks[0]
    assert table.loc["cor1", "s"] == machine.s[machine.index("cor1") + 1]
    figure = plot_orbit_correction(found, tmp_path / "orbit.png")
    assert (tmp_path / "orbit.png").read_bytes().startswith(b"\x89PNG")
    s, x = figure.axes[0].lines[1].get_data()
    assert x == pytest.approx(1e3 * closed_orbit(found.line).orbit[:, 0]) and s == pytest.approx(machine.s)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"monitors": "nothing"}, "nothing"),
        ({"monitors": "zz*"}, "monitors = 'zz"),
        ({"correctors": "bpm*"}, "matches no Kicker"),
        ({"correctors": "cor2", "planes": "x"}, "matches no Kicker"),
        ({"planes": "z"}, "planes = 'z'"),
        ({"target": [1.0]}, "target"),
        ({"weights": np.nan}, "weights"),
        ({"weights": 0.0}, "weights"),
        ({"cut": 1.0}, "cut = 1.0"),
        ({"iterations": 0}, "iterations = 0"),
        ({"limit": 0.0}, "limit = 0.0"),
        ({"limit": [1e-3]}, "limit = "),
        ({"limit": np.nan}, "limit = nan"),
    ],
)
def test_bad_input_is_named(machine, options, message):
    with pytest.raises(InputError, match=message):
        correct_orbit(machine, **{"monitors": "bpm*", "correctors": "cor*", **options})


def test_no_orbit_to_begin_with(machine):
    with pytest.raises(NoClosedOrbitError):
        correct_orbit(kicked(machine, "cor8", "hkick", 1.5), "bpm*", "cor*")
