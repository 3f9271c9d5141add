"""Bad MAD-X files are refused with a message that says where and what to do."""

import time

import pytest

from tracking.errors import InputError
from tracking.io import MadxError, load_madx
from tracking.reference import ReferenceParticle

HEAD = "beam, particle=proton, energy=5;\nq: quadrupole, l=1, k1=0.3;\n"
RING = "s: sequence, l=10; q, at=1; endsequence;\n"


def load(tmp_path, text, *arguments, **options):
    path = tmp_path / "bad.madx"
    path.write_text(text)
    return load_madx(path, *arguments, **options)


# name: (text below HEAD, parts of the message)
BAD = {
    "missing semicolon": ("q2: q, l=2\n", ("bad.madx:3", "no semicolon")),
    "open quote": ('q2: q, type="abc;\n', ("bad.madx:3", "quote is left open")),
    "open brace": ("if (1 > 0) { q, l=2;\n", ("bad.madx:3", "never closed")),
    "unknown element type": ("q2: quadrupol, l=1;", ("bad.madx:3", "'quadrupol'", "'quadrupole'")),
    "type without a map": ("w: beambeam;", ("bad.madx:3", "no map here", "unknown='drift'")),
    "unknown command": ("qq2, l=1;", ("bad.madx:3", "'qq2'")),
    "overlap": (
        "s: sequence, l=10;\nq, at=1;\nq2: q, at=1.9;\nendsequence;",
        ("bad.madx:5", "'q2'", "'q'", "overlaps", "0.1 m"),
    ),
    "beyond the end": ("s: sequence, l=10;\nq, at=9.8;\nendsequence;", ("bad.madx:4", "'q'", "beyond", "length 10")),
    "before the start": ("s: sequence, l=10;\nq, at=0.2;\nendsequence;", ("bad.madx:4", "start of the sequence")),
    "no position": ("s: sequence, l=10; q; q, k1=2; q9: q; endsequence;", ("bad.madx:3", "give at")),
    "placed outside": ("t: sequence, l=1; endsequence; t, at=3;", ("bad.madx:3", "outside of a sequence")),
    "no length": ("s: sequence; endsequence;", ("bad.madx:3", "give l")),
    "wrong refer": ("s: sequence, l=1, refer=middle; endsequence;", ("refer = middle", "entry, centre or exit")),
    "never ended": ("s: sequence, l=10; q, at=1;", ("bad.madx:3", "no endsequence")),
    "wrong from": ("s: sequence, l=10; q, at=1, from=qx; endsequence;", ("'qx'", "sequence 's'")),
    "from each other": (
        "s: sequence, l=10; a: q, at=2, from=b; b: q, at=1, from=a; endsequence;",
        ("bad.madx:3", "count from each other"),
    ),
    "from itself": ("s: sequence, l=10; a: q, at=2, from=a; endsequence;", ("count from each other",)),
    "inside itself": ("s: sequence, l=10; s, at=5; endsequence;", ("'s'",)),
    "line inside itself": ("s: line=(q, t); t: line=(q, s); use, sequence=s;", ("contains itself", "s -> t -> s")),
    "use of nothing": (RING + "use, sequence=t;", ("'t'", "['s']")),
    "unknown line item": ("s: line=(q, qx);", ("bad.madx:3", "'qx'")),
    "circular": ("a := b;\nb := c + 1;\nc := 2*a;\nq2: q, k1:=a;\ns: line=(q2);", ("circular", "a -> b -> c -> a")),
    "circular self": ("a := a + 1; q2: q, k1:=a; s: line=(q2);", ("circular", "a -> a")),
    "circular number": ("a := a + 1; b = a;", ("bad.madx:3", "circular", "a -> a")),
    "nan": ("q2: q, k1=sqrt(-1); s: line=(q2);", ("bad.madx:3", "'q2'", "k1", "nan")),
    "deferred nan": ("x = -1; q2: q, k1:=log(x); s: line=(q2);", ("'q2'", "k1", "nan", "log(x)")),
    "nan in an array": ("m: multipole, knl={0, acos(2)}; s: line=(m);", ("bad.madx:3", "'m'", "knl", "nan")),
    "infinite": ("q2: q, k1=1e999; s: line=(q2);", ("'q2'", "k1", "inf")),
    "division by zero": ("x = 1/0;" + RING, ("bad.madx:3", "division by zero")),
    "negative length": ("q2: q, l=-1; s: line=(q2);", ("bad.madx:3", "'q2'", "length -1")),
    "bend of no length": ("b: sbend, angle=0.1; s: line=(b);", ("bad.madx:3", "'b'", "length 0")),
    "rbend of no length": ("b: rbend, angle=0.1; s: line=(b);", ("bad.madx:3", "'b'", "length 0")),
    "long marker": ("m: marker, l=1; s: line=(m);", ("bad.madx:3", "marker 'm' has a length")),
    "unknown function": ("x = foo(1);" + RING, ("bad.madx:3", "foo(...)", "sqrt/1")),
    "random number": ("x = ranf();" + RING, ("bad.madx:3", "random")),
    "text as number": ('q2: q, k1="abc"; s: line=(q2);', ("bad.madx:3", "'abc'")),
    "energy below mass": ("beam, particle=proton, energy=0.5;" + RING, ("bad.madx:3", "energy = 0.5")),
    "missing called file": ("call, file='nowhere.madx';", ("bad.madx:3", "nowhere.madx")),
    "missing macro": ("exec, nothing(1);", ("bad.madx:3", "'nothing'")),
    "nothing": ("", ("no sequence or line",)),
    "matrix of second order": (
        "m: matrix, rm12=1, tm116=0.2; t: line=(m); use, sequence=t;", ("bad.madx:3", "tm116")
    ),
    "array for a number": ("q2: quadrupole, l={1, 2};", ("bad.madx:3", "l has 2 values")),
    "line with arguments": ("l(a): line=(a, q);", ("bad.madx:3",)),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_file_is_refused(case, tmp_path):
    text, parts = BAD[case]
    with pytest.raises(MadxError) as error:
        load(tmp_path, HEAD + text)
    for part in parts:
        assert part in str(error.value)
    assert error.value.line >= 1 and error.value.file == "bad.madx"


def test_syntax_error_shows_line_and_caret(tmp_path):
    with pytest.raises(MadxError) as error:
        load(tmp_path, HEAD + "q2: quadrupole, l=0.3 k1=3;")
    message = str(error.value).split("\n")
    assert message[0].startswith("bad.madx:3: syntax error")
    assert message[1].strip() == "q2: quadrupole, l=0.3 k1=3;"
    assert message[2].index("^") == message[1].index("k1")


def test_syntax_error_on_a_later_line_of_a_statement(tmp_path):
    with pytest.raises(MadxError, match=r"bad.madx:5: syntax error, unexpected '\*'"):
        load(tmp_path, HEAD + "q2: quadrupole, ! comment; with = * signs\n  l = 0.3,\n  k1 = 3 + * 4;")


def test_missing_file(tmp_path):
    with pytest.raises(InputError, match="nowhere.madx"):
        load_madx(tmp_path / "nowhere.madx")


def test_folder_instead_of_file(tmp_path):
    with pytest.raises(InputError, match="cannot read"):
        load_madx(tmp_path)


def test_missing_beam_is_an_error_unless_a_reference_is_given(tmp_path):
    text = HEAD.split("\n", 1)[1] + RING
    with pytest.raises(MadxError, match="no beam"):
        load(tmp_path, text)
    particle = ReferenceParticle.of("electron", total_energy=1e9)
    assert load(tmp_path, text, reference=particle).reference is particle


def test_undefined_variables_count_as_zero_and_are_reported(tmp_path):
    line = load(tmp_path, HEAD + "q2: q, k1:=kq,\n k1s=2*kqs;\ns: line=(q2);")
    assert line["q2"].k1s == 0.0 and line.resolve()[0].k1 == 0.0 and line.knobs.value("kq") == 0.0
    found = {(entry.file, entry.line, entry.what.split("'")[1]) for entry in line.report.defaulted}
    assert found == {("bad.madx", 3, "kq"), ("bad.madx", 3, "kqs")}


def test_attributes_of_undefined_elements_count_as_zero_and_are_reported(tmp_path):
    text = HEAD + "x = 2 + qf->k1;" + RING
    line = load(tmp_path, text)
    assert line.knobs["x"] == 2.0
    assert [(entry.line, "no element 'qf'" in entry.what) for entry in line.report.defaulted] == [(3, True)]
    with pytest.raises(MadxError, match="bad.madx:3: qf->k1: no element 'qf'"):
        load(tmp_path, text, strict=True)


@pytest.mark.parametrize(
    "text", ["x = 2*kq;" + RING, "q2: q, k1:=kq; s: line=(q2);", "x := kq; q2: q, k1:=x; s: line=(q2);"]
)
def test_undefined_variables_are_errors_if_strict(text, tmp_path):
    with pytest.raises(MadxError, match="bad.madx:3: undefined variable 'kq'"):
        load(tmp_path, HEAD + text, strict=True)


def test_edits_that_are_not_carried_out_are_errors_if_strict(tmp_path):
    text = HEAD + RING + "cycle, start=q;"
    assert "changes the lattice" in load(tmp_path, text).report.ignored[0].what
    with pytest.raises(MadxError, match="bad.madx:4: command cycle"):
        load(tmp_path, text, strict=True)


def test_wrong_attribute_is_reported_and_an_error_if_strict(tmp_path):
    text = HEAD + "q2: q, k2=3;" + RING
    assert "'k2' of a quadrupole" in load(tmp_path, text).report.ignored[0].what
    with pytest.raises(MadxError, match="'k2' of a quadrupole"):
        load(tmp_path, text, strict=True)


def test_wrong_sequence_name_lists_those_there(tmp_path):
    with pytest.raises(MadxError, match=r"no sequence 'x'; there are \['s', 't'\]"):
        load(tmp_path, HEAD + RING + "t: line=(q);", "x")


def test_several_sequences_need_a_choice(tmp_path):
    text = HEAD + RING + "t: line=(q, q);"
    with pytest.raises(MadxError, match=r"\['s', 't'\]"):
        load(tmp_path, text)
    assert load(tmp_path, text, "T").name == "t"
    assert load(tmp_path, text + "use, sequence=s;").name == "s"
    assert load(tmp_path, text + "use, period=t;").name == "t"


def test_unknown_element_as_drift(tmp_path):
    line = load(tmp_path, HEAD + "w: wiggler, l=2, field=3; s: line=(q, w);", unknown="drift")
    assert line.length == 3.0 and line["w"].keyword == "wiggler"
    assert any("'wiggler' taken as a drift" in entry.what for entry in line.report.approximated)
    with pytest.raises(InputError, match="unknown = 'ignore'"):
        load(tmp_path, HEAD, unknown="ignore")


DEEP = 10**6
ATTEMPTS = {
    "chain of expressions": "".join(f"a{i} := a{i + 1};\n" for i in range(20_000)) + "q2: q, k1:=a0; s: line=(q2);",
    "brackets": f"x = {'(' * DEEP}1{')' * DEEP};",
    "long expression": f"x = {'+'.join(['1'] * DEEP)};",
    "line brackets": f"s: line=({'(' * DEEP}q{')' * DEEP});",
    "lines": "l0: line=(q); " + "".join(f"l{i + 1}: line=(l{i});\n" for i in range(20_000)),
    "repetition": "s: line=(10000*(10000*(10000*(q))));",
    "repeated lines": "l0: line=(q); " + "".join(f"l{i + 1}: line=(10*l{i});\n" for i in range(40)),
    "huge number": f"s: line=({'9' * DEEP}*q);",
    "repeated sequences": "l0: sequence, l=1; q, at=0.5; endsequence; "
    + "".join(f"l{i}: sequence, l={8**i}; {f'l{i - 1}, at=1;' * 8} endsequence;" for i in range(1, 12)),
    "while": "i = 0; while (i < 1) { i = 0; }",
    "macro": "m: macro = { exec, m; } exec, m;",
    "growing macro": "m(zz): macro = { exec, m(zzzz); } exec, m(zz);",
    "call": "call, file='bad.madx';",
    "nested if": "if (1 > 0) {" * DEEP + "}" * DEEP,
    "nested if in macros": "if (1 > 0) {" * 60 + "}" * 60,
    "expressions without end": "".join(f"a{i} := a{i + 1};\n" for i in range(DEEP)),
    "nothing many times": "s: line=(1000000000*(0*q));",
    "digits": f"x = {'9' * DEEP}x;",
    "comments that never end": "/*" * DEEP,
    "infinite whole number": "int n = 1e999;" + RING,
    "infinite macro argument": "m(x): macro = { a = x; } n = 1e999; exec, m($n);",
}


@pytest.mark.parametrize("case", ATTEMPTS)
def test_attempts_to_exhaust_the_machine_are_refused(case, tmp_path):
    start = time.perf_counter()
    with pytest.raises(MadxError):
        load(tmp_path, HEAD + ATTEMPTS[case])
    assert time.perf_counter() - start < 20
