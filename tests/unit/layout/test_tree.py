"""The parts of a layout: names of their own, whatever the layout calls them, and what hides parts is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from layout_tests import LIMITS, facts
from pytest_oci.fixtures.image.contents import REF_NAME
from pytest_oci.fixtures.image.drafts import IndexDraft, LinkDraft, layout
from pytest_oci.fixtures.image.parts import AMD64, ARM, image
from pytest_oci.fixtures.image.rendering import digest_at

from pytest_oci.targets.layout.tree import grow


def test_names_that_are_taken() -> None:
    """A name that another part has by its digest, or that index.json has, is not given twice."""
    bare = [replace(image(author=str(number)), says={}) for number in range(3)]
    first = digest_at(layout(*bare), "1")[: len("sha256:") + 12]
    called = [f"v-linux-amd64-{first}", "v", "v", "index.json", "index.json"]
    entries = [
        image(author=str(number)).annotated({REF_NAME: name})
        for number, name in zip([9, 0, 1, 3, 4], called, strict=True)
    ]
    nested = IndexDraft(entries=(image(author="5"),)).annotated({REF_NAME: "v"})
    read = facts(layout(*entries, nested))
    assert read is not None
    names = [part.name for part in grow(read).parts]

    assert len(names) == 8
    assert len(set(names)) == 8


@pytest.mark.parametrize("nested", [True, False])
def test_an_index_that_was_not_read_hides_parts(nested: bool) -> None:
    """There may be manifests below it."""
    small = replace(image(author="x" * 3000), says={})
    index = IndexDraft(entries=(small,), members={"annotations": {"com.example.filler": "." * 3000}})
    read = facts(layout(index) if nested else replace(layout(small), index=index))
    assert read is not None

    assert grow(read).unseen == ""
    limits = replace(LIMITS, document_bytes=2000)
    hidden = facts(layout(index) if nested else replace(layout(small), index=index), limits=limits)
    assert hidden is not None
    assert grow(hidden, limits).unseen.startswith("limit: document-bytes=2000")


def test_a_platform_that_is_not_known_hides_a_manifest() -> None:
    """Its configuration, which would say so, was not read."""
    tree = layout(image(ARM), replace(image(AMD64, author="x" * 3000), says={}))
    limits = replace(LIMITS, document_bytes=2000)
    read = facts(tree, limits=limits)
    assert read is not None

    found = grow(read, limits, platform="linux/arm")

    assert len(found.manifests) == 1
    assert found.unseen.startswith("limit: document-bytes=2000")


def test_a_manifest_is_found_by_the_entry_that_says_its_platform() -> None:
    """Another entry before it says another one."""
    read = facts(layout(LinkDraft(place="1", says={"platform": AMD64}), image(ARM)))
    assert read is not None

    assert len(grow(read, platform="linux/arm").manifests) == 1
    assert len(grow(read, platform="linux/amd64").manifests) == 1
