"""Rules about the Features structure itself (features.md), on an exact value tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config.tree import Node, Object, describe, offending, require

from pytest_oci import advised, not_applicable, not_testable
from pytest_oci.catalogue import newest
from pytest_oci.documents.findings import Finding
from pytest_oci.documents.semver import has_build_metadata, is_semver, major_minor, precedence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MIN, MAX = "ociVersionMin", "ociVersionMax"
REQUIRED_BY = {MIN: "features.oci-version-min.required", MAX: "features.oci-version-max.required"}
EXPECTED = "a string, a version of the runtime specification"

FIRST = "1.1.0"
"""The first version that has the structure at all."""


def _names(parent: str, names: str, since: str = FIRST) -> dict[str, str]:
    return {f"{parent}/{name}": since for name in names.split()}


DEFINED: Mapping[str, str] = {
    **_names("", f"{MIN} {MAX} hooks mountOptions annotations linux"),
    **_names("", "potentiallyUnsafeConfigAnnotations", "1.2.0"),
    **_names("/linux", "namespaces capabilities cgroup seccomp apparmor selinux intelRdt"),
    **_names("/linux", "mountExtensions", "1.2.0"),
    **_names("/linux", "memoryPolicy netDevices", "1.3.0"),
    **_names("/linux/cgroup", "v1 v2 systemd systemdUser rdma"),
    **_names("/linux/seccomp", "enabled actions operators archs knownFlags supportedFlags"),
    **_names("/linux/apparmor", "enabled"),
    **_names("/linux/selinux", "enabled"),
    **_names("/linux/intelRdt", "enabled"),
    **_names("/linux/intelRdt", "schemata monitoring", "1.3.0"),
    **_names("/linux/mountExtensions", "idmap", "1.2.0"),
    **_names("/linux/mountExtensions/idmap", "enabled", "1.2.0"),
    **_names("/linux/memoryPolicy", "modes flags", "1.3.0"),
    **_names("/linux/netDevices", "enabled", "1.3.0"),
}
"""JSON pointers of all properties, with the version that first defines each."""
FREE = "/annotations"
"""The object whose members have names of the runtime's own."""

MOUNT_DATA = frozenset(
    {"size", "nr_blocks", "nr_inodes", "mode", "uid", "gid", "huge", "mpol", "newinstance", "ptmxmode", "hidepid"}
    | {"subset", "lowerdir", "upperdir", "workdir", "xino", "metacopy", "redirect_dir", "index", "data", "errors"}
    | {
        "commit",
        "journal_checksum",
        "nouuid",
        "subvol",
        "subvolid",
        "compress",
        "fmask",
        "dmask",
        "codepage",
        "iocharset",
    }
    | {"vers", "nfsvers", "proto", "rsize", "wsize", "rootmode", "user_id", "group_id", "allow_other", "context"}
)
"""Options that only file systems know, from manual pages of mount(8), tmpfs(5), proc(5), overlayfs and others."""


def version_required(features: Object, name: str) -> list[Finding]:
    """Without a string of this name that is a version."""
    return require([Node((), features)], name, lambda value: isinstance(value, str) and is_semver(value), EXPECTED)


def max_not_less_than_min(features: Object) -> list[Finding]:
    """A maximum before the minimum, in the order of SemVer."""
    least, most = _version(features, MIN), _version(features, MAX)
    if precedence(most) >= precedence(least):
        return []
    return [Finding(f"/{MAX}", describe(most), f"{least} ({MIN}) or later")]


def properties_are_defined(features: Object) -> list[Finding]:
    """Properties that no version of the specification up to the newest known defines.

    "This version" can be that of the text or the one in ociVersionMax: a property from between the two is advice. A
    pre-release counts as the version that it precedes, a development build as what comes after its version.
    """
    nodes = list(_properties(Node((), features)))
    unknown = [node for node in nodes if node.pointer not in DEFINED]
    later = [node for node in nodes if DEFINED.get(node.pointer, FIRST) != FIRST]
    if not unknown and not later:
        return []
    known, most = newest("runtime"), _version(features, MAX)
    ahead = precedence(most) > precedence(known) or (has_build_metadata(most) and precedence(most) >= precedence(known))
    if unknown and ahead:
        found = (f"{node.pointer} is {describe(node.value)}" for node in unknown)
        not_testable(f"limit: {most} may define more than {known}, the newest version known here", *found)
    if unknown:
        expected = f"a property that {known} or an earlier version defines"
        return [Finding(node.pointer, "of no version", expected) for node in unknown]
    late = [node for node in later if (major_minor(DEFINED[node.pointer]) or ()) > (major_minor(most) or ())]
    if late and not has_build_metadata(most):
        places = ", ".join(f"{node.pointer} of {DEFINED[node.pointer]}" for node in late)
        advised(f"only properties of {most}, the {MAX}", places)
    return []


def annotations_are_a_map(features: Object) -> list[Finding]:
    """Annotations that are no object, empty keys, values that are no strings; null says nothing."""
    value = features.get("annotations")
    if value is None:
        not_applicable("no annotations in these features")
    if not isinstance(value, dict):
        return [Finding("/annotations", describe(value), "an object")]
    nodes = [Node(("annotations", key), item) for key, item in value.items()]
    empty = [
        Finding(node.pointer, "an empty key", "a key of at least one character")
        for node in nodes
        if not node.tokens[-1]
    ]
    return empty + offending(nodes, lambda item: isinstance(item, str), "a string")


def no_mount_data(features: Object) -> list[Finding]:
    """Mount options that only a file system knows."""
    options = features.get("mountOptions")
    if options is None:
        not_applicable("no mountOptions in these features")
    if not isinstance(options, list):
        not_testable(f"product: /mountOptions is {describe(options)}, no array")
    nodes = [Node(("mountOptions", index), item) for index, item in enumerate(options)]
    return offending(nodes, lambda item: item not in MOUNT_DATA, "an option that mount(2) has a flag or attribute for")


def _version(features: Object, name: str) -> str:
    value = features.get(name)
    if not isinstance(value, str) or not is_semver(value):
        not_testable(f"depends-on: {REQUIRED_BY[name]}")
    return value


def _properties(node: Node) -> Iterator[Node]:
    """The properties of the structure and of the objects in it, but for those with names of the runtime's own."""
    if not isinstance(node.value, dict):
        return
    for name, value in node.value.items():
        inner = Node((*node.tokens, name), value)
        yield inner
        if inner.pointer != FREE and inner.pointer in DEFINED:
            yield from _properties(inner)
