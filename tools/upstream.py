"""Make docs/upstream.md of docs/upstream.toml and of ledgers: `python3 -m tools.upstream [--check] LEDGER...`.

The page says for each thing that upstream's runtime suite does not test, or tests so that it cannot fail, which clause
here does, and with which result on each product. With `--check` nothing is written; the exit status is 1 if the page is
not what it would become.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DOCS = Path(__file__).parent.parent / "docs"
DATA, PAGE = DOCS / "upstream.toml", DOCS / "upstream.md"
WORST_FIRST = ("error", "fail", "deviation", "not-testable", "unsupported", "advice", "pass", "not-applicable")
HEAD = """# What upstream's runtime suite does not test

`opencontainers/runtime-tools` registers more than a hundred absolute codes for runtime-spec 1.0 and effectively checks
less than half of them. Each thing that it does not test, or tests so that the test cannot fail, stands here with the
clauses that do, and the result on three runtimes. [field-results.md](field-results.md) says on which host, and
why each failure is true. This page is made of `upstream.toml`:

```console
$ python3 -m tools.upstream results/{crun,runc,runsc}-*-1/run.jsonl
```

- *bundle*: what the configuration's author owes; judged with `--oci-bundle=DIR`.
- *excluded*: nobody outside can observe it; `pytest-oci explain CLAUSE` says why.
- *not-applicable*: a duty on another platform, or the product gives it nothing to bind (it refuses earlier, say).
"""


def results(ledger: Path) -> tuple[str, Mapping[str, str]]:
    """The product of a ledger and the status of each clause there: the worst of its tests'."""
    records = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    found: dict[str, str] = {}
    for record in records:
        if "clause" in record:
            statuses = [status for status in (record["status"], found.get(record["clause"])) if status in WORST_FIRST]
            if statuses:
                found[record["clause"]] = min(statuses, key=WORST_FIRST.index)
    return Path(records[0]["targets"][0]["path"]).name, found


def catalogue() -> Mapping[str, Mapping[str, Any]]:
    """The runtime clauses by id, read from the clause files."""
    top = Path(__file__).parent.parent / "conformance" / "runtime"
    files = (tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(top.rglob("*.toml")))
    return {clause["id"]: clause for data in files for clause in data.get("clause", ())}


def cell(clause: Mapping[str, Any], statuses: Mapping[str, str]) -> str:
    """What the page says of a clause on a product."""
    if clause["fate"] == "excluded":
        return "excluded"
    if clause["subject"] == "bundle":
        return "bundle"
    return statuses.get(clause["id"], "-")


def page(data: Mapping[str, Any], ledgers: Sequence[tuple[str, Mapping[str, str]]]) -> str:
    """The text of the page."""
    clauses = catalogue()
    products = [product for product, _ in ledgers]
    lines = [HEAD]
    for group in data["group"]:
        lines += [f"## {group['title']}", ""]
        lines.append(f"| what | clause | {' | '.join(products)} |")
        lines.append("|---|---|" + "---|" * len(products))
        for row in group["row"]:
            what = f"`{row['code']}`: {row['what']}" if "code" in row else row["what"]
            for name in row["clauses"]:
                cells = [cell(clauses[name], statuses) for _, statuses in ledgers]
                lines.append(f"| {what} | `{name}` | {' | '.join(cells)} |")
                what = ""
        lines.append("")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Write or check the page; the exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.upstream")
    parser.add_argument("ledgers", nargs="+", type=Path, metavar="LEDGER")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is stale")
    options = parser.parse_args(arguments)
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    text = page(data, [results(ledger) for ledger in options.ledgers])
    if not options.check:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    stands = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    sys.stdout.writelines(difflib.unified_diff(stands.splitlines(True), text.splitlines(True), "stands", "seen", n=0))
    return 1 if text != stands else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
