"""The media type of a layer against its bytes, and what is in its archive."""

from __future__ import annotations

import pytest
from pytest_oci.conformance.image.judged import Doubtful, Unseen
from pytest_oci.conformance.image.layer import rules_layer as rules
from pytest_oci.conformance.image.layers import OCI_LAYERS, OCI_LAYERS_OF_1_0
from pytest_oci.fixtures.image.compression import gzip_member, zstd
from pytest_oci.fixtures.image.contents import LAYER, NONDISTRIBUTABLE, digest_of
from pytest_oci.fixtures.image.layers import directory, file, layer, opaque_whiteout, whiteout

from pytest_oci.documents.exact import read_json
from pytest_oci.targets.layout.blob import read_blob
from pytest_oci.targets.layout.limits import LayoutLimits
from pytest_oci.targets.layout.tree import MANIFEST, Described, Manifest, Text

DOCKER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
TAR = layer([directory("etc"), file("etc/a", b"content")])
TWICE = layer([file("etc/a", b"1"), file("./etc/a", b"2")])
NO_TAR = b"etc/a: content\n" * 100


def manifest_of(media_type, data, *, named=None, limits=None, present=True):
    path = f"blobs/{(named or digest_of(data)).replace(':', '/')}"
    blob = read_blob(path, [data], len(data), limits=limits or LayoutLimits()) if present else None
    described = Described("blobs/sha256/1", "/layers/0", {"mediaType": media_type}, blob)
    return Manifest("one", Text("blobs/sha256/1", MANIFEST, document=read_json(b"{}")), layers=(described,))


def verdict(rule, manifest, types=OCI_LAYERS):
    seen = list(rule(manifest, types))
    return " ".join(type(one).__name__.lower() for one in seen) or "kept"


@pytest.mark.parametrize(
    ("media_type", "data", "expected"),
    [
        (LAYER, TAR, "kept"),
        (LAYER, layer([]), "kept"),
        (LAYER, layer([file("a")], zero_blocks=0), "kept"),
        (LAYER, layer([file("a")], zero_blocks=1), "kept"),
        (LAYER, gzip_member(TAR), "finding"),
        (LAYER, zstd(TAR), "finding"),
        (LAYER, NO_TAR, "finding"),
        (LAYER, b"{}", "finding"),
        (LAYER, TAR[:-1030], "finding"),
        (LAYER, TAR + b"more".ljust(512, b"."), "doubtful"),
        (f"{LAYER}+gzip", gzip_member(TAR), "kept"),
        (f"{LAYER}+gzip", gzip_member(TAR[:700]) + gzip_member(TAR[700:]), "kept"),
        (f"{LAYER}+gzip", gzip_member(layer([])), "kept"),
        (f"{LAYER}+gzip", TAR, "finding"),
        (f"{LAYER}+gzip", b"", "finding"),
        (f"{LAYER}+gzip", zstd(TAR), "finding"),
        (f"{LAYER}+gzip", gzip_member(gzip_member(TAR)), "finding"),
        (f"{LAYER}+gzip", gzip_member(NO_TAR), "finding"),
        (f"{LAYER}+gzip", gzip_member(TAR)[:-3], "finding"),
        (f"{LAYER}+gzip", gzip_member(TAR) + b"more", "finding"),
        (f"{LAYER}+zstd", TAR, "finding"),
        (f"{LAYER}+zstd", gzip_member(TAR), "finding"),
        (NONDISTRIBUTABLE, TAR, "kept"),
        (NONDISTRIBUTABLE, NO_TAR, "doubtful"),
        (f"{NONDISTRIBUTABLE}+gzip", TAR, "doubtful"),
        (DOCKER, NO_TAR, "kept"),
        (f"{LAYER}+gzip+encrypted", NO_TAR, "kept"),
        ("application/vnd.oci.empty.v1+json", b"{}", "kept"),
        ("", NO_TAR, "kept"),
    ],
)
def test_media_type_against_bytes(media_type, data, expected):
    assert verdict(rules.is_archive, manifest_of(media_type, data)) == expected


def test_zstd_is_no_type_of_1_0():
    assert verdict(rules.is_archive, manifest_of(f"{LAYER}+zstd", NO_TAR), OCI_LAYERS_OF_1_0) == "kept"


def test_altered_and_absent_blobs_are_not_judged():
    (seen,) = rules.is_archive(manifest_of(LAYER, NO_TAR, named=digest_of(TAR)), OCI_LAYERS)
    assert isinstance(seen, Unseen)
    assert seen.cause == "depends-on: image-layout.blobs.content-matches-name"
    assert verdict(rules.has_no_duplicates, manifest_of(LAYER, TWICE, named=digest_of(TAR))) == "unseen"
    assert verdict(rules.is_archive, manifest_of(LAYER, NO_TAR, present=False)) == "kept"


def test_limits_hide_no_fault():
    few = LayoutLimits(tar_entries=1)
    assert verdict(rules.is_archive, manifest_of(LAYER, TAR, limits=few)) == "unseen"
    assert verdict(rules.has_no_duplicates, manifest_of(LAYER, TAR, limits=few)) == "unseen"
    assert verdict(rules.is_archive, manifest_of(LAYER, gzip_member(TAR), limits=few)) == "finding"
    two = LayoutLimits(tar_entries=2)
    twice_and_more = layer([file("a"), file("a"), file("b")])
    assert verdict(rules.has_no_duplicates, manifest_of(LAYER, twice_and_more, limits=two)) == "finding"
    assert verdict(rules.is_archive, manifest_of(LAYER, TAR, limits=LayoutLimits(blob_bytes=100))) == "unseen"


@pytest.mark.parametrize(
    ("rule", "entries", "expected"),
    [
        (rules.has_no_duplicates, [file("a"), directory("a")], "finding"),
        (rules.has_no_duplicates, [file("a"), whiteout("a")], "kept"),
        (rules.has_no_duplicates, [file("a/b"), file("b")], "kept"),
        (rules.has_whiteouts_first, [directory("a"), whiteout("a/b"), file("a/c")], "kept"),
        (rules.has_whiteouts_first, [directory("a"), file("a/c"), whiteout("a/b")], "finding"),
        (rules.has_whiteouts_first, [directory("a"), file("a/c"), whiteout("b/b")], "kept"),
        (rules.has_whiteouts_first, [directory("a"), file("a/c"), opaque_whiteout("a")], "kept"),
        (rules.has_explicit_whiteouts, [directory("a"), file("a/c"), opaque_whiteout("a")], "finding"),
        (rules.has_explicit_whiteouts, [directory("a"), whiteout("a/c")], "kept"),
    ],
)
def test_contents(rule, entries, expected):
    assert verdict(rule, manifest_of(LAYER, layer(entries))) == expected


def test_contents_of_what_is_no_archive_depend_on_that():
    (seen,) = rules.has_no_duplicates(manifest_of(LAYER, gzip_member(TWICE)), OCI_LAYERS)
    assert isinstance(seen, Unseen)
    assert seen.cause == "depends-on: layer.format.tar"


def test_duplicates_are_absolute_in_distributable_layers_only():
    (seen,) = rules.has_no_duplicates(manifest_of(NONDISTRIBUTABLE, TWICE), OCI_LAYERS)
    assert isinstance(seen, Doubtful)
    (finding,) = rules.has_no_duplicates(manifest_of(LAYER, TWICE), OCI_LAYERS)
    assert repr(finding).startswith(
        "blobs/sha256/1#/layers/0 is an archive with more than one entry for 'etc/a' (blobs/sha256/"
    )
