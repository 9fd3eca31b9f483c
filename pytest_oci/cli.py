"""The command line beside pytest: what the catalogue holds, what a clause is about, what ledgers say, certification."""

from __future__ import annotations

import argparse
import json
import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_oci import catalogue, proofs
from pytest_oci.certification import commands as certifying
from pytest_oci.documents import DOCUMENTS, json_schema
from pytest_oci.report import commands as reporting
from pytest_oci.suite import tests_by_clause

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_oci.catalogue import Clause

USAGE_ERROR = 4
WIDTH = 100
UNPROVEN_LIVE = "unproven-live: its tests are proven on recordings only, so that no certificate rests on it"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit status."""
    parser = _parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown and not getattr(options, "takes_more", False):
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    options.unknown = unknown
    try:
        return int(options.command(options))
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pytest-oci", description="Conformance to the OCI specifications.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("clauses", help="list the clauses of the catalogue")
    listing.add_argument("--json", action="store_true", help="as a JSON array of objects")
    listing.add_argument("--spec", choices=catalogue.SPECS, help="only this specification")
    listing.add_argument("--fate", choices=catalogue.FATES, help="only clauses with this fate")
    listing.set_defaults(command=list_clauses)
    explaining = commands.add_parser("explain", help="say what a clause demands and how it is tested")
    explaining.add_argument("id", help="the clause's id")
    explaining.set_defaults(command=explain)
    describing = commands.add_parser("schema", help="print the JSON Schema (2020-12) of a document")
    describing.add_argument("kind", choices=DOCUMENTS, metavar="KIND", help="%(choices)s")
    describing.add_argument(
        "--version", action="store_true", help="print the version of the specification that it describes, instead"
    )
    describing.set_defaults(command=print_schema)
    recording = commands.add_parser("recorder", help="write the recorder that an engine's daemon takes for a runtime")
    recording.add_argument("directory", type=Path, metavar="DIR", help="a directory for it and its records")
    recording.add_argument("--runtime", default="", metavar="NAME_OR_PATH", help="the runtime behind it (runc or crun)")
    recording.set_defaults(command=make_recorder)
    reporting.add_commands(commands)
    certifying.add_commands(commands)
    return parser


def clause_record(
    clause: Clause, tests: Iterable[str], mutants: Iterable[str], *, unproven_live: bool
) -> dict[str, Any]:
    """A clause as `clauses --json` gives it."""
    return {
        "id": clause.id,
        "spec": clause.spec,
        "level": clause.level,
        "since": clause.since,
        "until": clause.until or None,
        "subject": clause.subject,
        "platform": clause.platform,
        "reference": clause.reference,
        "fate": clause.fate,
        "reason": clause.reason or None,
        "summary": clause.summary,
        "tests": list(tests),
        "mutants": list(mutants),
        "unproven-live": unproven_live,
    }


def list_clauses(options: argparse.Namespace) -> int:
    """`clauses`."""
    chosen = [
        clause
        for clause in catalogue.load(*([options.spec] if options.spec else [])).values()
        if options.fate in (None, clause.fate)
    ]
    if options.json:
        tests, mutants, recorded = tests_by_clause(), proofs.mutants_by_clause(), proofs.unproven_live()
        records = [
            clause_record(
                clause, tests.get(clause.id, ()), mutants.get(clause.id, ()), unproven_live=clause.id in recorded
            )
            for clause in chosen
        ]
        json.dump(records, sys.stdout, indent=1, ensure_ascii=False)
        sys.stdout.write("\n")
        return 0
    for clause in chosen:
        sys.stdout.write(f"{clause.id:64} {clause.level:10} {clause.fate:8} {clause.summary}\n")
    return 0


def explain(options: argparse.Namespace) -> int:
    """`explain ID`."""
    clause = catalogue.load().get(options.id)
    if clause is None:
        sys.stderr.write(f"there is no clause {options.id}; `pytest-oci clauses` lists them\n")
        return USAGE_ERROR
    sys.stdout.write(explanation(clause, tests_by_clause().get(clause.id, ()), _mutant_lines(clause.id)))
    return 0


def print_schema(options: argparse.Namespace) -> int:
    """`schema KIND`."""
    if options.version:
        spec = DOCUMENTS[options.kind].spec
        sys.stdout.write(f"{spec}-spec {catalogue.newest(spec)}\n")
        return 0
    json.dump(json_schema(options.kind), sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0


def make_recorder(options: argparse.Namespace) -> int:
    """`recorder DIR`."""
    from pytest_oci.targets.engine.engine import RUNTIME, real_runtime
    from pytest_oci.targets.engine.recorder import write_recorder
    from pytest_oci.targets.runtime import TargetError

    try:
        recorder = write_recorder(options.directory.absolute(), real_runtime(options.runtime))
    except (TargetError, OSError) as error:
        sys.stderr.write(f"recorder: {error}\n")
        return USAGE_ERROR
    sys.stdout.write(
        f"{recorder.program}\n"
        f"docker: dockerd --add-runtime={RUNTIME}={recorder.program}\n"
        f'    or in daemon.json: "runtimes": {{"{RUNTIME}": {{"path": "{recorder.program}"}}}}\n'
        "podman, ctr: need nothing, the suite gives them one of its own\n"
    )
    return 0


def _references(clause: Clause) -> list[tuple[str, str]]:
    """What the numbers of sentences in a clause's texts stand for: a clause of that sentence, and where it stands."""
    text = " ".join((clause.how, clause.reason, clause.contention, clause.same_as, clause.derived_from))
    by_ref = {other.ref: other for other in catalogue.load().values()}
    found = [by_ref[ref] for ref in dict.fromkeys(re.findall(r"\b[RID]\d{3}\b", text)) if ref in by_ref]
    return [(other.ref, f"{other.id} and its like, {other.reference}") for other in found if other.ref != clause.ref]


def _mutant_lines(clause: str) -> list[str]:
    summaries = proofs.mutant_summaries()
    return [f"{identifier}: {summaries[identifier]}" for identifier in proofs.mutants_by_clause().get(clause, ())]


def explanation(clause: Clause, tests: Iterable[str], mutants: Iterable[str]) -> str:
    """What there is to say of a clause, as text for a terminal."""
    until = f", until {clause.until}" if clause.until else ""
    strength = "absolute" if clause.absolute else "advice"
    entries = [
        ("demands", clause.summary),
        ("level", f"{clause.level} ({strength})"),
        ("of", f"{clause.subject}, on platform {clause.platform}"),
        ("since", f"{clause.spec}-spec {clause.since}{until}"),
        ("text", clause.reference),
        ("fate", f"{clause.fate}: {clause.reason}" if clause.reason else clause.fate),
        ("how", clause.how),
        ("fault", clause.fault),
        ("needs", ", ".join(clause.needs)),
        ("same as", clause.same_as),
        ("derived", f"from {clause.derived_from}" if clause.derived_from else ""),
        ("note", clause.contention),
        *_references(clause),
        *(("test", test) for test in tests),
        *(("mutant", mutant) for mutant in mutants),
        ("proof", UNPROVEN_LIVE if clause.id in proofs.unproven_live() else ""),
    ]
    lines = [clause.id]
    for name, text in entries:
        if text:
            lines.append(textwrap.fill(text, WIDTH, initial_indent=f"  {name:9} ", subsequent_indent=" " * 12))
    return "\n".join(lines) + "\n"
