"""What readers of ledgers want to know: product, hosts, verdict, and of each clause its status and what it rests on.

A ledger may come from anybody: what does not have the form that the suite writes is a LedgerError, never a crash.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_oci import selection
from pytest_oci.joining import product_key, statuses
from pytest_oci.kinds import KINDS
from pytest_oci.ledger import LedgerError
from pytest_oci.observation import Observation
from pytest_oci.report.terminal import section_of
from pytest_oci.report.transcript import Transcript, transcript_of
from pytest_oci.results import Result
from pytest_oci.status import Status
from pytest_oci.verdict import CONFORMANT, UNDECIDED, Verdict, reach_verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_oci.catalogue import Clause

Records = list[dict[str, Any]]
NOT_RUN = "not-run"
"""In the place of a status, of an applicable clause that has none."""
KEEPING = (Status.FAIL, Status.ERROR, Status.DEVIATION, Status.NOT_TESTABLE, NOT_RUN)
"""What keeps a verdict from being conformant where the clause is absolute."""
UNKNOWN_SECTION = "clauses that this version of the suite does not know"
UNKNOWN_LEVEL = "unknown"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a ledger's header and footer say, as names and texts in the order of the ledger."""

    products: tuple[tuple[tuple[str, str], ...], ...]
    host: tuple[tuple[str, str], ...]
    suite: str
    claimed: Mapping[str, str]
    command: tuple[str, ...]
    started: str
    ended: str
    interrupted: bool
    verdict: str
    digest: str
    """Of the lines before the footer, which the footer says."""

    @property
    def subject(self) -> str:
        """The products in a few words."""
        return "; ".join(_name(dict(product)) for product in self.products)


@dataclass(frozen=True, slots=True)
class Entry:
    """One clause in a run. `judged` are the results behind its status, each with the number of its ledger."""

    id: str
    clause: Clause | None
    status: str
    judged: tuple[tuple[int, Result], ...] = ()

    @property
    def absolute(self) -> bool:
        """Whether the clause binds absolutely; one that nobody knows is taken to."""
        return self.clause is None or self.clause.absolute

    @property
    def level(self) -> str:
        """The clause's level."""
        return self.clause.level if self.clause else UNKNOWN_LEVEL

    @property
    def section(self) -> str:
        """The section that the clause is counted under, with the specification in front."""
        return f"{self.clause.spec}-spec  {section_of(self.clause)}" if self.clause else UNKNOWN_SECTION

    @property
    def keeps(self) -> bool:
        """Whether it keeps the verdict from being conformant."""
        return self.absolute and self.status in KEEPING

    @property
    def behind(self) -> tuple[tuple[int, Result], ...]:
        """The results that gave the clause its status."""
        return tuple((number, result) for number, result in self.judged if result.status == self.status)


@dataclass(frozen=True, slots=True)
class View:
    """One product as one or several ledgers show it."""

    ledgers: tuple[Facts, ...]
    entries: tuple[Entry, ...]
    verdict: Verdict
    notes: tuple[str, ...]
    transcripts: Mapping[tuple[int, str], Transcript]
    excluded: tuple[Clause, ...]

    @property
    def subject(self) -> str:
        """The product in a few words."""
        return self.ledgers[0].subject

    @property
    def counts(self) -> Mapping[str, Counter[str]]:
        """Numbers of clauses by `absolute` or `advice` and status."""
        found: dict[str, Counter[str]] = {"absolute": Counter(), "advice": Counter()}
        for entry in self.entries:
            found["absolute" if entry.absolute else "advice"][entry.status] += 1
        return found

    def by_section(self) -> Mapping[str, list[Entry]]:
        """The clauses of each section, those that keep the verdict from being conformant first."""
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in sorted(self.entries, key=lambda entry: (entry.section, *urgency(entry), entry.id)):
            found[entry.section].append(entry)
        return found


def urgency(entry: Entry) -> tuple[bool, int]:
    """What makes a clause come before others: what keeps a verdict from being conformant, then the worse status."""
    order = (Status.FAIL, Status.ERROR, Status.DEVIATION, Status.NOT_TESTABLE, NOT_RUN, Status.ADVICE)
    later = (Status.UNSUPPORTED, Status.PASS, Status.NOT_APPLICABLE)
    return not entry.keeps, (*order, *later).index(entry.status)


def view(ledgers: Sequence[Records], clauses: Mapping[str, Clause]) -> View:
    """What these ledgers, one or several of the same product, say together.

    A test that one host could not judge takes the status of those that could; else the worst counts. Raises
    LedgerError for records that the suite does not write, and for ledgers of different products or claims.
    """
    facts = [_facts(records) for records in ledgers]
    for records, other in zip(ledgers[1:], facts[1:], strict=True):
        if (_identity(records), other.claimed) != (_identity(ledgers[0]), facts[0].claimed):
            raise LedgerError("these ledgers are of different products or claims: they make no common report")
    kinds, _ = selection.targets_of(ledgers[0][0])
    binding = {clause.id: clause for records in ledgers for clause in _binding(records[0], clauses)}
    judged: dict[str, list[tuple[int, Result]]] = defaultdict(list)
    for number, records in enumerate(ledgers):
        for clause, of_clause in _results(records).items():
            # That a clause binds nothing is the catalogue's to say, or a test's.
            told = [(number, result) for result in of_clause if result.test or clause not in binding]
            if told:
                judged[clause] += told
    joined = statuses(
        (clause, number, result.test, result.status) for clause, results in judged.items() for number, result in results
    )
    beyond = [name for name, status in joined.items() if status != Status.NOT_APPLICABLE and name not in binding]
    applicable = [*binding.values(), *(clauses[name] for name in beyond if name in clauses)]
    missing = [clause for clause in applicable if clause.id not in joined and clause.fate != "excluded"]
    entries = [Entry(name, clauses.get(name), joined[name], tuple(judged[name])) for name in joined]
    entries += [Entry(clause.id, clause, NOT_RUN) for clause in missing]
    unknown = sum(name not in clauses for name in joined)
    verdict = _with_unknown(reach_verdict(applicable, joined), unknown, complete=kinds <= KINDS.keys())
    return View(
        ledgers=tuple(facts),
        entries=tuple(entries),
        verdict=verdict,
        notes=(*_shown(ledgers), *_notes(facts, verdict)),
        transcripts=_transcripts(ledgers),
        excluded=tuple(clause for clause in applicable if clause.fate == "excluded"),
    )


