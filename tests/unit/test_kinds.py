"""The kinds of targets, and the parts of layouts that tests are made for."""

from __future__ import annotations

from support import make_clause

from pytest_oci import settings
from pytest_oci.catalogue import SPECS, SUBJECTS
from pytest_oci.kinds import KINDS, specs_of
from pytest_oci.plugin import MARKERS
from pytest_oci.subjects import MADE, THE_BUNDLE, grouped


def test_every_kind_has_its_option_and_marker() -> None:
    """One option beside them names a product: an image, which becomes a layout."""
    markers = {line.partition(":")[0] for line in MARKERS}

    assert set(settings.TARGETS) == set(KINDS) | {"image"}
    assert {kind.marker for kind in KINDS.values()} <= markers
    assert set(settings.TARGETS) <= {option.name for option in settings.OPTIONS}


def test_words_are_those_of_the_catalogue() -> None:
    """Subjects and specifications."""
    for kind in KINDS.values():
        assert kind.subjects <= set(SUBJECTS)
        assert set(kind.specs) <= set(SPECS)
    assert specs_of(frozenset({"runtime", "layout"})) == ["image", "runtime"]


def test_a_layout_does_not_owe_what_takes_its_builder() -> None:
    """No layout shows by itself what was done to make it."""
    assert KINDS["layout"].owes(make_clause(spec="image", subject="image"))
    assert not KINDS["layout"].owes(make_clause(spec="image", subject="image", needs=("builder",)))
    assert not KINDS["layout"].owes(make_clause(spec="runtime", subject="image"))


def test_what_makes_bundles_owes_what_binds_them() -> None:
    """By the tests of bundles; one of them is what is made of a plain image."""
    for name, bundles in MADE.items():
        assert KINDS[name].owes(make_clause(spec="runtime", subject="bundle"))
        assert KINDS["bundle"].marker in KINDS[name].borrows
        assert bundles["plain"] == THE_BUNDLE
        assert all(place < 0 for place in bundles.values())  # others are those of documents


def test_what_only_a_client_shows_is_owed_by_clients_alone() -> None:
    """Duties of consumers are the unpacker's, the copier's or the client's, by what they need."""
    clauses = [make_clause(spec="image", subject="consumer", needs=(word,)) for word in ("client", "copy-tool", "tar")]
    consumed = {clause.needs: {name for name, kind in KINDS.items() if kind.owes(clause)} for clause in clauses}

    assert consumed == {
        ("client",): {"client"},
        ("copy-tool",): {"copier"},
        ("tar",): {"converter", "engine"},
    }


def test_parts_are_grouped_when_there_are_very_many() -> None:
    """Every part is in exactly one group; few parts have a test each; none still make a test that says so."""
    names = [f"m{number}" for number in range(1003)]
    groups = grouped(names)
    members = [name for which in groups.values() for name in names[which]]

    assert members == names
    assert len(groups) == 50
    assert next(iter(groups)) == "m0...m19"
    assert grouped(["a", "b"]) == {"a": slice(0, 1), "b": slice(1, 2)}
    assert grouped([]) == {"none": slice(0, 0)}
