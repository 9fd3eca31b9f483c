"""The registry of the project's own: what it may leave out, and what it does within the text."""

from __future__ import annotations

import json
import urllib.parse
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.fixtures.registry.answers import CODES
from pytest_oci.fixtures.registry.content import artifact, image, index, noise
from pytest_oci.fixtures.registry.memory import MemoryRegistry
from pytest_oci.fixtures.registry.messages import Request, Response
from pytest_oci.fixtures.registry.options import OptionError, Options

if TYPE_CHECKING:
    from pytest_oci.fixtures.registry.content import Content, Pushable

UPLOADS = "/v2/a/b/blobs/uploads/"
BLOB = noise("blob", 100)


class Caller:
    """Calls a registry without HTTP."""

    def __init__(self, **options: Any) -> None:
        self.registry = MemoryRegistry(Options(**options))

    def __call__(self, method: str, target: str, body: bytes = b"", **headers: str) -> Response:
        given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        response = self.registry(Request(method, target, (("Host", "registry.example"), *given), body))
        if response.status >= 400 and response.header("Content-Type") == "application/json":
            assert all(error["code"] in CODES for error in json.loads(response.body)["errors"])
        return response

    def blob(self, content: Content = BLOB, name: str = "a/b") -> Response:
        return self("POST", f"/v2/{name}/blobs/uploads/?digest={content.digest}", content.data)

    def push(self, pushable: Pushable, reference: str = "", name: str = "a/b") -> Response:
        for blob in pushable.blobs:
            assert self.blob(blob, name).status == 201
        for child in pushable.children:
            assert self.push(child, name=name).status == 201
        return self.put(pushable, reference, name)

    def put(self, pushable: Pushable, reference: str = "", name: str = "a/b") -> Response:
        manifest = pushable.manifest
        target = f"/v2/{name}/manifests/{reference or pushable.digest}"
        return self("PUT", target, manifest.data, Content_Type=manifest.media_type)

    def begin(self) -> str:
        location = self("POST", UPLOADS).header("Location")
        assert location is not None
        return location


def tags_of(response: Response) -> list[str]:
    found: list[str] = json.loads(response.body)["tags"]
    return found


def test_a_blob_in_chunks() -> None:
    """In order only; the session tells how far it is, and goes on after a refusal."""
    call = Caller(changing_locations=True)
    first = call("PATCH", call.begin(), BLOB.data[:40], Content_Range="0-39")
    location = first.header("Location") or ""
    gap = call("PATCH", location, BLOB.data[50:60], Content_Range="50-59")
    again = call("PATCH", location, BLOB.data[:40], Content_Range="0-39")
    status = call("GET", location)
    last = call("PUT", f"{location}?digest={BLOB.digest}", BLOB.data[40:], Content_Range="40-99")

    assert (first.status, first.header("Range")) == (202, "0-39")
    assert (gap.status, again.status) == (416, 416)
    assert (status.status, status.header("Range")) == (204, "0-39")
    assert last.status == 201
    assert call("GET", last.header("Location") or "").body == BLOB.data
    assert call("GET", location).status == 404


def test_chunks_below_the_least_length() -> None:
    """The last one may be, and none after it."""
    call = Caller(chunk_min_length=50)
    begun = call("POST", UPLOADS)
    location = begun.header("Location") or ""

    assert begun.header("OCI-Chunk-Min-Length") == "50"
    assert call("PATCH", location, BLOB.data[:10]).status == 202
    assert call("PATCH", location, BLOB.data[10:20]).status == 400
    assert call("PUT", f"{location}?digest={BLOB.digest}").status == 400


@pytest.mark.parametrize(
    ("options", "query", "status"),
    [
        ({}, "from=a/b", 201),
        ({}, "", 201),
        ({"mounts_from_anywhere": False}, "", 202),
        ({}, "from=e/f", 202),
        ({"mounts": False}, "from=a/b", 202),
    ],
)
def test_mounts(options: dict[str, Any], query: str, status: int) -> None:
    """From where it is said, or from anywhere; a session where that cannot be."""
    call = Caller(**options)
    call.blob()
    answer = call("POST", f"/v2/c/d/blobs/uploads/?mount={BLOB.digest}&{query}")

    assert answer.status == status
    assert call("HEAD", f"/v2/c/d/blobs/{BLOB.digest}").status == (200 if status == 201 else 404)
    assert answer.header("Location")


