"""What a run is given: the products under test, a replayed ledger, declared deviations; opened and checked at once."""

from __future__ import annotations

import datetime
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from pytest_oci import catalogue
from pytest_oci.deviations import Deviation, DeviationError, read_deviations
from pytest_oci.given_layout import check_layout_options, open_given_layout
from pytest_oci.given_registry import WRITING, GivenRegistry, open_given_registry
from pytest_oci.host import Host, host
from pytest_oci.ledger import LedgerError, read_ledger
from pytest_oci.settings import TARGETS, naming
from pytest_oci.targets.profile import ProfileError
from pytest_oci.targets.runtime import Runtime, TargetError, open_runtime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_oci.settings import Settings
    from pytest_oci.targets.bundle import Bundle
    from pytest_oci.targets.client import Client
    from pytest_oci.targets.command import Command
    from pytest_oci.targets.document import DocumentFile
    from pytest_oci.targets.engine.engine import GivenEngine
    from pytest_oci.targets.layout.target import LayoutTarget

Ledger: TypeAlias = "list[dict[str, Any]]"
"""The records of a ledger, its header first."""
NOTHING_HANDED: Mapping[str, str] = MappingProxyType({})
REPLAYABLE = frozenset(
    {
        *("runtime", "bundle", "document", "layout", "registry", "converter", "copier", "builder", "artifact-tool"),
        *("engine", "client"),
    }
)
"""The kinds of targets whose observations can be judged again."""
ANSWER_SECONDS = 30.0
"""That an engine has to say that it is there, unless more is given."""


@dataclass(frozen=True, slots=True)
class Given:
    """The settings, with what is claimed filled in, and what they name. `replayed` are the records of a ledger."""

    settings: Settings
    runtime: Runtime | None
    bundle: Bundle | None
    documents: tuple[DocumentFile, ...]
    converter: Command | None
    engine: GivenEngine | None
    copier: Command | None
    builder: Command | None
    artifact_tool: Command | None
    layout: LayoutTarget | None
    registry: GivenRegistry | None
    client: Client | None
    replayed: Ledger | None
    deviations: Mapping[str, Deviation]

    @property
    def identities(self) -> list[dict[str, Any]]:
        """The products, as the ledger's header has them."""
        if self.replayed is not None:
            return list(self.replayed[0]["targets"])
        found: list[dict[str, Any]] = []
        products = (
            self.runtime,
            self.bundle,
            *self.documents,
            self.converter,
            self.engine,
            self.copier,
            self.builder,
            self.artifact_tool,
            self.layout,
            self.registry,
            self.client,
        )
        found += [target.identity() for target in products if target is not None]
        return found

    @property
    def document_kinds(self) -> frozenset[str]:
        """Kinds of the documents that were given."""
        return frozenset(document.kind for document in self.documents)

    @property
    def workflows(self) -> frozenset[str]:
        """What is judged of a registry; in a replay what was judged then."""
        if self.replayed is not None and "workflows" in self.replayed[0]:
            return frozenset(self.replayed[0]["workflows"])
        seeds = self.registry is not None and self.registry.seeds
        return self.settings.workflows - WRITING if seeds else self.settings.workflows

    @property
    def host(self) -> Host:
        """The host of the run; of a replayed one, that of its ledger if it says enough of it."""
        if self.replayed is not None and "missing_capabilities" in self.replayed[0].get("host", ()):
            return Host.from_json(self.replayed[0]["host"])
        return host()

    @property
    def subject(self) -> str:
        """The products, in a few words."""
        return ", ".join(str(target.get("version") or target["path"]) for target in self.identities)


