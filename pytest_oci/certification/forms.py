"""The form of what a run writes into its ledger, down to the byte: what has another was written by somebody else."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, TypeAlias

from pytest_oci.settings import WORKFLOWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_oci.certification.ledgers import Ledger

MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}")


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _named(value: Any) -> bool:
    return isinstance(value, dict)


def _texts_by_name(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_text, value.values()))


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _truth(value: Any) -> bool:
    return isinstance(value, bool)


def _moment(value: Any) -> bool:
    return isinstance(value, str) and MOMENT.fullmatch(value) is not None


def _targets(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict)
        and _text(one.get("kind"))
        and _text(one.get("path"))
        and re.fullmatch(r"[0-9a-f]{64}", one.get("sha256", "0" * 64))
        for one in value
    )


def _conditions(value: Any) -> bool:
    parts = {"ini": _text, "pytest": _text, "conftests": _texts, "plugins": _texts, "addopts": _text}
    return isinstance(value, dict) and _fits({**parts, "left_out": _texts_by_name}, value)


def _workflows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and one in WORKFLOWS for one in value)


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _any(_: Any) -> bool:
    return True


Form: TypeAlias = "Mapping[str, Callable[[Any], bool]]"
HEADER: Form = {
    "type": _text,
    "ledger": _number,
    "suite": _texts_by_name,
    "claimed": _texts_by_name,
    "targets": _targets,
    "bundle_to_start": _truth,
    "host": _named,
    "conditions": _conditions,
    "deviations": _texts_by_name,
    "command_line": _texts,
    "started": _moment,
}
FOOTER: Form = {
    "type": _text,
    "counts": _named,
    "verdict": _text,
    "reasons": _texts,
    "exit_status": _number,
    "interrupted": _truth,
    "ended": _moment,
    "lines": _number,
    "sha256": _text,
}
JUDGED: Form = {
    "type": _text,
    "clause": _text,
    "test": _text,
    "status": _text,
    "duration": _number,
    "expected": _text,
    "actual": _text,
    "reason": _text,
    "evidence": _texts,
    "reproduce": _text,
    "scenarios": _texts,
}
UNBOUND: Form = {"type": _text, "clause": _text, "test": _any, "status": _text, "reason": _text}
OBSERVATION: Form = {"type": _text, "scenario": _text, "calls": _any, "facts": _named, "trouble": _any}
SOMETIMES: Form = {"workflows": _workflows, "demonstration": _text, "exchanges": _list}
"""Members that only some headers and observations have."""


def malformed(ledger: Ledger) -> Iterable[str]:
    """What in a ledger no run writes, in words."""
    for number, (line, record) in enumerate(zip(ledger.data.splitlines(keepends=True), ledger.records, strict=True), 1):
        if wrong := _wrong(record):
            yield f"line {number}: {wrong}"
        elif line != (json.dumps(json.loads(line), separators=(",", ":")) + "\n").encode():
            yield f"line {number} is not written as a run writes it"


def _wrong(record: Mapping[str, Any]) -> str:
    form = {"header": HEADER, "footer": FOOTER, "observation": OBSERVATION}.get(str(record["type"]))
    if record["type"] == "result":
        form = JUDGED if record.get("test") is not None else UNBOUND
    if form is None:
        return f"a run writes no {record['type']}"
    form = {**form, **{name: fits for name, fits in SOMETIMES.items() if name in record}}
    if more := sorted(record.keys() - form.keys()):
        return f"a {record['type']} has no {more[0]}"
    return next((f"{name} is missing or of another form" for name in form if not _fits({name: form[name]}, record)), "")


def _fits(form: Form, found: Mapping[str, Any]) -> bool:
    return all(name in found and fits(found[name]) for name, fits in form.items())