def test_content_stays_in_its_repository() -> None:
    """Blobs and manifests."""
    call = Caller()
    call.push(image(), "t")
    call.blob(noise("x", 1), "c/d")

    assert call("GET", f"/v2/c/d/blobs/{image().blobs[0].digest}").status == 404
    assert call("GET", "/v2/c/d/manifests/t").status == 404
    assert call("GET", f"/v2/c/d/manifests/{image().digest}").status == 404


@pytest.mark.parametrize(
    ("wanted", "status", "body"),
    [
        ("bytes=2-5", 206, BLOB.data[2:6]),
        ("bytes=98-200", 206, BLOB.data[98:]),
        ("bytes=-3", 206, BLOB.data[-3:]),
        ("bytes=7-", 206, BLOB.data[7:]),
        ("bytes=100-", 416, None),
        ("bytes=5-2", 200, BLOB.data),
        ("bytes=0-1,4-5", 200, BLOB.data),
        ("lines=1-2", 200, BLOB.data),
    ],
)
def test_ranges(wanted: str, status: int, body: bytes | None) -> None:
    """RFC 9110: a single range is given, an impossible one refused, what is none ignored."""
    call = Caller()
    call.blob()
    answer = call("GET", f"/v2/a/b/blobs/{BLOB.digest}", Range=wanted)

    assert answer.status == status
    assert body is None or answer.body == body


def test_tags_in_pages() -> None:
    """In their order, however few at a time; links and `last` lead on."""
    call = Caller()
    pushable = image()
    for tag in ("b", "A", "c10", "c2", "1"):
        call.push(pushable, tag)
    target = "/v2/a/b/tags/list"
    two = call("GET", f"{target}?n=2")

    assert tags_of(call("GET", target)) == ["1", "A", "b", "c10", "c2"]
    assert tags_of(two) == ["1", "A"]
    assert two.header("Link") == '</v2/a/b/tags/list?n=2&last=A>; rel="next"'
    assert tags_of(call("GET", f"{target}?last=b")) == ["c10", "c2"]
    assert tags_of(call("GET", f"{target}?n=0")) == []
    assert call("GET", f"{target}?n=0").header("Link") is None
    assert call("GET", f"{target}?n=5").header("Link") is None
    assert call("GET", f"{target}?n=-1").status == 400
    call.registry.options = Options(tags_page=2)
    assert tags_of(call("GET", f"{target}?n=4")) == ["1", "A"]


def test_referrers() -> None:
    """By subject, in pages, filtered; types and annotations as the text wants them."""
    call = Caller(referrers_page=600)
    subject = image()
    signed = artifact("1", "application/x.signature", annotations={"a": "ä"}).referring_to(subject.manifest)
    plain = image("2").referring_to(subject.manifest)
    listed = index(image("3")).referring_to(subject.manifest)
    other = image("4").referring_to(image("5").manifest)
    answers = [call.push(one) for one in (signed, plain, listed, other)]
    target = f"/v2/a/b/referrers/{subject.digest}"
    found, link = [], target
    while link:
        page = call("GET", link)
        assert page.header("Content-Type") == "application/vnd.oci.image.index.v1+json"
        found += json.loads(page.body)["manifests"]
        link = (page.header("Link") or "").partition(">")[0].removeprefix("<")
    filtered = call("GET", f"{target}?artifactType={urllib.parse.quote('application/x.signature')}")

    assert [answer.header("OCI-Subject") for answer in answers[:3]] == [subject.digest] * 3
    assert [one["digest"] for one in found] == [signed.digest, plain.digest, listed.digest]
    assert found[0]["annotations"] == {"a": "ä"}
    assert found[1]["artifactType"] == "application/vnd.oci.image.config.v1+json"
    assert "artifactType" not in found[2]
    assert [one["digest"] for one in json.loads(filtered.body)["manifests"]] == [signed.digest]
    assert filtered.header("OCI-Filters-Applied") == "artifactType"
    assert call("GET", "/v2/a/b/referrers/sha256:xyz").status == 400
    assert json.loads(call("GET", f"/v2/a/b/referrers/{BLOB.digest}").body)["manifests"] == []


def test_referrers_of_before_are_listed_once_they_are_enabled() -> None:
    """What was pushed while there was no API."""
    call = Caller(referrers=False)
    answer = call.push(image("2").referring_to(image().manifest))
    target = f"/v2/a/b/referrers/{image().digest}"
    before = call("GET", target)
    call.registry.options = Options()

    assert answer.header("OCI-Subject") is None
    assert before.status == 404
    assert len(json.loads(call("GET", target).body)["manifests"]) == 1


