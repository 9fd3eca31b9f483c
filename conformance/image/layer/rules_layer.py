"""Rules about layers: whether they are archives, and what is in them (layer.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.image.judged import Doubtful, Unseen, cause_of, depends_on, judge, where
from pytest_oci.conformance.image.layers import NONDISTRIBUTABLE, OCI_LAYERS, OCI_LAYERS_OF_1_0, not_looked_at, opened
from pytest_oci.conformance.image.members import describe

from pytest_oci.documents.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from pytest_oci.conformance.image.judged import Seen
    from pytest_oci.conformance.image.layers import Opened

    from pytest_oci.targets.layout.facts import Places, Tar
    from pytest_oci.targets.layout.tree import Described, Part, Tree

    Types: TypeAlias = Mapping[str, str]
    Rule: TypeAlias = Callable[[Part, Types], Iterator[Seen]]

FORMAT = "layer.format.tar"
MOST_NAMED = 10
ARCHIVES = {
    "": "a tar archive",
    "gzip": "a tar archive compressed with gzip",
    "zstd": "a tar archive compressed with zstd",
}


def judge_layers(rule: Rule, parts: Sequence[Part], tree: Tree, unseen: str) -> None:
    """End the test by what a rule says of the layers in these parts that are of a type of the claimed version.

    Where no such layer is in the layout, there is no archive that the clause could bind.
    """
    types = _types(tree)
    bound = [part for part in parts if part.text.root is None or next(_layers(part, types), None)]
    judge(lambda part: rule(part, types), bound, unseen)


def judge_media_types(rule: Rule, parts: Sequence[Part], tree: Tree, unseen: str) -> None:
    """Like `judge_layers`, for a rule about what descriptors say, be the layers in the layout or not."""
    types = _types(tree)
    bound = [
        part for part in parts if part.text.root is None or any(one.media_type in types for one in part.descriptors)
    ]
    judge(lambda part: rule(part, types), bound, unseen)


def is_archive(part: Part, types: Types) -> Iterator[Seen]:
    """Layers that are not what their media type says: a tar archive, compressed in this way or not at all.

    The sentence names the distributable type, of which the compressed ones are a form. That the deprecated ones are
    archives is said elsewhere, without a keyword.
    """
    yield from _unread(part)
    for layer, blob in _layers(part, types):
        if blob.fault:
            said = f"{blob.fault} ({blob.blob.path})"
            yield _bound(layer, Finding(where(layer), said, ARCHIVES[OCI_LAYERS[layer.media_type]]))
        elif blob.archive_unseen:
            yield not_looked_at(layer, blob.archive_unseen)
        elif blob.tar is not None and blob.tar.trailing:
            said = f"an archive with {blob.tar.trailing} bytes other than zeros behind its end ({blob.blob.path})"
            yield Doubtful(Finding(where(layer), said, "an archive with nothing but zeros behind its end"))


def has_no_duplicates(part: Part, types: Types) -> Iterator[Seen]:
    """Layers with more than one entry for a path."""
    expected = "one with one entry at most for each path"
    return _without(part, types, lambda tar: tar.repeated, "more than one entry for", expected, _bound)


def has_no_sparse_files(part: Part, types: Types) -> Iterator[Seen]:
    """Layers with sparse files."""
    return _without(part, types, lambda tar: tar.sparse, "sparse files:", "one without sparse files")


def has_whiteouts_first(part: Part, types: Types) -> Iterator[Seen]:
    """Layers in which whiteouts stand behind other entries of their directory.

    Opaque ones are left out: the text itself has an example of one that comes last.
    """
    found = "whiteouts behind other entries of their directory:"
    return _without(part, types, lambda tar: tar.late_whiteouts, found, "one with whiteouts before these")


def has_explicit_whiteouts(part: Part, types: Types) -> Iterator[Seen]:
    """Layers with opaque whiteouts."""
    expected = "one with a whiteout for each path that is removed"
    return _without(part, types, lambda tar: tar.opaque, "opaque whiteouts:", expected)


def is_distributable(part: Part, types: Types) -> Iterator[Seen]:
    """Layers of a media type that is deprecated; whether they were inherited cannot be seen."""
    yield from _unread(part)
    for described in part.descriptors:
        if described.media_type in NONDISTRIBUTABLE and described.media_type in types:
            yield Finding(
                where(described, "mediaType"), describe(described.media_type), "a layer that may be distributed"
            )


def _without(
    part: Part,
    types: Types,
    places: Callable[[Tar], Places],
    found: str,
    expected: str,
    bound: Callable[[Described, Finding], Seen] = lambda _, finding: finding,
) -> Iterator[Seen]:
    """The layers in whose archives something is, that was found before its end or before a limit was reached."""
    yield from _unread(part)
    for layer, blob in _layers(part, types):
        here = places(blob.tar) if blob.tar is not None else None
        if here is not None and here.count:
            said = f"an archive with {found} {_named(here)} ({blob.blob.path})"
            yield bound(layer, Finding(where(layer), said, expected))
        elif blob.fault:
            yield depends_on(FORMAT, where(layer))
        elif blob.archive_unseen:
            yield not_looked_at(layer, blob.archive_unseen)


def _types(tree: Tree) -> Types:
    return OCI_LAYERS if tree.subjects else OCI_LAYERS_OF_1_0


def _bound(layer: Described, finding: Finding) -> Seen:
    """A fault of a type that the absolute sentences name; of the others it is one in a wider reading only."""
    return Doubtful(finding) if layer.media_type in NONDISTRIBUTABLE else finding


def _named(places: Places) -> str:
    shown = ", ".join(describe(name) for name in places.names[:MOST_NAMED])
    more = places.count - min(len(places.names), MOST_NAMED)
    return f"{shown} and {more} more" if more else shown


def _layers(part: Part, types: Types) -> Iterator[tuple[Described, Opened]]:
    """The layers of these media types that a part describes, as far as they are in the layout."""
    for described in part.descriptors:
        if described.media_type in types and (blob := opened(described)) is not None:
            yield described, blob


def _unread(part: Part) -> Iterator[Seen]:
    """What a part that is no JSON object may describe is not known."""
    if part.text.root is None:
        yield Unseen(cause_of(part.text), part.text.path)
