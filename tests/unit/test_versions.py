"""Each claimed version's set of clauses follows from its text: records, catalogue, and their check."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFORMANCE = ROOT / "conformance"
SPECS = Path(os.environ.get("OCI_SPECS") or ROOT.parent / "shared" / "specs")

# `tools` is importable without the checkout on the import path, where it would shadow the installed package.
if "tools" not in sys.modules:
    _spec = spec_from_file_location(
        "tools", ROOT / "tools" / "__init__.py", submodule_search_locations=[str(ROOT / "tools")]
    )
    assert _spec is not None
    assert _spec.loader is not None
    sys.modules["tools"] = module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules["tools"])

if TYPE_CHECKING:
    from tools import check_versions, spec_text, version_records
else:
    check_versions = import_module("tools.check_versions")
    spec_text = import_module("tools.spec_text")
    version_records = import_module("tools.version_records")

CATALOGUE = version_records.read_catalogue(CONFORMANCE)
RECORDS = version_records.read_records(CONFORMANCE)
VERSIONS = {
    "runtime": ["1.0.2", "1.1.0", "1.2.1", "1.3.0"],
    "image": ["1.0.2", "1.1.1"],
    "distribution": ["1.0.1", "1.1.1"],
}

TEXT = """\
# <a name="things" />Things

Things MUST be red, e.g. `MUST be blue` is not. They SHOULD be round.

* **`size`** (int, REQUIRED) - how big
    it is. It MAY be 0.
