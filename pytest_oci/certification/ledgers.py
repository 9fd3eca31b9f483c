"""Ledgers of one product, and what they say together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pytest_oci import catalogue, proofs, selection
from pytest_oci.certification.reading import read_file
from pytest_oci.certification.trouble import CertificationError
from pytest_oci.joining import product_key, statuses
from pytest_oci.kinds import KINDS, specs_of
from pytest_oci.ledger import LedgerError, is_chained, read_ledger
from pytest_oci.settings import WORKFLOWS
from pytest_oci.status import Status
from pytest_oci.verdict import reach_verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from pytest_oci.catalogue import Clause
    from pytest_oci.verdict import Verdict

SUBMITTED_UNDER = {"converter": "image"}
"""Kinds of targets that are not submitted under the first specification that they are judged by."""
LARGEST = 1024 * 1024 * 1024
"""Bytes of a ledger that is still read; a whole run of a runtime has five million."""
MEANT = frozenset({"runtime", "layout", "registry"})
"""Kinds of targets that a specification is taken to be about where nothing else is said."""


@dataclass(frozen=True)
class Ledger:
    """One ledger, whole."""

    data: bytes
    records: Sequence[Mapping[str, Any]]
    chained: bool

    @property
    def name(self) -> str:
        """Its name in a submission, which follows from its bytes."""
        return f"{self.sha256[:16]}.jsonl"

    @cached_property
    def sha256(self) -> str:
        """Over the whole file."""
        return sha256(self.data).hexdigest()

    @property
    def header(self) -> Mapping[str, Any]:
        """Its first record."""
        return self.records[0]

    @property
    def footer(self) -> Mapping[str, Any]:
        """Its last record."""
        return self.records[-1]

    @cached_property
    def results(self) -> list[Mapping[str, Any]]:
        """A record for each clause and test, and for each clause that binds nothing."""
        return [record for record in self.records if record["type"] == "result"]

    @cached_property
    def statuses(self) -> dict[str, Status]:
        """The status of each clause that was judged in this run."""
        return clause_statuses([self])

    def applicable(self) -> list[Clause]:
        """Every clause that asks something of the product on the host of this run."""
        return selection.applicable_to(self.header, catalogue.load(*specs_of(kinds_of(self.header))))


def kinds_of(header: Mapping[str, Any]) -> frozenset[str]:
    """The kinds of the targets in a header."""
    return selection.targets_of(header)[0]


def open_ledger(path: Path) -> Ledger:
    """Read a ledger. Raises CertificationError if it is not whole, or not that of a run."""
    try:
        data = read_file(path, LARGEST)
        ledger = Ledger(data, read_ledger(path), is_chained(path))
        if not kinds_of(ledger.header) or not kinds_of(ledger.header) <= KINDS.keys():
            raise CertificationError(f"{path}: the ledger is about no kind of product that is known here")
        ledger.applicable()
        ledger.statuses  # noqa: B018 - raises what is wrong with the results
    except LedgerError as error:
        raise CertificationError(str(error)) from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, CertificationError):
            raise
        raise CertificationError(f"{path}: not the ledger of a run: {type(error).__name__}: {error}") from None
    return ledger


def product_keys(header: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What has to be the same of the product on every host."""
    return [product_key(target) for target in header["targets"]]


def differences(ledgers: Sequence[Ledger]) -> list[str]:
    """Why ledgers do not belong together; empty if they do."""
    told = []
    for what, of in (
        ("product", product_keys),
        ("suite", lambda header: header["suite"]),
        ("claimed version", lambda header: header["claimed"]),
        ("workflows", lambda header: header.get("workflows")),
        ("deviations", lambda header: header["deviations"]),
    ):
        values = [of(ledger.header) for ledger in ledgers]
        if any(value != values[0] for value in values):
            told.append(f"the ledgers are not all of the same {what}")
    if len({ledger.sha256 for ledger in ledgers}) < len(ledgers):
        told.append("the same ledger is given twice")
    return told


