"""Clients of registries: their templates, what arrives from them, what they write, and that nothing is left of them."""

from __future__ import annotations

import json
import os
import sys
import tarfile
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.distribution.arrived import followed, sent_blob, sessions
from pytest_oci.fixtures.client.behaviours import Endless
from pytest_oci.fixtures.client.contents import FOUR_MEGABYTES, picture, referrers_tag, wordy
from pytest_oci.fixtures.client.drive import ROOT_CLAUSE, Drive, Drives, Ran
from pytest_oci.fixtures.client.recording import Inside
from pytest_oci.fixtures.client.scenarios import pulls, uploads
from pytest_oci.fixtures.client.scenarios.plain import pulled
from pytest_oci.fixtures.client.stage import Stage
from pytest_oci.fixtures.client.written import read_written, write_archive
from pytest_oci.fixtures.mutants.client.faults import FAULTS
from pytest_oci.fixtures.mutants.client.wire import ask
from pytest_oci.fixtures.mutants.clients import MUTANTS, PREFIX, SOUND, faulty
from pytest_oci.fixtures.registry.content import noise
from pytest_oci.fixtures.registry.endpoints import endpoint
from pytest_oci.fixtures.registry.faults import Passing
from pytest_oci.fixtures.registry.memory import MemoryRegistry
from pytest_oci.fixtures.registry.messages import Request
from pytest_oci.fixtures.registry.server import Server
from support import make_clause

from pytest_oci.observation import Observation, SharedStore
from pytest_oci.targets.client import PULL, PUSH, open_client, parse_commands
from pytest_oci.targets.registry.exchange import Body, Exchange
from pytest_oci.targets.runtime import TargetError
from pytest_oci.targets.template import TemplateError
from pytest_oci.violations import NotApplicable, NotTestable, Unsupported, Violation

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_oci.targets.client import Client

ROOT = make_clause(id=ROOT_CLAUSE, spec="distribution", since="1.1.1", subject="client")
OTHER = make_clause(id="dist.client.accept-header", spec="distribution", since="1.0.1", subject="client")
UPLOADS = "http://127.0.0.1:5000/v2/a/blobs/uploads/"


def test_an_operation_is_one_command_or_several() -> None:
    """A semicolon that is a word stands between two; one within quotes or a word does not."""
    one, two = parse_commands(PULL, "tool --at 'a ; b' x;y {reference} ; 'other tool' {layout}")

    assert one.words == ("tool", "--at", "a ; b", "x;y", "{reference}")
    assert two.words == ("other tool", "{layout}")


@pytest.mark.parametrize(
    ("operation", "text", "problem"),
    [
        (PULL, "tool 'a {reference}", "cannot be split"),
        (PULL, " ; ", "one to 10 commands"),
        (PULL, "tool {reference} ; {layout}", "begin with the program"),
        (PULL, "tool {archive} {reference}", r"unknown field \{archive\}"),
        (PULL, "tool {layout}", r"use \{reference\}"),
        (PUSH, "tool {reference}", r"use \{layout\} or \{archive\}"),
    ],
    ids=["quote", "empty", "field-first", "unknown", "no-reference", "no-content"],
)
def test_a_wrong_template_says_what_is_wrong(operation: str, text: str, problem: str) -> None:
    """In one line."""
    with pytest.raises(TemplateError, match=problem) as caught:
        parse_commands(operation, text)

    assert "\n" not in str(caught.value)


def test_a_known_client_is_named_or_given_by_its_path(tmp_path: Path) -> None:
    """Its other commands are the profile's; one that is given takes the place of the profile's."""
    program = tmp_path / "skopeo"
    program.write_text("#!/bin/sh\necho skopeo version 9\n")
    program.chmod(0o755)

    client = open_client(str(program), {"tags": "true {repository}"}, tmp_path)

    assert (client.profile, client.program, client.banner) == ("skopeo", program, "skopeo version 9\n")
    assert client.operations["tags"][0].words == ("true", "{repository}")
    assert client.can("delete")
    assert not client.can("referrers")
    assert client.uses(PULL, "layout")
    assert not client.secure


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("nobody", {}),
        ("nobody-has-this {reference}", {}),
        ("true {reference}", {"push": "nobody {reference} {layout}"}),
    ],
    ids=["profile", "program", "program-of-another-operation"],
)
def test_a_client_that_is_not_there_is_named(text: str, others: dict[str, str], tmp_path: Path) -> None:
    """In one line."""
    with pytest.raises(TargetError, match="nobody") as caught:
        open_client(text, others, tmp_path)

    assert "\n" not in str(caught.value)