def open_given(settings: Settings, handed: Mapping[str, str] = NOTHING_HANDED) -> Given:
    """Open everything that the settings name. Raises pytest.UsageError in one line that says how to mend it.

    `handed` is what the controller of xdist hands to its workers: the file with the `layout` that it has read, the URL
    of the built-in `registry`.
    """
    check_layout_options(settings)
    templates = _engine_templates(settings)
    _check_makers(settings)
    if not settings.targets:
        raise pytest.UsageError(f"name the product to judge: {naming(values=True)}")
    if settings.replay and (settings.prove or any(map(settings.given, TARGETS))):
        raise pytest.UsageError("--oci-replay judges without the product: leave the product and --oci-prove out")
    replayed = _read_replayed(settings.replay)
    given = Given(
        settings=settings,
        runtime=_open_runtime(settings),
        bundle=_open_bundle(settings) if replayed is None else _replayed_bundle(replayed),
        documents=_open_documents(settings) if replayed is None else _replayed_documents(replayed),
        converter=_open_command("converter", settings.converter, replayed),
        engine=_open_engine(settings, templates),
        copier=_open_command("copier", settings.copier, replayed),
        builder=_open_command("builder", settings.builder, replayed),
        artifact_tool=_open_command("artifact-tool", settings.artifact_tool, replayed),
        layout=open_given_layout(settings, replayed, handed),
        registry=open_given_registry(settings, handed),
        client=_open_client(settings, replayed),
        replayed=replayed,
        deviations=_read_deviations(settings.deviations),
    )
    if settings.prove and given.runtime is not None and given.runtime.profile.adapter:
        raise pytest.UsageError(f"--oci-prove needs operations of the product's own; {given.runtime.program} has none")
    to_start = settings.bundle_to_start if replayed is None else bool(replayed[0].get("bundle_to_start"))
    return replace(given, settings=replace(settings, claimed=_claimed(given), bundle_to_start=to_start))


def _open_runtime(settings: Settings) -> Runtime | None:
    if settings.runtime is None:
        return None
    try:
        with tempfile.TemporaryDirectory(prefix="pytest-oci-") as scratch:
            return open_runtime(settings.runtime, settings.runtime_args, settings.runtime_profile, Path(scratch))
    except (TargetError, ProfileError) as error:
        raise pytest.UsageError(str(error)) from None


def _open_bundle(settings: Settings) -> Bundle | None:
    if settings.bundle is None:
        return None
    from pytest_oci.targets.bundle import BundleError, open_bundle

    try:
        return open_bundle(settings.bundle, to_be_started=settings.bundle_to_start)
    except BundleError as error:
        raise pytest.UsageError(str(error)) from None


def _open_documents(settings: Settings) -> tuple[DocumentFile, ...]:
    if not settings.document:
        return ()
    from pytest_oci.targets.document import DocumentFileError, open_document

    try:
        return tuple(map(open_document, dict.fromkeys(settings.document)))
    except DocumentFileError as error:
        raise pytest.UsageError(str(error)) from None


def _replayed_bundle(records: list[dict[str, Any]]) -> Bundle | None:
    """The bundle that a ledger holds."""
    from pytest_oci.targets.bundle import OBSERVED, from_saved

    found = [from_saved(facts) for facts in _facts(records, [OBSERVED] * _number(records, "bundle"))]
    return found[0] if found else None


def _replayed_documents(records: list[dict[str, Any]]) -> tuple[DocumentFile, ...]:
    """The documents that a ledger holds, in the order in which they were given."""
    from pytest_oci.targets.document import DOCUMENT, from_saved

    names = [f"{DOCUMENT} {place}" for place in range(_number(records, "document"))]
    return tuple(map(from_saved, _facts(records, names)))


def _number(records: list[dict[str, Any]], kind: str) -> int:
    return sum(1 for target in records[0]["targets"] if target["kind"] == kind)


def _facts(records: list[dict[str, Any]], scenarios: list[str]) -> list[dict[str, Any]]:
    """The facts of these scenarios. Raises pytest.UsageError if the ledger lacks one."""
    saved = {record["scenario"]: record["facts"] for record in records if record["type"] == "observation"}
    for scenario in scenarios:
        if scenario not in saved:
            raise pytest.UsageError(f"--oci-replay: the ledger does not hold the {scenario} that it is about")
    return [saved[scenario] for scenario in scenarios]


def _engine_templates(settings: Settings) -> dict[str, str]:
    """The templates that were given, by their use. Raises pytest.UsageError where they are about nothing."""
    given = {use: text for use in ("load", "run", "remove") if (text := getattr(settings, f"engine_{use}"))}
    if given and ("engine" not in settings.targets or settings.engine is None):
        raise pytest.UsageError(f"--oci-engine-{min(given)} is about an engine: name it with --oci-engine")
    return given


