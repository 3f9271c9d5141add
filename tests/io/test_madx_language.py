"""What the MAD-X reader makes of the language, feature by feature."""

import math

import pytest

from tracking import elements as el
from tracking.apertures import Circle, Ellipse, Octagon, Polygon, Racetrack, Rectangle, RectEllipse
from tracking.data import lattice_path
from tracking.errors import InputError
from tracking.expressions import Expression
from tracking.io import load_madx
from tracking.io.madx import MadxError

HEAD = "beam, particle=proton, energy=5;\n"


@pytest.fixture
def load(tmp_path):
    def load(text, *arguments, **options):
        path = tmp_path / "lattice.madx"
        path.write_text(HEAD + text)
        return load_madx(path, *arguments, **options)

    return load


def element(load, text, **options):
    """The only element of a line that holds `e`."""
    return load(text + " s: line=(e); use, sequence=s;", **options).resolve()[0]


def test_comments_of_all_styles_and_quotes(load):
    text = """! line; comment, it's one
    // another "one
    /* block; with ! and ' and
       several lines */ e: quadrupole, /* inside */ l=1, ! k1=9,
       type="a; b ! c", k1=0.5; // behind
    """
    magnet = element(load, text)
    assert (magnet.length, magnet.k1, magnet.attributes["type"]) == (1.0, 0.5, "a; b ! c")


def test_commas_that_madx_does_not_need_or_mind(load):
    line = load("""
        title "what's left out"; option -echo; show q->l; x : = 3;
        q: quadrupole l=1, k1=0.5,, k1s := x,;
        r: q type="a b"l=2, k1=7;
        m: multipole, knl={0.1,, 0.3}, ksl=0.4;
        b: sbend l=1, -kill_ent_fringe,, kill_exi_fringe;
        s: line := (q, r, m, b); use period=s;
    """)
    q, r, m, b = line.resolve()
    assert (q.length, q.k1, q.k1s) == (1.0, 0.5, 3.0) and (r.length, r.k1, r.attributes["type"]) == (2.0, 7.0, "a b")
    assert (m.knl, m.ksl) == ((0.1, 0.0, 0.3), (0.4,))
    assert (b.kill_entrance_fringe, b.kill_exit_fringe) == (False, True)


def test_older_styles(load):
    line = load("""
        q: quadrupole, l=1, & ! goes on
           k1=0.5;
        twice(a): macro { a->l = 2*a->l; };
        exec, twice(q);
        d,: drift, l=2.5E
          -1;
        s: line=(q + 2*d, &
                 -(d + q));
    """)
    assert [e.length for e in line.elements] == [2.0, 0.25, 0.25, 2.0, 0.25]


def test_hexadecimal_numbers(load):
    magnet = element(load, "e: quadrupole, l=0x1.8p-1, k1=-2*0X1.999999999999AP-4;")
    assert (magnet.length, magnet.k1) == (0.75, -0.2)


def test_names_are_case_insensitive(load):
    line = load('Kq = 0.2; E: QUADRUPOLE, L=1, K1:=KQ; "Odd Name": E, l=2; S: LINE=(e, E, "odd name");')
    assert line.name == "s" and line.names == ("e:1", "e:2", "odd name") and line.resolve()[2].k1 == 0.2


def test_immediate_and_deferred(load):
    line = load("a = 1; b := 2*a; c = 2*a; a = 3; e: quadrupole, k1:=b, k1s=b; s: line=(e);")
    assert line.knobs.value("b") == 6.0 and line.knobs["c"] == 2.0
    assert line["e"].k1 == Expression.parse("b") and line["e"].k1s == 6.0


def test_deferred_expressions_survive_as_knobs(load):
    line = load("kq = 0.1; f := 2; e: quadrupole, l=1, k1:=f*kq^2; m: multipole, knl:={0, kq/2}; s: line=(e, m);")
    assert set(line.knobs.independent) == {"kq", "f"}
    changed = line.with_knobs(kq=3.0)
    assert changed.resolve()[0].k1 == 18.0 and changed.resolve()[1].knl == (0.0, 1.5)
    assert line.resolve()[0].k1 == pytest.approx(0.02)


