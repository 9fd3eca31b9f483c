"""Image configurations (image-spec config.md).

Unlike in other documents of an image, `null` is a value of every optional property, and the same as its absence.
"""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from pytest_oci.documents.base import WireModel
from pytest_oci.documents.image.descriptor import Annotations
from pytest_oci.documents.image.grammars import DateTime, Digest

Set = dict[str, Annotated[dict[str, Any], Field(max_length=0)]]
"""A set as Go writes it: the elements are names of members, their values empty objects."""
Variable = Annotated[str, Field(pattern="^[^=]+=")]
"""NAME=VALUE."""


def _pascal(name: str) -> str:
    """The PascalCase spelling of a snake_case name."""
    return "".join(word.capitalize() for word in name.split("_"))


class Execution(WireModel):
    """Parameters of a container that runs the image (config.md, config); memory and CPU shares are reserved."""

    model_config = ConfigDict(alias_generator=_pascal)

    user: str | None = None
    exposed_ports: Set | None = None
    env: list[Variable] | None = None
    entrypoint: list[str] | None = None
    cmd: list[str] | None = None
    volumes: Set | None = None
    working_dir: str | None = None
    labels: Annotations | None = None
    stop_signal: str | None = None
    args_escaped: bool | None = None
    memory: int | None = None
    memory_swap: int | None = None
    cpu_shares: int | None = None
    healthcheck: dict[str, Any] | None = None


class RootFS(WireModel):
    """The layers by the digests of their uncompressed archives, the base first (config.md, rootfs)."""

    type: Literal["layers"]
    diff_ids: list[Digest] = Field(alias="diff_ids")


class History(WireModel):
    """How one layer, or none, came to be (config.md, history)."""

    model_config = ConfigDict(alias_generator=str)

    created: DateTime | None = None
    author: str | None = None
    created_by: str | None = None
    comment: str | None = None
    empty_layer: bool | None = None


class ImageConfig(WireModel):
    """The configuration of an image (config.md, Properties)."""

    created: DateTime | None = None
    author: str | None = None
    architecture: str
    os: str
    os_version: str | None = Field(None, alias="os.version")
    os_features: list[str] | None = Field(None, alias="os.features")
    variant: str | None = None
    config: Execution | None = None
    rootfs: RootFS
    history: list[History] | None = None
