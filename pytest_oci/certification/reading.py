"""Reading files of a folder that anybody may have made: plain files only, and never more than there ought to be."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from pytest_oci.certification.trouble import CertificationError

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 64 * 1024 * 1024
"""Bytes of a file beside the ledgers."""


def read_file(path: Path, most: int = LARGEST) -> bytes:
    """The bytes of a plain file. Raises CertificationError for pipes, devices and what is larger than `most` bytes."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise CertificationError(f"{path} is no plain file")
        if about.st_size > most:
            raise CertificationError(f"{path} is larger than {most >> 10} KiB")
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise CertificationError(f"{path} cannot be read: {error.strerror}") from None


def holds(path: Path, data: bytes) -> bool:
    """Whether it is a plain file with these bytes; no more than as many are read."""
    return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data
