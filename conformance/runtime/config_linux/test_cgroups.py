"""config-linux.md, "Control groups": the cgroup's path and its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.runtime.config_linux.limits import fresh
from pytest_oci.fixtures.runtime.scenarios.cgroups import FALLBACK, NO_FILE, OWNER, owned, placed

from pytest_oci import clause, expect, not_applicable, not_testable, unsupported

if TYPE_CHECKING:
    from pytest_oci.fixtures.runtime.observer import Observe, Seen

pytestmark = pytest.mark.runtime

Owners = dict[str, dict[str, int]]

ROOTS = {
    "longer-list": "config.linux.cgroup-ownership.missing-file-no-fail",
    "no-list": "config.linux.cgroup-ownership.delegate-fallback",
}
"""The clause that a product breaks which cannot create a container in this form."""


@clause("config.linux.cgroups-path.absolute")
def test_absolute_path_is_taken_from_the_mount_point(observe: Observe) -> None:
    """In each hierarchy the container is at the path or below it, or where the runtime's caller is: it may use few."""
    seen = observe(placed("absolute"))
    if seen["refused"]:
        unsupported(f"a runtime may hold a value for invalid, and has to refuse it then: {seen['text']}")
    places, value = seen["places"][0], seen["value"]
    there = [name for name, path in places.items() if f"{path}/".startswith(f"{value}/")]
    elsewhere = [
        f"{name}: {path}" for name, path in places.items() if name not in there and path != seen["ours"].get(name)
    ]
    expect(elsewhere, f"places other than {value}", [str(places)]).is_empty()
    expect(there, f"hierarchies in which the container is at {value}", [str(places)]).is_not_empty()


@clause("config.linux.cgroups-path.consistent")
@pytest.mark.parametrize("form", ["absolute", "relative"])
def test_same_path_leads_to_the_same_place(observe: Observe, form: str) -> None:
    """Another ID and another working directory change nothing. A path may be refused, but not only sometimes."""
    seen = observe(placed(form))
    if seen["refused"]:
        unsupported(f"a runtime may hold a value for invalid, and has to refuse it then: {seen['text']}")
    first, second = seen["places"]
    expect(second, "places of the second container").equals(first)


# --- the owner --------------------------------------------------------------------------------------------


def _owned(observe: Observe, form: str, version: int) -> Seen:
    """The owners, on a host with this version of cgroups alone."""
    versions = set(fresh(observe)["versions"].values())
    if version not in versions or (version == 2 and versions != {2}):
        not_testable(f"host: it is not on cgroup v{version}")
    return observe(owned(form), root=ROOTS.get(form, "runtime.ops.create.creates"))


def _changed(owners: Owners) -> list[str]:
    """The cgroup directories that have another owner than root."""
    return [path for path, files in owners.items() if files["."] != 0]


def _where_changed(observe: Observe, form: str = "rw") -> dict[str, int]:
    """The owners in a cgroup that changed hands, as the text advises; others are bound no further."""
    owners: Owners = _owned(observe, form, 2)["owners"]
    if not _changed(owners):
        not_applicable("the runtime does not change the cgroup's owner, as the text lets it")
    return owners[_changed(owners)[0]]


@clause("config.linux.cgroup-ownership.v1-unchanged")
def test_owner_stays_on_version_1(observe: Observe) -> None:
    """The container's cgroups are root's, although their file systems are mounted read-write."""
    expect(_changed(_owned(observe, "rw", 1)["owners"]), "cgroups that are not root's").is_empty()


@clause("config.linux.cgroup-ownership.needs-new-cgroupns")
def test_owner_stays_without_a_namespace(observe: Observe) -> None:
    """The cgroup is root's where the container has the host's cgroup namespace."""
    expect(_changed(_owned(observe, "shared-namespace", 2)["owners"]), "cgroups that are not root's").is_empty()


@clause("config.linux.cgroup-ownership.unchanged-without-rw")
@pytest.mark.parametrize("form", ["read-only", "not-mounted"])
def test_owner_stays_without_a_writable_mount(observe: Observe, form: str) -> None:
    """The cgroup is root's where its file system is mounted read-only, or not at all."""
    expect(_changed(_owned(observe, form, 2)["owners"]), "cgroups that are not root's").is_empty()


@clause("config.linux.cgroup-ownership.changed-when-rw")
def test_owner_is_the_programs_user(observe: Observe) -> None:
    """The cgroup is the user's who executes the program, as the host sees that."""
    owners: Owners = _owned(observe, "rw", 2)["owners"]
    expect([files["."] for files in owners.values()], "owners of the container's cgroups").contains(OWNER)


@clause("config.linux.cgroup-ownership.existing-files-changed")
def test_listed_files_change_owner(observe: Observe) -> None:
    """Those that the host lists for delegation and the cgroup has, have the directory's new owner."""
    files = _where_changed(observe)
    listed = _owned(observe, "rw", 2)["delegate"] or FALLBACK
    left = [name for name in listed if name in files and files[name] != files["."]]
    expect(left, "listed files that have another owner than the cgroup").is_empty()


@clause("config.linux.cgroup-ownership.only-delegate-files", "config.linux.cgroup-ownership.no-other-files")
def test_other_files_keep_their_owner(observe: Observe) -> None:
    """All that the host does not list for delegation stays root's."""
    files = _where_changed(observe)
    listed = {".", *(_owned(observe, "rw", 2)["delegate"] or FALLBACK)}
    expect([name for name, uid in files.items() if uid and name not in listed], "files that changed too").is_empty()


@clause("config.linux.cgroup-ownership.missing-file-no-fail")
def test_missing_file_is_no_error(observe: Observe) -> None:
    """A listed file that no cgroup has does not keep the container from being created."""
    _owned(observe, "rw", 2)
    if NO_FILE not in (_owned(observe, "longer-list", 2).get("delegate") or ()):
        not_testable("host: there is no list of files to delegate")


@clause("config.linux.cgroup-ownership.delegate-fallback")
def test_files_of_the_text_without_a_list(observe: Observe) -> None:
    """Where the host has no list, the files that the text names have the directory's new owner."""
    _where_changed(observe)
    files = _where_changed(observe, "no-list")
    left = [name for name in FALLBACK if name in files and files[name] != files["."]]
    expect(left, "files that have another owner than the cgroup").is_empty()
