"""Faulty layouts that Hypothesis makes up: whatever is wrong, reading and judging end as they should."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from faults import SMALL, faulty
from generating import fuzzed
from hypothesis import example, given
from hypothesis import strategies as st
from layout_tests import LIMITS, facts, judged
from layouts import FORMS
from pytest_oci.fixtures.image.shapes import shape

from pytest_oci.status import Status
from pytest_oci.targets.layout.limits import LayoutLimits
from pytest_oci.targets.layout.saved import from_json, to_json
from pytest_oci.targets.layout.tree import grow

if TYPE_CHECKING:
    from pytest_oci.fixtures.image.drafts import LayoutDraft

BROKEN = {Status.FAIL, Status.ADVICE}
HOLDS = {Status.PASS, Status.NOT_APPLICABLE}


@fuzzed(50)
@given(tree=faulty(), form=st.sampled_from(("directory", *FORMS)), subjects=st.booleans())
def test_whatever_is_wrong_is_judged(tree: LayoutDraft, form: str, subjects: bool) -> None:
    """Only outcomes come out of tests; parts have names of their own; saved facts are the same facts."""
    layout = facts(tree, form)
    if layout is None:
        return

    names = [part.name for part in grow(layout, LIMITS, subjects=subjects).parts]
    list(judged(layout, subjects=subjects))

    assert len(set(names)) == len(names)
    assert from_json(json.loads(json.dumps(to_json(layout)))) == layout


@fuzzed(25)
@given(
    tree=st.sampled_from(SMALL).map(shape) | faulty(),
    form=st.sampled_from(("directory", *FORMS)),
    limits=st.builds(
        LayoutLimits,
        document_bytes=st.integers(1, 3000),
        documents_bytes=st.integers(1, 6000),
        json_depth=st.integers(1, 8),
        json_values=st.integers(1, 80),
        manifests=st.integers(1, 6),
        index_depth=st.integers(1, 3),
        files=st.integers(1, 40),
        blob_bytes=st.integers(1, 5000),
        unpacked_bytes=st.integers(1, 8000),
        tar_entries=st.integers(1, 8),
        tar_header_bytes=st.integers(1, 600),
        seconds=st.just(60),
    ),
    kept=st.sets(st.sampled_from([name for name in LayoutLimits.__slots__ if name != "seconds"])),
)
@example(tree=shape("policy-bundle"), form="tar+zstd", limits=replace(LIMITS, files=1), kept=set())
def test_a_limit_hides_no_fault(tree: LayoutDraft, form: str, limits: LayoutLimits, kept: set[str]) -> None:
    """What is broken without limits does not pass with them, and what passes with them is not broken without."""
    few = LayoutLimits(**{name: getattr(LIMITS if name in kept else limits, name) for name in LayoutLimits.__slots__})
    whole, part = facts(tree, form), facts(tree, form, few)
    if whole is None or part is None:
        return

    with_all = {test.name: status for test, status, _ in judged(whole)}
    with_few = {test.name: status for test, status, _ in judged(part, few)}

    hidden = {name for name in with_all if with_all[name] in BROKEN and with_few[name] in HOLDS}
    invented = {name for name in with_all if with_few[name] in BROKEN and with_all[name] in HOLDS}
    assert (hidden, invented) == (set(), set())
