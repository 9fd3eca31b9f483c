"""Check that each claimed version's set of clauses is the one its own text asks for, sentence by sentence.

    python -m tools.check_versions --specs DIR

DIR holds the texts as DIR/<spec>/<version>/*.md. For each, `conformance/<spec>/versions/<version>.toml`
accounts for every sentence with an RFC 2119 keyword that obliges or advises (spec_text.py says what a
sentence is): a `[[sentence]]` has its place, keywords and fingerprint, never the text itself, and either the
clauses that it makes or the reason why it makes none; a `[[derived]]` names a clause that follows from a
sentence together with the place where the text describes what it applies to. Without --specs only records
and catalogue are compared.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
if not __package__:  # run as a file, which leaves the checkout out of the import path
    sys.path.insert(0, str(ROOT))

from tools.spec_text import ABSOLUTE, ADVICE, Key, Sentence, read_text, sections  # noqa: E402
from tools.version_records import (  # noqa: E402
    SPECS,
    Clause,
    Record,
    RecordError,
    read_catalogue,
    read_records,
    version_key,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


def check_record(record: Record, catalogue: Mapping[str, Clause]) -> Iterator[str]:
    """Problems between a record and the catalogue, which show without the text."""
    for key, times in Counter(entry.key for entry in record.sentences).items():
        if times > 1:
            yield f"{record} {key}: recorded {times} times"
    for entry in record.sentences:
        if not entry.keywords or set(entry.keywords) - ABSOLUTE - ADVICE:
            yield f"{record} {entry.key}: {entry.keywords} are not keywords that oblige or advise"
        for clause_id in entry.clauses:
            yield from _check_in_force(record, entry.key, catalogue.get(clause_id), clause_id)
    yield from _check_levels(record, catalogue)
    yield from _check_derived(record, catalogue)
    accounted = {clause_id for entry in record.sentences for clause_id in entry.clauses}
    accounted |= {derived.clause for derived in record.derived}
    for clause in catalogue.values():
        if clause.spec == record.spec and clause.binds(record.version) and clause.id not in accounted:
            yield f"{record}: {clause.id} is in force but no sentence makes it"


def _check_in_force(record: Record, key: Key, clause: Clause | None, clause_id: str) -> Iterator[str]:
    if clause is None:
        yield f"{record} {key}: no clause {clause_id} in the catalogue"
    elif clause.spec != record.spec:
        yield f"{record} {key}: {clause_id} is a clause of the {clause.spec} specification"
    elif not clause.binds(record.version):
        span = f"since {clause.since}" + (f" until {clause.until}" if clause.until else "")
        yield f"{record} {key}: {clause_id} is not in force, it stands {span}"


def _check_levels(record: Record, catalogue: Mapping[str, Clause]) -> Iterator[str]:
    """Clauses have the force of a sentence that makes them; absolute sentences make an absolute clause."""
    keywords: dict[str, frozenset[str]] = {}
    for entry in record.sentences:
        for clause_id in entry.clauses:
            keywords[clause_id] = keywords.get(clause_id, frozenset()) | frozenset(entry.keywords)
        claimed = [catalogue[clause_id] for clause_id in entry.clauses if clause_id in catalogue]
        if claimed and ABSOLUTE & set(entry.keywords) and not any(clause.absolute for clause in claimed):
            yield f"{record} {entry.key}: obliges but makes only advice"
    for clause_id, said in keywords.items():
        clause = catalogue.get(clause_id)
        if clause and not said & (ABSOLUTE if clause.absolute else ADVICE):
            yield f"{record}: {clause_id} is {clause.level} but its sentences say {', '.join(sorted(said))}"


def _check_derived(record: Record, catalogue: Mapping[str, Clause]) -> Iterator[str]:
    keywords = {entry.key: frozenset(entry.keywords) for entry in record.sentences}
    for derived in record.derived:
        clause = catalogue.get(derived.clause)
        yield from _check_in_force(record, derived.source, clause, derived.clause)
        said = keywords.get(derived.source, frozenset())
        if clause and clause.absolute and not said & ABSOLUTE:
            yield f"{record} {derived.source}: {clause.id} is {clause.level} but no duty is recorded here"
        elif clause and not clause.absolute and not said & ADVICE and not derived.because:
            yield f"{record} {derived.source}: {clause.id} only advises, no advice is recorded: say because"


def check_text(record: Record, text: Iterable[Sentence]) -> Iterator[str]:
    """Problems between a record and the text of its version."""
    present = {sentence.key: sentence for sentence in text}
    recorded = {entry.key: entry for entry in record.sentences}
    for key, sentence in present.items():
        if sentence.keywords and key not in recorded:
            yield f"{record} {key}: not accounted for, {key.fingerprint}: {sentence.text[:100]}"
    for key, entry in recorded.items():
        found = present.get(key)
        if found is None:
            yield f"{record} {key}: no sentence with fingerprint {key.fingerprint} begins here"
        elif found.keywords != entry.keywords:
            yield f"{record} {key}: recorded as {entry.keywords}, the text says {found.keywords}"
    for derived in record.derived:
        for place in (derived.source, derived.described):
            if place and place not in present:
                yield f"{record} {place}: no sentence {place.fingerprint} for {derived.clause}"


def check_places(
    spec: str, specs: Path, catalogue: Mapping[str, Clause], records: Mapping[tuple[str, str], Record]
) -> Iterator[str]:
    """Clauses whose line or anchor is not where the newest text in which they stand has them."""
    texts: dict[Path, dict[str, range]] = {}
    versions = sorted((version for name, version in records if name == spec), key=version_key, reverse=True)
    for clause in catalogue.values():
        version = next((version for version in versions if clause.binds(version)), "")
        path = specs / spec / version / clause.document
        if clause.spec != spec or not version or not path.is_file():
            continue
        if path not in texts:
            texts[path] = sections(path.read_text("utf-8"))
        where = f"{spec} {version} {clause.document}:{clause.line}: {clause.id}"
        if clause.line not in texts[path].get(clause.anchor, ()):
            yield f"{where}: not in a section {clause.anchor}"
        if (clause.document, clause.line) not in _places(records[spec, version], clause.id):
            yield f"{where}: none of its sentences begins here"


def _places(record: Record, clause_id: str) -> set[tuple[str, int]]:
    keys = {entry.key for entry in record.sentences if clause_id in entry.clauses}
    for derived in record.derived:
        if derived.clause == clause_id:
            keys |= {key for key in (derived.source, derived.described) if key}
    return {(key.file, key.line) for key in keys}


def check_all(conformance: Path, specs: Path | None, only: Iterable[str] = SPECS) -> list[str]:
    """Problems of every version of these specifications; without texts, those that show without them."""
    catalogue, records = read_catalogue(conformance), read_records(conformance)
    problems: list[str] = []
    for spec in only:
        recorded = {version for name, version in records if name == spec}
        clauses = [clause for clause in catalogue.values() if clause.spec == spec]
        wanted = {bound for clause in clauses for bound in (clause.since, clause.until) if bound}
        present = {path.name for path in (specs / spec).iterdir() if path.is_dir()} if specs else recorded
        problems.extend(f"{spec} {version}: no record" for version in sorted((wanted | present) - recorded))
        problems.extend(f"{spec} {version}: no text" for version in sorted(recorded - present))
        for version in sorted(recorded, key=version_key):
            problems.extend(check_record(records[spec, version], catalogue))
            if specs and version in present:
                problems.extend(check_text(records[spec, version], read_text(specs / spec / version)))
        if specs:
            problems.extend(check_places(spec, specs, catalogue, records))
    return problems


def table(conformance: Path, only: Iterable[str] = SPECS) -> Iterator[str]:
    """A line of numbers for each version, after a header."""
    yield f"{'':<13}{'version':>8}{'sentences':>11}{'no duty':>9}{'clauses':>9}{'absolute':>10}{'derived':>9}"
    catalogue = read_catalogue(conformance).values()
    for (spec, version), record in read_records(conformance).items():
        if spec not in only:
            continue
        in_force = [clause for clause in catalogue if clause.spec == spec and clause.binds(version)]
        no_duty = sum(bool(entry.no_duty) for entry in record.sentences)
        absolute = sum(clause.absolute for clause in in_force)
        derived = len({derived.clause for derived in record.derived})
        yield (
            f"{spec:<13}{version:>8}{len(record.sentences):>11}{no_duty:>9}{len(in_force):>9}{absolute:>10}{derived:>9}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the problems and the table of numbers; 1 if there are problems."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--specs", type=Path, metavar="DIR", help="the texts (default: records only)")
    parser.add_argument("--conformance", type=Path, metavar="DIR", default=ROOT / "conformance")
    parser.add_argument("--spec", choices=SPECS, action="append", help="only this specification (repeatable)")
    options = parser.parse_args(arguments)
    only = tuple(options.spec or SPECS)
    try:
        problems = check_all(options.conformance, options.specs, only)
        numbers = list(table(options.conformance, only))
    except (RecordError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for line in (*problems, *numbers, f"{len(problems)} problems"):
        sys.stdout.write(line + "\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
