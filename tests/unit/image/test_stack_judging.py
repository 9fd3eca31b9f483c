"""Layers against the diff_ids of a configuration: order and content are told apart."""

from __future__ import annotations

import json

import pytest
from pytest_oci.conformance.image.config.rules_diff_ids import match_layers
from pytest_oci.conformance.image.judged import Unseen
from pytest_oci.conformance.image.manifest.rules_layers import base_first, in_stack_order

from pytest_oci.documents.exact import read_json
from pytest_oci.targets.layout.facts import Blob, Tar, Unpacked
from pytest_oci.targets.layout.tree import CONFIG, MANIFEST, Described, Manifest, Text

GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
DOCKER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
OTHER = "application/vnd.in-toto+json"
SHA256 = {name: f"sha256:{name * 64}" for name in "abcdef"}
SHA512 = {name: f"sha512:{name * 128}" for name in "abcdef"}


def layer(name: str, media_type: str = GZIP, *, sha512: bool = False, **changes):
    """A layer whose archive has the digest of this letter."""
    digests = {"sha256": SHA256[name], **({"sha512": SHA512[name]} if sha512 else {})}
    facts = {"compression": "gzip", "size": 1, "digests": digests, "tar": Tar(1, ended="zero blocks"), **changes}
    digest = f"sha256:{'9' * 64}"
    return media_type, Blob(f"blobs/{digest.replace(':', '/')}", 1, digest, b"\x1f\x8b", unpacked=Unpacked(**facts))


def absent(media_type: str = GZIP):
    return media_type, None


def manifest_of(present, diff_ids, **members):
    listed = [{"mediaType": media_type, "digest": "x", "size": 1} for media_type, _ in present]
    root = {"config": {"mediaType": CONFIG}, "layers": listed, **members}
    config = {"rootfs": {"type": "layers", "diff_ids": diff_ids}}
    return Manifest(
        "one",
        text_of("blobs/sha256/1", MANIFEST, root),
        config=Described("blobs/sha256/1", "/config", root["config"], None),
        config_text=text_of("blobs/sha256/2", CONFIG, config),
        layers=tuple(
            Described("blobs/sha256/1", f"/layers/{place}", listed[place], blob)
            for place, (_, blob) in enumerate(present)
        ),
    )


def text_of(path, media_type, root):
    return Text(path, media_type, document=read_json(json.dumps(root).encode()))


def broken(found_layers, diff_ids, **members):
    """The words for the rules that find a fault; one that leaves something open has a question mark."""
    manifest = manifest_of(found_layers, diff_ids, **members)
    found = []
    for word, rule in (("match", match_layers), ("base", base_first), ("order", in_stack_order)):
        seen = list(rule(manifest))
        if any(not isinstance(one, Unseen) for one in seen):
            found.append(word)
        elif seen:
            found.append(f"{word}?")
    return " ".join(found)


def digests(names: str) -> list[str]:
    return [SHA256[name] for name in names]


@pytest.mark.parametrize(
    ("layers", "diff_ids", "expected"),
    [
        ("", "", ""),
        ("a", "a", ""),
        ("abc", "abc", ""),
        ("aab", "aab", ""),
        ("ab", "ba", "base order"),
        ("abc", "acb", "order"),
        ("abc", "cab", "base order"),
        ("aba", "aab", "order"),
        ("ab", "ac", "match base? order?"),
        ("ab", "aa", "match base? order?"),
        ("abc", "bad", "match base? order?"),
        ("ab", "a", "match base? order?"),
        ("ab", "abb", "match base? order?"),
        ("ab", "", "match base? order?"),
        ("", "a", "match base? order?"),
    ],
)
def test_order_and_content(layers, diff_ids, expected):
    assert broken([layer(name) for name in layers], digests(diff_ids)) == expected


def test_any_algorithm_will_do():
    layers = [layer("a", sha512=True), layer("b", sha512=True)]
    assert broken(layers, [SHA256["a"], SHA512["b"]]) == ""
    assert broken(layers, [SHA512["b"], SHA256["a"]]) == "base order"
    assert broken(layers, [SHA512["a"], SHA512["c"]]) == "match base? order?"


