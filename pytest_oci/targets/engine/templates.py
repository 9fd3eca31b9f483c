"""Engines that are called by command templates: containerd's ctr, and any other."""

from __future__ import annotations

import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_oci.process import run
from pytest_oci.targets.runtime import Call
from pytest_oci.targets.template import Template, TemplateError, parse_template

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_oci.targets.engine.engine import Asked
    from pytest_oci.targets.engine.recorder import Recorder

FIELDS = ("recorder", "layout", "archive", "ref", "name", "image", "id", "platform")
NEEDED = {
    "load": (("layout", "archive"),),
    "run": (("recorder",), ("image", "name"), ("id",)),
    "remove": (("image", "name", "id"),),
}
TEMPLATES = {
    "ctr": {
        "load": "ctr images import --base-name {name} {archive}",
        "run": "ctr run --rm --runc-binary {recorder} {image} {id}",
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
    remove: Template | None
    save: Template | None

    def to_json(self) -> dict[str, Any]:
        """The words of each."""
        named = {"load": self.load, "run": self.run, "remove": self.remove}
        return {name: list(template.words) for name, template in named.items() if template is not None}


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
    return EngineTemplates(parsed["load"], parsed["run"], parsed.get("remove"), parsed.get("save"))


class TemplateEngine:
    """An engine that is called by templates."""

    reads_layouts = True
    commits = False
    takes_options = False

    def __init__(self, templates: EngineTemplates, recorder: Recorder, directory: Path, timeout: float) -> None:
        self._templates = templates
        self._recorder = recorder
        self._directory = directory
        self._timeout = timeout
        self.asks_platform = "platform" in templates.load.fields | templates.run.fields

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
            with tarfile.open(archive) as opened:
                opened.extractall(layout, filter="data")
        return [call]

    def remove(self, asked: Asked, place: Path) -> list[Call]:
        """See Engine."""
        del place
        self._archive(asked).unlink(missing_ok=True)
        return [self._call("remove", self._templates.remove, asked)] if self._templates.remove else []

    def close(self) -> None:
        """See Engine: nothing runs."""

    def _archive(self, asked: Asked) -> Path:
        return self._directory / f"{asked.name}.tar"

    def _call(self, use: str, template: Template, asked: Asked) -> Call:
        values = {
            "recorder": str(self._recorder.program),
            "layout": str(asked.layout),
            "archive": str(self._archive(asked)),
            "ref": asked.ref,
            "name": asked.name,
            "image": f"{asked.name}:{asked.ref}",
            "id": asked.name,
            "platform": asked.platform,
        }
        done = run(template.argv(values), timeout=self._timeout, scratch=self._directory)
        return Call(use, done.argv, done.exit, done.code, done.stdout, done.stderr, round(done.seconds, 6))
