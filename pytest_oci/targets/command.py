"""A product that is one command: its template, the program, and how the ledger names it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_oci.process import run
from pytest_oci.targets.runtime import BANNER_SECONDS, LONGEST_VERSION, Call, digest_of, find_program
from pytest_oci.targets.template import Template, files_in, parse_template
from pytest_oci.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Usage:
    """What is known of the commands of a kind: the fields that their templates have; of each group one is `needed`.

    `operation` is what a call does, in a word.
    """

    kind: str
    operation: str
    fields: tuple[str, ...]
    needed: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A product under test that is called with a template of words."""

    usage: Usage
    template: Template
    program: Path
    banner: str
    sha256: str

    def uses(self, field: str) -> bool:
        """Whether the command is given what this field stands for."""
        return field in self.template.fields

    def call(
        self,
        values: Mapping[str, str],
        *,
        timeout: float,
        scratch: Path,
        env: Mapping[str, str] | None = None,
        too_large: Callable[[], bool] | None = None,
    ) -> Call:
        """Call it once; see pytest_oci.process.run for the limits."""
        words = self.template.argv(values)[1:]
        done = run([str(self.program), *words], timeout=timeout, scratch=scratch, env=env, too_large=too_large)
        return Call(
            self.usage.operation, done.argv, done.exit, done.code, done.stdout, done.stderr, round(done.seconds, 6)
        )

    def identity(self) -> dict[str, Any]:
        """What the ledger's header says of the product."""
        return {
            "kind": self.usage.kind,
            "path": str(self.program),
            "version": printable(next(iter(self.banner.splitlines()), ""))[:LONGEST_VERSION] or "says no version",
            "sha256": self.sha256,
            "template": list(self.template.words),
            "files": files_in([self.template]),
        }


def open_command(usage: Usage, text: str, scratch: Path) -> Command:
    """Check the template, find the program, ask for its version. Raises TemplateError or TargetError."""
    template = parse_template(text, usage.fields, usage.needed)
    program = find_program(template.words[0], usage.kind)
    done = run([str(program), "--version"], timeout=BANNER_SECONDS, scratch=scratch)
    return Command(usage, template, program, done.stdout if done.ok else "", digest_of(program, usage.kind))


def recorded_command(usage: Usage, identity: Mapping[str, Any]) -> Command:
    """The command of a ledger, which is not called again."""
    return Command(usage, Template(tuple(identity["template"])), Path(identity["path"]), "", identity["sha256"])


USAGES = {
    # Makes a bundle of what `ref` names in a layout, with a configuration for `platform`; or, where it is given no
    # `bundle`, only a root file system.
    "converter": Usage(
        "converter",
        "convert",
        ("layout", "ref", "bundle", "rootfs", "platform"),
        (("layout",), ("bundle", "rootfs")),
    ),
    # Copies what `ref` names in the layout `source` to a layout `target`.
    "copier": Usage("copier", "copy", ("source", "target", "ref"), (("source",), ("target",))),
    # Builds what the Containerfile `file` in `context` says, and writes it to a layout under the name `ref`. It may
    # need the images in the layouts that `base` holds, and may keep things in `storage` from one build to the next.
    "builder": Usage(
        "builder",
        "build",
        ("context", "file", "layout", "ref", "base", "storage"),
        (("context", "file"), ("layout",)),
    ),
    # Writes an artifact of the type `type` with one file of the media type `media`, to a layout under the name `ref`.
    "artifact-tool": Usage(
        "artifact-tool", "write", ("file", "type", "media", "layout", "ref"), (("file",), ("layout",))
    ),
}
"""How products of these kinds are called."""