def exchange(method: str, url: str, status: int, location: str = "", sent: bytes = b"") -> Exchange:
    """A request that arrived, and its answer."""
    headers = (("Location", location),) if location else ()
    return Exchange(method, url, (), Body.of(sent, 1000), status, headers, Body.of(b"", 0), 0.0)


def arrived(*exchanges: Exchange) -> Ran:
    """An operation in which this arrived."""
    facts: dict[str, Any] = {"operation": PUSH, "name": "a:v1", "written": None, "digestfile": ""}
    facts |= {"calls": [0, 0], "exchanges": [0, len(exchanges)]}
    return Ran(Observation("client.x", (), {}, None, exchanges), facts)


def test_uploads_are_told_apart_by_their_locations() -> None:
    """Two at the same time, of which one is relocated."""
    ran = arrived(
        exchange("POST", UPLOADS, 202, "/v2/a/blobs/uploads/one?x=1"),
        exchange("POST", UPLOADS, 202, "/v2/a/blobs/uploads/two"),
        exchange("PATCH", f"{UPLOADS}one?x=1", 202, "/v2/a/blobs/uploads/three", b"ab"),
        exchange("PATCH", f"{UPLOADS}two", 202, "/v2/a/blobs/uploads/two", b"x"),
        exchange("PUT", f"{UPLOADS}three?digest=sha256:1", 201, "/v2/a/blobs/sha256:1", b"c"),
    )
    one, two = sessions(ran)

    assert [(step.method, expected.rpartition("/")[2]) for step, expected in one.steps] == [
        ("PATCH", "one?x=1"),
        ("PUT", "three"),
    ]
    assert all(followed(step, expected) for step, expected in one.steps)
    assert len(two.chunks) == 1
    assert not two.closing
    assert sent_blob(ran, "sha256:1") == b"abc"


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("http://h:1/p/q?digest=d&x=1&state=a%2Fb%3D", True),
        ("http://h:1/p/q?state=a/b%3D&x=1", True),
        ("http://h:1/p/q?state=a%2Fb%3D", False),
        ("http://h:1/p?state=a%2Fb%3D&x=1", False),
        ("http://h:2/p/q?state=a%2Fb%3D&x=1", False),
    ],
    ids=["more", "otherwise-encoded", "less", "other-path", "other-port"],
)
def test_a_location_is_followed_with_all_its_parameters(url: str, same: bool) -> None:
    """In any order, with others beside them."""
    assert followed(exchange("PUT", url, 201), "http://h:1/p/q?state=a%2Fb%3D&x=1") is same
    assert followed(exchange("PUT", url, 201), "/p/q?state=a%2Fb%3D&x=1") is (same or url.startswith("http://h:2"))


def test_what_is_pushed_as_an_archive_is_what_docker_loads(tmp_path: Path) -> None:
    """Configuration, unpacked layers, and what says so."""
    content = picture("archive")
    write_archive(content, "127.0.0.1:1/a:v1", tmp_path / "archive.tar")

    with tarfile.open(tmp_path / "archive.tar") as archive:
        (manifest,) = json.load(archive.extractfile("manifest.json"))  # type: ignore[arg-type]
        names = archive.getnames()

    assert manifest["RepoTags"] == ["127.0.0.1:1/a:v1"]
    assert manifest["Config"] == content.document["config"]["digest"].partition(":")[2] + ".json"
    assert {manifest["Config"], *manifest["Layers"], "manifest.json"} == set(names)


def test_large_manifests_have_four_megabytes() -> None:
    """To the byte."""
    assert wordy("x").manifest.size == FOUR_MEGABYTES
    assert referrers_tag("sha512:" + "a" * 128) == "sha512-" + "a" * 64


def test_what_was_written_is_read_with_care(tmp_path: Path) -> None:
    """Links are not followed, pipes not waited for, and blobs are what they are, whatever they are called."""
    blobs = tmp_path / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    assert read_written(tmp_path)["problem"].startswith("no layout was written")
    (blobs / "ab").write_bytes(b'{"a": 1}')
    (blobs / "link").symlink_to("/etc/passwd")
    os.mkfifo(blobs / "pipe")
    (tmp_path / "index.json").write_text("{}")
    found = read_written(tmp_path)

    assert found["problem"] == ""
    assert list(found["blobs"]) == ["sha256:ab"]
    assert found["blobs"]["sha256:ab"]["text"] == '{"a": 1}'
    assert found["blobs"]["sha256:ab"]["digest"] != "sha256:ab"
    (tmp_path / "index.json").unlink()
    (tmp_path / "index.json").symlink_to("/etc/passwd")
    assert read_written(tmp_path)["problem"]


