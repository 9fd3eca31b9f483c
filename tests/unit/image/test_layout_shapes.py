"""Every shape of a layout: true by a small verifier of the tests' own, the same every time, read by other tools."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.fixtures.image.demo import demo_files, write_demo
from pytest_oci.fixtures.image.rendering import digest_at, path_at, render
from pytest_oci.fixtures.image.shapes import SHAPES, shape
from pytest_oci.fixtures.image.writing import write_directory

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_oci.fixtures.image.files import Files

INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
ADVISED_AGAINST_JSON = ("white-space",)
LIMIT = 300.0
"""Seconds for another program: for one that hangs, not for a busy machine."""
GRAMMAR = re.compile(r"[a-z0-9]+([+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+")


def unzstd(data: bytes) -> bytes:
    """Frames of stored blocks and skippable ones."""
    out, at = b"", 0
    while at < len(data):
        if data[at : at + 4] == b"\x50\x2a\x4d\x18":
            at += 8 + int.from_bytes(data[at + 4 : at + 8], "little")
            continue
        assert data[at : at + 4] == b"\x28\xb5\x2f\xfd"
        at, last = at + 14, False
        while not last:
            head = int.from_bytes(data[at : at + 3], "little")
            last, size = bool(head & 1), head >> 3
            assert head >> 1 & 3 == 0
            out, at = out + data[at + 3 : at + 3 + size], at + 3 + size
    return out


def unpacked(data: bytes) -> bytes:
    if data[:4] in (b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18"):
        return unzstd(data)
    out = b""
    while data[:2] == b"\x1f\x8b":
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        out += member.decompress(data)
        assert member.eof
        data = member.unused_data
    assert not out or not data
    return out or data


@dataclass
class Verifier:
    """Follows every descriptor from index.json on, and compares what it says with what is there."""

    files: Files
    seen: set[str] = field(default_factory=set)
    layers: list[bytes] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    def whole(self) -> None:
        assert json.loads(self.regular("oci-layout"))["imageLayoutVersion"] == "1.0.0"
        self.index(self.regular("index.json"))
        for path, content in self.files.items():
            if isinstance(content, bytes) and path.startswith("blobs/"):
                _, algorithm, encoded = path.split("/")
                assert hashlib.new(algorithm, content).hexdigest() == encoded

    def regular(self, path: str) -> bytes:
        found = self.files[path]
        assert isinstance(found, bytes)
        return found

    def described(self, descriptor: dict[str, Any]) -> bytes | None:
        digest = descriptor["digest"]
        assert GRAMMAR.fullmatch(digest)
        path = f"blobs/{digest.replace(':', '/')}"
        content = self.files.get(path)
        if content is None:
            self.absent.append(digest)
            return None
        assert isinstance(content, bytes)
        algorithm, _, encoded = digest.partition(":")
        assert hashlib.new(algorithm, content).hexdigest() == encoded
        assert len(content) == descriptor["size"]
        if "data" in descriptor:
            assert base64.b64decode(descriptor["data"], validate=True) == content
        return content

    def index(self, data: bytes) -> None:
        document = json.loads(data)
        assert (document["schemaVersion"], document.get("mediaType", INDEX)) == (2, INDEX)
        for entry in (*document["manifests"], *([document["subject"]] if "subject" in document else [])):
            content = self.described(entry)
            if content is None or entry["digest"] in self.seen:
                continue
            self.seen.add(entry["digest"])
            if entry["mediaType"] == INDEX:
                self.index(content)
            elif entry["mediaType"] in MANIFESTS:
                self.manifest(content, entry["mediaType"])

    def manifest(self, data: bytes, media_type: str) -> None:
        document = json.loads(data)
        assert (document["schemaVersion"], document.get("mediaType", media_type)) == (2, media_type)
        config = self.described(document["config"])
        layers = [self.described(layer) for layer in document["layers"]]
        if "subject" in document:
            self.described(document["subject"])
        if config is not None and document["config"]["mediaType"] == CONFIG:
            said = json.loads(config)["rootfs"]
            assert said["type"] == "layers"
            assert len(said["diff_ids"]) == len(layers)
            for diff_id, layer in zip(said["diff_ids"], layers, strict=True):
                algorithm, _, encoded = diff_id.partition(":")
                assert layer is None or hashlib.new(algorithm, unpacked(layer)).hexdigest() == encoded
        for described, layer in zip(document["layers"], layers, strict=True):
            if layer is not None and ".tar" in described["mediaType"]:
                self.layers.append(unpacked(layer))


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_true(name: str) -> None:
    """Every digest, size, diff_id and embedded content is that of the bytes."""
    Verifier(render(shape(name))).whole()


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_the_same_every_time(name: str) -> None:
    """Made anew, byte by byte, and its blobs hold no more than is there."""
    files = render(SHAPES[name]())

    assert files == render(SHAPES[name]())
    assert list(files) == sorted(files)


@pytest.mark.parametrize("name", sorted(SHAPES.keys() - set(ADVISED_AGAINST_JSON)))
def test_documents_are_canonical(name: str) -> None:
    """Members sorted and unique, no white space, the fewest escapes."""
    for path, content in render(shape(name)).items():
        if isinstance(content, bytes) and content.startswith(b"{"):
            canonical = json.dumps(json.loads(content), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            assert content.decode() == canonical, path


@pytest.mark.parametrize("name", SHAPES)
def test_tarfile_lists_every_layer(name: str) -> None:
    """Whatever form it has."""
    verifier = Verifier(render(shape(name)))
    verifier.whole()

    for layer in verifier.layers:
        with tarfile.open(fileobj=io.BytesIO(layer), mode="r:") as tar:
            names = tar.getnames()
            assert len(set(names)) == len(names)
            assert all(each.isreg() or each.size == 0 for each in tar.getmembers())


def test_what_is_missing_is_meant_to_be() -> None:
    """Only these shapes refer to what they do not hold."""
    missing = {}
    for name in SHAPES:
        verifier = Verifier(render(shape(name)))
        verifier.whole()
        missing[name] = len(verifier.absent)

    assert {name: count for name, count in missing.items() if count} == {
        "embedded-data": 1,
        "index-with-subject": 1,
        "missing-blobs": 4,
        "nondistributable": 1,
        "signature-artifact": 1,
        "unknown-algorithm": 2,
    }


def test_nothing_else_lies_about() -> None:
    """Blobs to which nothing refers are in one shape alone."""
    for name in SHAPES:
        files = render(shape(name))
        named = {
            f"blobs/{digest.replace(':', '/')}"
            for content in files.values()
            if isinstance(content, bytes) and content.startswith(b"{") and len(content) < 1_000_000
            for digest in re.findall(r'"(sha\d+:[0-9a-f]+)"', content.decode())
        }
        loose = {path for path, content in files.items() if path.startswith("blobs/") and isinstance(content, bytes)}
        assert bool(loose - named) == (name == "unreferenced-blobs") or name == "large-manifest", name


def test_sizes_that_matter() -> None:
    """A blob of no bytes, a manifest of exactly 4 MiB, only the end of an archive."""
    files = render(shape("large-manifest"))
    manifest = files[path_at(shape("large-manifest"), "0")]
    assert isinstance(manifest, bytes)
    assert len(manifest) == 4 << 20
    assert b"" in render(shape("empty-blob")).values()
    verifier = Verifier(render(shape("empty-layer")))
    verifier.whole()
    assert bytes(1024) in verifier.layers


def test_sha512_everywhere() -> None:
    """No sha256 is left, but for the digest in an annotation."""
    files = render(shape("sha512"))
    text = b"".join(each for path, each in files.items() if isinstance(each, bytes) and path != "oci-layout")

    assert set(re.findall(rb'"(sha\d+):', text)) == {b"sha512", b"sha256"}
    assert text.count(b'"sha256:') == 1
    assert {path.split("/")[1] for path in files if path.count("/") == 2} == {"sha512"}


def test_an_attestation_names_its_image() -> None:
    """By the digest that its image has in the same index."""
    tree = shape("attestation")
    index = json.loads(Verifier(render(tree)).regular(path_at(tree, "0")))

    assert index["manifests"][1]["annotations"]["vnd.docker.reference.digest"] == digest_at(tree, "0/0")


def test_the_demo(tmp_path: Path) -> None:
    """It is written as it is rendered, into a directory that is there or not."""
    write_demo(tmp_path)

    files = demo_files()
    Verifier(files).whole()
    written = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {path: content for path, content in files.items() if isinstance(content, bytes)}


def test_every_process_makes_the_same() -> None:
    """No order is left to chance."""
    code = (
        "import hashlib\n"
        "from pytest_oci.fixtures.image.rendering import render\n"
        "from pytest_oci.fixtures.image.shapes import SHAPES\n"
        "print(hashlib.sha256(repr([render(make()) for make in SHAPES.values()]).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=LIMIT,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(digests) == 1


@pytest.mark.skipif(shutil.which("umoci") is None, reason="umoci is not installed")
@pytest.mark.parametrize(
    ("name", "ref"), [("one-layer", "latest"), ("different-images", "v1"), ("several-refs", "1.0")]
)
def test_umoci_reads_the_simple_ones(name: str, ref: str, tmp_path: Path) -> None:
    """It finds the image by its name, and unpacks it."""
    write_directory(render(shape(name)), tmp_path / "layout")
    command = ["umoci", "unpack", "--rootless", "--image", f"{tmp_path}/layout:{ref}", f"{tmp_path}/bundle"]
    subprocess.run(command, check=True, capture_output=True, timeout=LIMIT)

    assert (tmp_path / "bundle/rootfs/etc/marker").read_bytes() == b"layer\n"


@pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed")
@pytest.mark.parametrize(("name", "ref"), [("one-layer", "latest"), ("zstd-layers", ""), ("multi-member-gzip", "")])
def test_skopeo_copies_the_simple_ones(name: str, ref: str, tmp_path: Path) -> None:
    """It checks digests on its way."""
    write_directory(render(shape(name)), tmp_path / "layout")
    command = ["skopeo", "copy", "--insecure-policy", f"oci:{tmp_path}/layout:{ref}", f"oci:{tmp_path}/copy:new"]
    subprocess.run(command, check=True, capture_output=True, timeout=LIMIT)


@pytest.mark.parametrize("module", ["image.shapes", "image.edits", "image.writing", "mutants.layouts"])
def test_importing_costs_little(module: str) -> None:
    """Nothing heavy is imported, and nothing is rendered."""
    heavy = ("pytest", "pydantic", "rich", "tarfile", "zstandard", "subprocess", "tomllib", "asyncio")
    code = f"import pytest_oci.fixtures.{module}, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=LIMIT, check=True)

    assert done.stdout.strip() == "[]"
