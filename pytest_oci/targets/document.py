"""A wire document as a product under test: the file of `--oci-document=KIND:FILE`, judged on its exact bytes."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_oci.catalogue import DOCUMENTS
from pytest_oci.documents.exact import DEFAULT_LIMITS, Document, DocumentError, Limits, read_json
from pytest_oci.documents.semver import major_minor
from pytest_oci.targets.bundle import ConfigError, read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCUMENT = "document"
"""What the observation of a document is called in a ledger, before its number."""
KINDS = DOCUMENTS
"""Kinds of documents: `config`, `state`, `features`."""
VERSION_MEMBERS = {"config": "ociVersion", "state": "ociVersion"}
"""Where a document says which version of the specification it follows; features only say what is recognized."""


class DocumentFileError(ValueError):
    """There is no such document; the text is one line that says how to mend the command line."""


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A file that holds a document of this kind; whether it is a valid one is for the clauses to judge.

    `data` are its exact bytes, and `document` what they say; where they say nothing, `problem` tells why.
    """

    kind: str
    path: Path
    data: bytes
    document: Document | None
    problem: DocumentError | None = None

    def identity(self) -> dict[str, str]:
        """What the ledger says of the document: its kind, its path and the digest of its bytes."""
        digest = hashlib.sha256(self.data).hexdigest()
        return {"kind": "document", "document": self.kind, "path": str(self.path), "sha256": digest}

    def to_saved(self) -> dict[str, str]:
        """All that is needed to judge the document again."""
        return {"kind": self.kind, "path": str(self.path), "data": base64.b64encode(self.data).decode("ascii")}

    @property
    def minor_version(self) -> str | None:
        """Major and minor number of the version that the document follows; None where it says none."""
        root = self.document.root if self.document else None
        member = VERSION_MEMBERS.get(self.kind, "")
        declared = root.get(member) if isinstance(root, dict) else None
        version = major_minor(declared) if isinstance(declared, str) else None
        return f"{version[0]}.{version[1]}" if version else None


def open_document(given: str, limits: Limits = DEFAULT_LIMITS) -> DocumentFile:
    """Read the document that KIND:FILE names.

    Raises DocumentFileError if there is no such kind or the file cannot be read. Bytes that are no JSON are the
    document's fault and no error here.
    """
    kind, colon, name = given.partition(":")
    if not colon or not name or kind not in KINDS:
        raise DocumentFileError(f"--oci-document={given}: has to be KIND:FILE, KIND one of {', '.join(KINDS)}")
    if name == "-":
        raise DocumentFileError(f"--oci-document={given}: standard input cannot be read here: give a file")
    path = Path(name).absolute()
    try:
        data = read_regular(path, limits.size)
    except (ConfigError, ValueError) as error:
        raise DocumentFileError(f"--oci-document={given}: {error}") from None
    return parse_document(kind, path, data, limits)


def from_saved(saved: Mapping[str, str]) -> DocumentFile:
    """The inverse of `to_saved`."""
    return parse_document(saved["kind"], Path(saved["path"]), base64.b64decode(saved["data"]))


def parse_document(kind: str, path: Path, data: bytes, limits: Limits = DEFAULT_LIMITS) -> DocumentFile:
    """The document of this kind that these bytes are."""
    try:
        return DocumentFile(kind, path, data, read_json(data, limits))
    except DocumentError as problem:
        return DocumentFile(kind, path, data, None, problem)