def drive(tmp_path: Path, text: str, *, own: Any = OTHER, fault: str | None = None, timeout: float = 5.0) -> Drive:
    """The `drive` of a test that judges one clause."""
    client: Client = open_client(text, {}, tmp_path)
    client = client if fault is None else faulty(client, fault)
    store = tmp_path / "store"
    store.mkdir()
    return Drive(Drives(client, tmp_path / "drives", SharedStore(store), timeout), (own,), "1.1.1")


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("true", "exit status 0, but the manifest was never got"),
        ("echo no such thing >&2; exit 3", "exit status 3: no such thing"),
        ("sleep 60 & sleep 60", "did not end within"),
    ],
    ids=["nothing", "fails", "hangs"],
)
def test_who_pulls_nothing_breaks_one_clause(tmp_path: Path, script: str, problem: str) -> None:
    """All else depends on it, and whatever the client started is gone with what it wrote."""
    words = f"sh -c '{script}' {{reference}}"
    began = time.monotonic()
    judged = drive(tmp_path, words, own=ROOT, timeout=0.1)
    with pytest.raises(Violation, match=problem):
        judged(pulls.with_parameters())
    judged.clauses = (OTHER,)
    with pytest.raises(NotTestable, match=f"depends-on: {ROOT_CLAUSE}"):
        judged(pulls.with_parameters())
    judged.version = "1.0.1"
    with pytest.raises(NotTestable, match=r"^product: "):
        judged(pulls.with_parameters())

    assert time.monotonic() - began < 10
    assert list((tmp_path / "drives").iterdir()) == []


def test_what_a_client_has_no_command_for_is_not_asked(tmp_path: Path) -> None:
    """It is unsupported, unless the clause is judged on something else besides."""
    judged = drive(tmp_path, "true {reference}")
    with pytest.raises(Unsupported, match=r"--oci-client-push"):
        judged(uploads.located_anew())
    with pytest.raises(NotApplicable, match=r"--oci-client-push"):
        judged(uploads.located_anew(), beside=True)


def test_a_sound_client_pulls(tmp_path: Path) -> None:
    """What arrived and what it wrote are recorded."""
    driven = drive(tmp_path, "true {reference}", fault=SOUND, timeout=60.0)(pulled())
    ran = driven.ran()

    assert driven["problem"] == ""
    assert [one.method for one in ran.exchanges] == ["GET"] * 4
    assert ran.written is not None
    assert {driven["content"]["digest"], *driven["content"]["layers"]} <= set(ran.written["blobs"])
    assert "index.json" in ran.tells(driven["content"]["digest"])


def test_a_client_has_a_home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no credentials of the caller's."""
    monkeypatch.setenv("REGISTRY_AUTH_FILE", "/somewhere")
    script = tmp_path / "client"
    script.write_text(f"#!{sys.executable} -IS\nimport os, json\nprint(json.dumps(dict(os.environ)))\n")
    script.chmod(0o755)
    client = open_client(f"{script} {{reference}}", {}, tmp_path)
    place = tmp_path / "place"
    place.mkdir()
    stage = Stage(client, place, 30.0, tmp_path / "shared")
    with stage.open:
        stage.pull(stage.registry(), "a:v1")
    environment = json.loads(stage.calls[0].stdout)

    assert "REGISTRY_AUTH_FILE" not in environment
    for name in ("HOME", "XDG_RUNTIME_DIR", "DOCKER_CONFIG", "TMPDIR", "CONTAINERS_STORAGE_CONF"):
        assert environment[name].startswith(str(place)), name


@pytest.mark.parametrize("most", [1 << 20, 1 << 26], ids=["to-the-end", "until-the-other-leaves"])
def test_a_blob_without_end_is_counted(most: int) -> None:
    """As far as the other side took it."""
    endless = Endless(bytes(1 << 16), most)
    registry = MemoryRegistry()
    blob = noise("endless", 100)
    registry.store.put_blob("a", blob.digest, blob.data)
    target = f"/v2/a/blobs/{blob.digest}"
    fault = Passing(Request("GET", target), endpoint(target), Inside(registry), {}, threading.Lock())
    with Server(lambda _: endless(fault)) as server:
        with pytest.raises(ValueError, match="more than 200000 bytes"):
            ask(server.authority, "GET", target, {}, most=200_000)
        taken = endless.ended()

    assert 200_000 < taken < (1 << 24)
    assert taken < most + (1 << 17)


def test_every_fault_is_a_mutant() -> None:
    """And the other way round."""
    assert {f"{PREFIX}{name}" for name in FAULTS} == {mutant.id for mutant in MUTANTS}
