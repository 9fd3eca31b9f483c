"""Rules about an image configuration (config.md, Properties)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_oci.conformance.image import annotation_rules, platforms
from pytest_oci.conformance.image.config import rfc3339
from pytest_oci.conformance.image.judged import ALTERED, Unseen, at, depends_on, object_then
from pytest_oci.conformance.image.members import ABSENT, describe, member, required_string
from pytest_oci.conformance.image.stack import ROOTFS

from pytest_oci.documents.findings import Finding, json_pointer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.conformance.image.judged import Seen

    from pytest_oci.documents.exact import JsonValue
    from pytest_oci.targets.layout.tree import Object, Text

TYPE = "image-config.rootfs.type.required"
ROOTFS_TYPE = "layers"
STRUCT_MAPS = ("ExposedPorts", "Volumes")

_PORT = re.compile(r"([0-9]{1,5})(?:/(?:tcp|udp))?")


def json_object(text: Text) -> Iterator[Seen]:
    """A configuration that is no JSON object and nothing else."""
    if text.unseen:
        yield Unseen(text.unseen, text.path)
    elif text.altered:
        yield depends_on(ALTERED, text.path)
    elif text.document is None:
        yield Finding(text.path, text.problem, "one JSON object")
    elif not isinstance(text.document.root, dict):
        yield Finding(text.path, describe(text.document.root), "one JSON object")
    elif text.document.byte_order_mark:
        yield Finding(text.path, "a byte order mark and a JSON object", "one JSON object")


def architecture_required(root: Object, path: str) -> Iterator[Finding]:
    """An `architecture` that is no string."""
    return required_string(root, "architecture", path)


def os_required(root: Object, path: str) -> Iterator[Finding]:
    """An `os` that is no string."""
    return required_string(root, "os", path)


def architecture_of_go(root: Object, path: str) -> Iterator[Finding]:
    """An `architecture` that Go has no name for."""
    value = member(root, "architecture")
    if isinstance(value, str) and value not in platforms.GOARCH:
        yield Finding(at(path, "/architecture"), describe(value), "a GOARCH of Go")


def os_of_go(root: Object, path: str) -> Iterator[Finding]:
    """An `os` that Go has no name for."""
    value = member(root, "os")
    if isinstance(value, str) and value not in platforms.GOOS:
        yield Finding(at(path, "/os"), describe(value), "a GOOS of Go")


def windows_features(root: Object, path: str) -> Iterator[Finding]:
    """Features of Windows that the text does not list."""
    features = member(root, "os.features")
    if member(root, "os") != "windows" or not isinstance(features, list):
        return
    for place, feature in enumerate(features):
        if isinstance(feature, str) and feature not in platforms.WINDOWS_FEATURES:
            pointer = json_pointer("os.features", place)
            yield Finding(at(path, pointer), describe(feature), " or ".join(sorted(platforms.WINDOWS_FEATURES)))


def listed_variant(root: Object, path: str) -> Iterator[Finding]:
    """A `variant` that the table of variants neither has nor leaves open."""
    architecture, variant = member(root, "architecture"), member(root, "variant")
    if not isinstance(architecture, str) or not isinstance(variant, str):
        return
    if not platforms.is_listed_variant(architecture, variant):
        expected = f"{platforms.VARIANTS[architecture]}, for {architecture}"
        yield Finding(at(path, "/variant"), describe(variant), expected)


def date_times(root: Object, path: str) -> Iterator[Finding]:
    """Times of the image and of its history that do not follow RFC 3339."""
    history = member(root, "history")
    steps = list(enumerate(history)) if isinstance(history, list) else []
    found = [("/created", member(root, "created"))]
    found += [(json_pointer("history", place, "created"), member(step, "created")) for place, step in steps]
    for pointer, value in found:
        if isinstance(value, str) and (fault := rfc3339.fault(value)):
            yield Finding(at(path, pointer), f"{describe(value)} ({fault})", rfc3339.FORM)


def environment(root: Object, path: str) -> Iterator[Finding]:
    """Entries of `Env` that are no name, an equals sign and a value, which may be empty."""
    entries = member(member_object(root, "config"), "Env")
    for place, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, str) and entry.find("=") < 1:
            yield Finding(at(path, json_pointer("config", "Env", place)), describe(entry), "NAME=VALUE")


def struct_maps(root: Object, path: str) -> Iterator[Finding]:
    """Values of `ExposedPorts` and `Volumes` that are no empty objects, and ports that are none."""
    for name in STRUCT_MAPS:
        members = member_object(member_object(root, "config"), name)
        for key, value in members.items():
            place = at(path, json_pointer("config", name, key))
            if not isinstance(value, dict) or value:
                yield Finding(place, describe(value), "an empty object")
            elif name == "ExposedPorts" and not is_port(key):
                yield Finding(place, f"of the name {describe(key)}", "PORT, PORT/tcp or PORT/udp")


def is_port(key: str) -> bool:
    """Whether a key of `ExposedPorts` is a port, with a protocol of those named or without."""
    match = _PORT.fullmatch(key)
    return match is not None and 0 < int(match[1]) < 2**16


def labels(text: Text) -> Iterator[Seen]:
    """`Labels` that break a rule of annotations.md; null is as good as absent, as for every OPTIONAL member."""

    def rule(root: Object) -> Iterator[Seen]:
        found = list(annotation_rules.find(text.path, "/config", member_object(root, "config"), "Labels"))
        return annotation_rules.all_rules(text, found, null_is_absent=True)

    return object_then(text, rule)


def rootfs_required(root: Object, path: str) -> Iterator[Finding]:
    """A `rootfs` that is no object."""
    value = member(root, "rootfs")
    if not isinstance(value, dict):
        yield Finding(at(path, "/rootfs"), describe(value), "an object")


def rootfs_type_required(root: Object, path: str) -> Iterator[Seen]:
    """A `type` of rootfs that is no string."""
    rootfs = member(root, "rootfs")
    if isinstance(rootfs, dict):
        yield from required_string(rootfs, "type", at(path, "/rootfs"))
    else:
        yield depends_on(ROOTFS, path)


def rootfs_type_is_layers(root: Object, path: str) -> Iterator[Seen]:
    """A `type` of rootfs that is another string than the one there is."""
    rootfs = root.get("rootfs")
    value = member(rootfs, "type")
    if not isinstance(value, str):
        yield depends_on(TYPE if isinstance(rootfs, dict) else ROOTFS, path)
    elif value != ROOTFS_TYPE:
        yield Finding(at(path, "/rootfs/type"), describe(value), ROOTFS_TYPE)


def diff_ids_required(root: Object, path: str) -> Iterator[Seen]:
    """`diff_ids` that are no array of strings; that each is a digest is no matter of this."""
    rootfs = member(root, "rootfs")
    if not isinstance(rootfs, dict):
        yield depends_on(ROOTFS, path)
        return
    value = member(rootfs, "diff_ids")
    if not isinstance(value, list):
        yield Finding(at(path, "/rootfs/diff_ids"), describe(value), "an array of digests")
        return
    for place, item in enumerate(value):
        if not isinstance(item, str):
            yield Finding(at(path, json_pointer("rootfs", "diff_ids", place)), describe(item), "a digest, a string")


def member_object(holder: JsonValue, name: str) -> Object:
    """A member that is an object; an empty one where there is no such."""
    value = member(holder, name)
    return value if value is not ABSENT and isinstance(value, dict) else {}
