"""Small image layouts for tests: as files by path, in a directory, and in an archive of any form."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

from pytest_oci.targets.layout.compression import ZSTD_ENGINES, engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
COMPRESSED = ("tar+gzip", *(["tar+zstd"] if engine(ZSTD_ENGINES) is not None else []))
"""Forms of archives that can be read here."""
FORMS = ("tar", *COMPRESSED)


def digest_of(data: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def path_of(digest: str) -> str:
    return "blobs/" + digest.replace(":", "/")


def descriptor(data: bytes, media_type: str, algorithm: str = "sha256") -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest_of(data, algorithm), "size": len(data)}


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


def tar_of(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def layout_files(
    layers: Iterable[bytes] = (b"hello",), *, diff_algorithm: str = "sha256", padding: int = 0
) -> dict[str, bytes]:
    """A layout of one image, each layer of it one file with such a content, by path; `padding` enlarges its config."""
    tars = [tar_of({"file": content}) for content in layers]
    packed = [gzip.compress(tar, mtime=0) for tar in tars]
    config = as_json(
        {
            "architecture": "amd64",
            "os": "linux",
            "author": " " * padding,
            "rootfs": {"type": "layers", "diff_ids": [digest_of(tar, diff_algorithm) for tar in tars]},
        }
    )
    manifest = as_json(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": descriptor(config, CONFIG),
            "layers": [descriptor(layer, LAYER) for layer in packed],
        }
    )
    index = {"schemaVersion": 2, "manifests": [descriptor(manifest, MANIFEST)]}
    return {
        "oci-layout": b'{"imageLayoutVersion": "1.0.0"}',
        "index.json": as_json(index),
        **{path_of(digest_of(blob)): blob for blob in (manifest, config, *packed)},
    }


def write_files(files: Mapping[str, bytes], directory: Path) -> Path:
    for name, data in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(data)
    return directory


def packed_as(form: str, data: bytes) -> bytes:
    """An archive in this form: `tar`, `tar+gzip` or `tar+zstd`."""
    if form == "tar+gzip":
        return gzip.compress(data, mtime=0)
    if form == "tar+zstd":
        return stored_zstd(data)
    return data


def stored_zstd(data: bytes) -> bytes:
    """A zstd frame (RFC 8878) with the data as they are, in raw blocks: what needs no compressor."""
    most = 128 * 1024
    blocks = [data[place : place + most] for place in range(0, len(data), most)] or [b""]
    out = b"\x28\xb5\x2f\xfd\x80\x58" + len(data).to_bytes(4, "little")
    for number, block in enumerate(blocks):
        last = number == len(blocks) - 1
        out += (len(block) << 3 | last).to_bytes(3, "little") + block
    return out
