"""The state of a container (runtime-spec runtime.md) and what is sent with a seccomp descriptor."""

from pytest_oci.documents.base import AbsolutePath, Maybe, WireModel


class State(WireModel):
    """The state of a container (runtime.md, State).

    `pid` is required on Linux while the container is created or running; that depends on the platform and is
    judged elsewhere. `status` may be a word of the runtime's own. No rule binds the annotations' keys here.
    """

    oci_version: str
    id: str
    status: str
    pid: Maybe[int] = None
    bundle: AbsolutePath
    annotations: Maybe[dict[str, str]] = None


class ContainerProcessState(WireModel):
    """What a seccomp agent receives (config-linux.md, The Container Process State)."""

    oci_version: str
    fds: Maybe[list[str]] = None
    pid: int
    metadata: Maybe[str] = None
    state: State