def test_manifests_are_kept_as_they_are() -> None:
    """Byte by byte, by tag and by digest; what they refer to has to be there, but for a subject."""
    call = Caller()
    pushable = image()
    odd = pushable.written_as(pushable.manifest.data.replace(b"{", b'{ \n"x":1e3,', 1) + b"\n")
    missing = call.put(pushable, "t")

    assert missing.status == 404
    assert {error["code"] for error in json.loads(missing.body)["errors"]} == {"MANIFEST_BLOB_UNKNOWN"}
    assert call.push(odd.referring_to(noise("nobody has it", 9)), "s").status == 201
    assert call.push(odd, "t").status == 201
    assert call("GET", "/v2/a/b/manifests/t").body == odd.manifest.data
    assert call("GET", f"/v2/a/b/manifests/{odd.digest}").body == odd.manifest.data
    sha512 = odd.hashed_by("sha512")
    answer = call.put(sha512)
    assert answer.header("Docker-Content-Digest") == sha512.digest
    assert call("GET", answer.header("Location") or "").body == odd.manifest.data


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"mediaType": "a/b"}', "c/d"),
        (b"{}", ""),
        (b'{"schemaVersion": 1}', "application/vnd.oci.image.manifest.v1+json"),
        (b'{"schemaVersion": 2, "layers": []}', "application/vnd.oci.image.manifest.v1+json"),
        (b'{"schemaVersion": 2, "manifests": [{"digest": "x"}]}', "application/vnd.oci.image.index.v1+json"),
        (b"[" * 100_000, "application/json"),
    ],
)
def test_what_is_no_manifest(data: bytes, content_type: str) -> None:
    """Refused as invalid."""
    answer = Caller()("PUT", "/v2/a/b/manifests/t", data, Content_Type=content_type)

    assert answer.status == 400
    assert json.loads(answer.body)["errors"][0]["code"] == "MANIFEST_INVALID"


def test_deletion_and_its_absence() -> None:
    """202 and gone; 405 or 400 and still there."""
    call = Caller()
    pushable = image()
    call.push(pushable, "t")
    call.push(pushable, "u")
    manifest, blob = f"/v2/a/b/manifests/{pushable.digest}", f"/v2/a/b/blobs/{pushable.blobs[0].digest}"

    for refusing in (405, 400):
        off = {"delete_tags": False, "delete_manifests": False, "delete_blobs": False}
        call.registry.options = Options(**off, deletion_disabled=refusing)  # type: ignore[arg-type]
        for target in ("/v2/a/b/manifests/t", manifest, blob):
            assert call("DELETE", target).status == refusing
            assert call("GET", target).status == 200
    call.registry.options = Options()
    assert call("DELETE", "/v2/a/b/manifests/t").status == 202
    assert call("GET", "/v2/a/b/manifests/t").status == 404
    assert call("DELETE", manifest).status == 202
    assert call("GET", "/v2/a/b/manifests/u").status == 404
    assert [call("DELETE", blob).status for _ in range(2)] == [202, 404]
    assert call("DELETE", manifest.replace("a/b", "no/such")).status == 404


def test_a_registry_that_cannot_be_written() -> None:
    """405 with what is allowed."""
    call = Caller(push=False)

    assert (call.blob().status, call.put(image(), "t").status) == (405, 405)
    assert call.put(image(), "t").header("Allow") == "GET, HEAD"


def test_limits() -> None:
    """Of a manifest, of everything, of open uploads."""
    assert Caller(manifest_bytes=10).push(image(), "t").status == 413
    assert Caller(total_bytes=50).blob().status == 413
    call = Caller(uploads=2)
    first = call.begin()
    call.begin()
    call.begin()
    assert call("GET", first).status == 404


@pytest.mark.parametrize("warning", ["registry will be read-only", "x" * 5000])
def test_warnings(warning: str) -> None:
    """In their form, and not too long."""
    expected = f'299 - "{warning}"' if len(warning) < 4096 else None
    assert Caller(warning=warning)("GET", "/v2/").header("Warning") == expected


@pytest.mark.parametrize(
    "target", ["/", "/v2", "/v2/A/tags/list", "/v2/a/b/tags/list", "/v2/a//b/blobs/sha256:00", "/v2/%ff/tags/list"]
)
def test_what_is_not_there(target: str) -> None:
    """404 but for the base of the API."""
    assert Caller()("GET", target).status == (200 if target == "/v2" else 404)


def test_features_are_turned_off_by_name() -> None:
    """And one that there is not, is said."""
    assert not Options().without("delete-tags", "referrers").referrers
    with pytest.raises(OptionError, match="no feature tags-page"):
        Options().without("tags-page")