def test_an_algorithm_that_is_not_computed_leaves_it_open():
    assert broken([layer("a"), layer("b")], [SHA256["a"], "blake3:00"]) == "match? base? order?"
    assert broken([layer("a"), layer("b")], [SHA256["c"], "blake3:00"]) == "match base? order?"


def test_what_is_no_digest_is_no_matter_of_these():
    assert broken([layer("a")], [SHA256["a"].upper()]) == "match? base? order?"
    assert broken([layer("a")], ["a"]) == "match? base? order?"
    assert broken([layer("a")], [f"{SHA256['a']}\n"]) == "match? base? order?"


def test_layers_that_are_elsewhere_are_passed_over():
    assert broken([absent(), layer("b")], digests("ab")) == ""
    assert broken([absent(), layer("b")], digests("ba")) == "order"
    assert broken([absent(), layer("b")], digests("ac")) == "match base? order?"
    assert broken([absent(), layer("b")], digests("a")) == "match base? order?"


def test_without_any_layer_nothing_can_be_compared():
    assert broken([absent(), absent(DOCKER)], digests("ab")) == "match? base? order?"
    assert broken([absent(), layer("b", OTHER)], digests("ab")) == "match? base? order?"
    assert broken([absent(), absent()], digests("a")) == "match base? order?"


def test_layers_of_other_types_may_have_diff_ids_or_not():
    assert broken([layer("a"), layer("b", OTHER)], digests("a")) == ""
    assert broken([layer("a"), layer("b", OTHER)], digests("ab")) == ""
    assert broken([layer("a"), layer("b", OTHER)], digests("ac")) == ""
    assert broken([layer("b", OTHER), layer("a")], digests("a")) == ""
    assert broken([layer("a"), layer("b", OTHER)], digests("abc")) == "match base? order?"
    assert broken([layer("a"), layer("b", DOCKER)], digests("a")) == "match base? order?"
    assert broken([layer("a"), layer("b", DOCKER)], digests("ba")) == "base order"


@pytest.mark.parametrize(
    "changes",
    [
        {"unseen": "limit: unpacked-bytes", "digests": {}},
        {"problem": "cut off", "digests": {}},
        {"tar": Tar(problem="no header is at byte 0")},
        {"compression": "zstd"},
    ],
    ids=str,
)
def test_layers_that_were_not_read_leave_it_open(changes):
    assert broken([layer("a"), layer("b", **changes)], digests("ab")) == "match? base? order?"
    assert broken([layer("a"), layer("b", **changes)], digests("cb")) == "match base? order?"


@pytest.mark.parametrize("layers", [{}, "x", [None], [{}, "x"]], ids=str)
def test_layers_that_are_none(layers):
    assert broken([layer("a")], digests("ab"), layers=layers) == "match? base? order?"


def test_layers_that_are_null_are_no_layers():
    assert broken([], [], layers=None) == ""
    assert broken([], digests("a"), layers=None) == "match base? order?"


def test_the_place_of_each_layer_is_named():
    manifest = manifest_of([layer(name) for name in "abc"], digests("acb"))
    first, second = map(repr, in_stack_order(manifest))
    assert first == (
        f"blobs/sha256/1#/layers/1 is the layer of {SHA256['b']}, "
        f"may be that of blobs/sha256/2#/rootfs/diff_ids/1, '{SHA256['c']}'"
    )
    assert second.startswith("blobs/sha256/1#/layers/2 is ")


def test_the_diff_id_that_is_no_layers_is_named():
    (finding,) = match_layers(manifest_of([layer("a"), layer("b")], digests("ad")))
    assert repr(finding) == (
        f"blobs/sha256/2#/rootfs/diff_ids/1 is '{SHA256['d']}', "
        f"may be {SHA256['b']}, the DiffID of blobs/sha256/1#/layers/1"
    )
