"""Positions, lengths and attributes of lattices agree with MAD-X itself."""

import numpy as np
import pytest

from tracking.io import load_madx

cpymad = pytest.importorskip("cpymad.madx")

NUMBERS = ("k1", "k1s", "k2", "k2s", "k3", "k3s", "angle", "e1", "e2", "fint", "hgap", "ks", "tilt", "lag")

CLASSES = """
beam, particle=proton, energy=5;
q: quadrupole, l=1, k1=0.3; m: marker; b: sbend, l=2, angle=0.1, e1=0.02; r: rbend, l=3, angle=0.2, e2=0.01;
s6: sextupole, l=0.5, k2=3; c: hkicker, l=0.25, kick=1e-3;
"""

LATTICES = {
    "refer_entry": "s: sequence, l=11, refer=entry; q, at=1; b, at=2.5; m, at=7; r, at=7; endsequence;",
    "refer_centre": "s: sequence, l=10; q, at=1; b, at=2.5; m, at=5; r, at=7.2; endsequence;",
    "refer_exit": "s: sequence, l=10, refer=exit; q, at=1; b, at=3.5; m, at=6; r, at=10; endsequence;",
    "from_centre": """s: sequence, l=12; m, at=0; q1: q, at=-2.5, from=q2; q2: q, at=5; q3: q, at=1.5, from=q2;
        q4: q, at=2, from=q3; endsequence;""",
    "from_entry": """s: sequence, l=12, refer=entry; q1: q, at=1; q2: q, at=2, from=q1; b1: b, at=1.75, from=q2;
        endsequence;""",
    "from_exit": "s: sequence, l=12, refer=exit; q1: q, at=2; b1: b, at=4, from=q1; q2: q, at=2, from=b1; endsequence;",
    "from_occurrence": "s: sequence, l=12; q, at=1; q, at=4; m, at=1, from=q[2]; c, at=1, from=m; endsequence;",
    "from_inner": """t: sequence, l=3; p: q, at=1; endsequence;
        s: sequence, l=12; t, at=3; m, at=2.5, from=p; c, at=6; endsequence;""",
    "nested_centre": """t: sequence, l=4, refer=entry; q, at=0.5; c, at=2; endsequence;
        s: sequence, l=12; t, at=3; b, at=6; t, at=9.5; endsequence;""",
    "nested_entry": """t: sequence, l=4; q, at=1; endsequence; u: sequence, l=5, refer=entry; t, at=0.5; endsequence;
        s: sequence, l=14, refer=entry; u, at=0.25; b, at=6; u, at=8.5; endsequence;""",
    "nested_exit": """t: sequence, l=4; q, at=1; endsequence;
        s: sequence, l=12, refer=exit; t, at=4.5; b, at=7; t, at=12; endsequence;""",
    "refpos_centre": """t: sequence, l=4, refpos=p; q, at=1; p: m, at=2.5; endsequence;
        s: sequence, l=12; t, at=4; b, at=7.5; endsequence;""",
    "refpos_entry": """t: sequence, l=4, refpos=p; q, at=1; p: m, at=2.5; endsequence;
        s: sequence, l=12, refer=entry; t, at=4; b, at=7.5; endsequence;""",
    "refpos_exit": """t: sequence, l=4, refpos=p; q, at=1; p: m, at=2.5; endsequence;
        s: sequence, l=12, refer=exit; t, at=4; b, at=9.5; endsequence;""",
    "line": "d: drift, l=0.5; s: line=(m, d, q, d, b, 2*(d, s6), c);",
    "line_reflected": """d: drift, l=0.5; d2: drift, l=0.25; u: line=(q, d, b); v: line=(u, d2, -u, 2*s6);
        s: line=(-v, m, 2*(c, d2), -(q, d, s6), 2*u);""",
    "rbarc_off": "option, rbarc=false; s: sequence, l=10; r, at=3; endsequence;",
    "chord_by_knob": """a := 0.05; r1: rbend, l=1, angle:=2*a; s: sequence, l=10; r1, at=3;
        r, at=6; endsequence; a = 0.06;""",
    "overrides": """x=0.05; q2: q, k1=0.5; q->k1=0.7; q3: q; q2, tilt=0.1;
        s: sequence, l=10; q, at=1; q2, at=3; q3, at=5; q4: q3, at=7, k1=0.9; endsequence; q4, k1s=0.2; q3->k1:=x*2;""",
    "second_definition": "s: sequence, l=10; q: q, at=1, k1=5; q5: q, at=4, k1=4; endsequence;",
    "deferred_position": "p := 3; s: sequence, l:=3*p; q, at:=p; b, at=p+4; endsequence; p=4;",
    "tiny_overlap": "s: sequence, l=10; q, at=1; q, at=2-1e-12; b, at=3.5; endsequence;",
    "conditions": """n = 2; if (n > 3) {q, k1=1;} elseif (n == 2 && n <> 7) {q, k1=2;} else {q, k1=3;}
        s: sequence, l=10; q, at=1; endsequence;""",
    "loop": """i = 0; s: sequence, l=10; while (i < 4) {c, at=1+2*i; i = i + 1;} endsequence;""",
    "macros": """put(xx, yy): macro = {q.xx: q, at=yy, k1:=kq.xx;} i = 3; kq.a = 0.1; kq.3 = 0.4;
        s: sequence, l=10; exec, put(a, 2); exec, put($i, 5); endsequence;""",
    "kicks": """k1: kicker, l=1, hkick=1e-3, vkick=2e-3; k2: vkicker, l=1, kick=3e-3; k3: tkicker, hkick=1e-4;
        s: sequence, l=10; k1, at=1; k2, at=3; k3, at=5; c, at=7; endsequence;""",
}


