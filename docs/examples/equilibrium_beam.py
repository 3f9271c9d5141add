"""Equilibrium beam of SPEAR3 with radiation: the ring with rolled quadrupoles, whose coupling makes a vertical size."""

from optics import AlignmentErrors, apply_errors, envelope, plot_envelope, radiation_integrals
from tracking import Misalignment, load_madx
from tracking.data import lattice_path

if __name__ == "__main__":
    ideal = load_madx(lattice_path("spear3.madx")).with_settings(integrator=4, slices=8, radiation="mean")
    rolls = AlignmentErrors(where="q*", rms=Misalignment(dpsi=5e-4))
    ring, _ = apply_errors(ideal, [rolls], seed=3)
    integrals, beam = radiation_integrals(ring), envelope(ring)
    print(f"energy loss {1e-3 * beam.energy_loss:.2f} keV per turn, from I2 {1e-3 * integrals.energy_loss:.2f} keV")
    print("damping times [ms] " + ", ".join(f"{1e3 * time:.3f}" for time in beam.damping_times))
    for name, value, other in zip("xy", beam.emittances[0], integrals.emittances, strict=False):
        print(f"emittance of mode {name} {value:.4e} m, from the integrals {other:.4e} m")
    print(f"energy spread {beam.energy_spread[0]:.4e}, bunch length {1e3 * beam.bunch_length[0]:.3f} mm")
    plot_envelope(beam, "equilibrium_beam.png")