def test_attribute_references_stay_connected(load):
    line = load("q: quadrupole, l=1, k1=0.3; e: quadrupole, l:=2*q->l, k1:=-q->k1; s: line=(q, e);")
    assert line.resolve()[1].k1 == -0.3 and line.length == 3.0
    changed = line.with_knobs({"q->k1": 0.5}).resolve()
    assert (changed[0].k1, changed[1].k1) == (0.5, -0.5)


def test_beam_attributes_in_expressions(load):
    magnet = element(load, "e: quadrupole, k1=1/beam->pc, k1s:=beam->mass;")
    assert magnet.k1 == pytest.approx(1 / math.sqrt(25 - 0.93827208816**2), rel=1e-14)
    assert magnet.k1s == pytest.approx(0.93827208816, rel=1e-14)


def test_beam_attributes_of_a_sequence(load):
    magnet = element(load, "beam, sequence=t, particle=proton, energy=7; e: quadrupole, k1=beam%t->energy;")
    assert magnet.k1 == pytest.approx(7.0, rel=1e-15)


def test_table_values_count_as_zero(load):
    line = load("x = table(summ, q1) + 2; e: quadrupole, k1:=table(twiss, e, betx); s: line=(e);")
    assert line.knobs["x"] == 2.0 and line.resolve()[0].k1 == 0.0
    assert [entry.what.split("'")[1] for entry in line.report.defaulted] == ["table(summ, q1)", "table(twiss, e, betx)"]


def test_qualifiers(load):
    line = load("const real a = 2; a = 3; int n = 3.7; real b = a; shared e: quadrupole, k1=n; s: line=(e);")
    assert line.knobs["a"] == 2.0 and line.knobs["b"] == 2.0 and line["e"].k1 == 3.0
    assert any("a is a constant" in entry.what for entry in line.report.ignored)


def test_predefined_constants_cannot_be_changed(load):
    assert load("pi = 3; x = pi; e: marker; s: line=(e);").knobs["x"] == math.pi


def test_inheritance_copies_and_overrides(load):
    line = load("a: quadrupole, l=1, k1=1; b: a, k1=2; c: b; a, k1=5; b->l=3; s: line=(a, b, c);")
    assert [(e.length, e.k1) for e in line.elements] == [(1.0, 5.0), (3.0, 2.0), (1.0, 2.0)]


def test_line_reflection_and_repetition(load):
    text = "".join(f"{name}: marker; " for name in "abcd")
    line = load(text + "u: line=(a, b); v: line=(2*u, -(c, -u)); s: line=(-v, 2*(-u, d), -2*(a, c)); use, sequence=s;")
    assert "".join(line.base_names) == "cbababa" + "badbad" + "caca"


def test_sequence_inside_a_line(load):
    text = "q: quadrupole, l=1; t: sequence, l=3; q, at=1; endsequence; s: line=(t, q, -t); use, sequence=s;"
    line = load(text)
    assert line.length == 7.0 and [line.s[i] for i in line.find("q")] == pytest.approx([0.5, 3.0, 5.5])


def test_implicit_drifts_fill_the_sequence(load):
    line = load("q: quadrupole, l=1; s: sequence, l=10; q, at=1; q, at=2; q, at=5; endsequence;")
    assert line.names == ("drift_1", "q:1", "q:2", "drift_2", "q:3", "drift_3")
    assert [e.length for e in line.elements] == [0.5, 1.0, 1.0, 2.0, 1.0, 4.5]


def test_small_overlaps_are_tolerated_and_reported(load):
    line = load("q: quadrupole, l=1; s: sequence, l=10; q, at=1; q, at=2-5e-10; endsequence;")
    assert "overlap by up to 5e-10 m" in line.report.approximated[0].what
    assert line.length == pytest.approx(10 + 5e-10, abs=1e-14)


