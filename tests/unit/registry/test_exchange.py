"""Exchanges as plain data, and what never stands in them."""

from __future__ import annotations

import json

import pytest
from pytest_oci.fixtures.registry.references import from_references, to_references

from pytest_oci.observation import Observation
from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.targets.registry.exchange import Body, Exchange

SIGNED = "https://store.example/blob?X-Amz-Signature=abc123&part=1"


def exchange(**changed: object) -> Exchange:
    values: dict[str, object] = {
        "method": "GET",
        "url": "http://127.0.0.1:5000/v2/a/blobs/sha256:00",
        "sent_headers": (("Authorization", "Bearer REDACTED"),),
        "sent": Body.of(b"", 0),
        "status": 307,
        "headers": (("Location", SIGNED), ("Set-Cookie", "s=1")),
        "body": Body.of(b"\xff\xfe more than is kept", 2),
        "seconds": 0.25,
        **changed,
    }
    return Exchange(**values)  # type: ignore[arg-type]


def test_an_exchange_survives_being_saved() -> None:
    """All but what was redacted."""
    saved = json.loads(json.dumps(exchange().to_json()))
    again = Exchange.from_json(saved)

    assert again.to_json() == saved
    assert again.body == exchange().body
    assert not again.body.whole


@pytest.mark.parametrize("shown", [lambda one: json.dumps(one.to_json()), lambda one: "\n".join(exchange_lines(one))])
def test_signatures_and_cookies_are_not_shown(shown: object) -> None:
    """Neither in the record nor in a failure's text; other parameters are."""
    text = shown(exchange())  # type: ignore[operator]

    assert "abc123" not in text
    assert "s=1" not in text
    assert "part=1" in text


def test_signatures_stay_apart() -> None:
    """Two locations that differ in their signature only do so in the record too."""
    saved = {json.dumps(exchange(headers=(("Location", f"{SIGNED}{number}"),)).to_json()) for number in "12"}
    signed = {
        json.dumps(exchange(headers=(("Location", SIGNED.replace("abc", name)),)).to_json()) for name in ("a", "b")
    }

    assert len(saved) == len(signed) == 2


@pytest.mark.parametrize("location", ["/v2/a/blobs/uploads/1?token=77", "http://127.0.0.1:5000/u?token=77"])
def test_sessions_of_the_registry_itself_are_shown(location: str) -> None:
    """What the registry puts in its own locations is judged, and signs nothing."""
    assert "token=77" in json.dumps(exchange(headers=(("Location", location),)).to_json())


def test_an_observation_holds_exchanges_and_facts_refer_to_them() -> None:
    """At any depth, and each to the very one."""
    one, two = exchange(status=200), exchange(status=404)
    facts = to_references({"a": [one, {"b": two}], "c": 1}, [one, two])
    observation = Observation("registry.x", (), facts, None, (one, two))
    again = Observation.from_json(json.loads(json.dumps(observation.to_json())))
    read = from_references(again.facts["a"], again.exchanges)

    assert read[0] is again.exchanges[0]
    assert read[1]["b"] is again.exchanges[1]
    with pytest.raises(LookupError):
        to_references({"a": one}, [two])


def test_an_error_body_is_told_in_one_line() -> None:
    """The codes that the registry gives."""
    body = Body.of(b'{"errors": [{"code": "BLOB_UNKNOWN"}, {"code": "DENIED"}]}', 1000)

    assert exchange(status=404, body=body).answer == "404 BLOB_UNKNOWN, DENIED"
    assert exchange(status=404, body=Body.of(b'{"errors": 1}', 1000)).answer == "404"
    assert exchange(status=0, failure="timeout", detail="read").answer == "no answer: timeout, read"
