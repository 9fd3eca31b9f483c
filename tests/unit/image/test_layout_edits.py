"""Edits of layouts to be: what follows, what does not, and mutants made of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.fixtures.image.contents import Literal, Members, digest_of, written
from pytest_oci.fixtures.image.drafts import BlobDraft, LinkDraft, draft_at, layout
from pytest_oci.fixtures.image.edits import (
    all_of,
    archive,
    as_bytes,
    as_text,
    changing,
    content,
    descriptor,
    document,
    draft,
    entries,
    files,
    flipped,
    followed_by,
    having,
    having_file,
    lacking,
    lacking_files,
    listed,
    plus_one,
    preceded_by,
    renamed_blob,
    repeated_member,
    repeating,
    replacing,
    stored,
)
from pytest_oci.fixtures.image.files import Directory
from pytest_oci.fixtures.image.parts import image
from pytest_oci.fixtures.image.rendering import digest_at, path_at, render
from pytest_oci.fixtures.image.shapes import SHAPES, shape
from pytest_oci.fixtures.mutants.layouts import MUTANTS
from pytest_oci.fixtures.mutants.layouts.mutant import LayoutMutant, good_files, required, wrong

if TYPE_CHECKING:
    from pytest_oci.fixtures.image.drafts import LayoutDraft

FULL = shape("full")
GOOD = render(FULL)


def at(tree: LayoutDraft, place: str) -> bytes:
    """The bytes in the layout of what stands at a place."""
    found = render(tree)[path_at(tree, place) if place else "index.json"]
    assert isinstance(found, bytes)
    return found


def object_at(tree: LayoutDraft, place: str) -> Any:
    return json.loads(at(tree, place))


def test_a_document_is_edited_and_everything_above_follows() -> None:
    """Digest and size, from the configuration to index.json, and in what refers to it from elsewhere."""
    tree = document("0/config", having("/architecture", "x86_64"))(FULL)

    assert object_at(tree, "0/config")["architecture"] == "x86_64"
    for place in ("0/config", "0", "3", "5"):
        assert digest_at(tree, place) != digest_at(FULL, place)
        assert digest_of(at(tree, place)) == digest_at(tree, place)
    assert object_at(tree, "4")["subject"]["digest"] == digest_at(tree, "0")
    assert object_at(tree, "3")["manifests"][0]["digest"] == digest_at(tree, "0")
    assert digest_at(tree, "1") == digest_at(FULL, "1")


def test_edits_of_objects() -> None:
    """Members and elements are set, appended, removed, changed, repeated; values are copies."""
    value: dict[str, object] = {"a": 1}
    edits = (
        having("/new", value),
        having("/new/a~1b~0c", 2),
        having("/layers/-", 5),
        having("/layers/0", None),
        lacking("/layers/1"),
        changing("/config/size", plus_one),
        repeating("/annotations/x", "again"),
    )
    tree = document("0", *edits)(FULL)
    text, found = at(tree, "0").decode(), object_at(tree, "0")

    assert value == {"a": 1}
    assert found["new"] == {"a": 1, "a/b~c": 2}
    assert [found["layers"][0], found["layers"][-1], len(found["layers"])] == [None, 5, 3]
    assert found["config"]["size"] == len(at(FULL, "0/config")) + 1
    assert text.count('"x":"again"') == 1
    assert render(FULL) == GOOD


def test_repeated_members() -> None:
    """Behind all others, in a document itself and in an object of it."""
    tree = all_of(
        document("", repeating("/manifests/0/size", 0)), content("", repeated_member("manifests", [Literal("1e0")]))
    )(FULL)
    text = at(tree, "").decode()

    assert text.endswith(',"manifests":[1e0]}')
    assert text.count('"manifests":') == 2
    assert ',"size":0}' in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [None, True, 'größe/"\\']}, '{"a":[null,true,"größe/\\"\\\\"],"b":1}'),
        ([[], {}, (), Members(())], "[[],{},[],{}]"),
        (
            Members((("b", 1), ("a", Literal("1.0")), ("b", {"c": 2**70}))),
            '{"b":1,"a":1.0,"b":{"c":1180591620717411303424}}',
        ),
    ],
    ids=["canonical", "empty", "as-given"],
)
def test_how_json_is_written(value: object, text: str) -> None:
    """Canonical, unless it is asked for otherwise."""
    assert written(value).decode() == text


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (as_bytes(b"no JSON"), b"no JSON"),
        (as_text(str.upper), at(FULL, "1").upper()),
        (replacing(b'"schemaVersion":2', b'"schemaVersion":2.0'), at(FULL, "1").replace(b'n":2', b'n":2.0')),
        (followed_by(b"\n{}"), at(FULL, "1") + b"\n{}"),
        (preceded_by(b"\xef\xbb\xbf"), b"\xef\xbb\xbf" + at(FULL, "1")),
        (flipped(-1), at(FULL, "1")[:-1] + b"|"),
    ],
    ids=["as-bytes", "as-text", "replacing", "followed-by", "preceded-by", "flipped"],
)
def test_contents_are_edited_and_their_descriptors_follow(edit: Any, expected: bytes) -> None:
    """With digest and size."""
    tree = content("1", edit)(FULL)

    assert at(tree, "1") == expected
    said = object_at(tree, "")["manifests"][1]
    assert (said["digest"], said["size"]) == (digest_of(expected), len(expected))


def test_a_descriptor_alone_can_lie() -> None:
    """Its blob stays, the document that it stands in is described truly."""
    tree = descriptor("0/layers/0", changing("/size", plus_one))(FULL)

    assert object_at(tree, "0")["layers"][0]["size"] == len(at(FULL, "0/layers/0")) + 1
    assert at(tree, "0/layers/0") == at(FULL, "0/layers/0")
    assert digest_of(at(tree, "0")) == digest_at(tree, "0") != digest_at(FULL, "0")


def test_a_blob_alone_can_be_altered() -> None:
    """Nothing else is."""
    changed = render(stored("0/layers/0", flipped(20))(FULL))

    assert {path for path in GOOD if changed[path] != GOOD[path]} == {path_at(FULL, "0/layers/0")}


def test_a_layer_is_edited_before_it_is_compressed() -> None:
    """Its diff_id follows; after that it does not."""
    before = archive("0/layers/2", lambda tar: tar[:-512])(FULL)
    after = content("0/layers/2", lambda tar: tar[:-512])(FULL)
    doubled = entries("0/layers/2", lambda found: (*found, found[-1]))(FULL)

    assert at(before, "0/layers/2") == at(after, "0/layers/2")
    assert object_at(before, "0/config")["rootfs"]["diff_ids"][2] == digest_of(at(before, "0/layers/2"))
    assert object_at(after, "0/config") == object_at(FULL, "0/config")
    assert at(doubled, "0/layers/2").count(b"srv/plain") == 2


def test_the_tree_is_edited() -> None:
    """Drafts are put elsewhere and in the place of others; loose blobs and oci-layout have places too."""
    tree = all_of(
        draft("1", lambda found: replace(found, algorithm="sha512")),
        listed("3", image(ref="new")),
        document("oci-layout", having("/imageLayoutVersion", "2.0.0")),
        content("oci-layout", followed_by(b"\n")),
    )(FULL)
    tree = draft("loose/0", lambda found: replace(found, content=b"other"))(
        replace(tree, loose=(BlobDraft(media_type="text/plain", content=b"loose"),))
    )
    found = render(tree)

    assert path_at(tree, "1").startswith("blobs/sha512/")
    assert len(object_at(tree, "3")["manifests"]) == 3
    assert found["oci-layout"] == b'{"imageLayoutVersion":"2.0.0"}\n'
    assert found[path_at(tree, "loose/0")] == b"other"
    assert draft_at(tree, "3/2").says["annotations"]


def test_the_files_are_edited() -> None:
    """Removed, added, renamed; whole directories at once."""
    tree = all_of(
        lacking_files("oci-layout"),
        having_file("blobs/sha256/dir", Directory()),
        renamed_blob("0", lambda path: f"{path}.tmp"),
    )(FULL)
    found = render(tree)

    assert "oci-layout" not in found
    assert found["blobs/sha256/dir"] == Directory()
    assert found[f"{path_at(FULL, '0')}.tmp"] == GOOD[path_at(FULL, "0")]
    assert path_at(FULL, "0") not in found
    assert set(render(lacking_files("blobs")(FULL))) == {"index.json", "oci-layout"}
    assert render(files(lambda _: {})(FULL)) == {}


@pytest.mark.parametrize(
    "place", ["9", "0/0", "0/layers/3", "0/subject", "loose/0", "nowhere", "0/config/0", "-1", "0/layers"]
)
def test_there_is_nothing_at_a_place(place: str) -> None:
    """It is said which."""
    with pytest.raises(KeyError, match="the layout has nothing at"):
        document(place, having("/a", 1))(FULL)


def test_edits_that_do_not_fit() -> None:
    """They are noticed, so that no mutant goes without its fault."""
    for edit in (document("0", lacking("/nothing")), document("0", changing("/nothing", plus_one))):
        with pytest.raises(KeyError):
            render(edit(FULL))
    with pytest.raises(ValueError):
        render(content("0", replacing(b"nothing", b""))(FULL))
    with pytest.raises(ValueError, match="no JSON pointer"):
        render(document("0", having("schemaVersion", 1))(FULL))


def test_a_link_that_leads_to_itself() -> None:
    """It has no digest."""
    with pytest.raises(ValueError, match="leads to itself"):
        render(layout(LinkDraft(place="1"), LinkDraft(place="0")))


def test_mutants_of_a_required_member() -> None:
    """Absent, null, and each of the wrong values."""
    made = required("config-os", "c", "0/config", "/os", {"number": 5})

    assert [mutant.id for mutant in made] == ["config-os-absent", "config-os-null", "config-os-number"]
    assert [mutant.clauses for mutant in made] == [("c",)] * 3
    values = [object_at(mutant.edit(shape(mutant.good)), "0/config").get("os", "absent") for mutant in made]
    assert values == ["absent", None, 5]
    (of_index,) = wrong("index", ("c", "d"), "", "/schemaVersion", {"one": 1}, good="one-layer")
    assert of_index.summary == "index.json#/schemaVersion is 1."
    assert json.loads(of_index.files()["index.json"])["schemaVersion"] == 1  # type: ignore[arg-type]
    assert (of_index.base, of_index.kind, of_index.recorded, of_index.mends) == ("one-layer", "layout", False, False)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_a_mutant_differs_from_what_it_is_made_of(mutant: LayoutMutant) -> None:
    """And it is the same every time."""
    assert mutant.good in SHAPES
    assert mutant.files() != good_files(mutant.good)
    assert mutant.files() == mutant.files()