def test_overlaps_that_are_allowed(load):
    text = "q: quadrupole, l=1; s: sequence, l=10; q, at=1; q, at=2-5e-7; q, at=9.5+5e-7; endsequence;"
    line = load(text, overlap=1e-6)
    assert [e.length for e in line.elements] == pytest.approx([0.5, 1, 1, 6.5 + 1e-6, 1])
    with pytest.raises(MadxError, match="overlaps 'q'.*by 5e-07 m"):
        load(text)
    with pytest.raises(InputError, match="overlap = -1"):
        load(text, overlap=-1)


def test_gaps_below_a_micrometre_are_left_out_as_madx_does(load):
    line = load("q: quadrupole, l=1; s: sequence, l=10; q, at=1; q, at=2+5e-9; q, at=3+2.5e-6; endsequence;")
    assert line.names == ("drift_1", "q:1", "q:2", "drift_2", "q:3", "drift_3")
    assert "gaps of up to 5e-09 m in s left out" in line.report.approximated[0].what
    assert line.length == pytest.approx(10 - 5e-9, abs=1e-14)


def test_the_only_outer_sequence_is_taken(load):
    inner = "q: quadrupole, l=1; t: sequence, l=2; q, at=1; endsequence;"
    text = inner + "s: sequence, l=4; t, at=1; t, at=3; endsequence;"
    assert load(text).name == "s" and load(text, "t").length == 2.0


def test_call_is_relative_to_the_calling_file(tmp_path):
    (tmp_path / "parts").mkdir()
    text = "call, file='strengths.str'; e: quadrupole, k1:=kq; return; e->k1=9;"
    (tmp_path / "parts" / "magnets.madx").write_text(text)
    (tmp_path / "parts" / "strengths.str").write_text("kq = 0.7;")
    path = tmp_path / "main.madx"
    path.write_text(HEAD + 'call, file = "parts/magnets.madx";\ns: line=(e);')
    assert load_madx(path).resolve()[0].k1 == 0.7


def test_call_may_be_relative_to_the_first_file(tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "kq.str").write_text("kq = 0.7;")
    (tmp_path / "parts" / "magnets.madx").write_text("call, file='parts/kq.str'; e: quadrupole, k1:=kq;")
    path = tmp_path / "main.madx"
    path.write_text(HEAD + "call file='parts/magnets.madx'; s: line=(e);")
    assert load_madx(path).resolve()[0].k1 == 0.7


@pytest.mark.parametrize("word", ["stop", "exit", "quit", "return"])
def test_nothing_behind_the_end_is_read(word, load):
    assert load(f"e: marker; s: line=(e); {word}; this is no * MAD-X").name == "s"


def test_conditions_loops_and_macros(load):
    line = load("""
        make(nn, kk): macro = { e.nn: quadrupole, l=nn, k1:=kk*nn; };
        i = 1; k0 = 0.1;
        while (i <= 3) {
            if (i == 2) { exec, make(2, k1); k1 = 5; }
            elseif (i > 2) { exec, make($i, k0); }
            else { exec, make(1, k0); }
            i = i + 1;
        }
        s: line=(e.1, e.2, e.3);
    """)
    assert [(e.length, e.k1) for e in line.resolve()] == [(1.0, 0.1), (2.0, 10.0), (3.0, pytest.approx(0.3))]


def test_other_commands_are_reported_not_executed(load, tmp_path):
    marker = tmp_path / "written"
    line = load(f"""
        option, -echo, warn=false; title, "don't; stop";
        e: marker; s: line=(e); use, sequence=s;
        select, flag=twiss, pattern="^q.*", column=name,s,betx;
        system, "touch {marker}"; twiss, file="{marker}"; ptc_create_universe; match; vary, name=kq; endmatch;
        value, e->l, table(summ, q1); start: beta0, betx=3;
    """)
    words = {entry.what.split()[1] for entry in line.report.ignored}
    expected = {
        "title",
        "select",
        "system",
        "twiss",
        "ptc_create_universe",
        "match",
        "vary",
        "endmatch",
        "value",
        "beta0",
    }
    assert words == expected and not marker.exists()


