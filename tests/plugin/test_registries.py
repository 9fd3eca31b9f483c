"""Registries as products under test: the built-in one, and how it may differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.registry.content import artifact, image, index
from pytest_oci.fixtures.registry.faults import FaultProxy, gives_json, on
from pytest_oci.fixtures.registry.guard import Guard
from pytest_oci.fixtures.registry.held import referrers_tag
from pytest_oci.fixtures.registry.manifests import read
from pytest_oci.fixtures.registry.memory import MemoryRegistry, serve
from pytest_oci.fixtures.registry.options import Options
from pytest_oci.fixtures.registry.server import Server

if TYPE_CHECKING:
    from pathlib import Path

    from plugin_runs import Plugin
    from pytest_oci.fixtures.registry.messages import Request, Response

pytest.importorskip("httpx")


PREEXISTING = "dist.referrers.upgrade.preexisting-listed"


def judged(plugin: Plugin, url: str, *words: str) -> dict[str, str]:
    """The status of each test, run in this process."""
    ledger = plugin.path / "ledger.jsonl"
    result = plugin.run(f"--oci-registry={url}", f"--oci-ledger={ledger}", *words)
    assert result.ret == 0, result.stdout.str()
    return plugin.statuses(ledger)


def test_the_built_in_registry_keeps_every_clause(plugin: Plugin) -> None:
    """Of each version; nothing is advised either."""
    for version in ("1.0", "1.1"):
        statuses = judged(plugin, "demo", f"--oci-spec-version=distribution:{version}")
        assert set(statuses.values()) <= {"pass", "not-applicable"}, statuses


def test_a_registry_behind_a_token_service(plugin: Plugin, monkeypatch: pytest.MonkeyPatch) -> None:
    """With credentials from the environment, which stand nowhere in the ledger."""
    challenge = 'Bearer realm="{realm}",service="registry",scope="{scope}"'
    guard = Guard(MemoryRegistry(), bearer=True, challenges=[challenge])
    monkeypatch.setenv("PYTEST_OCI_USERNAME", guard.username)
    monkeypatch.setenv("PYTEST_OCI_PASSWORD", guard.password)
    with Server(guard) as server:
        statuses = judged(plugin, server.url)
    ledger: Path = plugin.path / "ledger.jsonl"
    text = ledger.read_text(encoding="utf-8")

    assert set(statuses.values()) <= {"pass", "not-applicable"}
    assert guard.password not in text
    assert guard.basic.partition(" ")[2] not in text
    assert not any(token in text for token in guard.tokens)


def test_mutants_are_caught(plugin: Plugin) -> None:
    """By their clauses and by no other; here of a few clauses, in CI of all."""
    words = ("--oci-prove", "--oci-clause=dist.head.*", "--oci-clause=dist.repository.*")
    result = plugin.run("--oci-registry=demo", *words)

    assert result.ret == 0, result.stdout.str()


def held(server: Server) -> list[str]:
    """Names of the repositories in which something is."""
    registry = server.handler
    assert isinstance(registry, MemoryRegistry)
    assert registry.store.uploads == {}
    found = registry.store.repositories.items()
    return [name for name, one in found if one.tags or one.manifests or one.blobs]


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "workers"])
def test_nothing_is_left_of_a_run(plugin: Plugin, workers: list[str]) -> None:
    """Neither in the registry, which deletes, nor on the host."""
    with serve() as server:
        result = plugin.apart(f"--oci-registry={server.url}", *workers, "--oci-clause=dist.manifest.head.*")
        left = held(server)

    assert result.ret == 0, result.stdout.str()
    assert left == []
    assert plugin.left_behind() == []


def test_what_a_killed_run_left_is_deleted_by_the_next(plugin: Plugin) -> None:
    """From the notes in its directory."""
    plugin.write("killer.py", "import os\ndef pytest_sessionfinish():\n    os.kill(os.getpid(), 9)\n")
    with serve() as server:
        words = (f"--oci-registry={server.url}", "--oci-clause=dist.manifest.head.*")
        killed = plugin.apart("-p", "killer", *words)
        before = held(server)
        plugin.apart(*words)
        after = held(server)

    assert killed.ret == -9
    assert before
    assert after == []
    assert plugin.left_behind() == []


def test_what_stays_is_listed(plugin: Plugin) -> None:
    """Where a registry deletes nothing."""
    with serve(Options(delete_blobs=False)) as server:
        result = plugin.apart(f"--oci-registry={server.url}", "--oci-clause=dist.head.*")

    result.stdout.fnmatch_lines(["*could not delete: *: 4 blobs (405 UNSUPPORTED)"])


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "localhost", "http://u:p@localhost"])
def test_where_there_is_no_registry(plugin: Plugin, url: str) -> None:
    """One line, and exit status 4."""
    result = plugin.apart(f"--oci-registry={url}")
    lines = [line for line in result.errlines if line.strip()]

    assert result.ret == 4
    assert len(lines) == 1
    assert lines[0].startswith("ERROR: --oci-registry=")


def seeded(plugin: Plugin, registry: MemoryRegistry) -> Path:
    """An image with a referrer in a registry that is read-only from then on, and the file that tells of them.

    The referrer came before the registry listed any: it is in an index that has the image's referrers tag.
    """
    pushable = image("seeded")
    referrer = artifact("seeded", "application/vnd.example.note").referring_to(pushable.manifest)
    for one, tag in ((pushable, "v1"), (referrer, ""), (index(referrer), referrers_tag(pushable.digest))):
        for blob in one.blobs:
            registry.store.put_blob("library/demo", blob.digest, blob.data)
        stored, _ = read(one.manifest.data, one.manifest.media_type, one.digest)
        assert stored is not None
        registry.store.put_manifest("library/demo", stored)
        if tag:
            registry.store.make("library/demo").tags[tag] = one.digest
    registry.options = Options(push=False)
    blobs = ", ".join(f'{{ digest = "{blob.digest}", size = {blob.size} }}' for blob in pushable.blobs)
    lines = [
        "[[image]]",
        'repository = "library/demo"',
        'tag = "v1"',
        f'digest = "{pushable.digest}"',
        f"size = {pushable.manifest.size}",
        f"blobs = [{blobs}]",
        f'referrers = [{{ digest = "{referrer.digest}", size = {referrer.manifest.size} }}]',
    ]
    return plugin.write("seeded.toml", "\n".join(lines))


def test_a_read_only_registry_is_judged_by_what_it_holds(plugin: Plugin) -> None:
    """Without one request that writes; what takes pushing is unsupported."""
    asked: list[str] = []
    registry = MemoryRegistry()
    file = seeded(plugin, registry)

    def counting(request: Request) -> Response:
        asked.append(request.method)
        return registry(request)

    with Server(counting) as server:
        statuses = judged(plugin, server.url, f"--oci-seeded={file}")

    bound = {test.split()[0] for test, status in statuses.items() if status == "pass"}
    advised = {test.split()[0] for test, status in statuses.items() if status == "advice"}
    assert set(statuses.values()) == {"pass", "unsupported", "not-applicable", "advice"}, statuses
    assert set(asked) == {"GET", "HEAD"}
    assert advised == {"dist.categories.others-supported"}
    assert {"dist.tags.list.body", "dist.referrers.list.status-200", PREEXISTING} < bound


def test_what_was_there_before_referrers_were_listed_has_to_be_among_them(plugin: Plugin) -> None:
    """One failure: that referrer is no new one."""
    registry = MemoryRegistry()
    file = seeded(plugin, registry)
    nothing = on("GET", "referrers", gives_json(lambda document: {**document, "manifests": []}), ok=True)
    with Server(registry) as server, FaultProxy(server.url, nothing) as proxy:
        ledger = plugin.path / "ledger.jsonl"
        words = (f"--oci-seeded={file}", f"--oci-ledger={ledger}", "--oci-clause=dist.referrers.*")
        result = plugin.run(f"--oci-registry={proxy.url}", *words)

    failed = [test.split()[0] for test, status in plugin.statuses(ledger).items() if status == "fail"]
    assert result.ret == 1
    assert failed == [PREEXISTING]


def test_seeds_that_are_not_what_they_should_be(plugin: Plugin) -> None:
    """Content is checked against its digests."""
    registry = MemoryRegistry()
    file = seeded(plugin, registry)
    held = registry.store.repositories["library/demo"]
    held.blobs.update(dict.fromkeys(held.blobs, b"other bytes"))
    with Server(registry) as server:
        result = plugin.run(f"--oci-registry={server.url}", f"--oci-seeded={file}", "--oci-clause=dist.blob.get.exp*")

    assert result.ret == 1


@pytest.mark.parametrize(
    "text", ["x", "", "a = 1", "[[image]]", '[[image]]\nrepository = "a"\ntag = "b"\ndigest = "c"']
)
def test_seeds_that_cannot_be_read(plugin: Plugin, text: str) -> None:
    """One line that names the file."""
    result = plugin.apart("--oci-registry=demo", f"--oci-seeded={plugin.write('seeded.toml', text)}")

    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --oci-registry=demo: *seeded.toml*"])


@pytest.mark.parametrize(
    ("claimed", "unclaimed"),
    [
        ("pull", "dist.tags.list.body"),
        ("pull,push", "dist.tags.list.body"),
        ("pull,discovery", "dist.upload.put.status-201"),
    ],
)
def test_what_is_not_claimed_is_unsupported(plugin: Plugin, claimed: str, unclaimed: str) -> None:
    """And what is claimed is held to."""
    words = (f"--oci-workflow={claimed}", f"--oci-clause={unclaimed}", "--oci-clause=dist.manifest.head.status-200")
    statuses = judged(plugin, "demo", *words)

    for test, status in statuses.items():
        assert status == ("unsupported" if test.startswith(unclaimed) else "pass"), test


def test_a_registry_that_takes_nothing_needs_seeds(plugin: Plugin) -> None:
    """Where pushing is not claimed, and does not work, it is no cause for a failure."""
    with serve(Options(push=False)) as server:
        words = ("--oci-workflow=pull", "--oci-clause=dist.manifest.head.status-200", "--oci-clause=dist.api.*")
        result = plugin.run(f"--oci-registry={server.url}", *words)

    assert result.ret == 0
    result.stdout.fnmatch_lines(["*nothing could be pushed, which is not claimed*"])


def test_a_registry_that_lets_nobody_in(plugin: Plugin, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that names the variables, or the account, and never the password; exit status 4."""
    with Server(Guard(MemoryRegistry())) as server:
        stranger = plugin.run(f"--oci-registry={server.url}")
        monkeypatch.setenv("PYTEST_OCI_USERNAME", "nobody")
        monkeypatch.setenv("PYTEST_OCI_PASSWORD", "s3cr3t-word")
        refused = plugin.run(f"--oci-registry={server.url}")

    assert (stranger.ret, refused.ret) == (4, 4)
    stranger.stderr.fnmatch_lines(["ERROR: *asks for credentials: set PYTEST_OCI_USERNAME and PYTEST_OCI_PASSWORD*"])
    refused.stderr.fnmatch_lines(["ERROR: *refuses the credentials of 'nobody'*"])
    assert "s3cr3t-word" not in refused.stderr.str() + refused.stdout.str()
