"""Whether there is a registry at all, before anything is judged: one line where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.targets.registry.credentials import PASSWORD, USERNAME
from pytest_oci.targets.runtime import TargetError
from pytest_oci.text import printable

if TYPE_CHECKING:
    from pytest_oci.targets.registry.client import Registry
    from pytest_oci.targets.registry.exchange import Exchange

BASE = "/v2/"
LONGEST_BANNER = 200


def preflight(registry: Registry, namespace: str) -> list[Exchange]:
    """Ask whether a registry is there and lets us in; what was exchanged. Raises TargetError in one line.

    A registry that answers something else than 200 to the base of the API may still be one, and is judged for it: then
    it is known by how it answers a request for a manifest.
    """
    where = registry.address.url
    chain = registry.request("GET", BASE)
    answer = chain[-1]
    if answer.failure and not answer.status:
        raise TargetError(_no_answer(where, answer))
    if answer.status in (401, 403):
        raise TargetError(_not_let_in(registry, answer))
    if answer.status != 200:
        chain += registry.request("GET", f"{BASE}{namespace}/preflight/manifests/none")
        probe = chain[-1]
        if probe.status == 401:
            raise TargetError(_not_let_in(registry, probe))
        if not (probe.codes or any(one.header("Docker-Distribution-Api-Version") for one in (answer, probe))):
            raise TargetError(
                f"{where} is no registry: GET {BASE} gives {answer.answer}, and no manifest is known there"
            )
    registry.banner = printable(answer.header("Server") or "")[:LONGEST_BANNER]
    return chain


def _no_answer(where: str, answer: Exchange) -> str:
    match answer.failure:
        case "no-connection":
            return f"nothing listens at {where}: {answer.detail}"
        case "untrusted":
            return f"the certificate of {where} is not trusted: give its authority, or allow it unverified"
        case "timeout":
            return f"{where} does not answer GET {BASE}: {answer.detail}"
        case _:
            return f"{where} speaks no HTTP, or another scheme: {answer.failure}, {answer.detail}"


def _not_let_in(registry: Registry, answer: Exchange) -> str:
    where, problem = registry.address.url, registry.authorization.problem
    if registry.authorization.credentials is None:
        return f"{where} asks for credentials: set {USERNAME} and {PASSWORD}, or docker login"
    return f"{where} refuses the credentials of {registry.authorization.credentials.username!r}: {answer.status}" + (
        f", {problem}" if problem else ""
    )