def madx_elements(path, sequence):
    madx = cpymad.Madx(stdout=False)
    madx.call(str(path))
    madx.use(sequence)
    elements = [
        (e.name.split("[")[0], e.position, e.length, {k: p.value for k, p in e.cmdpar.items()}, e.base_type.name)
        for e in madx.sequence[sequence].expanded_elements
        if "$" not in e.name.replace("$1", "") and not e.name.startswith("drift_")
    ]
    madx.quit()
    return elements


@pytest.mark.parametrize("case", LATTICES)
def test_expanded_sequence_agrees(case, tmp_path):
    path = tmp_path / "lattice.madx"
    path.write_text(CLASSES + LATTICES[case])
    line = load_madx(path, "s")
    ours = [
        (name, s, element)
        for name, s, element in zip(line.base_names, line.s, line.resolve(), strict=False)
        if not name.startswith("drift_")
    ]
    theirs = madx_elements(path, "s")
    assert [name for name, *_ in ours] == [name for name, *_ in theirs]
    for (name, s, element), (_, position, length, attributes, keyword) in zip(ours, theirs, strict=True):
        assert element.keyword == keyword
        assert s == pytest.approx(position, abs=2e-12), name
        assert element.length == pytest.approx(length, abs=1e-14), name
        for field in NUMBERS:
            if field in attributes and hasattr(element, field):
                assert getattr(element, field) == pytest.approx(attributes[field], rel=1e-15), (name, field)


KICKS = {"hkicker": ("kick", "hkick"), "vkicker": ("kick", "vkick"), "kicker": ("vkick", "vkick")}


def test_kicks_agree(tmp_path):
    path = tmp_path / "lattice.madx"
    path.write_text(CLASSES + LATTICES["kicks"])
    line = load_madx(path)
    values = {name: attributes for name, _, _, attributes, _ in madx_elements(path, "s")}
    for name in ("k1", "k2", "c"):
        theirs, ours = KICKS[line[name].keyword]
        assert getattr(line[name], ours) == values[name][theirs] != 0


BEAMS = [
    "beam;",
    "beam, particle=proton, mass=1, charge=2, energy=20;",
    "beam, particle=ion, mass=193.7, charge=54, energy=500;",
    "beam, particle=electron, pc=3, energy=2;",
    "beam, mass=2, charge=-1, gamma=3;",
    "beam, particle=foo, beta=0.5;",
    "beam, particle=antiproton, brho=20;",
    "beam, particle=ion, mass=10, charge=4, brho=3;",
    "beam, particle=proton, energy=7; beam, pc=3;",
    "beam, particle=proton, energy=7; beam, particle=electron;",
    "beam, particle=electron; beam, sequence=s, particle=posmuon, gamma=5;",
    "e0 = 4; beam, particle=positron, energy:=e0; e0 = 5;",
]


@pytest.mark.parametrize("beam", BEAMS)
def test_beam_agrees(beam, tmp_path):
    path = tmp_path / "lattice.madx"
    path.write_text("q: quadrupole, l=1; s: sequence, l=2; q, at=1; endsequence;" + beam)
    reference = load_madx(path).reference
    madx = cpymad.Madx(stdout=False)
    madx.call(str(path))
    madx.use("s")
    theirs = madx.sequence.s.beam
    ours = (reference.p0c / 1e9, reference.mass / 1e9, reference.charge, reference.beta0, reference.gamma0)
    expected = (theirs.pc, theirs.mass, theirs.charge, theirs.beta, theirs.gamma)
    madx.quit()
    np.testing.assert_allclose(ours, expected, rtol=1e-12)


EXPRESSIONS = [
    "2^3^2", "-2^2", "1-2-3", "12/3/2", "sinc(0.5)", "1d3", "2.5e-3", ".5", "5.", "+3", "frac(-1.3)",
    "round(2.5)", "round(-2.5)", "floor(-1.5)", "ceil(-1.5)", "abs(-3)", "erf(0.3)", "erfc(0.3)", "atan(2)*asin(0.3)",
    "cosh(0.4)+sinh(0.2)-tanh(0.1)", "log10(50)", "log(3)", "exp(1.5)",
    "pi*twopi*degrad*raddeg", "emass+pmass*nmass-mumass", "clight*qelect", "hbar*erad/prad", "e^2", "amu0",
    "(1+2)*(3-4)/5", "2^(-1)", "b->angle", "b->l*2",
]  # fmt: skip


def test_expressions_agree(tmp_path):
    text = CLASSES + "".join(f"x{i} = {expression};\n" for i, expression in enumerate(EXPRESSIONS))
    path = tmp_path / "lattice.madx"
    path.write_text(text + "s: sequence, l=2; q, at=1; endsequence;")
    knobs = load_madx(path).knobs
    madx = cpymad.Madx(stdout=False)
    madx.call(str(path))
    expected = [madx.globals[f"x{i}"] for i in range(len(EXPRESSIONS))]
    madx.quit()
    np.testing.assert_allclose([knobs.value(f"x{i}") for i in range(len(EXPRESSIONS))], expected, rtol=1e-15)
