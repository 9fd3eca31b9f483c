"""What two containers have in common that were made from bundles which mean the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci import expect

if TYPE_CHECKING:
    from pytest_oci.fixtures.probe.report import Report

DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


def character(report: Report) -> dict[str, object]:
    """Those facts of a program that follow from its bundle alone: no names, ids or places of one container."""
    return {
        "arguments": report.argv,
        "environment": report.env,
        "working directory": report.cwd,
        "user ids": report.uid,
        "group ids": report.gid,
        "groups": report.groups,
        "umask": report.umask,
        "capabilities": report.capabilities,
        "no_new_privs": report.no_new_privileges,
        "limits": dict(report.rlimits),
        "mounts": sorted((mount.point, mount.fstype, tuple(sorted(mount.options))) for mount in report.mounts),
        "devices": {name: _device(report, name) for name in DEVICES},
    }


def _device(report: Report, name: str) -> tuple[str, int, tuple[int, int]] | None:
    device = report.device(name)
    return None if device is None else (device.type, device.mode, device.rdev)


def expect_alike(report: Report, control: Report) -> None:
    """Hold if a container is what it would be without the addition."""
    wanted = character(control)
    for name, value in character(report).items():
        expect(value, f"{name}, as without the addition").equals(wanted[name])
