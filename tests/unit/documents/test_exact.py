"""The exact JSON reader: what it keeps, what it refuses, what it may cost."""

from __future__ import annotations

import json
import random
import time
import tracemalloc

import pytest

from pytest_oci.documents.exact import (
    DocumentError,
    LimitError,
    Limits,
    NotJSONError,
    NotUTF8Error,
    Number,
    plain,
    read_json,
)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        " [ [ ] , { } , [ [ ] ] ] ",
        '{"a": {"b": [1, -2, true, false, null, "x"]}, "c": ""}',
        r'"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"',
        '"\x7f\u2028 é"',
        "123456789012345678901234567890",
        "0",
    ],
)
def test_agrees_with_json_loads(text):
    assert read_json(text.encode()).root == json.loads(text)


def test_agrees_with_json_loads_on_random_trees():
    dice = random.Random(1)

    def tree(depth: int) -> object:
        kind = dice.randrange(7 if depth else 5)
        if kind < 5:
            return (dice.randrange(-9, 9), "é\n\\" * dice.randrange(3), True, None, dice.random())[kind]
        if kind == 5:
            return [tree(depth - 1) for _ in range(dice.randrange(4))]
        return {f"k{n}": tree(depth - 1) for n in range(dice.randrange(4))}

    for _ in range(300):
        value = tree(5)
        for indent in (None, 2):
            assert plain(read_json(json.dumps(value, indent=indent).encode()).root) == value


@pytest.mark.parametrize("literal", ["1.0", "1e0", "1E+2", "-0", "-0.0", "0.5"])
def test_numbers_that_are_not_plain_integers_keep_their_literal(literal):
    value = read_json(literal.encode()).root
    assert isinstance(value, Number)
    assert value == Number(literal)
    assert value.written_as_integer is (literal == "-0")


def test_an_integer_is_an_int_and_no_bool():
    values = read_json(b"[1, true, 18446744073709551615, -1]").root
    assert values == [1, True, 18446744073709551615, -1]
    assert [type(value) for value in values] == [int, bool, int, int]


def test_every_further_occurrence_of_a_member_is_reported():
    found = read_json(b'{"a/b": 1, "x": [0, {"~": 1, "~": 2, "\\u007e": 3}], "a/b": 2}')
    assert found.duplicates == ("/x/1/~0", "/x/1/~0", "/a~1b")
    assert found.root == {"a/b": 2, "x": [0, {"~": 3}]}


def test_members_that_differ_in_case_are_no_duplicates():
    assert read_json(b'{"a": 1, "A": 2}').duplicates == ()


def test_lone_surrogates_are_reported_in_values_and_names():
    found = read_json(rb'{"a": ["\ud83d\ude00", "\ud83d"], "\ude00": "\ud83d\u0041"}')
    assert found.lone_surrogates == ("/a/1", "/\\ude00", "/\\ude00")


def test_a_byte_order_mark_is_reported():
    found = read_json(b"\xef\xbb\xbf{}")
    assert found.byte_order_mark
    assert found.root == {}
    assert not read_json(b"{}").byte_order_mark


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b"", 1, 1),
        (b" \n ", 2, 2),
        (b"{} x", 1, 4),
        (b"{}{}", 1, 3),
        (b"NaN", 1, 1),
        (b'{"a":\n  Infinity}', 2, 3),
        (b"[-Infinity]", 1, 2),
        (b"[1,]", 1, 4),
        (b'{"a":1,}', 1, 8),
        (b'{"a" 1}', 1, 2),
        (b"{'a':1}", 1, 2),
        (b"[1}", 1, 3),
        (b'{"a":1]', 1, 7),
        (b"[}", 1, 2),
        (b"{]", 1, 2),
        (b"[1 2]", 1, 4),
        (b"[01]", 1, 3),
        (b"+1", 1, 1),
        (b".5", 1, 1),
        (b"1.", 1, 2),
        (b"-", 1, 1),
        (b"[", 1, 2),
        (b'{"a":', 1, 6),
        (b'"abc', 1, 1),
        (b'"\x01"', 1, 1),
        (b'"\\x"', 1, 1),
        (b'"\\u12g4"', 1, 1),
        (b"/* */ {}", 1, 1),
        (b"\x00", 1, 1),
        ('"\u00a0"\u00a0'.encode(), 1, 4),
        ("[\uff11]".encode(), 1, 2),
        ("{}".encode("utf-16-le"), 1, 2),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(data, line, column):
    with pytest.raises(NotJSONError) as caught:
        read_json(data)
    assert (caught.value.line, caught.value.column) == (line, column), caught.value


