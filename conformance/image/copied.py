"""Whether a copy has what the original has: the same contents, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.violations import NotTestable, Violation, noted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.fixtures.copying.copy import Copied

    from pytest_oci.targets.layout.tree import Described

MOST_SHOWN = 200


def expect_kept(copied: Copied) -> None:
    """What was copied is content of the original, and so is all that it refers to.

    A copy of one image of an index holds less, and changes nothing. Contents that are not there are only shown: the
    text lets a layout do without them.
    """
    foreign = [each for each in copied.entries if _digest(each) not in copied.contents]
    if len(foreign) == len(copied.entries):
        raise Violation(
            f"the content {copied.digest}, as it was",
            "; ".join(f"{_digest(each)} ({each.media_type})" for each in foreign),
            list(_compared(copied, foreign)),
        )
    altered = [
        f"{blob.path} holds {blob.size} bytes whose digest is {blob.digest}"
        for digest, blob in copied.layout.blobs.items()
        if digest in copied.contents and blob.digest and blob.digest != digest and not blob.unseen
    ]
    if altered:
        raise Violation("every blob of the original, as it was", "; ".join(altered))
    unseen = next((each.blob.unseen for each in copied.described if each.blob is not None and each.blob.unseen), "")
    if unseen:
        raise NotTestable(unseen)
    missing = [
        f"{each.path}#{each.pointer} has no {_digest(each)}"
        for each in copied.described
        if each.blob is None and _digest(each) in copied.contents and not each.pointer.startswith("/subject")
    ]
    if missing:
        noted("every content of the original", "; ".join(missing))
    if copied.outside:
        noted("nothing to be changed but the copy", "; ".join(copied.outside))


def added_data(copied: Copied) -> list[str]:
    """The descriptors of the copy that repeat a content."""
    return [f"{each.path}#{each.pointer}/data" for each in copied.described if each.member("data") is not None]


def _digest(described: Described) -> str:
    digest = described.member("digest")
    return digest if isinstance(digest, str) else "no digest"


def _compared(copied: Copied, foreign: list[Described]) -> Iterator[str]:
    """The beginnings of what was to be copied, and of what is there instead."""
    yield f"was {copied.contents[copied.digest][:MOST_SHOWN]!r}"
    for each in foreign:
        if each.blob is not None and each.blob.data is not None:
            yield f"is  {each.blob.data[:MOST_SHOWN]!r}"
