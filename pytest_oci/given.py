"""What a run is given: the products under test, a replayed ledger, declared deviations; opened and checked at once."""

from __future__ import annotations

import datetime
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from pytest_oci import catalogue
from pytest_oci.deviations import Deviation, DeviationError, read_deviations
from pytest_oci.given_layout import check_layout_options, open_given_layout
from pytest_oci.given_registry import WRITING, GivenRegistry, open_given_registry
from pytest_oci.host import Host, host
from pytest_oci.ledger import LedgerError, read_ledger
from pytest_oci.settings import TARGETS
from pytest_oci.targets.profile import ProfileError
from pytest_oci.targets.runtime import Runtime, TargetError, open_runtime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_oci.settings import Settings
    from pytest_oci.targets.bundle import Bundle
    from pytest_oci.targets.converter import Converter
    from pytest_oci.targets.document import DocumentFile
    from pytest_oci.targets.layout.target import LayoutTarget


PRODUCTS = (
    "--oci-runtime=NAME_OR_PATH, --oci-bundle=DIR, --oci-document=KIND:FILE, --oci-converter=TEMPLATE, "
    "--oci-layout=DIR_OR_TAR or --oci-registry=URL"
)
"""The options that name a product."""
NOTHING_HANDED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Given:
    """The settings, with what is claimed filled in, and what they name. `replayed` are the records of a ledger."""

    settings: Settings
    runtime: Runtime | None
    bundle: Bundle | None
    documents: tuple[DocumentFile, ...]
    converter: Converter | None
    layout: LayoutTarget | None
    registry: GivenRegistry | None
    replayed: list[dict[str, Any]] | None
    deviations: Mapping[str, Deviation]

    @property
    def identities(self) -> list[dict[str, Any]]:
        """The products, as the ledger's header has them."""
        if self.replayed is not None:
            return list(self.replayed[0]["targets"])
        found: list[dict[str, Any]] = []
        products = (self.runtime, self.bundle, *self.documents, self.converter, self.layout, self.registry)
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
        if self.replayed is not None and "capabilities" in self.replayed[0].get("host", ()):
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
    if not settings.targets:
        raise pytest.UsageError("name the product to judge: " + PRODUCTS)
    if settings.replay and (settings.prove or any(getattr(settings, name) for name in TARGETS)):
        raise pytest.UsageError("--oci-replay judges without the product: leave the product and --oci-prove out")
    replayed = _read_replayed(settings.replay)
    given = Given(
        settings=settings,
        runtime=_open_runtime(settings),
        bundle=_open_bundle(settings) if replayed is None else _replayed_bundle(replayed),
        documents=_open_documents(settings) if replayed is None else _replayed_documents(replayed),
        converter=_open_converter(settings),
        layout=open_given_layout(settings, replayed, handed),
        registry=open_given_registry(settings, handed),
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


def _open_converter(settings: Settings) -> Converter | None:
    if settings.converter is None:
        return None
    from pytest_oci.targets.converter import open_converter
    from pytest_oci.targets.template import TemplateError

    try:
        with tempfile.TemporaryDirectory(prefix="pytest-oci-") as scratch:
            return open_converter(settings.converter, Path(scratch))
    except (TemplateError, TargetError) as error:
        raise pytest.UsageError(f"--oci-converter: {error}") from None


def _read_replayed(path: str | None) -> list[dict[str, Any]] | None:
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