def test_an_error_names_the_innermost_value():
    with pytest.raises(NotJSONError) as caught:
        read_json(b'{"a": [1, {"b": nope}]}')
    assert caught.value.pointer == "/a/1"
    assert str(caught.value).startswith("line 1, column 17 in /a/1: 'nope}]}' is no JSON value")


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b'{"a": "\xe9"}', 1, 8),
        (b'\n"\xed\xa0\x80"', 2, 2),
        (b"\xef\xbb\xbf\xff", 1, 4),
        ("{}".encode("utf-16"), 1, 1),
        (b'"\xc0\xaf"', 1, 2),
    ],
)
def test_what_is_no_utf8_is_refused_with_its_place(data, line, column):
    with pytest.raises(NotUTF8Error) as caught:
        read_json(data)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"[" * 100_000, "levels of nesting"),
        (b'{"a":' * 100_000, "levels of nesting"),
        (b"[" + b"0," * 5_000_000 + b"0]", "values"),
        (b"1" + b"0" * 400, "range"),
        (b"1e400", "range"),
        (b"-1E400", "range"),
        (b"0." + b"1" * 1_000_000, "range"),
        (b"9" * 10_000_000, "range"),
        (b" " * (16 * 1024 * 1024 + 1), "bytes"),
    ],
    ids=["arrays", "objects", "values", "10^400", "1e400", "-1E400", "long fraction", "long integer", "size"],
)
def test_what_costs_too_much_is_refused_soon(data, words):
    start = time.monotonic()
    with pytest.raises(LimitError, match=words) as caught:
        read_json(data)
    assert time.monotonic() - start < 5
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("data", [b'"' + b"\\n" * 5_000_000, b" " * 10_000_000, b'"' + b"a" * 10_000_000])
def test_a_long_text_that_does_not_end_is_refused_soon(data):
    start = time.monotonic()
    with pytest.raises(NotJSONError):
        read_json(data)
    assert time.monotonic() - start < 5


def test_memory_of_a_hostile_document_is_bounded():
    data = b'{"a":' * 1_000_000
    tracemalloc.start()
    try:
        with pytest.raises(LimitError):
            read_json(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(data)


def test_limits_can_be_set():
    limits = Limits(size=20, depth=2, values=4)
    read_json(b"[[1, 2]]", limits)
    for data in (b"[[[1]]]", b"[1, 2, 3, 4]", b'"this is too long for it"'):
        with pytest.raises(LimitError):
            read_json(data, limits)


def test_the_deepest_allowed_document_is_read_far_down_the_stack():
    def down(levels: int) -> object:
        return read_json(b"[" * 512 + b"]" * 512).root if levels == 0 else down(levels - 1)

    assert isinstance(down(600), list)


def test_plain_copies_the_tree():
    tree = read_json(b'{"a": [1.5, -0, {"b": 1e0}]}').root
    copy = plain(tree)
    assert copy == {"a": [1.5, 0, {"b": 1.0}]}
    assert tree == {"a": [Number("1.5"), Number("-0"), {"b": Number("1e0")}]}
    assert isinstance(plain(read_json(b"[" * 512 + b"]" * 512).root), list)


def test_many_duplicates_deep_inside_are_reported_soon():
    data = b'{"x":' * 400 + b"{" + b'"a":1,' * 50_000 + b'"a":1}' + b"}" * 400
    start = time.monotonic()
    assert len(read_json(data).duplicates) == 100
    assert time.monotonic() - start < 5


def test_a_megabyte_is_read_in_well_under_a_second():
    entries = [{"destination": f"/m{n}", "options": ["ro", "nosuid"], "size": n} for n in range(14_000)]
    data = json.dumps({"mounts": entries}).encode()
    assert len(data) > 900_000
    best = min(_seconds(data) for _ in range(3))
    assert best < 1.0


def _seconds(data: bytes) -> float:
    """Of processor time: those of a clock depend on what else the machine does."""
    start = time.process_time()
    read_json(data)
    return time.process_time() - start


def test_all_errors_are_document_errors():
    for kind in (NotJSONError, NotUTF8Error, LimitError):
        assert issubclass(kind, DocumentError)
