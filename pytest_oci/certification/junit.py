"""junit.xml of a submission: a suite for each ledger, a case for each test, the contract's properties, true counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from pytest_oci import catalogue
from pytest_oci.report.junit import properties
from pytest_oci.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_oci.certification.ledgers import Joined, Ledger

ENDS = {Status.ERROR: "error", Status.FAIL: "failure"}
SKIPPED = frozenset({Status.NOT_TESTABLE, Status.DEVIATION, Status.UNSUPPORTED, Status.ADVICE, Status.NOT_APPLICABLE})
SAID = {"failure": "failure", "error": "error", "skipped": "skipped", "": "passed"}
"""The site's word in the attribute `status`, by what stands in the case."""


def junit_xml(joined: Joined) -> bytes:
    """The whole document in UTF-8, without anything of the moment at which it is written."""
    suites = [_suite(ledger) for ledger in joined.ledgers]
    top = ElementTree.Element("testsuites", {"name": "pytest-oci", **_sums(suites)})
    top.extend(suites)
    ElementTree.indent(top)
    body: bytes = ElementTree.tostring(top, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body + b"\n"


def _suite(ledger: Ledger) -> ElementTree.Element:
    host = ledger.header["host"]
    name = f"{host.get('system', '')} {host.get('kernel', '')} {host.get('architecture', '')}".strip()
    cases = [_case(test, results) for test, results in sorted(by_test(ledger).items())]
    started = str(ledger.header["started"])[:19]
    suite = ElementTree.Element("testsuite", {"name": name, "hostname": "host", "timestamp": started})
    suite.extend(cases)
    for end in ("failure", "error", "skipped"):
        number = sum(1 for case in cases if case.find(end) is not None)
        suite.set({"failure": "failures", "error": "errors", "skipped": "skipped"}[end], str(number))
    suite.set("tests", str(len(cases)))
    suite.set("time", f"{sum(float(str(case.get('time'))) for case in cases):.6f}")
    return suite


def by_test(ledger: Ledger) -> dict[str, list[Mapping[str, Any]]]:
    """The results of each test: one for each clause that it judges."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for result in ledger.results:
        if result["test"] is not None:
            found.setdefault(result["test"], []).append(result)
    return found


def _case(test: str, results: Sequence[Mapping[str, Any]]) -> ElementTree.Element:
    first, status = results[0], Status(results[0]["status"])
    path, _, name = test.partition("::")
    end = ENDS.get(status) or ("skipped" if status in SKIPPED else "")
    case = ElementTree.Element(
        "testcase",
        {"classname": path.removesuffix(".py").replace("/", "."), "name": legal(name), "status": SAID[end]},
    )
    case.set("time", f"{float(first['duration']):.6f}")
    known = catalogue.load()
    listed = properties([known[result["clause"]] for result in results])
    listed += [("oci.status", str(status))] if end == "skipped" else []
    group = ElementTree.SubElement(case, "properties")
    for key, value in listed:
        ElementTree.SubElement(group, "property", {"name": key, "value": str(value)})
    if end:
        expected = f"expected {first['expected']}, got {first['actual']}" if first["expected"] else ""
        message = "; ".join(filter(None, (first["reason"], expected))) or str(status)
        element = ElementTree.SubElement(case, end, {"message": legal(message), "type": str(status)})
        element.text = legal("\n".join([*first["evidence"], first["reproduce"]]))
    return case


def legal(text: str) -> str:
    """The text without characters that XML 1.0 has no way to write."""
    return "".join(
        one if one in "\t\n" or " " <= one < "\ud800" or "\ue000" <= one < "\ufffe" else "\ufffd" for one in text
    )


def _sums(suites: Sequence[ElementTree.Element]) -> dict[str, str]:
    names = ("tests", "failures", "errors", "skipped")
    sums = {name: str(sum(int(str(suite.get(name))) for suite in suites)) for name in names}
    return {**sums, "time": f"{sum(float(str(suite.get('time'))) for suite in suites):.6f}"}
