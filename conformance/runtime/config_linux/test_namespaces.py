"""config-linux.md, "Namespaces"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.runtime.refusal import expect_refused_at_create
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.namespaces import LINKS
from pytest_oci.fixtures.runtime.scenarios.namespaces import (
    inherited_namespaces,
    joined_namespaces,
    new_namespaces,
    offered_path,
)

from pytest_oci import Violation, clause, expect, not_applicable, not_testable, unsupported
from pytest_oci.catalogue import version_key

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime
TIME_SINCE = version_key("1.1.0")
SANDBOXED = "product: the program is no process of the host's kernel, so its namespaces cannot be told"
NONE_HERE = "host: no {} namespaces can be had"
every_type = pytest.mark.parametrize("kind", list(LINKS), ids=str)


def _pair(observe: Observe, kind: str) -> list[dict[str, Any]]:
    if kind == "time" and version_key(observe.version) < TIME_SINCE:
        not_applicable("time namespaces came with version 1.1")
    pair: list[dict[str, Any]] | None = observe(new_namespaces())["pairs"].get(kind)
    if pair is None:
        not_testable(NONE_HERE.format(kind))
    return pair


@clause("config.linux.namespaces.type.supported")
@every_type
def test_type_is_supported(observe: Observe, kind: str) -> None:
    """A bundle that lists the type runs."""
    trouble = _pair(observe, kind)[0]["trouble"]
    expect(trouble and trouble["text"], f"trouble with a new {kind} namespace").is_none()


@clause("config.linux.namespaces.new")
@every_type
def test_namespace_is_new(observe: Observe, kind: str) -> None:
    """The program is in a namespace of the type that neither the runtime nor another container is in."""
    looks = _pair(observe, kind)
    for look in looks:
        _require_run(look, f"a new {kind} namespace", optional=True)
    one, other = (look["namespaces"][kind] for look in looks)
    if one is None or not looks[0]["own"]:
        not_testable(SANDBOXED)
    expect(one, f"the program's {kind} namespace").differs_from(observe(new_namespaces())["here"][kind])
    expect(one, f"the program's {kind} namespace").differs_from(other)


@clause("config.linux.namespaces.path.joined")
@pytest.mark.parametrize("kind", ["network", "ipc", "uts", "cgroup", "pid", "user"], ids=str)
def test_namespace_of_the_path_is_joined(observe: Observe, kind: str) -> None:
    """The program is in the namespace that the path names."""
    seen = observe(joined_namespaces())
    if kind not in seen["wanted"]:
        not_testable(NONE_HERE.format(kind))
    look = seen["looks"][kind]
    if look["trouble"] is not None:
        fresh = _pair(observe, kind)[0]["trouble"]
        if fresh is not None:
            unsupported(f"{kind} namespaces are refused without a path as well", fresh["text"])
        if look["trouble"]["clean"]:
            unsupported(f"a {kind} namespace with a path is refused, which a runtime may", look["trouble"]["text"])
    _require_run(look, f"a {kind} namespace with a path")
    _expect_same(look, kind, seen["wanted"][kind])


@clause("config.linux.namespaces.inherit")
@pytest.mark.parametrize("kind", ["network", "ipc", "uts", "cgroup", "time", "pid", "mount"], ids=str)
def test_unlisted_namespace_is_the_runtimes(observe: Observe, kind: str) -> None:
    """The program is in the namespace in which the runtime was called; one without pid or mount may be refused."""
    seen = observe(inherited_namespaces())
    if kind not in seen["wanted"]:
        not_testable(NONE_HERE.format(kind))
    look = seen["looks"][kind]
    _require_run(look, f"no {kind} namespace listed", optional=kind in ("pid", "mount"))
    _expect_same(look, kind, seen["wanted"][kind])


def _require_run(look: dict[str, Any], what: str, *, optional: bool = False) -> None:
    """Go on only with a look at a running program; a clean refusal of what is optional binds nothing."""
    trouble = look["trouble"]
    if trouble is None:
        return
    if optional and trouble["clean"]:
        not_applicable(f"the runtime refuses a bundle with {what}: {trouble['text']}")
    raise Violation(f"a bundle with {what} to run", trouble["text"])


def _expect_same(look: dict[str, Any], kind: str, wanted: str) -> None:
    """Initial namespaces have the same numbers in every kernel: equal ones say nothing of a sandbox's either."""
    found = look["namespaces"][kind]
    if not found or not look["own"]:
        not_testable(SANDBOXED)
    expect(found, f"the program's {kind} namespace").equals(wanted)


@clause("config.linux.namespaces.path.wrong-type-error")
@pytest.mark.parametrize("file", ["uts-file", "regular-file"], ids=str)
def test_path_of_another_type_is_refused(observe: Observe, file: str) -> None:
    """A file that is no network namespace."""
    what = f"a network namespace whose path is a {file.replace('-', ' ')}"
    expect_refused_at_create(observe, offered_path(file), offered_path("none"), what)


@clause("config.linux.namespaces.path.relative-rejected")
def test_relative_path_is_refused(observe: Observe) -> None:
    """A relative path by which the right file is found from wherever the runtime looks for it."""
    what = "a relative path of a namespace"
    expect_refused_at_create(observe, offered_path("relative"), offered_path("none"), what)


@clause("config.linux.namespaces.duplicate-error")
def test_type_listed_twice_is_refused(observe: Observe) -> None:
    """Two new uts namespaces."""
    bundle = MINIMAL.having("/linux/namespaces/-", {"type": "uts"})
    expect_refused_at_create(observe, bundle, MINIMAL, "two uts namespaces")


@clause("config.linux.namespaces.duplicate-error")
def test_type_listed_twice_with_a_path_is_refused(observe: Observe) -> None:
    """A new uts namespace and one with a path."""
    what = "two uts namespaces, one of them with a path"
    expect_refused_at_create(observe, offered_path("twice"), MINIMAL, what)


@clause("config.linux.namespaces.type.unknown-rejected")
def test_unknown_type_is_refused(observe: Observe) -> None:
    """A type that no kernel has."""
    bundle = MINIMAL.having("/linux/namespaces/-", {"type": "ploof"})
    expect_refused_at_create(observe, bundle, MINIMAL, "a namespace of type ploof")
