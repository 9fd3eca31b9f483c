"""What judgements of pushes have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_oci.conformance.distribution.answers import expect_status, expect_success, require
from pytest_oci.fixtures.registry.stage import outside

from pytest_oci import expect, not_testable
from pytest_oci.report.exchanges import exchange_lines
from pytest_oci.violations import Violation, not_applicable

if TYPE_CHECKING:
    from typing import Protocol

    from pytest_oci.targets.registry.exchange import Exchange

    class Stored(Protocol):
        """Facts of what became of something that was pushed: its answer, location, got and digest, or some of them."""

        def __getitem__(self, name: str, /) -> Any:
            """A fact by its name."""


BLOB_200, BLOB_CONTENT = "dist.blob.get.status-200", "dist.blob.get.expected-content"
MANIFEST_200, MANIFEST_CONTENT = "dist.manifest.get.status-200", "dist.manifest.get.expected-content"


def expect_created(stored: Stored, what: str, *, optional: bool = False) -> None:
    """Hold if a push was answered with 201; with `optional` nothing is asked of one that was refused."""
    answer: Exchange = stored["answer"]
    if optional and 400 <= answer.status < 500:
        not_applicable(f"the registry does not take {what}: {answer.answer}")
    expect_status(answer, 201, what)


def expect_location(stored: Stored, root: str, kind: str = "blob") -> None:
    """Hold if the Location of a successful answer gives what was pushed.

    `root` is the clause about the answer's status. Where nothing can be pulled in the usual way either, that is judged
    elsewhere.
    """
    answer, location, got = stored["answer"], stored["location"], stored["got"]
    require(answer, root)
    evidence = exchange_lines(answer)
    if answer.header("Location") is None:
        raise Violation("Location", "no such header", evidence)
    if location is None:
        raise Violation("Location with a URL of HTTP", answer.header("Location") or "an empty one", evidence)
    status, content = (BLOB_200, BLOB_CONTENT) if kind == "blob" else (MANIFEST_200, MANIFEST_CONTENT)
    algorithm = stored["digest"].partition(":")[0]
    if got.body.digest(algorithm) != stored["digest"] or not got.ok:
        require(got, status, content)
        not_testable(f"depends-on: {content}", *exchange_lines(got))
    evidence = exchange_lines(answer, location)
    expect_success(location, f"GET of the Location {answer.header('Location')}")
    expect(location.failure, "what kept the body from coming whole", evidence).equals("")
    expect(location.body.digest(algorithm), "digest of what Location leads to", evidence).equals(stored["digest"])


def there(exchange: Exchange) -> bool:
    """Whether HEAD has found something; nothing is known where the account may not ask."""
    cause = outside(exchange)
    if cause or exchange.failure:
        not_testable(f"{cause or 'product'}: {exchange.answer}", *exchange_lines(exchange))
    return 200 <= exchange.status < 300
