"""What Jenkins, GitLab and another reader make of JUnit files: `python3 -m tools.junit_check FILE... [--schema XSD]`.

Jenkins' xUnit plugin holds reports against a schema, which pytest's source distribution has for pytest's own tests:
pip takes it from there, and it stands nowhere in this project. It has no properties in a test case, where ours have
their clauses: they are set apart before, and nothing else is; a document that `pytest-oci junit --strict` wrote has
none (`--strict` here too). GitLab has no schema; what its documentation and its reader ask for is in `RULES`.
junitparser has to read the file and to count what it says. Where a ledger lies beside it (run.jsonl), the tests in
both have to be the same.

It needs `xmlschema` and `junitparser` from PyPI. The exit status is 0 if every file is taken by all, else 1.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from xmlschema import XMLSchema

SOURCE = "pytest==8.4.2"
IN_SOURCE = "testing/example_scripts/junit-10.xsd"
FETCH_SECONDS = 180
ENDS = ("failure", "error", "skipped")
COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}

LARGEST = 30 * 1024 * 1024
"""Bytes of a file that GitLab still reads."""
LARGEST_TEXT = 10_000_000
"""Bytes of one text, beyond which older readers (libxml2 as it is set up by itself) stop."""
MOST_CASES = 500_000
MOST_ELEMENTS = 250_000
"""That GitLab 17.6 counted up to."""
CONVERTED = frozenset(
    {"array", "base64Binary", "boolean", "date", "dateTime", "datetime", "decimal", "double", "file", "float"}
    | {"binary", "hexBinary", "integer", "string", "symbol", "yaml"}
)
"""Values of an attribute `type` that GitLab's reader takes for the type of the text and converts, or refuses."""


def fetch_schema(directory: Path) -> Path:
    """The schema, out of pytest's source distribution. Raises OSError if it cannot be had."""
    python = sys.executable if find_spec("pip") else "python3"
    words = ["download", "--quiet", "--no-deps", "--no-binary", "pytest", "--dest", str(directory), SOURCE]
    done = subprocess.run([python, "-m", "pip", *words], check=False, timeout=FETCH_SECONDS)
    archives = list(directory.glob("*.tar.gz"))
    if done.returncode or not archives:
        raise OSError(f"pip could not download {SOURCE}")
    with tarfile.open(archives[0]) as archive:
        name = next(name for name in archive.getnames() if name.endswith(IN_SOURCE))
        file = archive.extractfile(name)
        assert file is not None
        schema = directory / Path(IN_SOURCE).name
        schema.write_bytes(file.read())
    return schema


def schema_problems(path: Path, schema: XMLSchema, *, strict: bool = False) -> list[str]:
    """What the schema says, once for each kind of problem; properties of cases are set apart unless `strict`."""
    top = ElementTree.parse(path).getroot()
    for case in () if strict else top.iter("testcase"):
        for group in case.findall("properties"):
            case.remove(group)
    found = Counter(str(error.reason) for error in schema.iter_errors(top))
    return [f"schema: {reason} ({number} times)" for reason, number in found.items()]


def _named(path: Path, _: ElementTree.Element) -> Iterable[str]:
    if path.suffix != ".xml":
        yield "the name does not end in .xml"


def _small(path: Path, top: ElementTree.Element) -> Iterable[str]:
    if path.stat().st_size >= LARGEST:
        yield "the file has 30 MB or more"
    if sum(1 for _ in top.iter("testcase")) > MOST_CASES:
        yield "there are more than 500,000 cases"
    if (elements := sum(1 for _ in top.iter())) > MOST_ELEMENTS:
        yield f"there are {elements} elements"
    if any(len(text.encode()) > LARGEST_TEXT for one in top.iter() for text in (one.text or "", *one.attrib.values())):
        yield "a text is longer than 10 MB"


def _nested(_: Path, top: ElementTree.Element) -> Iterable[str]:
    if top.tag not in ("testsuites", "testsuite"):
        yield f"it begins with {top.tag}"
    if any(True for one in top.iter("testsuites") if one is not top):
        yield "there is a testsuites in another"
    if top.tag == "testsuites" and top.find("testcase") is not None:
        yield "a case is in no suite"


def _told_apart(_: Path, top: ElementTree.Element) -> Iterable[str]:
    suites = [top, *top.iter("testsuite")] if top.tag != "testsuite" else top.iter("testsuite")
    keys = Counter(
        (suite.get("name"), case.get("classname"), case.get("name"))
        for suite in suites
        for case in suite.findall("testcase")
    )
    if any(None in key for key in keys):
        yield "a case or its suite has no name, or a case no class"
    doubled = [key for key, number in keys.items() if number > 1]
    if doubled:
        yield f"{len(doubled)} cases are not told apart from others, such as {doubled[0]}"