def test_bend_fields(load):
    text = """e: sbend, l=2, angle=0.1, k0=0.06, k0s=0.01, k1=0.2, k1s=0.3, k2=0.4, e1=0.01, e2=0.02, h1=0.1, h2=0.2,
        fint=0.5, fintx=0.3, hgap=0.04, tilt=0.7, kill_ent_fringe=true, knl={0, 0, 1}, ksl={0, 2};"""
    bend = element(load, text)
    assert bend == el.SectorBend(
        length=2.0, angle=0.1, k0=0.06, k0s=0.01, k1=0.2, k1s=0.3, k2=0.4, e1=0.01, e2=0.02, h1=0.1, h2=0.2, fint=0.5,
        fintx=0.3, hgap=0.04, tilt=0.7, kill_entrance_fringe=True, knl=(0.0, 0.0, 1.0), ksl=(0.0, 2.0),
    )  # fmt: skip
    assert element(load, "e: sbend, l=2, angle=0.1, fint=0.5, fintx=-1;").fintx is None


def test_bend_without_k0_has_the_field_of_its_angle(load):
    assert element(load, "e: sbend, l=2, angle=0.1;").k0 is None
    assert element(load, "k = 0; e: sbend, l=2, angle=0.1, k0=0;").k0 is None
    line = load("k = 0; e: sbend, l=2, angle=0.1, k0:=k; s: line=(e);")
    assert line["e"].k0 is None and "counts as angle/l" in line.report.approximated[0].what


def test_straight_bend_keeps_its_field(load):
    line = load("k = 0; e: rbend, l=0.3, k0:=k; s: line=(e);")
    assert line["e"].k0 == Expression.parse("k") and line["e"].angle == 0.0
    assert line.with_knobs(k=2).resolve()[0].k0 == 2.0


def test_higher_multipoles_of_bends_are_integrated(load):
    bend = element(load, "k = 4; e: sbend, l=0.5, angle=0.1, k2s=3, k3:=k, k3s=5, knl={0, 0, 0, 1};")
    assert bend.knl == (0.0, 0.0, 0.0, 3.0) and bend.ksl == (0.0, 0.0, 1.5, 2.5)


def test_rbend_length_is_the_arc(load):
    magnet = element(load, "e: rbend, l=2, angle=0.3;")
    assert magnet.length == pytest.approx(0.3 / math.sin(0.15), rel=1e-15) and magnet.chord == 2.0
    assert (magnet.e1, magnet.e2) == (0.0, 0.0)
    magnet = element(load, "option, rbarc=false; e: rbend, l=2, angle=0.3;")
    assert magnet.length == 2.0 and magnet.chord is None


def test_rbend_arc_follows_its_knob(load):
    line = load("a = 0; e: rbend, l=2, angle:=a; s: line=(e);")
    assert line.length == 2.0
    assert line.with_knobs(a=0.3).length == pytest.approx(0.3 / math.sin(0.15), rel=1e-15)


def test_cavities(load):
    cavity = element(load, "v = 2; e: rfcavity, l=1, volt:=v, freq=400, lag=0.5, harmon=3;")
    assert (cavity.volt, cavity.freq, cavity.harmon, cavity.lag) == (2e6, 4e8, None, 0.5)
    assert element(load, "e: rfcavity, volt=1, harmon=31;").harmon == 31.0
    crab = element(load, "e: crabcavity, volt=1, freq=400;")
    assert isinstance(crab, el.CrabCavity) and crab.volt == 1e6
    thin = element(load, "e: rfmultipole, freq=400, knl={0, 1}, pnl={0, 0.25};")
    assert (thin.knl, thin.pnl, thin.volt) == ((0.0, 1.0), (0.0, 0.25), 0.0)


def test_thin_solenoid_without_ks_has_that_of_its_lrad(load):
    assert element(load, "e: solenoid, ksi=0.3, lrad=0.4;").ks == pytest.approx(0.3 / 0.4, rel=1e-15)
    assert element(load, "e: solenoid, ksi=0.3, lrad=0.4, ks=0.7;").ks == 0.7
    assert element(load, "e: solenoid, ksi=0.3;").ks == 0.0


def test_rf_multipole_keeps_its_length(load):
    assert element(load, "e: rfmultipole, l=0.5, freq=100, knl={0, 0.1};").length == 0.5