"""


# The records, without the texts.


def test_every_version_that_can_be_claimed_has_a_record() -> None:
    recorded = {spec: [version for name, version in RECORDS if name == spec] for spec in VERSIONS}
    assert recorded == VERSIONS


def test_records_and_catalogue_agree() -> None:
    assert check_versions.check_all(CONFORMANCE, None) == []


@pytest.mark.parametrize("record", RECORDS.values(), ids=str)
def test_every_clause_in_force_is_made_by_a_sentence(record: version_records.Record) -> None:
    in_force = {c.id for c in CATALOGUE.values() if c.spec == record.spec and c.binds(record.version)}
    claimed = {clause for entry in record.sentences for clause in entry.clauses}
    derived = {entry.clause for entry in record.derived}
    assert claimed | derived == in_force
    assert not claimed & derived, "a clause is made by its sentence or derived from one, not both"


@pytest.mark.parametrize("record", RECORDS.values(), ids=str)
def test_entries_are_in_the_order_of_the_text_and_well_formed(record: version_records.Record) -> None:
    places = [(entry.key.file, entry.key.line) for entry in record.sentences]
    assert places == sorted(places)
    keys = [entry.key for entry in record.sentences]
    keys += [key for entry in record.derived for key in (entry.source, entry.described) if key]
    for key in keys:
        assert re.fullmatch(r"[0-9a-f]{16}", key.fingerprint), key
        assert key.line > 0, key


@pytest.mark.parametrize("record", RECORDS.values(), ids=str)
def test_a_sentence_without_a_duty_says_why(record: version_records.Record) -> None:
    reasons = [entry.no_duty for entry in record.sentences if entry.no_duty]
    reasons += [entry.because for entry in record.derived if entry.because]
    for reason in reasons:
        assert len(reason.split()) >= 4, reason
        assert not reason.endswith("."), reason


def test_ends_are_not_before_beginnings() -> None:
    wrong = [c.id for c in CATALOGUE.values() if not any(c.binds(version) for version in VERSIONS[c.spec])]
    assert wrong == []


# The records against the texts.


@pytest.mark.parametrize("spec", VERSIONS)
def test_every_sentence_of_the_texts_is_accounted_for(spec: str) -> None:
    if not (SPECS / spec).is_dir():
        pytest.skip(f"no texts of the {spec} specification in {SPECS}: name their directory in OCI_SPECS")
    assert check_versions.check_all(CONFORMANCE, SPECS, [spec]) == []


# What a sentence is.


def read(text: str) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(s.line, s.text, s.keywords) for s in spec_text.sentences(text, "a.md")]


def test_paragraphs_and_list_items_are_cut_into_sentences_with_their_lines() -> None:
    assert read(TEXT) == [
        (1, '# <a name="things" />Things', ()),
        (3, "Things MUST be red, e.g. `MUST be blue` is not.", ("MUST",)),
        (3, "They SHOULD be round.", ("SHOULD",)),
        (5, "**`size`** (int, REQUIRED) - how big it is.", ("REQUIRED",)),
        (6, "It MAY be 0.", ()),
    ]


def test_a_table_row_is_one_sentence_and_what_follows_in_its_last_cell_another() -> None:
    table = "It MUST be.\n\n Name | Requirement | Text\n------|---|---\n `a` | MUST | One. Two SHOULD.\n"
    assert read(table) == [
        (1, "It MUST be.", ("MUST",)),
        (3, "Name | Requirement | Text", ()),
        (5, "`a` | MUST | One.", ("MUST",)),
        (5, "Two SHOULD.", ("SHOULD",)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "```json\nMUST\n```\n",
        "* item:\n\n    ~~~\n    MUST\n    ~~~\n",
        "<!-- MUST\nMUST -->\n",
        "[a]: http://example.com/MUST\n",
        "Use `MUST`, must, MUSTER or [this](#MUST).\n",
        "It MAY be OPTIONAL.\n",
    ],
)
def test_code_comments_links_and_permissions_have_no_keywords(text: str) -> None:
    assert [keywords for _, _, keywords in read(text) if keywords] == []


def test_two_word_keywords_are_found_across_lines_and_quotations() -> None:
    assert read("> It **MUST\n> NOT** run, nor SHOULD NOT it.\n") == [
        (1, "It **MUST NOT** run, nor SHOULD NOT it.", ("MUST NOT", "SHOULD NOT"))
    ]


def test_sections_are_found_by_anchor_and_by_slug() -> None:
    text = '# <a name="Top" />The _Big_ Top\n\n## `+x` Part!\n\na\n\n# Next\n\n## Example\n\n## Example\n'
    assert spec_text.sections(text) == {
        "Top": range(1, 7),
        "the-big-top": range(1, 7),
        "x-part": range(3, 7),
        "next": range(7, 13),
        "example": range(9, 11),
        "example-1": range(11, 13),
    }


# What the check finds.


RED = version_records.Clause(
    id="things.red",
    spec="runtime",
    level="MUST",
    since="1.0.2",
    until="",
    document="a.md",
    line=3,
    anchor="things",
)
ROUND = replace(RED, id="things.round", level="SHOULD")
SIZE = replace(RED, id="things.size", level="REQUIRED", line=5)
SMALL_CATALOGUE = {clause.id: clause for clause in (RED, ROUND, SIZE)}


def record(*claims: tuple[str, ...], derived: tuple[version_records.Derived, ...] = ()) -> version_records.Record:
    """A record of TEXT's three normative sentences that claims these clauses; none of them is `no_duty`."""
    normative = [sentence for sentence in spec_text.sentences(TEXT, "a.md") if sentence.keywords]
    return version_records.Record(
        spec="runtime",
        version="1.1.0",
        sentences=tuple(
            version_records.Entry(sentence.key, sentence.keywords, clauses, "" if clauses else "says nothing of use")
            for sentence, clauses in zip(normative, claims, strict=True)
        ),
        derived=derived,
    )


SOUND = record(("things.red",), ("things.round",), ("things.size",))


def problems(
    record: version_records.Record,
    catalogue: dict[str, version_records.Clause] = SMALL_CATALOGUE,
    text: str = TEXT,
) -> str:
    found = [*check_versions.check_record(record, catalogue)]
    return "\n".join([*found, *check_versions.check_text(record, spec_text.sentences(text, "a.md"))])


def test_a_sound_record_has_no_problems() -> None:
    assert problems(SOUND) == ""


def test_a_sentence_that_is_not_accounted_for() -> None:
    assert "a.md:8: not accounted for" in problems(SOUND, text=TEXT + "\nThings MUST last.\n")


