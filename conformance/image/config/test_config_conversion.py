"""Image configurations as converters and unpackers take them (config.md, Properties)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.refused import expect_refusal
from pytest_oci.conformance.image.unpacked import expect_file
from pytest_oci.fixtures.conversion import configs, documents
from pytest_oci.fixtures.conversion.convert import process_of

from pytest_oci import clause, expect

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert

pytestmark = pytest.mark.conversion


@clause("image-config.cmd.first-entry-is-executable")
@pytest.mark.parametrize("entrypoint", configs.CMD_ALONE)
def test_cmd_begins_with_the_program(convert: Convert, entrypoint: str) -> None:
    """Without an entrypoint nothing comes before it."""
    args = process_of(convert.config(configs.CMD_ALONE[entrypoint])).get("args")
    first = args[0] if isinstance(args, list) and args else None
    expect(first, "process.args[0]", [f"process.args is {args!r}"]).equals(configs.CMD[0])


@clause("image-config.rootfs.type.unknown-is-error")
def test_unknown_type_of_rootfs_is_an_error(convert: Convert) -> None:
    """Everything else about the image is right."""
    expect_refusal(convert.attempt(documents.UNKNOWN_ROOTFS), "an image whose rootfs.type is unknown")


@clause("image-config.extra-fields.no-error")
def test_unknown_fields_are_no_error(convert: Convert) -> None:
    """At the top, in config, rootfs and history."""
    expect_file(convert.tree(documents.UNKNOWN_FIELDS), documents.MARKER, "here")
