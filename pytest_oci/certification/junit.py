"""junit.xml of ledgers: a suite for each, a case for each test with its clauses as properties, true counts.

The schema that Jenkins' xUnit plugin holds reports against has no properties in a case. In a strict document they are
lines of the case's output, and nothing else differs; Jenkins' own JUnit step and GitLab read either.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from pytest_oci import catalogue
from pytest_oci.report.junit import properties
from pytest_oci.status import WORST_FIRST, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_oci.certification.ledgers import Joined, Ledger

ENDS = {Status.ERROR: "error", Status.FAIL: "failure"}
ILLEGAL = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SKIPPED = frozenset({Status.NOT_TESTABLE, Status.DEVIATION, Status.UNSUPPORTED, Status.ADVICE, Status.NOT_APPLICABLE})


def junit_xml(joined: Joined, *, strict: bool = False) -> bytes:
    """The whole document in UTF-8, without anything of the moment at which it is written."""
    suites = [_suite(ledger, strict=strict) for ledger in joined.ledgers]
    _tell_apart(suites)
    top = ElementTree.Element("testsuites", {"name": "pytest-oci", **_sums(suites)})
    top.extend(suites)
    ElementTree.indent(top)
    body: bytes = ElementTree.tostring(top, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body + b"\n"


def _suite(ledger: Ledger, *, strict: bool) -> ElementTree.Element:
    host = ledger.header["host"]
    name = f"{host.get('system', '')} {host.get('kernel', '')} {host.get('architecture', '')}".strip()
    cases = [_case(test, results, strict=strict) for test, results in sorted(by_test(ledger).items())]
    started = str(ledger.header["started"])[:19]
    suite = ElementTree.Element("testsuite", {"name": legal(name), "hostname": "host", "timestamp": legal(started)})
    suite.extend(cases)
    for end in ("failure", "error", "skipped"):
        number = sum(1 for case in cases if case.find(end) is not None)
        suite.set({"failure": "failures", "error": "errors", "skipped": "skipped"}[end], str(number))
    suite.set("tests", str(len(cases)))
    suite.set("time", f"{sum(float(str(case.get('time'))) for case in cases):.3f}")
    return suite


def _tell_apart(suites: Sequence[ElementTree.Element]) -> None:
    """Number suites of like hosts: GitLab takes cases of one name in suites of one name for one case."""
    seen: Counter[str] = Counter()
    for suite in suites:
        name = str(suite.get("name"))
        seen[name] += 1
        if seen[name] > 1:
            suite.set("name", f"{name} ({seen[name]})")


def by_test(ledger: Ledger) -> dict[str, list[Mapping[str, Any]]]:
    """The results of each test: one for each clause that it judges."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for result in ledger.results:
        if result["test"] is not None:
            found.setdefault(result["test"], []).append(result)
    return found


def _case(test: str, results: Sequence[Mapping[str, Any]], *, strict: bool) -> ElementTree.Element:
    first = min(results, key=lambda result: WORST_FIRST.index(result["status"]))
    status = Status(first["status"])
    path, _, name = test.partition("::")
    end = ENDS.get(status) or ("skipped" if status in SKIPPED else "")
    case = ElementTree.Element(
        "testcase",
        {"classname": legal(path.removesuffix(".py").replace("/", ".")), "name": legal(name)},
    )
    case.set("time", f"{float(first['duration']):.6f}")
    known = catalogue.load()
    listed = properties([known[result["clause"]] for result in results])
    listed += [("oci.status", str(status))] if end == "skipped" else []
    if not strict:
        group = ElementTree.SubElement(case, "properties")
        for key, value in listed:
            ElementTree.SubElement(group, "property", {"name": key, "value": str(value)})
    if end:
        expected = f"expected {first['expected']}, got {first['actual']}" if first["expected"] else ""
        message = "; ".join(filter(None, (first["reason"], expected))) or str(status)
        element = ElementTree.SubElement(case, end, {"message": legal(message), "type": str(status)})
        # The message once more: GitLab shows the text alone.
        element.text = legal("\n".join(filter(None, [message, *first["evidence"], first["reproduce"]])))
    if strict:
        ElementTree.SubElement(case, "system-out").text = "\n".join(f"{key}: {value}" for key, value in listed)
    return case


def legal(text: str) -> str:
    """The text without characters that XML 1.0 has no way to write, and without carriage returns, which it changes."""
    return ILLEGAL.sub("\ufffd", text)


def _sums(suites: Sequence[ElementTree.Element]) -> dict[str, str]:
    names = ("tests", "failures", "errors")  # the schema has no `skipped` here
    sums = {name: str(sum(int(str(suite.get(name))) for suite in suites)) for name in names}
    return {**sums, "time": f"{sum(float(str(suite.get('time'))) for suite in suites):.3f}"}