def test_a_sentence_that_changed_or_moved() -> None:
    assert "a.md:3: no sentence with fingerprint" in problems(SOUND, text=TEXT.replace("red", "green"))
    assert "a.md:3: no sentence with fingerprint" in problems(SOUND, text="\n" + TEXT)


def test_a_clause_in_force_that_no_sentence_makes() -> None:
    assert problems(record(("things.red",), ("things.round",), ())) == (
        "runtime 1.1.0: things.size is in force but no sentence makes it"
    )


@pytest.mark.parametrize(("since", "until"), [("1.2.1", ""), ("1.0.2", "1.0.2")])
def test_a_clause_that_is_claimed_but_not_in_force(since: str, until: str) -> None:
    changed = SMALL_CATALOGUE | {"things.size": replace(SIZE, since=since, until=until)}
    assert "things.size is not in force" in problems(SOUND, changed)


def test_an_unknown_clause_and_one_of_another_specification() -> None:
    changed = {"things.red": RED, "things.round": replace(ROUND, spec="image")}
    found = problems(SOUND, changed)
    assert "no clause things.size in the catalogue" in found
    assert "things.round is a clause of the image specification" in found


def test_a_clause_of_another_force_than_its_sentence() -> None:
    found = problems(record(("things.round",), ("things.red",), ("things.size",)))
    assert "things.red is MUST but its sentences say SHOULD" in found
    assert "things.round is SHOULD but its sentences say MUST" in found
    assert "obliges but makes only advice" in found


def test_a_derived_clause_needs_a_source_of_its_force() -> None:
    must, should = SOUND.sentences[0].key, SOUND.sentences[1].key
    described = next(sentence.key for sentence in spec_text.sentences(TEXT, "a.md") if "MAY" in sentence.text)
    claims: tuple[tuple[str, ...], ...] = (("things.red",), ("things.round",), ())
    sound = version_records.Derived("things.size", must, described, "")
    assert problems(record(*claims, derived=(sound,))) == ""
    weak = replace(sound, source=should)
    assert "things.size is REQUIRED but no duty is recorded" in problems(record(*claims, derived=(weak,)))
    lost = replace(sound, described=replace(described, fingerprint="0" * 16))
    assert "no sentence 0000000000000000 for things.size" in problems(record(*claims, derived=(lost,)))
    advice = SMALL_CATALOGUE | {"things.size": replace(SIZE, level="SHOULD")}
    assert "say because" in problems(record(*claims, derived=(sound,)), advice)
    assert problems(record(*claims, derived=(replace(sound, because="only read into it"),)), advice) == ""


def test_a_clause_that_is_not_where_it_says(tmp_path: Path) -> None:
    (tmp_path / "runtime" / "1.1.0").mkdir(parents=True)
    (tmp_path / "runtime" / "1.1.0" / "a.md").write_text(TEXT)
    records = {("runtime", "1.1.0"): SOUND}
    assert list(check_versions.check_places("runtime", tmp_path, SMALL_CATALOGUE, records)) == []
    wrong = {"things.red": replace(RED, line=4), "things.round": replace(ROUND, anchor="thongs")}
    assert list(check_versions.check_places("runtime", tmp_path, wrong, records)) == [
        "runtime 1.1.0 a.md:4: things.red: none of its sentences begins here",
        "runtime 1.1.0 a.md:3: things.round: not in a section thongs",
    ]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('file = "a.md"\nline = 1\nfingerprint = "0"\nkeywords = ["MUST"]', "clauses or a reason"),
        ('file = "a.md"\nline = 1\nkeywords = ["MUST"]\nclauses = ["a"]', "fingerprint"),
        ('file = "a.md"\nline = 1\nfingerprint = "0"\nkeywords = ["MUST"]\ntext = "a"', "text"),
    ],
)
def test_a_record_that_cannot_be_read(tmp_path: Path, entry: str, message: str) -> None:
    path = tmp_path / "1.0.2.toml"
    path.write_text(f'spec = "runtime"\nversion = "1.0.2"\n[[sentence]]\n{entry}\n')
    with pytest.raises(version_records.RecordError, match=message):
        version_records.read_record(path)
