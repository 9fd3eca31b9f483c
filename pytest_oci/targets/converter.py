"""A converter or unpacker as a product under test: a command that makes a bundle of an image in a layout."""

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

FIELDS = ("layout", "ref", "bundle", "rootfs", "platform")
NEEDED = (("layout",), ("bundle", "rootfs"))


@dataclass(frozen=True, slots=True)
class Converter:
    """The command that converts, with the fields `layout`, `ref`, `bundle`, `rootfs` and `platform`."""

    template: Template
    program: Path
    banner: str
    sha256: str

    @property
    def makes_bundles(self) -> bool:
        """Whether the command is given a bundle to make; one that is not unpacks only."""
        return "bundle" in self.template.fields

    def convert(
        self,
        values: Mapping[str, str],
        *,
        timeout: float,
        scratch: Path,
        env: Mapping[str, str] | None = None,
        too_large: Callable[[], bool] | None = None,
    ) -> Call:
        """Convert one image; see pytest_oci.process.run for the limits."""
        words = self.template.argv(values)[1:]
        done = run([str(self.program), *words], timeout=timeout, scratch=scratch, env=env, too_large=too_large)
        return Call("convert", done.argv, done.exit, done.code, done.stdout, done.stderr, round(done.seconds, 6))

    def identity(self) -> dict[str, Any]:
        """What the ledger's header says of the product."""
        return {
            "kind": "converter",
            "path": str(self.program),
            "version": printable(next(iter(self.banner.splitlines()), ""))[:LONGEST_VERSION] or "says no version",
            "sha256": self.sha256,
            "template": list(self.template.words),
            "files": files_in([self.template]),
        }


def open_converter(text: str, scratch: Path) -> Converter:
    """Check the template, find the program, ask for its version. Raises TemplateError or TargetError."""
    template = parse_template(text, FIELDS, NEEDED)
    program = find_program(template.words[0], "converter")
    done = run([str(program), "--version"], timeout=BANNER_SECONDS, scratch=scratch)
    return Converter(template, program, done.stdout if done.ok else "", digest_of(program, "converter"))


def recorded_converter(identity: Mapping[str, Any]) -> Converter:
    """The converter of a ledger, which is not called again."""
    return Converter(Template(tuple(identity["template"])), Path(identity["path"]), "", identity["sha256"])
