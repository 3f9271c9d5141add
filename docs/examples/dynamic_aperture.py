"""Dynamic aperture of SPEAR3: ideal, and with errors of three seeds whose orbits are corrected."""

from functools import partial

from optics import (
    AlignmentErrors,
    FieldComponents,
    FieldErrors,
    apply_errors,
    correct_orbit,
    dynamic_aperture,
    plot_dynamic_aperture,
    scan,
)
from tracking import Line, Misalignment, load_madx
from tracking.data import lattice_path

ERRORS = [
    AlignmentErrors(where="q*", rms=Misalignment(dx=50e-6, dy=50e-6, dpsi=2e-4)),
    AlignmentErrors(where="s*", rms=Misalignment(dx=50e-6, dy=50e-6)),
    FieldErrors(where="q*", order=1, radius=0.03, rms=FieldComponents(dknr=(0.0, 5e-4, 2e-4, 1e-4, 1e-4, 5e-4))),
]
SEARCH = {"angles": 19, "turns": 100, "largest": 0.04, "tolerance": 2e-4}


def aperture_of_seed(ring: Line, seed: int):
    machine, _ = apply_errors(ring, ERRORS, seed=seed)
    correction = correct_orbit(machine, "bpm*", cut=1e-2)
    return correction, dynamic_aperture(correction.line, **SEARCH)


if __name__ == "__main__":
    ring = load_madx(lattice_path("spear3.madx")).with_settings(rf=False, integrator=4, slices=2)
    ideal = dynamic_aperture(ring, **SEARCH)
    seeds = scan(partial(aperture_of_seed, ring), [1, 2, 3])  # with cluster="local" on every core
    print(f"ideal: {1e6 * ideal.area[0]:.0f} mm^2")
    for correction, aperture in seeds:
        rms = [f"{plane} {1e6 * size:.0f} um" for plane, size in correction.rms_after.items()]
        print(f"with errors: {1e6 * aperture.area[0]:.0f} mm^2, orbit {', '.join(rms)}")
    figure = plot_dynamic_aperture([aperture for _, aperture in seeds], label="three seeds,")
    plot_dynamic_aperture(ideal, "dynamic_aperture.png", axes=figure.axes[0], label="ideal,")
