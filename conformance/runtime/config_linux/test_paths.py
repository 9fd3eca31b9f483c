"""config-linux.md, "Masked Paths" and "Readonly Paths"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.runtime.refusal import expect_refused_at_create
from pytest_oci.fixtures.runtime.bundle import MINIMAL
from pytest_oci.fixtures.runtime.rootfs import file
from pytest_oci.fixtures.runtime.scenarios.filesystem import FREE, TEXT, with_covered_paths

from pytest_oci import Violation, clause, expect, not_testable, unsupported

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe

pytestmark = pytest.mark.runtime

MASKING, LOCKING = "config.linux.masked-paths.applied", "config.linux.readonly-paths.applied"
Answers = dict[str, Any]
FILES = MINIMAL.with_files(file("/some/file", TEXT))


def _seen(observe: Observe, kind: str, root: str | None = None) -> Answers:
    """What the program was answered in the container with masked or with locked paths.

    Where it did not run, the test breaks its clause, or depends on `root`.
    """
    seen = observe(with_covered_paths(), root=root)
    trouble = seen["troubles"].get(kind)
    if trouble is not None and root is not None:
        not_testable(f"depends-on: {root}", trouble["text"])
    if trouble is not None and trouble["clean"]:
        unsupported(f"{kind} paths are refused by {trouble['text']}")
    if trouble is not None:
        raise Violation(f"a container with {kind} paths to run", trouble["text"])
    answers: Answers = seen["seen"][kind]
    return answers


def readable(answers: Answers, look: str) -> bool:
    """Whether a look at a file or a directory brought anything to light."""
    answer = answers[look]
    if "names" in answer:
        return isinstance(answer["names"], list) and bool(set(answer["names"]) - {".", ".."})
    return isinstance(answer["data"], str) and bool(answer["data"])


@clause(MASKING)
@pytest.mark.parametrize(
    "look",
    ["read /masked/file", "ls /masked/directory", "read /masked/directory/file", "read /proc/version"],
    ids=["file", "directory", "file-in-directory", "file-of-proc"],
)
def test_masked_path_cannot_be_read(observe: Observe, look: str) -> None:
    """Not even a program that passes over permissions learns what is there."""
    answers = _seen(observe, "masked")
    if not readable(answers, f"read {FREE}/file") or not readable(answers, f"ls {FREE}/directory"):
        not_testable("product: what is not masked cannot be read either")
    expect(readable(answers, look), f"{look} gives content", [f"{look}: {answers[look]}"]).is_false()


LOCKED = (
    "write /locked/file",
    "write /locked/directory/file",
    "mkdir /locked/directory/new",
    "unlink /locked/directory/file",
    "mkdir /locked/mount/new",
)


@clause(LOCKING)
@pytest.mark.parametrize("change", LOCKED, ids=lambda change: change.replace(" /", "-").replace("/", "-"))
def test_read_only_path_cannot_be_changed(observe: Observe, change: str) -> None:
    """Not even by a program that passes over permissions."""
    answers = _seen(observe, "locked")
    free = {look: answers[look]["rc"] for look in (f"write {FREE}/file", f"mkdir {FREE}/new")}
    if any(result < 0 for result in free.values()):
        not_testable("product: what is not read-only cannot be changed either", str(free))
    expect(answers[change]["rc"], f"result of {change}").satisfies(lambda result: result < 0, "an error")


@clause(LOCKING)
def test_read_only_file_keeps_its_content(observe: Observe) -> None:
    """The file is there with its content, and its siblings can be changed."""
    answers = _seen(observe, "locked")
    for path in ("/locked/file", "/locked/directory/file"):
        expect(answers[f"read {path}"]["data"], f"content of {path}").equals(TEXT)
    expect(answers["mkdir /locked/new"]["rc"], "making a directory beside the read-only paths").equals(0)


@clause("config.linux.masked-paths.relative-rejected")
def test_relative_masked_path_is_an_error(observe: Observe) -> None:
    """The value has to be an absolute path."""
    if readable(_seen(observe, "masked", root=MASKING), "read /masked/file"):
        not_testable(f"depends-on: {MASKING}", "absolute paths are passed over as well")
    _expect_relative_refused(observe, "maskedPaths")


@clause("config.linux.readonly-paths.relative-rejected")
def test_relative_read_only_path_is_an_error(observe: Observe) -> None:
    """The value has to be an absolute path."""
    if _seen(observe, "locked", root=LOCKING)["write /locked/file"]["rc"] >= 0:
        not_testable(f"depends-on: {LOCKING}", "absolute paths are passed over as well")
    _expect_relative_refused(observe, "readonlyPaths")


def _expect_relative_refused(observe: Observe, name: str) -> None:
    relative, absolute = (FILES.having(f"/linux/{name}", [path]) for path in ("some/file", "/some/file"))
    expect_refused_at_create(observe, relative, absolute, f"a relative path in {name}")