def test_kickers(load):
    assert element(load, "e: hkicker, kick=1e-3;").hkick == 1e-3
    assert element(load, "e: vkicker, kick=1e-3;").vkick == 1e-3
    kicker = element(load, "e: tkicker, hkick=1e-3, vkick=2e-3;")
    assert (kicker.hkick, kicker.vkick, kicker.keyword) == (1e-3, 2e-3, "tkicker")
    line = load("e: kicker, kick=1e-3; s: line=(e);")
    assert line["e"].hkick == 0.0 and "kick of e" in line.report.ignored[0].what


def test_patches_and_edges(load):
    assert element(load, "e: translation, dx=1, dy=2, ds=3;") == el.Translation(dx=1.0, dy=2.0, ds=3.0)
    assert element(load, "e: yrotation, angle=0.1;") == el.Rotation(axis="y", angle=0.1, keyword="yrotation")
    reference = element(load, "e: changeref, patch_ang={0, 0.1}, patch_trans={1, 2, 3};")
    assert (reference.angles, reference.translation) == ((0.0, 0.1, 0.0), (1.0, 2.0, 3.0))
    assert element(load, "e: dipedge, h=0.1, e1=0.2, fint=0.5, hgap=0.03;") == el.DipoleEdge(
        h=0.1, e1=0.2, fint=0.5, hgap=0.03
    )
    assert element(load, "e: solenoid, l=1, ks=0.2;").ks == 0.2
    assert element(load, "e: solenoid, l=0, ks=0.2, ksi=0.1;").ksi == 0.1


def test_matrix_is_converted_to_our_coordinates(load):
    line = load("e: matrix, l=1, kick5=2, kick6=3, rm12=4, rm56=5, rm65=6, rm16=7; s: line=(e);")
    matrix, beta0 = line["e"], line.reference.beta0
    assert matrix.kick == pytest.approx((0, 0, 0, 0, 2 * beta0, 3 / beta0), rel=1e-15)
    rows = {(i, j): matrix.matrix[6 * i + j] for i in range(6) for j in range(6)}
    assert rows[0, 1] == 4.0 and rows[0, 0] == rows[5, 5] == 1.0 and rows[1, 0] == 0.0
    assert rows[4, 5] == pytest.approx(5 * beta0**2) and rows[5, 4] == pytest.approx(6 / beta0**2)
    assert rows[0, 5] == pytest.approx(7 * beta0)


def test_multipole_and_misalignment(load):
    thin = element(load, "k = 1; e: multipole, knl:={k, 2*k}, ksl={0, 1}, lrad=0.5, tilt=0.1, dx=1e-3, dpsi:=k;")
    assert (thin.knl, thin.ksl, thin.lrad, thin.angle) == ((1.0, 2.0), (0.0, 1.0), 0.5, None)
    assert thin.misalignment == el.Misalignment(dx=1e-3, dpsi=1.0)
    assert element(load, "e: multipole, knl={0.1}, angle=0.2;").angle == 0.2


APERTURES = {
    "aperture={0.02}": Circle(radius=0.02),
    "apertype=ellipse, aperture={0.02, 0.01}": Ellipse(a=0.02, b=0.01),
    'apertype="rectangle", aperture={0.02, 0.01}, aper_offset={1e-3, 2e-3}': Rectangle(
        half_width=0.02, half_height=0.01, dx=1e-3, dy=2e-3
    ),
    "apertype=rectellipse, aperture:={0.02, r, 0.03, 0.04}": RectEllipse(
        half_width=0.02, half_height=0.5, a=0.03, b=0.04
    ),
    "apertype=lhcscreen, aperture={0.02, 0.01, 0.03}": RectEllipse(half_width=0.02, half_height=0.01, a=0.03, b=0.03),
    "apertype=racetrack, aperture={0.02, 0.01, 3e-3, 4e-3}": Racetrack(
        half_width=0.02, half_height=0.01, a=3e-3, b=4e-3
    ),
    "apertype=octagon, aperture={0.02, 0.02, 0.5, 1.0}": Octagon(
        half_width=0.02, half_height=0.02, angle1=0.5, angle2=1.0
    ),
    "aper_vx={0, 1, 1}, aper_vy={0, 0, 1}": Polygon(x=(0.0, 1.0, 1.0), y=(0.0, 0.0, 1.0)),
    "aperture={0, 0}": None,
    "l=1": None,
}


