"""Engines that are called by command templates: containerd's ctr, and any other."""

from __future__ import annotations

import json
import re
import tarfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_oci.process import run
from pytest_oci.targets.runtime import Call
from pytest_oci.targets.template import Template, TemplateError, parse_template

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pytest_oci.targets.engine.engine import Asked
    from pytest_oci.targets.engine.recorder import Recorder

FIELDS = ("recorder", "layout", "archive", "ref", "name", "image", "id", "platform")
MOST_FILES = 1000
MOST_BYTES = 64 << 20
"""Of an image that an engine writes out; those here have a few kilobytes."""
IN_LAYOUTS = re.compile(r"oci-layout|index\.json|blobs/[a-z0-9]+/[a-f0-9]+")
REF_NAME = "org.opencontainers.image.ref.name"
NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "load": (("layout", "archive"),),
    "run": (("recorder",), ("image", "name"), ("id",)),
    "remove": (("image", "name", "id"),),
}
TEMPLATES: Mapping[str, Mapping[str, str]] = {
    "ctr": {
        "load": "ctr images import --base-name {name} {archive}",
        "run": "ctr run --rm --runc-binary {recorder} {image} {id}",
        "end": "ctr tasks delete --force {id}",
        "delete": "ctr containers delete {id}",
        "remove": "ctr images remove {image}",
        "save": "ctr images export --skip-manifest-json {archive} {image}",
    }
}
"""Engines whose templates are known; CONTAINERD_ADDRESS and CONTAINERD_NAMESPACE say which containerd it is."""


@dataclass(frozen=True, slots=True)
class EngineTemplates:
    """A command for each thing that is asked of an engine."""

    load: Template
    run: Template
    removing: tuple[Template, ...]
    """What removes a container, and an image."""
    save: Template | None

    def to_json(self) -> dict[str, Any]:
        """The words of each."""
        named = {"load": self.load, "run": self.run}
        removing = {"remove": [list(template.words) for template in self.removing]}
        return {name: list(template.words) for name, template in named.items()} | removing


def parse_templates(name: str, given: dict[str, str]) -> EngineTemplates:
    """The templates that were given, the known ones for the others. Raises TemplateError."""
    texts = {**TEMPLATES.get(name, {}), **given}
    parsed: dict[str, Template] = {}
    for use, text in texts.items():
        try:
            parsed[use] = parse_template(text, FIELDS, NEEDED.get(use, ()))
        except TemplateError as error:
            raise TemplateError(f"--oci-engine-{use}: {error}") from None
    for use in ("load", "run"):
        if use not in parsed:
            raise TemplateError(f"--oci-engine={name}: say with --oci-engine-{use} what it takes")
    removing = tuple(parsed[use] for use in ("end", "delete", "remove") if use in parsed)
    return EngineTemplates(parsed["load"], parsed["run"], removing, parsed.get("save"))


class TemplateEngine:
    """An engine that is called by templates."""

    def __init__(self, templates: EngineTemplates, recorder: Recorder, directory: Path, timeout: float) -> None:
        self._templates = templates
        self._recorder = recorder
        self._directory = directory
        self._timeout = timeout

    def load(self, asked: Asked) -> Call:
        """See Engine."""
        if "archive" in self._templates.load.fields:
            with tarfile.open(self._archive(asked), "w") as archive:
                archive.add(asked.layout, ".")
        return self._call("load", self._templates.load, asked)

    def run(self, asked: Asked, place: Path, options: Sequence[str] = ()) -> Call:
        """See Engine."""
        del place, options
        return self._call("run", self._templates.run, asked)

    def container(self, asked: Asked, place: Path) -> str:
        """See Engine: it is told the id."""
        del place
        return asked.name

    def commit(self, asked: Asked, place: Path, layout: Path) -> list[Call]:
        """See Engine: it is not known how."""
        raise NotImplementedError

    def save(self, asked: Asked, layout: Path) -> list[Call]:
        """See Engine; no call where it is not known how."""
        if self._templates.save is None:
            return []
        archive = self._archive(asked)
        archive.unlink(missing_ok=True)
        call = self._call("save", self._templates.save, asked)
        if call.ok:
            _unpack(archive, layout)
        return [call]

    def remove(self, asked: Asked, place: Path) -> list[Call]:
        """See Engine: a command about the image is run for every name in the layout."""
        del place
        self._archive(asked).unlink(missing_ok=True)
        return [self._call("remove", template, what) for template, what in self._removed(asked)]

    def removing(self, asked: Asked) -> list[list[str]]:
        """See Engine."""
        return [template.argv(self._values(what)) for template, what in self._removed(asked)]

    def _removed(self, asked: Asked) -> list[tuple[Template, Asked]]:
        """What removes, and what of: a command about the image is for every name in the layout."""
        return [
            (template, replace(asked, ref=ref))
            for template in self._templates.removing
            for ref in (_refs(asked) if template.fields & {"image", "ref"} else [asked.ref])
        ]

    def close(self) -> None:
        """See Engine: nothing runs."""

    def _archive(self, asked: Asked) -> Path:
        return self._directory / f"{asked.name}.tar"

    def _values(self, asked: Asked) -> dict[str, str]:
        return {
            "recorder": str(self._recorder.program),
            "layout": str(asked.layout),
            "archive": str(self._archive(asked)),
            "ref": asked.ref,
            "name": asked.name,
            "image": f"{asked.name}:{asked.ref}",
            "id": asked.name,
            "platform": asked.platform,
        }

    def _call(self, use: str, template: Template, asked: Asked) -> Call:
        done = run(template.argv(self._values(asked)), timeout=self._timeout, scratch=self._directory)
        return Call(use, done.argv, done.exit, done.code, done.stdout, done.stderr, round(done.seconds, 6))


def _unpack(archive: Path, layout: Path) -> None:
    """Write the files of a layout that an archive holds, and nothing else of it."""
    left = MOST_BYTES
    with tarfile.open(archive) as opened:
        for _, member in zip(range(MOST_FILES), opened, strict=False):
            left -= member.size
            content = opened.extractfile(member) if member.isreg() and left >= 0 else None
            name = member.name.removeprefix("./")
            if content is not None and IN_LAYOUTS.fullmatch(name):
                path = layout / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())


def _refs(asked: Asked) -> list[str]:
    """The names in the layout's index.json, that which is asked for last."""
    entries = json.loads((asked.layout / "index.json").read_bytes())["manifests"]
    names = {(entry.get("annotations") or {}).get(REF_NAME) for entry in entries}
    return [*sorted(name for name in names if isinstance(name, str) and name != asked.ref), asked.ref]
