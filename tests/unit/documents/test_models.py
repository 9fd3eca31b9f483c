"""Models and schemas of the wire documents: both take the examples and refuse the same faults."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from pydantic import BaseModel, ValidationError

from pytest_oci import cli
from pytest_oci.documents import DOCUMENTS, json_schema
from pytest_oci.documents.exact import plain, read_json

from . import examples, image_examples
from .image_examples import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterator

FULL = examples.DOCUMENTS | image_examples.DOCUMENTS
MINIMAL = {
    "config": {"ociVersion": "1.0.2"},
    "state": {"ociVersion": "1.0.2", "id": "x", "status": "stopped", "bundle": "/b"},
    "features": {"ociVersionMin": "1.0.0", "ociVersionMax": "1.0.0"},
    **image_examples.MINIMAL,
}


@cache
def schema_of(kind: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json_schema(kind))


def edited(kind: str, path: str, value: object) -> dict[str, Any]:
    """The example with the value at a path of names and indices replaced, or removed."""
    document = copy.deepcopy(FULL[kind])
    *parents, last = (int(token) if token.isdigit() else token for token in path.split("/"))
    place: Any = document
    for token in parents:
        place = place[token]
    if value is ABSENT:
        del place[last]
    else:
        place[last] = value
    return document


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_schema_is_a_schema_of_2020_12(kind):
    schema = json_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize("which", ["full", "minimal", "with unknown properties"])
def test_good_documents_are_taken(kind, which):
    document = {
        "full": FULL[kind],
        "minimal": MINIMAL[kind],
        "with unknown properties": {**FULL[kind], "oci_version": 5, "new": {"deep": [None]}},
    }[which]
    schema_of(kind).validate(document)
    DOCUMENTS[kind].model().model_validate(plain(read_json(json.dumps(document).encode()).root))


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_nothing_of_a_document_is_lost(kind):
    document = FULL[kind]
    dumped = DOCUMENTS[kind].model().model_validate(document).model_dump(by_alias=True, exclude_unset=True)
    assert dumped == document


def used(value: object) -> Iterator[tuple[type[BaseModel], str]]:
    """Every property of a model that the value sets, and those that no model knows."""
    if isinstance(value, BaseModel):
        for name in value.model_fields_set:
            yield type(value), name
            yield from used(getattr(value, name))
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from used(item)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_full_example_uses_every_property_and_no_other(kind):
    seen = set(used(DOCUMENTS[kind].model().model_validate(FULL[kind])))
    models = {owner for owner, _ in seen}
    assert seen == {(owner, name) for owner in models for name in owner.model_fields}


FAULTS = [
    ("config", "ociVersion", ABSENT),
    ("config", "ociVersion", "1.0"),
    ("config", "ociVersion", "v1.0.2"),
    ("config", "ociVersion", "01.0.0"),
    ("config", "ociVersion", "1.0.0-"),
    ("config", "ociVersion", "1.0.0-01"),
    ("config", "ociVersion", "1.0.0+"),
    ("config", "ociVersion", "1.0.0\n"),
    ("config", "ociVersion", "1.0.\u0661"),
    ("config", "root", None),
    ("config", "root", {}),
    ("config", "root/readonly", "true"),
    ("config", "root/readonly", 1),
    ("config", "mounts", {}),
    ("config", "mounts/0/destination", ABSENT),
    ("config", "mounts/1/gidMappings", ABSENT),
    ("config", "mounts/1/uidMappings", ABSENT),
    ("config", "mounts/0/options", "ro"),
    ("config", "process/cwd", "srv"),
    ("config", "process/cwd", ABSENT),
    ("config", "process/consoleSize/width", ABSENT),
    ("config", "process/consoleSize/width", -1),
    ("config", "process/user/uid", "0"),
    ("config", "process/user/uid", True),
    ("config", "process/rlimits/0/soft", -1),
    ("config", "process/rlimits/0/hard", 2**64),
    ("config", "process/rlimits/0/hard", 1.5),
    ("config", "process/scheduler/policy", "SCHED_BOGUS"),
    ("config", "process/ioPriority/class", ABSENT),
    ("config", "process/terminal", "yes"),
    ("config", "hooks/poststop/0/path", "bin/hook"),
    ("config", "hooks/poststop/0/timeout", 0),
    ("config", "annotations", ["a"]),
    ("config", "annotations", {"": "x"}),
    ("config", "annotations", {"a": 5}),
    ("config", "linux/namespaces/1/path", "run/netns"),
    ("config", "linux/devices/0/major", ABSENT),
    ("config", "linux/devices/0/type", "x"),
    ("config", "linux/resources/rdma", {"m": {}}),
    ("config", "linux/resources/blockIO/weightDevice", [{"major": 1, "minor": 1}]),
    ("config", "linux/resources/blockIO/weight", 65536),
    ("config", "linux/resources/memory/swappiness", 101),
    ("config", "linux/resources/hugepageLimits/0/pageSize", "1GB\n"),
    ("config", "linux/intelRdt/memBwSchema", "L3:0"),
    ("config", "linux/intelRdt/memBwSchema", "MB:0\n"),
    ("config", "linux/intelRdt/schemata", ["L2:0\nL3:0"]),
    ("config", "linux/seccomp/syscalls/0/names", []),
    ("config", "linux/seccomp/listenerPath", ABSENT),
    ("config", "linux/maskedPaths", ["proc/keys"]),
    ("config", "linux/rootfsPropagation", "rslave"),
    ("config", "linux/uidMappings/0/size", 2**32),
    ("config", "windows/layerFolders", []),
    ("config", "vm/kernel", ABSENT),
    ("config", "vm/kernel/path", "boot/k"),
    ("config", "freebsd/jail/enforceStatfs", 3),
    ("config", "zos/devices/0/major", ABSENT),
    ("config", "zos/devices/0/type", "x"),
    ("config", "zos/namespaces/0/path", "proc/2"),
    ("config", "linux/intelRdt/enableCMT", 1),
    ("state", "id", ABSENT),
    ("state", "bundle", "b"),
    ("state", "pid", "7"),
    ("state", "annotations", {"k": 1}),
    ("features", "ociVersionMin", None),
    ("features", "ociVersionMax", "1.1"),
    ("features", "hooks", "poststop"),
    ("features", "linux/seccomp/enabled", "yes"),
    ("features", "annotations", {"": ""}),
    *image_examples.FAULTS,
]


@pytest.mark.parametrize(("kind", "path", "value"), FAULTS)
def test_model_and_schema_refuse_the_same_faults(kind, path, value):
    document = edited(kind, path, value)
    assert not schema_of(kind).is_valid(document)
    with pytest.raises(ValidationError):
        DOCUMENTS[kind].model().model_validate(document)


def test_the_model_sees_how_an_integer_is_written():
    document = plain(read_json(b'{"ociVersion": "1.0.2", "process": {"cwd": "/", "oomScoreAdj": 1.0}}').root)
    with pytest.raises(ValidationError, match="oomScoreAdj"):
        DOCUMENTS["config"].model().model_validate(document)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_schemas_are_printed(kind, capsys):
    assert cli.main(["schema", kind]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema(kind)


def test_pydantic_is_not_imported_before_it_is_used():
    code = (
        "import sys, pytest_oci, pytest_oci.documents, pytest_oci.documents.exact, pytest_oci.targets.bundle;"
        "assert not any(name.startswith('pydantic') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
