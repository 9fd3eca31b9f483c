"""Scenarios: trouble at its root, names, waiting, cleaning."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.fixtures.registry.content import image
from pytest_oci.fixtures.registry.endpoints import NAME
from pytest_oci.fixtures.registry.faults import FaultProxy, answers, drops_header, gives_status, on
from pytest_oci.fixtures.registry.memory import serve
from pytest_oci.fixtures.registry.observer import Observe, RegistryObserver
from pytest_oci.fixtures.registry.options import Options
from pytest_oci.fixtures.registry.roots import ROOTS
from pytest_oci.fixtures.registry.scenario import scenario
from pytest_oci.fixtures.registry.stage import Stage, prefix_of

from pytest_oci import catalogue
from pytest_oci.observation import SharedStore
from pytest_oci.targets.registry.client import open_registry
from pytest_oci.targets.registry.pushed import Notes, clean, read_notes
from pytest_oci.violations import NotTestable, Unsupported, Violation

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_oci.fixtures.registry.faults import Fault
    from pytest_oci.fixtures.registry.scenario import Facts

pytest.importorskip("httpx")

POST_202, POST_LOCATION = ROOTS["start an upload"], ROOTS["locate an upload"]


@scenario("push")
def pushing(stage: Stage) -> Facts:
    """An image."""
    return {"put": stage.repository().must_push(image(), "t")}


def observe(tmp_path: Path, fault: Fault, *judged: str, **options: Any) -> None:
    """Observe the scenario on a faulty registry, in a test that judges these clauses."""
    known = catalogue.load("distribution")
    with serve() as server, FaultProxy(server.url, fault) as proxy:
        registry = open_registry(proxy.url)
        observer = RegistryObserver(registry, SharedStore(tmp_path), Notes(), "n", "run", **options)
        Observe(observer, tuple(known[clause] for clause in judged), "1.1.1")(pushing())
        registry.close()


def test_trouble_fails_its_root_and_nothing_else(tmp_path: Path) -> None:
    """One cause, one failure."""
    refusing = on("POST", "uploads", answers(500))
    with pytest.raises(Violation, match=r"the registry to start an upload, got POST .*: 500"):
        observe(tmp_path, refusing, POST_202)
    with pytest.raises(NotTestable, match=f"depends-on: {POST_202}"):
        observe(tmp_path, refusing, "dist.manifest.put.status-201")


def test_how_a_push_is_answered_is_not_its_effect(tmp_path: Path) -> None:
    """Another 2xx keeps nobody from going on; an upload without a location does."""
    (tmp_path / "a").mkdir()
    observe(tmp_path / "a", on("POST PUT", "*", gives_status(200), ok=True))
    (tmp_path / "b").mkdir()
    with pytest.raises(NotTestable, match=f"depends-on: {POST_LOCATION}"):
        observe(tmp_path / "b", on("POST", "uploads", drops_header("Location")), POST_202)


@pytest.mark.parametrize("status", [401, 403, 503])
def test_accounts_and_load_are_no_failures(tmp_path: Path, status: int) -> None:
    """What the specification leaves open is not testable, also at the root."""
    with pytest.raises(NotTestable, match="product: it"):
        observe(tmp_path, on("POST", "uploads", answers(status)), POST_202)


def test_what_is_not_claimed_is_unsupported(tmp_path: Path) -> None:
    """Without a request."""
    with pytest.raises(Unsupported, match="the workflow push is not claimed"):
        observe(tmp_path, answers(500), POST_202, workflows=frozenset({"pull"}))


def test_repositories_of_scenarios_have_names_of_their_own() -> None:
    """By run and by scenario, in the grammar of both versions, whatever the scenario is called."""
    names = {prefix_of("n/s", run, f'registry.m.{"long-" * 30}play["{argument}"]') for run in "ab" for argument in "Ü/"}

    assert len(names) == 4
    assert all(NAME.fullmatch(name) and len(name) < 80 and "--" not in name for name in names)


def test_waiting_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what holds, or with the time; every attempt is recorded."""
    pauses: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: sum(pauses), sleep=pauses.append)
    monkeypatch.setattr("pytest_oci.fixtures.registry.stage.time", clock)
    with serve() as server:
        stage = Stage(open_registry(server.url), Notes(), "n/r", consistency=0.2)
        repository = stage.repository()
        stage.until(lambda: repository.list_tags(), lambda one: one.status == 200)
        late = len(stage.exchanges)
        stage.until(lambda: repository.list_tags(), lambda one: one.status == 404)

    assert pauses == [0.02, 0.04, 0.08]
    assert late == 4
    assert len(stage.exchanges) == late + 1


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({}, []),
        ({"delete_tags": False}, []),
        ({"delete_blobs": False}, ["2 blobs (405 UNSUPPORTED)"]),
        (
            {"delete_manifests": False, "delete_tags": False},
            ["1 tag (405 UNSUPPORTED)", "1 manifest (405 UNSUPPORTED)"],
        ),
    ],
)
def test_what_was_pushed_is_deleted(tmp_path: Path, options: dict[str, Any], left: list[str]) -> None:
    """Also by another run, from the file; what stays is listed, and a tag that went with its manifest does not."""
    file = tmp_path / "pushed"
    with serve(Options(**options)) as server:
        registry = open_registry(server.url)
        stage = Stage(registry, Notes(file), "n/r")
        stage.repository().must_push(image(), "t")
        file.write_text(file.read_text() + '["blob", "cut')
        assert clean(registry, read_notes(file)) == [f"{server.url}/n/r: {what}" for what in left]
        registry.close()
