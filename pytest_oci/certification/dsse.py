"""Signed envelopes (DSSE, https://github.com/secure-systems-lab/dsse, version 1.0.2) with Ed25519 keys from files."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import TYPE_CHECKING, Any

from pytest_oci.certification.reading import read_file
from pytest_oci.certification.trouble import CertificationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
ENVELOPE_TYPE = "application/vnd.dsse.envelope.v1+json"
LARGEST_KEY = 64 * 1024


def encoded(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """What is signed: the type and the payload, each with its length."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, key: Path) -> dict[str, Any]:
    """The envelope of a payload. Raises CertificationError if the file holds no private Ed25519 key in PEM."""
    private = _private_key(key)
    signature = {
        "keyid": key_id(private.public_key()),
        "sig": base64.b64encode(private.sign(encoded(payload))).decode(),
    }
    return {"payloadType": PAYLOAD_TYPE, "payload": base64.b64encode(payload).decode(), "signatures": [signature]}


def opened(envelope: Mapping[str, Any]) -> bytes:
    """The payload of an envelope, whoever has signed it. Raises CertificationError if it is none."""
    try:
        if envelope["payloadType"] != PAYLOAD_TYPE:
            raise CertificationError(f"the envelope holds {envelope['payloadType']}, not {PAYLOAD_TYPE}")
        return base64.b64decode(envelope["payload"], validate=True)
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, CertificationError):
            raise
        raise CertificationError("this is no signed envelope") from None


def is_signed(envelope: Mapping[str, Any], key: Path) -> bool:
    """Whether the owner of a public key has signed it. Raises CertificationError if the file holds none."""
    from cryptography.exceptions import InvalidSignature

    public, payload = _public_key(key), opened(envelope)
    signatures = envelope.get("signatures")
    for one in signatures if isinstance(signatures, list) else ():
        try:
            public.verify(base64.b64decode(one["sig"], validate=True), encoded(payload))
        except (InvalidSignature, binascii.Error, KeyError, TypeError, ValueError):
            continue
        return True
    return False


def key_id(key: Ed25519PublicKey) -> str:
    """A name for a key: the sha256 of its 32 bytes. It helps to find a key and proves nothing."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()


def read_envelope(path: Path) -> dict[str, Any]:
    """An envelope from a file. Raises CertificationError."""
    try:
        found = json.loads(read_file(path))
    except (ValueError, RecursionError):
        raise CertificationError(f"{path} is no envelope") from None
    if not isinstance(found, dict):
        raise CertificationError(f"{path} is no envelope")
    return found


def _private_key(path: Path) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError):
        raise CertificationError(f"{path} holds no private key in PEM, or one with a password") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise CertificationError(f"{path} holds no Ed25519 key")
    return key


def _public_key(path: Path) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(_read(path))
    except ValueError:
        raise CertificationError(f"{path} holds no public key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise CertificationError(f"{path} holds no Ed25519 key")
    return key


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_KEY)
    except OSError as error:
        raise CertificationError(f"the key {path} cannot be read: {error.strerror}") from None
