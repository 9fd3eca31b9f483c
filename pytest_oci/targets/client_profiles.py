"""Clients that are known by name: how each is told to pull, push and so on (docs/clients.md).

Storage of images is named to those of containers/storage by settings that the run writes (fixtures.client.stage).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEM_CACHE = "/var/lib/containers/cache"
"""Where clients of containers/image remember, for root, which registry has which blob."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The templates of a client (pytest_oci.targets.client), and how it is asked for its version.

    `hides` are directories that it keeps things in whatever it is told.
    """

    name: str
    operations: Mapping[str, str] = field(repr=False)
    hides: tuple[str, ...] = ()
    version: tuple[str, ...] = ("--version",)


PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            "skopeo",
            {
                "pull": "skopeo copy --src-tls-verify=false docker://{reference} oci:{layout}:{ref}",
                "push": "skopeo copy --dest-tls-verify=false --digestfile={digestfile} "
                "oci:{layout}:{ref} docker://{reference}",
                "tags": "skopeo list-tags --tls-verify=false docker://{repository}",
                "delete": "skopeo delete --tls-verify=false docker://{reference}",
            },
            hides=(SYSTEM_CACHE,),
        ),
        Profile(
            "buildah",
            {
                "pull": "buildah pull --quiet --tls-verify=false {reference} ; buildah images --digests",
                "push": "buildah pull --quiet oci:{layout}:{ref} ; "
                "buildah push --tls-verify=false --digestfile={digestfile} "
                "{id} docker://{reference}",
            },
            hides=(SYSTEM_CACHE,),
        ),
        Profile(
            "podman",
            {
                "pull": "podman pull --quiet --tls-verify=false {reference} ; podman images --digests",
                "push": "podman pull --quiet oci:{layout}:{ref} ; "
                "podman push --tls-verify=false --digestfile={digestfile} "
                "{id} docker://{reference}",
                "tags": "podman search --tls-verify=false --list-tags --limit=1000 {repository}",
            },
            hides=(SYSTEM_CACHE,),
        ),
        # The daemon is the one that DOCKER_HOST names; what is pulled and loaded is removed again.
        Profile(
            "docker",
            {
                "pull": "docker pull {reference} ; docker images --digests {repository}",
                "push": "docker load --quiet --input {archive} ; docker push {reference}",
                "clean": "docker image rm --force {reference} ; docker image rm --force {id}",
            },
            version=("version", "--format", "Docker {{.Server.Version}}, client {{.Client.Version}}"),
        ),
    )
}
"""By name."""
