"""From the results of a run to the status of each clause and the verdict. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_oci.status import Status, worst

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_oci.catalogue import Clause
    from pytest_oci.results import Result

CONFORMANT = "conformant"
NOT_CONFORMANT = "not conformant"
UNDECIDED = "undecided"


def clause_statuses(results: Iterable[Result]) -> dict[str, Status]:
    """The status of each clause that was judged: the worst of its tests'."""
    by_clause: dict[str, list[Status]] = defaultdict(list)
    for result in results:
        for clause in result.clauses:
            by_clause[clause].append(result.status)
    return {clause: worst(statuses) for clause, statuses in by_clause.items()}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The word, and the reasons that kept it from being `conformant`."""

    word: str
    reasons: tuple[str, ...]


def reach_verdict(applicable: Iterable[Clause], statuses: Mapping[str, Status]) -> Verdict:
    """The verdict on a product of which these clauses ask something.

    `conformant` needs every absolute one to be `pass`, or `unsupported` (tests give that only where the text makes the
    feature optional). A test says of an absolute one that it is `not-applicable` where what it is about does not occur,
    and `advice` where the text can be read in two ways, one of which is kept: neither counts against the product. A
    failed one makes it `not conformant`; if none failed but something is open, it is `undecided`.
    """
    counts: dict[str, int] = defaultdict(int)
    for clause in applicable:
        if not clause.absolute or clause.fate == "excluded":
            continue
        status = statuses.get(clause.id)
        if status is None:
            counts["planned" if clause.fate == "planned" else "missing"] += 1
        else:
            counts[status] += 1
    reasons = [text.format(counts[key]) for key, text in REASONS.items() if counts[key]]
    if counts[Status.FAIL] or counts[Status.DEVIATION]:
        word = NOT_CONFORMANT
    elif reasons or not counts[Status.PASS]:
        word = UNDECIDED
    else:
        word = CONFORMANT
    return Verdict(word, tuple(reasons) if reasons or word == CONFORMANT else ("no absolute clause was judged",))


REASONS: Mapping[str, str] = {
    Status.FAIL: "{} absolute clauses failed",
    Status.DEVIATION: "{} failed and are declared as deviations",
    Status.ERROR: "{} could not be judged because of trouble in the suite",
    Status.NOT_TESTABLE: "{} are not testable here",
    "missing": "{} were not run",
    "planned": "{} have no test yet",
}
