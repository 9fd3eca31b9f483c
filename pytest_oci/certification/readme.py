"""README.md of a submission: what was run, on what, and how to run it again; written from the ledgers."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

from pytest_oci.certification.ledgers import kinds_of
from pytest_oci.status import Status
from pytest_oci.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_oci.certification.ledgers import Joined, Ledger
    from pytest_oci.certification.submission import Submission

NOT_REPEATED = ("--oci-ledger", "--oci-deviations", "--oci-tap")
MOST_LISTED = 200
LONGEST = 4096
LISTED = (
    (Status.FAIL, "Failed"),
    (Status.DEVIATION, "Failed, and declared as deviations"),
    (Status.ERROR, "Trouble in the suite"),
    (Status.NOT_TESTABLE, "Not testable on these hosts"),
    (Status.UNSUPPORTED, "Optional, and not there"),
)


def readme(submission: Submission) -> str:
    """The whole page."""
    joined, product = submission.joined, submission.product
    suite, verdict = joined.header["suite"], joined.verdict
    lines = [
        f"# {product.name} {product.values['version']}",
        "",
        *([f"**{product.watermark}**", ""] if product.watermark else []),
        f"{product.values['description']}",
        "",
        f"{_claim(joined)}, as `pytest-oci` {suite['version']} judges it: **{verdict.word}**.",
        "",
        *(f"- {reason}" for reason in verdict.reasons),
        *([""] if verdict.reasons else []),
        *_embedded(submission.embedded),
        "## How to reproduce",
        "",
        f"With Python 3.11 or newer, in this directory; the suite's sources have the sha256 `{suite['sha256']}`:",
        "",
        "```sh",
        f"python3 -m pip install 'pytest-oci[certify]=={suite['version']}'",
        "pytest-oci verify .",
        *dict.fromkeys(rerun_command(ledger) for ledger in joined.ledgers),
        "```",
        "",
        "The first command of `pytest-oci` judges the recorded observations again, the other runs the product.",
        "",
        "## What was judged",
        "",
        *(line for ledger in joined.ledgers for line in _ledger(ledger)),
        "## Result",
        "",
        "| status | clauses |",
        "|---|---|",
        *(f"| {status} | {joined.counts[status]} |" for status in Status if joined.counts.get(status)),
        "",
        *(line for status, title in LISTED for line in _listed(joined, status, title)),
        *_named(joined.unproven, "Passed, and nothing rests on it: these tests are proven on recordings only"),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _claim(joined: Joined) -> str:
    kinds = ", ".join(sorted(kinds_of(joined.header)))
    only = f", for {', '.join(joined.workflows)} only" if joined.workflows else ""
    return f"As {kinds}, by {joined.spec}-spec {joined.version}{only}"


def _embedded(stated: Mapping[str, Any] | None) -> list[str]:
    if stated is None:
        return []
    text = f"It contains {stated['product']} {stated['version']}, unmodified: sha256 `{stated['sha256']}`."
    return [text, "What was judged, and what this page tells of, is that product.", ""]


def product_words(ledger: Ledger) -> list[str]:
    """The options about the product that a run had, as `certify` and `verify --rerun` take them."""
    words = map(str, ledger.header["command_line"])
    ours = [word for word in words if word.startswith("--oci-") and word.partition("=")[0] not in NOT_REPEATED]
    return ["--" + word.removeprefix("--oci-") for word in ours]


def rerun_command(ledger: Ledger) -> str:
    """The command that runs the product again."""
    return " ".join(map(_quoted, ["pytest-oci", "verify", ".", "--rerun", *product_words(ledger)]))


def _quoted(word: str) -> str:
    """A word for a shell, in one line whatever it holds."""
    if word.isprintable():
        return shlex.quote(word)
    return "$'" + "".join(f"\\x{byte:02x}" for byte in os.fsencode(word)) + "'"


def _ledger(ledger: Ledger) -> list[str]:
    header, lines = ledger.header, [f"### ledgers/{ledger.name}", ""]
    lines.append(f"- ledger: sha256 `{ledger.sha256}`")
    for target in header["targets"]:
        digest = f", sha256 `{target['sha256']}`" if "sha256" in target else ""
        declared = " (declared by the service)" if target.get("declared") else ""
        said = target.get("version") or target.get("document") or target["path"]
        lines.append(f"- {target['kind']}: {_code(str(said))}{declared}{digest}")
    host = header["host"]
    lsms = " ".join(host.get("lsms", ())) or "none"
    seen = f"{host.get('system')} {host.get('kernel')} {host.get('architecture')}, cgroups {host.get('cgroups')}"
    host_line = _code(f"{seen}, LSMs {lsms}, uid {host.get('uid')}")
    lines.append(f"- host: {host_line}")
    pytest = _code(header["conditions"]["pytest"])
    lines.append(f"- begun {header['started']}, ended {ledger.footer['ended']}, pytest {pytest}")
    return [*lines, ""]


def _listed(joined: Joined, status: Status, title: str) -> Sequence[str]:
    return _named([clause for clause, said in joined.statuses.items() if said is status], title)


def _named(found: Sequence[str], title: str) -> Sequence[str]:
    """These clauses below a title; nothing where there are none."""
    if not found:
        return ()
    more = [f"- and {len(found) - MOST_LISTED} more, in results.yaml"] if len(found) > MOST_LISTED else []
    return [f"### {title}", "", *(f"- `{clause}`" for clause in found[:MOST_LISTED]), *more, ""]


def _code(text: str) -> str:
    """A text of the product's as code in Markdown, in one line."""
    return "`" + " ".join(visible(text, LONGEST).replace("`", "'").split()) + "`"
