"""From the exception that ended a test to its result: the one place where pytest's outcomes become statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.status import Status
from pytest_oci.violations import Advised, NotApplicable, Noted, NotTestable, Outcome, Unsupported, Violation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_oci.catalogue import Clause
    from pytest_oci.deviations import Deviation


def status_of(
    error: BaseException | None, clauses: Sequence[Clause], deviations: Mapping[str, Deviation]
) -> tuple[Status, str]:
    """The status that a test's end means for its clauses, and the reason where it is not plainly pass or fail.

    Anything but the outcomes of `pytest_oci.violations` is the suite's own trouble.
    """
    match error:
        case None:
            return Status.PASS, ""
        case Noted():
            return Status.ADVICE, "no sentence demands what is expected here: it is only shown"
        case Advised():
            return Status.ADVICE, "kept in one reading of the text only"
        case Violation() if not any(clause.absolute for clause in clauses):
            return Status.ADVICE, "not kept, as the text only advises"
        case Violation():
            declared = [deviations[clause.id] for clause in clauses if clause.id in deviations]
            if all(clause.id in deviations for clause in clauses if clause.absolute):
                return Status.DEVIATION, f"declared until {declared[0].expires}: {declared[0].reason}"
            return Status.FAIL, ""
        case NotTestable():
            return Status.NOT_TESTABLE, error.cause
        case Unsupported():
            return Status.UNSUPPORTED, error.reason
        case NotApplicable():
            return Status.NOT_APPLICABLE, error.reason
        case _:
            return Status.ERROR, f"{type(error).__name__}: {error}"


def evidence_of(error: BaseException | None) -> tuple[str, ...]:
    """Lines of evidence that a judgement brought itself."""
    return error.evidence if isinstance(error, (Violation, NotTestable, Unsupported)) else ()


def is_outcome(error: BaseException | None) -> bool:
    """Whether a judgement was reached, or at least a reason why there is none."""
    return error is None or isinstance(error, Outcome)
