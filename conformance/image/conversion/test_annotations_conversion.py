"""What becomes annotations (conversion.md, Annotation Fields, Optional Fields and Annotations)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from pytest_oci.fixtures.conversion import configs
from pytest_oci.fixtures.conversion.convert import annotations_of
from pytest_oci.fixtures.conversion.stimulus import HERE

from pytest_oci import advised, clause, expect, not_applicable, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert
    from pytest_oci.fixtures.conversion.stimulus import Stimulus

pytestmark = pytest.mark.conversion

CLAUSES = {"os.version": "os-version", "os.features": "os-features", "stopSignal": "stop-signal"}
"""The last words of clauses that are not called as the annotation is."""
LABELS_CLAUSE = "conversion.labels.verbatim"
FRACTION = re.compile(r"\.(\d+)")


def by_clause() -> list[Any]:
    """Each property with its clause."""
    return [
        pytest.param(name, marks=clause(f"conversion.annotations.{CLAUSES.get(name, name)}"), id=name)
        for name in configs.PROPERTIES
    ]


def with_label(convert: Convert, stimulus: Stimulus, key: str) -> Any:
    """The annotation of a label's name; ends the test where no label at all becomes one: that is another clause's."""
    found = annotations_of(convert.config(stimulus))
    if key not in found and not configs.LABELS.keys() & annotations_of(convert.config(configs.WITH_LABELS)).keys():
        not_testable(f"depends-on: {LABELS_CLAUSE}", "no label becomes an annotation")
    return found.get(key)


def same_instant(one: object, other: str) -> bool:
    """Whether two times are one, however they are written."""
    try:
        return isinstance(one, str) and _instant(one) == _instant(other)
    except ValueError:
        return False


def _instant(text: str) -> tuple[datetime, str]:
    fraction = FRACTION.search(text)
    return datetime.fromisoformat(FRACTION.sub("", text)), fraction[1].rstrip("0") if fraction else ""


@pytest.mark.parametrize("name", by_clause())
def test_property_becomes_an_annotation(convert: Convert, name: str) -> None:
    """With the very value; a time that is written otherwise is still that time."""
    key, wanted = f"{configs.PREFIX}{name}", configs.PROPERTIES[name]
    found = annotations_of(convert.config(configs.WITH_PROPERTY[name])).get(key)
    if name == "created" and found != wanted and same_instant(found, wanted):
        advised(f"{key}: {wanted}", str(found))
    expect(found, key).equals(wanted)


@clause("conversion.annotations.architecture")
def test_architecture_becomes_an_annotation(convert: Convert) -> None:
    """That of the host."""
    key = f"{configs.PREFIX}architecture"
    expect(annotations_of(convert.config(configs.COMPLETE)).get(key), key).equals(HERE["architecture"])


@clause("conversion.annotations.architecture")
def test_foreign_architecture_becomes_an_annotation(convert: Convert) -> None:
    """That of another machine, where images for it are converted."""
    key = f"{configs.PREFIX}architecture"
    expect(annotations_of(convert.config(configs.OF_ELSEWHERE)).get(key), key).equals(configs.FOREIGN)


@clause("conversion.annotations.label-overrides-image-field", "conversion.annotations.labels-win-over-implicit")
@pytest.mark.parametrize("name", configs.ALL_KEYS)
def test_labels_win_over_properties(convert: Convert, name: str) -> None:
    """Whatever the property says."""
    key = f"{configs.PREFIX}{name}"
    expect(with_label(convert, configs.LABELLED[name], key), key).equals(configs.LABELS_OF_PROPERTIES[key])


@clause("conversion.labels.verbatim")
@pytest.mark.parametrize("key", configs.LABELS)
def test_labels_become_annotations(convert: Convert, key: str) -> None:
    """Those without a value too."""
    expect(list(annotations_of(convert.config(configs.WITH_LABELS))), "annotations").contains(key)


@clause("conversion.annotations.values-unmodified")
@pytest.mark.parametrize("key", configs.ODD_LABELS)
def test_values_are_not_changed(convert: Convert, key: str) -> None:
    """Spaces, lines, quotes, other scripts, long ones; a label that is dropped is another matter."""
    found = annotations_of(convert.config(configs.WITH_ODD_LABELS))
    if key not in found:
        not_applicable(f"there is no annotation {key}")
    expect(found[key], key).equals(configs.ODD_LABELS[key])


@clause("conversion.annotations.labels-win-over-manifest")
def test_labels_win_over_other_annotations(convert: Convert) -> None:
    """Those of the manifest, its descriptor and index.json."""
    found = with_label(convert, configs.ANNOTATED, "com.example.shared")
    expect(found, "com.example.shared").equals("label")


@clause("conversion.annotations.no-extraction-from-manifest")
@pytest.mark.parametrize("key", ["com.example.on-manifest", "com.example.on-index", "com.example.on-descriptor"])
def test_other_annotations_are_left_out(convert: Convert, key: str) -> None:
    """Those of the manifest, its descriptor and index.json."""
    expect(annotations_of(convert.config(configs.ANNOTATED)), "annotations").lacks(key)


@clause("conversion.exposed-ports.annotation", "conversion.exposed-ports.annotation-unless-conflict")
def test_ports_become_an_annotation(convert: Convert) -> None:
    """All of them, in any order."""
    found = annotations_of(convert.config(configs.WITH_PORTS)).get(configs.PORTS_KEY)
    ports = sorted(found.split(",")) if isinstance(found, str) else None
    expect(ports, configs.PORTS_KEY, [f"it is {found!r}"]).equals(sorted(configs.PORTS))


@clause("conversion.annotations.labels-win-over-implicit")
def test_label_wins_over_ports(convert: Convert) -> None:
    """Their annotation is implicit too: a label of that name is left alone."""
    found = with_label(convert, configs.WITH_LABELLED_PORTS, configs.PORTS_KEY)
    expect(found, configs.PORTS_KEY).equals(configs.PORTS_LABEL)
