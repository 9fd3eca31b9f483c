"""Rules about configurations that ask for more than a type."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.conformance.runtime.config import rules_mounts, rules_platform, rules_root, scope
from pytest_oci.conformance.runtime.config_freebsd import rules_freebsd
from pytest_oci.conformance.runtime.config_linux import (
    rules_devices,
    rules_resources,
    rules_seccomp,
    rules_user_namespace,
)
from pytest_oci.conformance.runtime.config_vm import rules_vm
from pytest_oci.conformance.runtime.glossary import rules_glossary

from pytest_oci.documents.exact import read_json
from pytest_oci.targets.bundle import ConfigEncodingError, ConfigInvalidError, open_bundle
from pytest_oci.violations import NotApplicable, NotTestable

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_oci.conformance.runtime.config.tree import Object

VOLUME = r"\\?\Volume{ec84d99e-3f02-11e7-ac6c-00155d7682cf}"


def exact(**members: Any) -> Object:
    """A configuration of 1.3.0 as it is read."""
    root = read_json(json.dumps({"ociVersion": "1.3.0", **members}).encode()).root
    assert isinstance(root, dict)
    return root


def windows(*destinations: object, **members: Any) -> Object:
    """A configuration for Windows with these mounts."""
    return exact(windows={"layerFolders": ["c:\\l"]}, mounts=[{"destination": one} for one in destinations], **members)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, False),
        ({"windows": {}}, True),
        ({"windows": []}, True),
        ({"windows": None}, False),
        ({"windows": {}, "linux": {}}, False),
        ({"windows": {}, "linux": None}, True),
        ({"root": {"path": VOLUME}}, True),
        ({"root": {"path": VOLUME}, "linux": {}}, False),
        ({"root": {"path": VOLUME}, "solaris": {}}, False),
        ({"root": {"path": VOLUME}, "vm": {}}, True),
        ({"root": {"path": r"C:\rootfs"}}, False),
        ({"process": {"cwd": r"C:\work"}}, True),
        ({"process": {"cwd": "C:/work"}}, True),
        ({"process": {"cwd": "C:work"}}, False),
        ({"process": {"cwd": r"\work"}}, False),
        ({"process": 5, "root": 5}, False),
    ],
)
def test_what_says_that_a_configuration_is_for_windows(members: dict[str, Any], expected: bool) -> None:
    assert scope.is_for_windows(exact(**members)) is expected


def test_windows_is_missed_where_paths_show_it() -> None:
    [found] = rules_platform.windows_required(exact(root={"path": VOLUME}))
    assert (found.pointer, found.actual) == ("/windows", "absent")
    assert rules_platform.windows_required(windows()) == []
    with pytest.raises(NotApplicable):
        rules_platform.windows_required(exact(linux={}))


@pytest.mark.parametrize("path", [VOLUME, f"{VOLUME}\\", VOLUME.upper().replace("VOLUME", "volume")])
def test_volume_paths(path: str) -> None:
    assert rules_root.path_is_a_volume(windows(root={"path": path})) == []


@pytest.mark.parametrize("path", [f"{VOLUME}\n", f"{VOLUME}\\x", VOLUME.replace("ec", "gc"), VOLUME[2:], "", "rootfs"])
def test_other_paths_are_no_volumes(path: str) -> None:
    [found] = rules_root.path_is_a_volume(windows(root={"path": path}))
    assert found.pointer == "/root/path"


@pytest.mark.parametrize(
    ("destinations", "nested"),
    [
        (["C:\\foo", "C:\\foobar"], []),
        (["C:\\foo", "c:\\FOO\\"], []),
        (["C:\\foo", "c:/Foo/bar"], [1]),
        (["C:\\foo\\bar", "C:\\foo"], [0]),
        (["C:\\foo", "C:\\foo\\b\\c", "C:\\foo\\b", "C:\\foo"], [1, 2]),
        (["C:\\a", "C:\\a.b", "C:\\a\\b"], [2]),
        (["C:\\x\\..\\foo", "C:\\foo\\bar"], [1]),
        (["C:\\", "D:\\x"], []),
        (["C:\\", "C:\\x"], [1]),
        (["foo", "foo\\bar", ""], []),
        ([r"\\.\pipe\a", r"\\.\pipe\b"], []),
        ([r"\\server\share\a", r"\\server\share\a\b"], [1]),
    ],
)
def test_nested_destinations_of_windows(destinations: list[str], nested: list[int]) -> None:
    found = rules_mounts.destination_nested_windows(windows(*destinations))
    assert sorted(one.pointer for one in found) == [f"/mounts/{number}/destination" for number in nested]


def test_a_nested_destination_names_the_one_around_it() -> None:
    [found] = rules_mounts.destination_nested_windows(windows("C:\\foo", "C:\\foo\\bar"))
    assert found.expected == r"outside 'C:\\foo' (/mounts/0/destination)"


@pytest.mark.parametrize("platforms", [{"solaris": {}, "linux": {}}, {"solaris": {}, "windows": {}}, {"solaris": None}])
def test_other_platforms_yield_to_linux_and_windows(platforms: dict[str, Any]) -> None:
    with pytest.raises(NotApplicable):
        rules_mounts.destination_absolute_on(exact(mounts=[{"destination": "x"}], **platforms), "solaris")


@pytest.mark.parametrize(
    ("cpu", "faults"),
    [
        ({"quota": 10, "burst": 10}, 0),
        ({"quota": 10, "burst": 11}, 2),
        ({"quota": 0, "burst": 11}, 0),
        ({"quota": -1, "burst": 11}, 0),
        ({"quota": 2**63 - 1, "burst": 2**63}, 2),
    ],
)
def test_burst_and_quota(cpu: dict[str, int], faults: int) -> None:
    document = exact(linux={"resources": {"cpu": cpu}})
    assert len(rules_resources.burst_within_quota(document)) == faults


def test_burst_and_quota_are_compared_only_as_integers() -> None:
    with pytest.raises(NotTestable, match=r"/linux/resources/cpu/quota is 10.0, no integer"):
        rules_resources.burst_within_quota(exact(linux={"resources": {"cpu": {"quota": 10.0, "burst": 11}}}))
    with pytest.raises(NotApplicable):
        rules_resources.burst_within_quota(exact(linux={"resources": {"cpu": {"quota": 10, "burst": None}}}))


def test_devices_that_are_the_same() -> None:
    one = {"type": "c", "path": "/a", "major": 1, "minor": 3}
    fifo = {"type": "p", "path": "/p", "major": 1, "minor": 3}
    devices = [one, {**one, "type": "b"}, {**one, "minor": 4}, fifo, fifo, {"type": "c"}, {"type": "c"}, one, one]
    found = rules_devices.not_repeated(exact(linux={"devices": devices}))
    assert [one.pointer for one in found] == ["/linux/devices/7", "/linux/devices/8"]
    assert found[0].actual == "c 1:3 like /linux/devices/0"


def test_a_fifo_alone_needs_no_numbers() -> None:
    with pytest.raises(NotApplicable):
        rules_devices.numbers_unless_fifo(exact(linux={"devices": [{"type": "p"}]}))
    found = rules_devices.numbers_unless_fifo(exact(linux={"devices": [{"type": "p"}, {"major": 0}]}))
    assert [one.pointer for one in found] == ["/linux/devices/1/minor"]


@pytest.mark.parametrize(("version", "pointers"), [("1.0.2", ["/linux/uidMappings/0/size"]), ("1.1.0", None)])
def test_mappings_of_mounts_count_since_1_1(version: str, pointers: list[str] | None) -> None:
    document = exact(linux={"uidMappings": [{}]}, mounts=[{"destination": "/a", "gidMappings": [{}]}, {}])
    document["ociVersion"] = version
    found = [one.pointer for one in rules_user_namespace.mappings_have(document, "size")]
    assert found == (pointers or ["/linux/uidMappings/0/size", "/mounts/0/gidMappings/0/size"])


@pytest.mark.parametrize("value", ["2MB", "64KB", "1GB", "16GB", "512B"])
def test_sizes_of_pages(value: str) -> None:
    assert rules_resources.is_page_size(value)


@pytest.mark.parametrize("value", ["2M", "2 MB", "MB", "2mb", "02MB", "2MB\n", "\u0662MB", "2MiB", 2, None])
def test_what_is_no_size_of_pages(value: Any) -> None:
    assert not rules_resources.is_page_size(value)


def test_names_are_judged_where_they_are_arrays() -> None:
    document = exact(linux={"seccomp": {"syscalls": [{"names": "x"}, {"names": []}, {}]}})
    assert [one.pointer for one in rules_seccomp.names_not_empty(document)] == ["/linux/seccomp/syscalls/1/names"]
    with pytest.raises(NotTestable, match=rules_seccomp.NAMES):
        rules_seccomp.names_not_empty(exact(linux={"seccomp": {"syscalls": [{}]}}))


def test_paths_of_a_virtual_machine_are_those_of_its_host() -> None:
    vm = {"kernel": {"path": r"C:\vmlinuz", "initrd": "/initrd"}}
    assert [one.pointer for one in rules_vm.path_absolute(exact(vm=vm), "kernel")] == ["/vm/kernel/path"]
    assert rules_vm.path_absolute(exact(vm=vm, windows={}), "kernel") == []
    assert rules_vm.initrd_absolute(exact(vm=vm)) == []


@pytest.mark.parametrize(
    ("jail", "own", "shared"),
    [
        ({}, None, None),
        ({"vnet": "new"}, 0, None),
        ({"vnet": "new", "ip4": "disable", "ip6": None}, 1, None),
        ({"vnet": "inherit"}, None, 1),
        ({"ip4": "inherit", "ip6": "inherit"}, None, 0),
        ({"ip4": "inherit"}, None, 1),
        ({"ip4": "disable"}, None, None),
    ],
)
def test_networks_of_jails(jail: dict[str, Any], own: int | None, shared: int | None) -> None:
    document = exact(freebsd={"jail": jail})
    rules = (rules_freebsd.own_vnet_leaves_addresses, own), (rules_freebsd.shared_vnet_inherits_addresses, shared)
    for rule, faults in rules:
        if faults is None:
            with pytest.raises(NotApplicable):
                rule(document)
        else:
            assert len(rule(document)) == faults


def test_repeated_names_are_named_by_pointer() -> None:
    document = read_json(b'{"a": {"b": 1, "\\u0062": 2}, "A": 1}')
    assert [one.pointer for one in rules_glossary.names_not_repeated(document)] == ["/a/b"]


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "latin-1"]
)
def test_other_encodings_are_told_from_other_faults(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes('\n {"ociVersion": "1.0.2", "x": "\u00e9"}'.encode(encoding))
    assert isinstance(open_bundle(tmp_path).problem, ConfigEncodingError)


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"{", b'{"\0":1}', b"x\0y\0z\0"])
def test_faults_that_are_not_of_the_encoding(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(data)
    problem = open_bundle(tmp_path).problem
    assert isinstance(problem, ConfigInvalidError)
    assert not isinstance(problem, ConfigEncodingError)
