"""The image configurations of a layout, as rules are asked about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.image.judged import Unseen, cause_of, judge, object_then
from pytest_oci.conformance.image.stack import bound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pytest_oci.conformance.image.judged import Seen

    from pytest_oci.targets.layout.tree import Manifest, Object, Text


def judge_texts(rule: Callable[[Text], Iterable[Seen]], manifests: Sequence[Manifest], unseen: str) -> None:
    """End the test by what a rule says of the configurations of these manifests that are OCI's and in the layout.

    Which configuration a manifest has that is no JSON object is not known. One that several have is judged once.
    """
    judged: set[str] = set()

    def rule_of_manifest(manifest: Manifest) -> Iterator[Seen]:
        if manifest.text.root is None:
            yield Unseen(cause_of(manifest.text), manifest.text.path)
        elif manifest.config_text is not None and manifest.config_text.path not in judged:
            judged.add(manifest.config_text.path)
            yield from rule(manifest.config_text)

    judge(rule_of_manifest, bound(manifests), unseen)


def judge_configs(rule: Callable[[Object, str], Iterable[Seen]], manifests: Sequence[Manifest], unseen: str) -> None:
    """Like `judge_texts`, for a rule about the object in a configuration, and the path of its blob."""
    judge_texts(lambda text: object_then(text, lambda root: rule(root, text.path)), manifests, unseen)
