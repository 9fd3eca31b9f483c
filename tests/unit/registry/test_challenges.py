"""Challenges as registries write them."""

from __future__ import annotations

import pytest

from pytest_oci.targets.registry.challenges import Challenge, parse_challenges

BEARER = {"realm": "https://auth.example/token", "service": "registry", "scope": "repository:a/b:pull,push"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["Basic"], [Challenge("basic")]),
        (['Basic realm="a, b=\\"c\\""'], [Challenge("basic", {"realm": 'a, b="c"'})]),
        (
            ['Bearer realm="https://auth.example/token",service="registry",scope="repository:a/b:pull,push"'],
            [Challenge("bearer", BEARER)],
        ),
        (
            ["bearer realm=https://auth.example/token, service=registry"],
            [Challenge("bearer", {"realm": "https://auth.example/token", "service": "registry"})],
        ),
        (
            ['Negotiate, Basic realm="x", Bearer realm="https://basic.example/token"'],
            [
                Challenge("negotiate"),
                Challenge("basic", {"realm": "x"}),
                Challenge("bearer", {"realm": "https://basic.example/token"}),
            ],
        ),
        (
            ["Basic realm=x", 'Bearer realm="y"'],
            [Challenge("basic", {"realm": "x"}), Challenge("bearer", {"realm": "y"})],
        ),
        (["Negotiate dG9rZW4=, Basic realm=x"], [Challenge("negotiate"), Challenge("basic", {"realm": "x"})]),
        (["", " , ,", '="x"', "Basic realm"], [Challenge("basic")]),
    ],
)
def test_challenges_are_read(fields: list[str], expected: list[Challenge]) -> None:
    """Several in one field or in several, quoted or not, whatever stands between."""
    assert parse_challenges(fields) == expected


def test_long_fields_take_no_time() -> None:
    """Nothing grows faster than the field."""
    parse_challenges(["," * 100_000, 'Basic realm="' + "\\" * 100_000, "a=" * 50_000, "Basic " + "a " * 50_000])