def _ended(_: Path, top: ElementTree.Element) -> Iterable[str]:
    for case in top.iter("testcase"):
        name, ends = case.get("name"), [child for child in case if child.tag in ENDS]
        if len(ends) > 1:
            yield f"{name} ends more than once: the first of failure, error, skipped counts"
        for end in ends:
            if not (end.text or "").strip():
                yield f"{name}: its {end.tag} has no text, and the message is not shown"
            if end.get("type") in CONVERTED:
                yield f"{name}: the type {end.get('type')} is taken for the text's"


def _timed(_: Path, top: ElementTree.Element) -> Iterable[str]:
    for one in (*top.iter("testsuite"), *top.iter("testcase")):
        time = one.get("time", "")
        try:
            good = 0 <= float(time) < float("inf")
        except ValueError:
            good = False
        if not good:
            yield f"{one.get('name')}: its time is {time!r}"


RULES: Mapping[str, Callable[[Path, ElementTree.Element], Iterable[str]]] = {
    "a report is taken by its suffix": _named,
    "it is small enough": _small,
    "cases are in suites, suites in one testsuites at most": _nested,
    "suite, class and name tell cases apart": _told_apart,
    "a case ends once, with a text": _ended,
    "a time is a number of seconds": _timed,
}
"""What GitLab asks for (docs.gitlab.com, Unit test reports; lib/gitlab/ci/parsers/test/junit.rb)."""


def gitlab_problems(path: Path) -> list[str]:
    """What keeps GitLab from showing all that is in the file."""
    try:
        top = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        return [f"GitLab: no XML: {error}"]
    return [f"GitLab: {rule}: {told}" for rule, look in RULES.items() for told in look(path, top)]


def count_problems(path: Path) -> list[str]:
    """Where junitparser counts otherwise than the attributes of the suites, or they otherwise than the file holds."""
    import junitparser

    told = []
    found = junitparser.JUnitXml.fromfile(str(path))
    for one, suite in zip(ElementTree.parse(path).getroot().iter("testsuite"), found, strict=True):
        held = {
            name: sum(1 for case in one.findall("testcase") if case.find(end) is not None)
            for end, name in COUNTED.items()
        }
        held["tests"] = len(one.findall("testcase"))
        said = {name: int(one.get(name, "-1")) for name in held}
        read = {name: getattr(suite, name) for name in held}
        suite.update_statistics()
        counted = {name: getattr(suite, name) for name in held}
        if not held == said == read == counted:
            told.append(
                f"counts: {one.get('name')} holds {held}, says {said}; junitparser reads {read}, counts {counted}"
            )
    return told


def ledger_problems(path: Path, ledger: Path) -> list[str]:
    """Where the cases are not the tests of a run's ledger, or end otherwise, or do not name their clauses."""
    records = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    recorded: dict[str, tuple[str, set[str]]] = {}
    for record in records:
        if record["type"] == "result" and record["test"]:
            _, clauses = recorded.setdefault(record["test"], (record["status"], set()))
            clauses.add(record["clause"])
    shown: dict[str, tuple[str, set[str]]] = {}
    for case in ElementTree.parse(path).iter("testcase"):
        properties = [(entry.get("name"), str(entry.get("value"))) for entry in case.iter("property")]
        end = next((end for end in ("error", "failure") if case.find(end) is not None), None)
        status = {"error": "error", "failure": "fail"}.get(end or "") or dict(properties).get("oci.status", "pass")
        name = f"{str(case.get('classname')).replace('.', '/')}.py::{case.get('name')}".removeprefix("conformance/")
        shown[name] = (status, {value for key, value in properties if key == "oci.clause"})
    wrong = [name for name in {*recorded, *shown} if recorded.get(name) != shown.get(name)]
    return [f"ledger: {len(wrong)} cases are not the tests of {ledger}, such as {min(wrong)}"] if wrong else []


def problems(path: Path, schema: XMLSchema, *, strict: bool) -> list[str]:
    """All that is wrong with a file."""
    told = gitlab_problems(path)
    if not told or not told[0].startswith("GitLab: no XML"):
        told += schema_problems(path, schema, strict=strict)
        told += count_problems(path)
        if (ledger := path.with_name("run.jsonl")).exists() and not strict:
            told += ledger_problems(path, ledger)
    return told


def main(arguments: Sequence[str]) -> int:
    """Check files; 0 if all are taken."""
    from xmlschema import XMLSchema

    parser = argparse.ArgumentParser(prog="tools.junit_check", description="What readers make of JUnit files.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--schema", type=Path, metavar="XSD", help="Jenkins' schema; by default it is fetched")
    parser.add_argument("--strict", action="store_true", help="the files were written by `pytest-oci junit --strict`")
    options = parser.parse_args(arguments)
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="junit-check-") as scratch:
        schema = XMLSchema(str(options.schema or fetch_schema(Path(scratch))))
        for file in options.files:
            told = problems(file, schema, strict=options.strict)
            wrong += bool(told)
            print(f"{file}: {'taken by all' if not told else ''}")
            print("".join(f"  {text}\n" for text in told), end="")
    print(f"{len(options.files)} files, {wrong} with problems")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
