"""What a runtime's own features document says, for tests that hold the runtime to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_oci.conformance.runtime.config.tree import describe
from pytest_oci.fixtures.runtime.scenarios.operations import printed_features

from pytest_oci import Violation, not_testable, unsupported
from pytest_oci.documents.exact import DocumentError, read_json
from pytest_oci.documents.findings import json_pointer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_oci.conformance.runtime.config.tree import Object
    from pytest_oci.fixtures.runtime.observer import Observe

    from pytest_oci.documents.exact import JsonValue


def announced(observe: Observe) -> Object:
    """The features document that the runtime prints; `unsupported` if it prints none, which the text allows."""
    seen = observe.without_bundle(printed_features())
    if not seen["call"]["ok"]:
        unsupported("the runtime has no features operation", seen["call"]["text"])
    try:
        root = read_json(seen["raw"].encode("utf-8", "surrogateescape")).root
    except DocumentError as error:
        unsupported("the features operation prints no JSON", str(error))
    if not isinstance(root, dict):
        unsupported("the features operation prints no JSON object", f"it prints {describe(root)}")
    return root


def value_at(features: Object, *names: str) -> JsonValue:
    """The value of a property inside objects; None where it, or an object around it, is absent or null."""
    value: JsonValue = features
    for depth, name in enumerate(names):
        if value is None:
            return None
        if not isinstance(value, dict):
            not_testable(f"product: {json_pointer(*names[:depth])} is {describe(value)}, no object")
        value = value.get(name)
    return value


def listed(observe: Observe, *names: str) -> list[str]:
    """The names that a list of the document has, each once; `unsupported` if the document lists none there."""
    pointer = json_pointer(*names)
    value = value_at(announced(observe), *names)
    if value is None or value == []:
        unsupported(f"the features document lists nothing at {pointer}", f"{pointer} is {describe(value)}")
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        not_testable(f"product: {pointer} is {describe(value)}, no array of strings")
    return list(dict.fromkeys(str(item) for item in value))


def expect_recognized(names: Sequence[str], faults: Mapping[str, str], pointer: str) -> None:
    """Hold if none of the listed names was found wanting; `faults` says of a name what happened."""
    found = [name for name in names if name in faults]
    if found:
        evidence = [f"{name}: {faults[name]}" for name in found]
        raise Violation(f"every name listed at {pointer} to be recognized", f"not so: {', '.join(found)}", evidence)


def require_some(offered: Sequence[str], names: Sequence[str], why: str) -> None:
    """End as not testable where none of the listed names can be tried here."""
    if not offered:
        not_testable(f"host: {why}", f"listed: {', '.join(names)}")
