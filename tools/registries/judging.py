"""Run the suite on registries that were started, and hold what fails against docs/field-results.md."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tools.field_results import PAGE, compare, rows
from tools.full_run import JUDGED, read_junit, read_ledger
from tools.registries import distribution, django_oci
from tools.registries.service import NotStartedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from tools.registries.started import Started

CLAIMS = ("--oci-spec-version=distribution:1.1", "--oci-spec-version=image:1.1")


@dataclass(frozen=True)
class Case:
    """A product, as the page calls it, and one way in which it is started.

    `proven` are clauses whose mutants are tried as well: the product behind proxies with one fault each.
    """

    product: str
    start: Callable[[Path], AbstractContextManager[Started]]
    proven: tuple[str, ...] = ()


CASES: Mapping[str, Case] = {
    "docker-registry": Case(
        "docker-registry",
        distribution.plain,
        (
            *("dist.api.*", "dist.errors.json-format", "dist.errors.code-listed", "dist.warnings.*"),
            *("dist.upload.patch.range", "dist.upload.status.location", "dist.tags.list.body"),
            *("dist.blob.get.*", "dist.manifest.get.expected-content", "dist.delete.manifest.*"),
        ),
    ),
    "docker-registry-guarded": Case("docker-registry", distribution.guarded),
    "django-oci": Case("django-oci", django_oci.plain),
}


@dataclass(frozen=True)
class Asked:
    """How to judge; `limit` is in seconds, for each run of the suite."""

    results: Path
    python: str
    limit: float


@dataclass
class Judged:
    """What the suite said of a registry. `wrong` is what is wrong with the run, not with the product."""

    failed: frozenset[str] = frozenset()
    wrong: list[str] = field(default_factory=list)


def judge(asked: Asked, names: list[str]) -> int:
    """Judge these cases; 0 if the runs are sound and the page is right, else 1."""
    page = rows(PAGE.read_text(encoding="utf-8"))
    problems = []
    for name in names:
        judged = run(asked, name)
        problems += [f"{name}: {wrong}" for wrong in judged.wrong]
        if not judged.wrong:
            problems += [f"{name}: {one}" for one in compare(page, [(CASES[name].product, judged.failed)])]
    for problem in problems:
        print(problem)
    print(f"{len(names)} registries were judged, {len(problems)} problems")
    return 1 if problems or not names else 0


def run(asked: Asked, name: str) -> Judged:
    """Start one registry, run the suite on it, and end it."""
    results = asked.results / name
    results.mkdir(parents=True, exist_ok=True)
    case, judged = CASES[name], Judged()
    with tempfile.TemporaryDirectory(prefix="registry-") as directory:
        try:
            with case.start(Path(directory)) as started:
                _judge(asked, name, started, results, judged)
                if case.proven and not judged.wrong:
                    _prove(asked, name, started, results, judged)
        except NotStartedError as error:
            judged.wrong.append(str(error))
    return judged


def _judge(asked: Asked, name: str, started: Started, results: Path, judged: Judged) -> None:
    junit, ledger = results / "junit.xml", results / "run.jsonl"
    for record in (junit, ledger):
        record.unlink(missing_ok=True)
    began = time.monotonic()
    words = [f"--oci-ledger={ledger}", f"--junitxml={junit}", *CLAIMS]
    status = _pytest(asked, started, results / "output.txt", *words)
    statuses, wrong = read_ledger(ledger)
    judged.wrong += [*wrong, *read_junit(junit)]
    if status not in JUDGED:
        judged.wrong.append(f"exit status {status}; what the run said is in {results}")
    told = [
        file for file in results.iterdir() if any(secret.encode() in file.read_bytes() for secret in started.secrets)
    ]
    judged.wrong += [f"{file.name} holds a secret" for file in told]
    judged.failed = frozenset(clause for (clause, _), status in statuses.items() if status == "fail")
    counts, seconds = Counter(statuses.values()), time.monotonic() - began
    print(f"{name}: {seconds:.1f} s; {len(judged.failed)} clauses failed; {dict(counts)}", flush=True)


def _prove(asked: Asked, name: str, started: Started, results: Path, judged: Judged) -> None:
    began = time.monotonic()
    words = ["--oci-prove", *(f"--oci-clause={clause}" for clause in CASES[name].proven)]
    status = _pytest(asked, started, results / "proofs.txt", *words)
    if status != 0:
        judged.wrong.append(f"proofs ended with {status}; what they said is in {results}")
    print(f"{name}: {time.monotonic() - began:.1f} s for proofs", flush=True)


def _pytest(asked: Asked, started: Started, output: Path, *words: str) -> int | str:
    """Run the suite in an empty directory; its exit status, or that it took too long."""
    command = [asked.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--oci-registry={started.url}"]
    with tempfile.TemporaryDirectory(prefix="judge-") as empty, output.open("wb") as file:
        try:
            return subprocess.run(
                [*command, *started.options, *words],
                cwd=empty,
                env={**os.environ, **started.environment},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                timeout=asked.limit,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            return f"more than {asked.limit:g} s"
