"""Run the suite on registries that were started, and hold what fails against docs/field-results.md."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tools import suite
from tools.field_results import PAGE, compare, rows
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
    env = {**os.environ, **started.environment}
    ended = suite.run(asked.python, results, [*_given(started), *CLAIMS], asked.limit, env=env)
    judged.failed = ended.failed
    judged.wrong += ended.wrong
    told = [
        file for file in results.iterdir() if any(secret.encode() in file.read_bytes() for secret in started.secrets)
    ]
    judged.wrong += [f"{file.name} holds a secret" for file in told]
    print(f"{name}: {ended}", flush=True)


def _prove(asked: Asked, name: str, started: Started, results: Path, judged: Judged) -> None:
    began = time.monotonic()
    words = [*_given(started), "--oci-prove", *(f"--oci-clause={clause}" for clause in CASES[name].proven)]
    env = {**os.environ, **started.environment}
    status = suite.run_pytest(asked.python, words, results / "proofs.txt", asked.limit, env=env)
    if status != 0:
        how = f"did not end within {asked.limit:g} s" if status is None else f"ended with {status}"
        judged.wrong.append(f"proofs {how}; what they said is in {results}")
    print(f"{name}: {time.monotonic() - began:.1f} s for proofs", flush=True)


def _given(started: Started) -> list[str]:
    return [f"--oci-registry={started.url}", *started.options]