@pytest.mark.parametrize("text", APERTURES)
def test_apertures(text, load):
    assert element(load, f"r = 0.5; e: quadrupole, {text};").aperture == APERTURES[text]


@pytest.mark.parametrize(
    "text",
    [
        "apertype=star, aperture={1, 2}",
        "apertype=rectellipse, aperture={1, 2}",
        "aperture={-1}",
        "apertype=rectangle, aperture={0.02, 0}",
        "aper_vx={0, 1, 1}, aper_vy={0, 1}",
    ],
)
def test_apertures_that_make_no_shape_are_reported(text, load):
    line = load(f"e: collimator, l=1, {text}; s: line=(e);")
    assert line["e"].aperture is None and "aperture of e" in line.report.ignored[0].what


def test_attributes_without_a_map_are_kept(load):
    line = load("e: quadrupole, l=1, slot_id:=12, assembly_id=3, kmax:=2*x, thick=false, polarity=-1; s: line=(e);")
    kept = line["e"].attributes
    assert (kept["slot_id"], kept["polarity"], kept["thick"]) == (12.0, -1.0, False)
    assert kept["kmax"] == Expression.parse("2*x") and not line.report.ignored


def test_bv_turns_the_magnets_around(load):
    text = "e: sbend, l=1, angle=0.1, e1=0.02, k1=0.3, tilt=0.2, knl={0, 1}; c: rfcavity, volt=1, freq=1, lag=0.2;"
    line = load("beam, particle=proton, energy=5, bv=-1;" + text + "s: line=(e, c);")
    bend = line["e"]
    assert (bend.angle, bend.e1, bend.k1, bend.tilt, bend.knl) == (-0.1, 0.02, -0.3, 0.2, (0.0, -1.0))
    assert line["c"].lag == pytest.approx(0.3) and line["c"].volt == 1e6


def test_beam_of_the_sequence_counts(load):
    line = load("beam, sequence=s, particle=electron, pc=3; e: marker; s: line=(e);")
    assert line.reference.name == "electron" and line.reference.p0c == 3e9


def test_beam_without_energy_is_reported(load):
    path = load("e: marker; s: line=(e); beam, sequence=s;").report
    assert {entry.what for entry in path.defaulted} == {
        "beam without energy: 1.0 GeV", "beam without particle: positron"
    }  # fmt: skip


def test_report_says_what_was_read(load):
    line = load("q: quadrupole, l=1; s: sequence, l=10; q, at=1; q, at=5; endsequence;")
    assert str(line.report) == "read: lattice.madx:2: s: 2 elements, 3 implicit drifts"
    assert line.report.to_dict()["read"] == [
        {"file": "lattice.madx", "line": 2, "what": "s: 2 elements, 3 implicit drifts"}
    ]


def test_packaged_spear3():
    line = load_madx(lattice_path("spear3.madx"), strict=True)
    assert len(line) == 824 and line.length == pytest.approx(234.144012, abs=1e-6)
    bending = sum(e.angle for e in line.resolve() if isinstance(e, el.SectorBend))
    assert bending == pytest.approx(2 * math.pi, abs=1e-6)
    assert len(line.find("sd")) == len(line.find("sf")) == 28 and line.reference.total_energy == 3e9
    assert {"kqf", "ksd", "kbend"} < set(line.knobs.independent) and not line.report.ignored
    with pytest.raises(InputError, match=r"there are \['spear3.madx'\]"):
        lattice_path("spear4.madx")


def test_files_of_other_systems(tmp_path):
    path = tmp_path / "windows.madx"
    path.write_bytes(b"\xef\xbb\xbfbeam, energy=5; ! caf\xe9\r\ne: quadrupole,\r\n\tl=1;\r\ns: line=(e);\r\n")
    assert load_madx(path).length == 1.0