def _check_makers(settings: Settings) -> None:
    """Raises pytest.UsageError for products that are judged by the tests of others, beside which they are given."""
    if "engine" in settings.targets and settings.targets & {"bundle", "converter", "document"}:
        raise pytest.UsageError("--oci-engine is judged by tests of converters and bundles: give it a run of its own")
    if "converter" in settings.targets and settings.targets & {"bundle", "document"}:
        raise pytest.UsageError("--oci-converter is judged by tests of bundles: give it a run of its own")


def _open_engine(settings: Settings, templates: dict[str, str]) -> GivenEngine | None:
    if "engine" not in settings.targets or settings.engine is None:
        return None
    from pytest_oci.targets.engine.engine import open_engine

    try:
        with tempfile.TemporaryDirectory(prefix="pytest-oci-") as scratch:
            return open_engine(settings.engine, templates, Path(scratch), max(settings.timeout, ANSWER_SECONDS))
    except TargetError as error:
        raise pytest.UsageError(f"--oci-engine: {error}") from None


def _open_command(kind: str, text: str | None, replayed: Ledger | None) -> Command | None:
    identity = _identity(kind, replayed)
    if text is None and identity is None:
        return None
    from pytest_oci.targets.command import USAGES, open_command, recorded_command
    from pytest_oci.targets.template import TemplateError

    if identity is not None:
        return recorded_command(USAGES[kind], identity)
    try:
        with tempfile.TemporaryDirectory(prefix="pytest-oci-") as scratch:
            return open_command(USAGES[kind], str(text), Path(scratch))
    except (TemplateError, TargetError) as error:
        raise pytest.UsageError(f"--oci-{kind}: {error}") from None


def _open_client(settings: Settings, replayed: Ledger | None) -> Client | None:
    identity = _identity("client", replayed)
    if settings.client is None and identity is None:
        if settings.client_operations:
            name = next(iter(settings.client_operations))
            raise pytest.UsageError(f"--oci-client-{name} is about a client: name it with --oci-client")
        return None
    from pytest_oci.targets.client import open_client, recorded_client
    from pytest_oci.targets.template import TemplateError

    if identity is not None:
        return recorded_client(identity)
    try:
        with tempfile.TemporaryDirectory(prefix="pytest-oci-") as scratch:
            return open_client(str(settings.client), settings.client_operations, Path(scratch))
    except (TemplateError, TargetError) as error:
        raise pytest.UsageError(f"--oci-client: {error}") from None


def _identity(kind: str, replayed: Ledger | None) -> dict[str, Any] | None:
    """What the header of a replayed ledger says of the product of this kind; None if it was about none."""
    if replayed is None:
        return None
    return next((target for target in replayed[0]["targets"] if target["kind"] == kind), None)


def _read_replayed(path: str | None) -> Ledger | None:
    if path is None:
        return None
    try:
        return read_ledger(Path(path))
    except LedgerError as error:
        raise pytest.UsageError(str(error)) from None


def _read_deviations(path: str | None) -> Mapping[str, Deviation]:
    if path is None:
        return {}
    today = datetime.datetime.now(datetime.UTC).date()
    try:
        return read_deviations(Path(path), catalogue.load(), today)
    except DeviationError as error:
        raise pytest.UsageError(str(error)) from None


def _claimed(given: Given) -> Mapping[str, str]:
    """What is claimed where the user claims nothing: a replayed ledger's claim, or what the documents themselves say.

    That is the ociVersion of bundles and documents where all name the same; a features document names none.
    """
    chosen = given.settings
    if chosen.versions_given:
        return chosen.claimed
    if given.replayed is not None:
        claimed: Mapping[str, str] = given.replayed[0]["claimed"]
        return claimed
    products = [product for product in (given.bundle, *given.documents) if product is not None]
    minors = {product.minor_version for product in products} if given.runtime is None else set()
    pinned = catalogue.VERSIONS["runtime"].get(minors.pop() or "") if len(minors) == 1 else None
    return {**chosen.claimed, "runtime": pinned} if pinned else chosen.claimed
