"""Registries as products under test: the built-in one, and how it may differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.fixtures.registry.content import image
from pytest_oci.fixtures.registry.guard import Guard
from pytest_oci.fixtures.registry.manifests import read
from pytest_oci.fixtures.registry.memory import MemoryRegistry, serve
from pytest_oci.fixtures.registry.options import Options
from pytest_oci.fixtures.registry.server import Server

if TYPE_CHECKING:
    from pathlib import Path

    from plugin_runs import Plugin
    from pytest_oci.fixtures.registry.messages import Request, Response

pytest.importorskip("httpx")

KEPT = {"pass", "not-applicable", "unsupported"}
VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "absolute": {"absolute_locations": True},
    "changing": {"changing_locations": True},
    "elsewhere": {"locations_elsewhere": True},
    "paged": {"tags_page": 1, "referrers_page": 1},
    "little": {"sha512": False, "mounts": False, "single_post": False, "referrers": False, "check_references": False},
    "kept": {"delete_tags": False, "delete_manifests": False, "delete_blobs": False},
    "warning": {"warning": "this registry is for tests"},
    "strict": {"chunk_min_length": 1000},
}
"""Registries that keep every absolute clause, each in its own way."""


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


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_the_text_allows_is_no_failure(plugin: Plugin, variant: str) -> None:
    """Registries that leave something out, or do it otherwise."""
    with serve(Options(**VARIANTS[variant])) as server:
        statuses = judged(plugin, server.url)
    assert {name: status for name, status in statuses.items() if status not in KEPT} == {}


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
    """An image in a registry that is read-only from then on, and the file that tells of it."""
    pushable = image("seeded")
    for blob in pushable.blobs:
        registry.store.put_blob("library/demo", blob.digest, blob.data)
    stored, _ = read(pushable.manifest.data, pushable.manifest.media_type, pushable.digest)
    assert stored is not None
    registry.store.put_manifest("library/demo", stored)
    registry.store.make("library/demo").tags["v1"] = pushable.digest
    registry.options = Options(push=False)
    blobs = ", ".join(f'{{ digest = "{blob.digest}", size = {blob.size} }}' for blob in pushable.blobs)
    lines = [
        "[[image]]",
        'repository = "library/demo"',
        'tag = "v1"',
        f'digest = "{pushable.digest}"',
        f"size = {pushable.manifest.size}",
        f"blobs = [{blobs}]",
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

    advised = {test for test, status in statuses.items() if status == "advice"}
    assert {test.split()[0] for test in advised} == {"dist.categories.others-supported"}
    assert set(statuses.values()) == {"pass", "unsupported", "advice"}, statuses
    assert set(asked) == {"GET", "HEAD"}


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
