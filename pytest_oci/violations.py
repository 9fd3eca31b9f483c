"""What a judgement can say: a violation, or why there is none to give.

All carry their own text, since asserts in helpers are not rewritten in editable installs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

T = TypeVar("T")


class Outcome(Exception):
    """Base of all that ends a test otherwise than by passing."""


class Violation(Outcome, AssertionError):
    """An observation breaks the clause.

    `expected` and `actual` are in words a vendor reads; `evidence` are further lines (what was seen, where).
    """

    def __init__(self, expected: str, actual: str, evidence: Iterable[str] = ()) -> None:
        self.expected = expected
        self.actual = actual
        self.evidence = tuple(evidence)
        super().__init__(f"expected {expected}, got {actual}")


class Advised(Violation):
    """What was observed keeps the clause in one reading of the text only: it is reported, and fails nobody."""


class Noted(Advised):
    """What was observed is demanded by no sentence, the clause's neither: it is reported, and fails nobody."""


class NotTestable(Outcome):
    """Nothing can be said: the host lacks something, a limit was reached, or another clause is in the way.

    `cause` begins with `host:`, `limit:`, `product:` or `depends-on:`.
    """

    def __init__(self, cause: str, evidence: Iterable[str] = ()) -> None:
        self.cause = cause
        self.evidence = tuple(evidence)
        super().__init__(cause)


class Unsupported(Outcome):
    """The product does not offer what the text makes optional, and says or shows so."""

    def __init__(self, reason: str, evidence: Iterable[str] = ()) -> None:
        self.reason = reason
        self.evidence = tuple(evidence)
        super().__init__(reason)


class NotApplicable(Outcome):
    """The clause has nothing to bind here."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def advised(expected: str, actual: str, *evidence: str) -> NoReturn:
    """End the test as `advice`, where the text can be read in two ways and only one of them is broken."""
    raise Advised(expected, actual, evidence)


def noted(expected: str, actual: str, *evidence: str) -> NoReturn:
    """End the test as `advice`, where a user would expect something else though nothing in the text demands it."""
    raise Noted(expected, actual, evidence)


def not_testable(cause: str, *evidence: str) -> NoReturn:
    """End the test as `not-testable`; the cause says what is missing."""
    raise NotTestable(cause, evidence)


def unsupported(reason: str, *evidence: str) -> NoReturn:
    """End the test as `unsupported`; only where the text makes the feature optional."""
    raise Unsupported(reason, evidence)


def not_applicable(reason: str) -> NoReturn:
    """End the test as `not-applicable`."""
    raise NotApplicable(reason)


class Expectation(Generic[T]):
    """A value under judgement. Every method raises Violation if it does not hold."""

    def __init__(self, value: T, what: str, evidence: Iterable[str]) -> None:
        self.value = value
        self.what = what
        self.evidence = tuple(evidence)

    def _require(self, holds: bool, expected: str) -> None:
        if not holds:
            prefix = f"{self.what}: " if self.what else ""
            raise Violation(prefix + expected, show(self.value), self.evidence)

    def equals(self, expected: object) -> None:
        """Hold if the value equals the expected one, as JSON values do (see `same`)."""
        self._require(same(self.value, expected), show(expected))

    def differs_from(self, other: object) -> None:
        """Hold if the value is not the other one."""
        self._require(not same(self.value, other), f"anything but {show(other)}")

    def is_true(self) -> None:
        """Hold if the value is True itself."""
        self._require(self.value is True, "true")

    def is_false(self) -> None:
        """Hold if the value is False itself."""
        self._require(self.value is False, "false")

    def is_none(self) -> None:
        """Hold if there is no value."""
        self._require(self.value is None, "nothing")

    def is_empty(self) -> None:
        """Hold if the value has no elements: for lists of findings or of things left behind."""
        self._require(not self.value, "none")

    def is_not_empty(self) -> None:
        """Hold if the value has at least one element."""
        self._require(bool(self.value), "at least one")

    def is_in(self, allowed: Container[T]) -> None:
        """Hold if the value is one of the allowed ones."""
        listed = isinstance(allowed, (list, tuple, set, frozenset))
        held = any(same(self.value, one) for one in allowed) if listed else self.value in allowed  # type: ignore[attr-defined]
        self._require(held, f"one of {show(allowed)}")

    def contains(self, member: object) -> None:
        """Hold if the value, a container, has the member."""
        try:
            held = member in self.value  # type: ignore[operator]
        except TypeError:
            held = False  # the product gave something that is no container
        self._require(held, f"something that contains {show(member)}")

    def lacks(self, member: object) -> None:
        """Hold if the value, a container, does not have the member."""
        self._require(member not in self.value, f"something without {show(member)}")  # type: ignore[operator]

    def satisfies(self, predicate: Callable[[T], bool], expected: str) -> None:
        """Hold if the predicate is true of the value; `expected` says in words what it asks."""
        self._require(predicate(self.value), expected)


def same(one: object, other: object) -> bool:
    """Whether two values are equal with their types, at any depth: True is not 1, and 1.0 is not 1."""
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other and all(isinstance(one, kind) == isinstance(other, kind) for kind in (bool, float))


def expect(value: T, what: str = "", evidence: Iterable[str] = ()) -> Expectation[T]:
    """Begin a judgement on a value; `what` names it in the failure's text."""
    return Expectation(value, what, evidence)


LONGEST_SHOWN = 1000
MOST_SHOWN = 100


def show(value: object) -> str:
    """A value in a failure's text: one line, cut visibly if long."""
    if isinstance(value, list) and len(value) > MOST_SHOWN:
        return f"{show(value[:MOST_SHOWN])} and {len(value) - MOST_SHOWN} more"
    text = value if isinstance(value, str) and value.isprintable() and value else repr(value)
    if len(text) > LONGEST_SHOWN:
        return f"{text[:LONGEST_SHOWN]}… ({len(text) - LONGEST_SHOWN} more characters)"
    return text
