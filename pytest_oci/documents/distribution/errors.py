"""What a registry says of an error, where it says it in JSON (distribution-spec spec.md, Error Codes)."""

from typing import Any, Literal

from pytest_oci.documents.base import Maybe, WireModel

Code = Literal[
    "BLOB_UNKNOWN",
    "BLOB_UPLOAD_INVALID",
    "BLOB_UPLOAD_UNKNOWN",
    "DIGEST_INVALID",
    "MANIFEST_BLOB_UNKNOWN",
    "MANIFEST_INVALID",
    "MANIFEST_UNKNOWN",
    "NAME_INVALID",
    "NAME_UNKNOWN",
    "SIZE_INVALID",
    "UNAUTHORIZED",
    "DENIED",
    "UNSUPPORTED",
    "TOOMANYREQUESTS",
    # Of Docker's schema 1, which registries may still answer with (spec.md, Legacy Docker support error codes)
    "TAG_INVALID",
    "MANIFEST_UNVERIFIED",
]


class RegistryError(WireModel):
    """One error; `detail` is any JSON."""

    code: Code
    message: Maybe[str] = None
    detail: Any = None


class ErrorBody(WireModel):
    """The body of an answer of status 4XX."""

    errors: list[RegistryError]
