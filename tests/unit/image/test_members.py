"""Members of objects as rules see them; canonical JSON."""

from __future__ import annotations

import time

import pytest
from pytest_oci.conformance.image.considerations.canonical import NotRepresentableError, canonical, difference
from pytest_oci.conformance.image.members import (
    ABSENT,
    below,
    describe,
    integer,
    is_plainly_written,
    member,
    required_string,
)

from pytest_oci.documents.exact import Number, read_json

INTEGERS = {
    "0": 0,
    "-0": 0,
    "7143": 7143,
    "9007199254740993": 2**53 + 1,
    "9223372036854775808": 2**63,
    "1.0": 1,
    "-2.000": -2,
    "1e3": 1000,
    "1E+3": 1000,
    "1.50e1": 15,
    "100e-2": 1,
    "0.5e1": 5,
    "0e999999999999999999999": 0,
    "0.000e-999999999999999999999": 0,
    "9007199254740993.0": 2**53 + 1,
    "12.34e2": 1234,
}
NO_INTEGERS = ("1.5", "1e-1", "0.1", "1e-999999999999999999999", "12.34e1", "true", "null", '"1"', "[]", "{}")


@pytest.mark.parametrize(("text", "value"), INTEGERS.items(), ids=INTEGERS)
def test_integers_however_they_are_written(text: str, value: int) -> None:
    began = time.process_time()
    read = read_json(text.encode()).root
    assert integer(read) == value
    assert is_plainly_written(read) is text.lstrip("-").isdigit()
    assert time.process_time() - began < 5, "a huge exponent must not be carried out"


@pytest.mark.parametrize("text", NO_INTEGERS)
def test_what_is_no_integer(text: str) -> None:
    assert integer(read_json(text.encode()).root) is None


def test_members_are_absent_null_or_there() -> None:
    assert member({}, "a") is ABSENT
    assert member({"a": None}, "a") is None
    assert member([], "a") is ABSENT
    assert member(ABSENT, "a") is ABSENT
    assert integer(ABSENT) is None


def test_required_strings() -> None:
    assert [repr(one) for one in required_string({}, "os", "index.json#/manifests/0")] == [
        "index.json#/manifests/0/os is absent, may be a string"
    ]
    assert [one.actual for one in required_string({"os": None}, "os", "x")] == ["null"]
    assert [one.actual for one in required_string({"os": True}, "os", "x")] == ["true"]
    assert list(required_string({"os": ""}, "os", "x")) == []


def test_places() -> None:
    assert below("index.json", "a/b") == "index.json#/a~1b"
    assert below("index.json#/manifests", 3) == "index.json#/manifests/3"


def test_values_are_described_in_one_bearable_line() -> None:
    assert describe("x\n") == "'x\\n'"
    assert describe("x" * 1_000_000) == f"'{'x' * 80}'… (1000000 characters)"
    assert describe("\ud800") == "'\\ud800'"
    assert describe(Number("1.0")) == "1.0"
    assert describe({}) == "an empty object"
    assert describe(10**100).endswith("(101 characters)")


CANONICAL = (
    b"{}",
    b"[]",
    b'{"a":[1,-1,0,true,false,null,""],"b":{"":{}}}',
    '{"é":"größe \U0001f600\x7f\u2028"}'.encode(),
    b'{"A":1,"a":2,"aa":3}',
    b'{"a":"\\"\\\\/"}',
    b'{"a":"\\n\\u0001"}',
    b"12345678901234567890123",
)
NOT_CANONICAL = (
    b"{} ",
    b'{"a":1,\n"b":2}',
    b'{"b":1,"a":2}',
    b'{"a":"\\/"}',
    b'{"a":"\\u0041"}',
    b'{"a":"\\u00e9"}',
    b'{"a":1.0}',
    b'{"a":1e3}',
    b'{"a":-0}',
    b'{"a":"\\ud800"}',
    '{"\U00010000":1,"\uffff":2}'.encode(),
)


@pytest.mark.parametrize("data", CANONICAL)
def test_canonical_json(data: bytes) -> None:
    assert difference(data, read_json(data).root) == ""


@pytest.mark.parametrize("data", NOT_CANONICAL)
def test_other_json(data: bytes) -> None:
    assert difference(data, read_json(data).root)


def test_members_are_sorted_by_code_point() -> None:
    """UTF-16, as some languages sort, has it the other way round."""
    data = '{"\uffff":1,"\U00010000":2}'.encode()
    assert canonical({"\U00010000": 2, "\uffff": 1}) == data


def test_the_first_difference_is_named() -> None:
    found = difference(b'{"b":1,"a":2}', {"b": 1, "a": 2})
    assert "at byte 2" in found
    assert difference(b"{}\n", {}).startswith("at byte 2 stands '\\n'")


def test_what_has_no_canonical_form() -> None:
    with pytest.raises(NotRepresentableError, match=r"1\.5"):
        canonical([Number("1.5")])
