"""Rules about `freebsd` (config-freebsd.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config import scope
from pytest_oci.conformance.runtime.config.required import STRING, Required
from pytest_oci.conformance.runtime.config.tree import EACH, Node, Object, describe, present, select

from pytest_oci import not_applicable
from pytest_oci.documents.findings import Finding, json_pointer

if TYPE_CHECKING:
    from pytest_oci.documents.exact import JsonValue

INHERIT = "inherit"
FAMILIES = ("ip4", "ip6")

REQUIRED = (
    Required("config.freebsd.devices.path.required", (("freebsd", "devices", EACH),), ("path",), STRING, since=(1, 3)),
)


def own_vnet_leaves_addresses(document: Object) -> list[Finding]:
    """A jail with a network of its own in which `ip4` or `ip6` is set."""
    jail, settings = _jail(document)
    if settings.get("vnet") != "new":
        not_applicable("no vnet of its own in this configuration")
    return [
        Finding(json_pointer(*jail.tokens, family), describe(settings[family]), "absent, since vnet is new")
        for family in FAMILIES
        if settings.get(family) is not None
    ]


def shared_vnet_inherits_addresses(document: Object) -> list[Finding]:
    """A jail that shares a network, and says so by `vnet` or for one family of addresses alone."""
    jail, settings = _jail(document)
    vnet = settings.get("vnet")
    if vnet == INHERIT:
        return [Finding(json_pointer(*jail.tokens, "vnet"), describe(vnet), "absent, with ip4 and ip6 inherited")]
    if vnet is not None or not any(settings.get(family) == INHERIT for family in FAMILIES):
        not_applicable("nothing in this configuration shares a network")
    return [
        Finding(json_pointer(*jail.tokens, family), _describe(settings, family), f"{INHERIT!r} like the other one")
        for family in FAMILIES
        if settings.get(family) != INHERIT
    ]


def _jail(document: Object) -> tuple[Node, Object]:
    scope.require_version(document, since=(1, 3))
    jail = present(select(document, "freebsd", "jail"), "freebsd.jail")[0]
    select(document, "freebsd", "jail", "vnet")
    assert isinstance(jail.value, dict)
    return jail, jail.value


def _describe(settings: dict[str, JsonValue], name: str) -> str:
    return describe(settings[name]) if name in settings else "absent"
