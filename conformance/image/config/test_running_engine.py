"""What engines do with an image's configuration and layers beyond converting them (config.md)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.fixtures.engine import images
from pytest_oci.fixtures.image.rendering import render

from pytest_oci import clause, expect, not_testable, unsupported

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert

pytestmark = pytest.mark.engine


@pytest.fixture
def process(convert: Convert) -> dict[str, Any]:
    """What the program of a container saw of itself."""
    seen = convert(images.running())
    said: dict[str, Any] = {}
    for line in seen.calls[-1].stdout.splitlines():
        try:
            said.update(json.loads(line))
        except ValueError:
            break
    expect(sorted(said), "facts that the program told", [seen.calls[-1].stderr]).contains("cwd")
    return said


def _bytes(text: str) -> str:
    """A text as the probe tells bytes."""
    return text.encode().decode("latin-1")


@clause("image-config.config.used-as-run-base")
def test_arguments_are_the_images(process: dict[str, Any]) -> None:
    """Entrypoint, then Cmd."""
    expect(process["argv"], "arguments").equals([images.PROGRAM, "sequence", *images.ARGS])


@clause("image-config.config.used-as-run-base")
@pytest.mark.parametrize("entry", images.ENV, ids=lambda entry: entry.partition("=")[0])
def test_environment_has_the_images(process: dict[str, Any], entry: str) -> None:
    """Beside what the engine adds."""
    expect(process["env"], "environment").contains(_bytes(entry))


@clause("image-config.config.used-as-run-base")
def test_working_directory_is_the_images(process: dict[str, Any]) -> None:
    """The program starts there."""
    expect(process["cwd"], "working directory").equals(images.WORKING_DIR)


@clause("image-config.config.used-as-run-base")
def test_user_is_the_images(process: dict[str, Any]) -> None:
    """User and group by their numbers."""
    expect((process["uid"][0], process["gid"][0]), "user and group").equals(images.USER)


@clause("image-config.layers.reproducible-packing")
def test_layers_are_packed_as_they_were(convert: Convert) -> None:
    """An image that is written out again has layers of the same diff_ids, however odd their headers."""
    seen = convert(images.saved())
    if not seen["written"]:
        unsupported("it is not known how the engine writes images")
    problem = seen["written"][0]["problem"]
    if problem:
        not_testable(f"product: it wrote no image: {problem}")
    expect([layer["diff_id"] for layer in seen["written"]], "diff_ids").equals(diff_ids())


def diff_ids() -> list[str]:
    """Those of the image that the engine was given."""
    files = (content for content in render(images.saved().tree).values() if isinstance(content, bytes))
    documents = (json.loads(content) for content in files if content.startswith(b"{"))
    return next(list(document["rootfs"]["diff_ids"]) for document in documents if "rootfs" in document)