def _with_unknown(verdict: Verdict, unknown: int, *, complete: bool) -> Verdict:
    """The verdict where something is of another version of the suite, by which nobody can be called conformant."""
    reasons = [f"{unknown} are of another version of the suite"] if unknown else []
    if not complete:
        reasons.append("this version of the suite does not know all kinds of these targets: clauses may be missing")
    if not reasons:
        return verdict
    word = UNDECIDED if verdict.word == CONFORMANT else verdict.word
    return Verdict(word, (*verdict.reasons, *reasons))


def _shown(ledgers: Sequence[Records]) -> list[str]:
    """What the ledgers are demonstrations of, if they are."""
    found = dict.fromkeys(_text(records[0]["demonstration"]) for records in ledgers if records[0].get("demonstration"))
    return [f"a demonstration, not a product: {text}" for text in found]


def _notes(facts: Sequence[Facts], verdict: Verdict) -> Iterable[str]:
    for product in map(dict, facts[0].products):
        if "adapter" in product:
            yield f"adapted product: all operations are those of the suite's adapter for {product['adapter']}"
    if len(facts) == 1 and facts[0].verdict != verdict.word:
        yield f"the ledger's footer says {facts[0].verdict!r}; its results, judged by this suite, say {verdict.word!r}"
    if any(ledger.interrupted for ledger in facts):
        yield "the run was interrupted: not everything was judged"
    if len({ledger.suite for ledger in facts}) > 1:
        yield "the ledgers were written by different versions of the suite"


def _binding(header: Mapping[str, Any], clauses: Mapping[str, Clause]) -> list[Clause]:
    """The clauses that ask something of the ledger's targets on its host."""
    try:
        return selection.applicable_to(header, clauses)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise LedgerError(f"the ledger's header is not one that the suite writes: {error!r:.200}") from None


def _facts(records: Records) -> Facts:
    header, footer = records[0], records[-1]
    try:
        products = [tuple((str(name), _text(value)) for name, value in item.items()) for item in header["targets"]]
        if not products:
            raise KeyError("targets")
        return Facts(
            products=tuple(products),
            host=tuple((str(name), _text(value)) for name, value in header["host"].items()),
            suite=" ".join(_text(header["suite"][name]) for name in ("name", "version")),
            claimed={str(name): _text(version) for name, version in header["claimed"].items()},
            command=tuple(_text(word) for word in header["command_line"]),
            started=_text(header["started"]),
            ended=_text(footer["ended"]),
            interrupted=bool(footer["interrupted"]),
            verdict=_text(footer["verdict"]),
            digest=_text(footer["sha256"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise LedgerError(f"the ledger's header or footer is not one that the suite writes: {error}") from None


def _text(value: object) -> str:
    """A value of a header in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(map(_text, value)) or "none"
    return str(value)


def _name(product: Mapping[str, str]) -> str:
    """What a product says of its version; its kind and its place where it says nothing."""
    version = product.get("version", "")
    if version and version != product.get("path"):
        return version
    return " ".join(product[name] for name in ("kind", "document", "path") if product.get(name))


def _identity(records: Records) -> list[dict[str, Any]]:
    """What tells products apart, wherever they are installed."""
    return [product_key(target) for target in records[0]["targets"]]


def _results(records: Records) -> dict[str, list[Result]]:
    """The results of each clause."""
    found: dict[str, list[Result]] = defaultdict(list)
    for number, record in enumerate(records, 1):
        if record["type"] == "result":
            try:
                found[_word(record, "clause")].append(_result(record))
            except (KeyError, TypeError, ValueError) as error:
                raise LedgerError(f"line {number} is no result as the suite writes them: {error}") from None
    return found


def _result(record: Mapping[str, Any]) -> Result:
    duration = record.get("duration", 0.0)
    if isinstance(duration, bool) or not isinstance(duration, (int, float)):
        raise TypeError("duration is no number")
    return Result(
        test=_word(record, "test") if record.get("test") is not None else "",
        clauses=(record["clause"],),
        status=Status(_word(record, "status")),
        duration=float(duration),
        expected=_word(record, "expected", ""),
        actual=_word(record, "actual", ""),
        reason=_word(record, "reason", ""),
        evidence=_words(record, "evidence"),
        reproduce=_word(record, "reproduce", ""),
        scenarios=_words(record, "scenarios"),
    )


def _word(record: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = record[name] if default is None else record.get(name, default)
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value


def _words(record: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = record.get(name, [])
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise TypeError(f"{name} is no array of texts")
    return tuple(value)


def _transcripts(ledgers: Sequence[Records]) -> dict[tuple[int, str], Transcript]:
    found = {}
    for place, records in enumerate(ledgers):
        for number, record in enumerate(records, 1):
            if record["type"] == "observation":
                try:
                    transcript = transcript_of(Observation.from_json(record))
                    found[place, _word(record, "scenario")] = transcript
                except (KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError) as error:
                    reason = f"line {number} is no observation as the suite writes them: {error!r:.200}"
                    raise LedgerError(reason) from None
    return found