def clause_statuses(ledgers: Iterable[Ledger]) -> dict[str, Status]:
    """The status of each clause that was judged: joined over the hosts for each test, then the worst of its tests'."""
    return statuses(
        (result["clause"], host, result["test"], Status(result["status"]))
        for host, ledger in enumerate(ledgers)
        for result in ledger.results
        if result["test"] is not None
    )


@dataclass(frozen=True)
class Joined:
    """Ledgers of one product, suite and claim, in the order of their digests."""

    ledgers: tuple[Ledger, ...]

    @property
    def header(self) -> Mapping[str, Any]:
        """The first ledger's: of what all have in common."""
        return self.ledgers[0].header

    @property
    def spec(self) -> str:
        """The specification that the product is submitted under."""
        kind = min(kinds_of(self.header))
        return SUBMITTED_UNDER.get(kind, KINDS[kind].specs[0])

    @property
    def version(self) -> str:
        """The version of it that is claimed, in full."""
        return str(self.header["claimed"][self.spec])

    @property
    def minor(self) -> str:
        """The version as it is claimed: 1.1."""
        return ".".join(self.version.split(".")[:2])

    @property
    def demonstrations(self) -> list[str]:
        """What the ledgers are demonstrations of; none of a product."""
        found = [str(ledger.header["demonstration"]) for ledger in self.ledgers if ledger.header.get("demonstration")]
        return list(dict.fromkeys(found))

    @property
    def workflows(self) -> list[str]:
        """Of a registry that is claimed to support only some workflows these, else none."""
        named = self.header.get("workflows", WORKFLOWS)
        return sorted(named) if set(named) != set(WORKFLOWS) else []

    @property
    def claim(self) -> str:
        """What is claimed, in a few words: `runtime-spec 1.3`, `image-spec 1.1 copier`, `… pull`."""
        kind = min(kinds_of(self.header))
        words = [f"{self.spec}-spec {self.minor}", *([kind] if kind not in MEANT else []), ", ".join(self.workflows)]
        return " ".join(filter(None, words))

    @cached_property
    def clauses(self) -> list[Clause]:
        """Every clause that asks something of the product on one of the hosts, in the catalogue's order."""
        found = {clause.id: clause for ledger in self.ledgers for clause in ledger.applicable()}
        return [clause for name, clause in catalogue.load().items() if name in found]

    @cached_property
    def statuses(self) -> dict[str, Status]:
        """See `clause_statuses`; in the catalogue's order."""
        found = clause_statuses(self.ledgers)
        return {clause: found[clause] for clause in catalogue.load() if clause in found}

    @cached_property
    def verdict(self) -> Verdict:
        """On all hosts together."""
        return reach_verdict(self.clauses, self.statuses)

    @cached_property
    def counts(self) -> Mapping[Status, int]:
        """Clauses by status."""
        return Counter(self.statuses.values())

    @cached_property
    def unproven(self) -> list[str]:
        """Clauses that passed by tests which are proven on recordings only (docs/writing-tests.md)."""
        recorded = proofs.unproven_live()
        return [clause for clause, status in self.statuses.items() if status == Status.PASS and clause in recorded]

    @property
    def unaccounted(self) -> list[str]:
        """Absolute clauses that ask something of the product and have neither a result nor a reason to have none."""
        statuses = self.statuses
        return [
            clause.id
            for clause in self.clauses
            if clause.absolute and clause.fate == "tested" and clause.id not in statuses
        ]


def join(ledgers: Iterable[Ledger]) -> Joined:
    """Ledgers that belong together. Raises CertificationError if they do not."""
    ordered = tuple(sorted(ledgers, key=lambda ledger: ledger.sha256))
    if not ordered:
        raise CertificationError("there is no ledger")
    if told := differences(ordered):
        raise CertificationError("; ".join(told))
    return Joined(ordered)
