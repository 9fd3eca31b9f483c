"""config.md, "Extensibility" and "Valid values", as far as they are about hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.hooked import kinds, lived
from pytest_oci.fixtures.probe.hooklog import parse_log
from pytest_oci.fixtures.runtime.scenarios.hooks import INVALID_PATH, KINDS, offered, unknown_kind

from pytest_oci import Violation, clause, expect, not_applicable
from pytest_oci.catalogue import version_key

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe, Seen

pytestmark = pytest.mark.runtime

POSTSTART_FAILURE_IS_AN_ERROR = version_key("1.3.0")


@clause("config.extensibility.unknown-hook-kind")
def test_an_unknown_kind_of_hooks_is_ignored(observe: Observe) -> None:
    """A list below hooks whose name means nothing neither disturbs the container's life nor is executed."""
    seen = observe(unknown_kind())
    expect(seen["ran"], "the program run").is_true()
    expect([event.name for event in parse_log(seen["log"])], "hooks executed of an unknown kind").is_empty()


@pytest.mark.parametrize("kind", kinds("config.valid-values.hook-path-relative"))
def test_a_relative_hook_path_is_an_error(observe: Observe, kind: str) -> None:
    """The hook is not executed; where its failure is an error the container does not run as if nothing was wrong."""
    seen = _offered(observe, kind, {"path": INVALID_PATH})
    ran = [event.name for event in parse_log(seen["log"]) if event.event == "begin"]
    expect(ran, f"{kind} hooks executed by the path {INVALID_PATH}").is_empty()
    if _failure_is_an_error(observe, kind):
        _expect_error(seen, f"the relative path of a {kind} hook")


@pytest.mark.parametrize("timeout", [0, -1], ids=["zero", "negative"])
@pytest.mark.parametrize("kind", kinds("config.valid-values.hook-timeout-not-positive", of=KINDS[:-1]))
def test_a_timeout_that_is_not_positive_is_an_error(observe: Observe, kind: str, timeout: int) -> None:
    """The container does not run as if nothing was wrong."""
    if not _failure_is_an_error(observe, kind):
        not_applicable("until version 1.2 whatever is the matter with a poststart hook is a warning")
    _expect_error(_offered(observe, kind, {"timeout": timeout}), f"the timeout {timeout} of a {kind} hook")


def _failure_is_an_error(observe: Observe, kind: str) -> bool:
    """Whether the lifecycle makes an error of the failure of a hook, not a warning."""
    if kind == "poststart":
        return version_key(observe.version) >= POSTSTART_FAILURE_IS_AN_ERROR
    return kind != "poststop"


def _offered(observe: Observe, kind: str, members: dict[str, object]) -> Seen:
    """What came of a hook with these members, on a product that executes valid ones of the kind."""
    lived(observe, kind).hooks(kind)
    seen = observe(offered(kind, members))
    crashed = [call["text"] for call in seen["calls"].values() if not (call["ok"] or call["refused"])]
    if crashed:
        raise Violation(f"an error reported for a {kind} hook with {members}", "; ".join(crashed))
    return seen


def _expect_error(seen: Seen, what: str) -> None:
    """The text leaves open where an error shows: it must not be that all succeeds and the program runs."""
    if seen["ran"] and all(call["ok"] for call in seen["calls"].values()):
        raise Violation(f"an error for {what}", "create and start reported success and the program ran")
