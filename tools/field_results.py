"""Hold docs/field-results.md against ledgers: `python3 -m tools.field_results LEDGER...`.

Every clause that a product fails there needs a row that names it and the product, and a row whose clause no ledger of
the product fails any more is stale. The exit status is 1 if a row is missing or stale.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PAGE = Path(__file__).parent.parent / "docs" / "field-results.md"
ROW = re.compile(r"^\| `(?P<clause>[^`]+)` \| (?P<products>[^|]+) \|", re.MULTILINE)


def rows(page: str) -> Mapping[str, frozenset[str]]:
    """The products that the page's table names, by clause."""
    found: dict[str, set[str]] = defaultdict(set)
    for match in ROW.finditer(page):
        found[match["clause"]].update(product.strip() for product in match["products"].split(","))
    return {clause: frozenset(products) for clause, products in found.items()}


def failed(ledger: Path) -> tuple[str, frozenset[str]]:
    """The product of a ledger, by the name of its executable, and the clauses that it fails."""
    records = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    product = Path(records[0]["targets"][0]["path"]).name
    return product, frozenset(record["clause"] for record in records if record.get("status") == "fail")


def compare(page: Mapping[str, frozenset[str]], ledgers: Sequence[tuple[str, frozenset[str]]]) -> list[str]:
    """What is missing on the page, and what is stale there, in words."""
    failures: dict[str, set[str]] = defaultdict(set)
    for product, clauses in ledgers:
        failures[product].update(clauses)
    problems = []
    for product, broken in sorted(failures.items()):
        listed = {clause for clause, products in page.items() if product in products}
        problems += [f"{product} fails {clause}: no row says why that is true" for clause in sorted(broken - listed)]
        problems += [f"{product} does not fail {clause}: its row is stale" for clause in sorted(listed - broken)]
    return problems


def main(arguments: Sequence[str]) -> int:
    """Compare and print; the exit status."""
    problems = compare(rows(PAGE.read_text(encoding="utf-8")), [failed(Path(name)) for name in arguments])
    for problem in problems:
        print(problem)
    return 1 if problems or not arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
