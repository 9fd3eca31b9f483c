"""What the suite asks of any engine, and how the one that was named is found."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pytest_oci.process import run
from pytest_oci.targets.engine.recorder import Recorder, write_recorder
from pytest_oci.targets.engine.templates import TEMPLATES, EngineTemplates, parse_templates
from pytest_oci.targets.runtime import TargetError, find_program
from pytest_oci.targets.template import TemplateError
from pytest_oci.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from pytest_oci.targets.runtime import Call

CLIENTS = ("docker", "podman")
"""Engines that are spoken to through python-on-whales."""
LAYOUTS, OPTIONS, PLATFORM, COMMITS = "layouts", "options", "platform", "commits"
"""Abilities: it reads layouts, where others pull what is in them from a registry; it can be told more of a container;
it can be asked for a platform; it makes images of containers."""
LIBRARY = "python_on_whales"
RUNTIME = "pytest-oci"
"""What a daemon calls the recorder."""
REAL = ("runc", "crun")
"""What a recorder runs where the engine does not say which runtime it takes: the first of them that is there."""
LONGEST = 200
FORMATS = {
    "docker": '{{.ServerVersion}}\n{{with index .Runtimes "' + RUNTIME + '"}}{{.Path}}{{end}}',
    "podman": "{{.Version.Version}}\n{{.Host.OCIRuntime.Path}}",
}
UNREACHED = ("cannot connect", "is the docker daemon running", "unable to connect", "connection refused", "dial unix")
DENIED = ("permission denied",)


@dataclass(frozen=True, slots=True)
class Asked:
    """An image that an engine is to run: a layout, the name in it, the platform, and a name for the engine to use."""

    layout: Path
    ref: str
    platform: str
    name: str


class LayoutServer(Protocol):
    """A registry that engines reach, for those that read no layouts."""

    @property
    def address(self) -> str:
        """Host and port, as they stand in the name of an image."""

    def serving(self, name: str, layout: Path, ref: str) -> AbstractContextManager[None]:
        """Meanwhile the repository holds the image of this name in a layout, as `latest`."""

    def receiving(self, name: str, layout: Path) -> AbstractContextManager[None]:
        """Write what is pushed to the repository meanwhile as a layout."""

    def close(self) -> None:
        """End it."""


class Engine(Protocol):
    """An engine that has a recorder for its runtime."""

    def load(self, asked: Asked) -> Call:
        """Get an image."""

    def run(self, asked: Asked, place: Path, options: Sequence[str] = ()) -> Call:
        """Run a container of it to its end; `place` is an empty directory to keep its id in."""

    def container(self, asked: Asked, place: Path) -> str:
        """The id by which the runtime knows the container that was run there; empty while there is none."""

    def commit(self, asked: Asked, place: Path, layout: Path) -> list[Call]:
        """Make an image of what a container left, and write it as a layout."""

    def save(self, asked: Asked, layout: Path) -> list[Call]:
        """Write an image as a layout."""

    def remove(self, asked: Asked, place: Path) -> list[Call]:
        """Remove the container and the image."""

    def removing(self, asked: Asked) -> list[list[str]]:
        """Commands that remove them whatever became of this process, and of the container."""

    def close(self) -> None:
        """End what speaks to the engine."""


@dataclass(frozen=True, slots=True)
class GivenEngine:
    """An engine as it was named. `version` is what it says of itself.

    `real` is the runtime behind the recorder; `home` the recorder's directory, where the engine has it already.
    """

    name: str
    program: Path
    version: str
    real: Path | None
    home: Path | None
    templates: EngineTemplates | None

    @property
    def abilities(self) -> frozenset[str]:
        """What it can do beyond running images, in the words above."""
        if self.templates is None:
            return frozenset({OPTIONS, PLATFORM, COMMITS} | ({LAYOUTS} if self.name != "docker" else set()))
        asks = "platform" in self.templates.load.fields | self.templates.run.fields
        return frozenset({LAYOUTS} | ({PLATFORM} if asks else set()))

    def identity(self) -> dict[str, Any]:
        """What the ledger's header says of it."""
        return {
            "kind": "engine",
            "path": str(self.program),
            "version": f"{self.name} {self.version}",
            "declared": True,
            "abilities": sorted(self.abilities),
            **({"runtime": str(self.real)} if self.real else {}),
            **({"templates": self.templates.to_json()} if self.templates else {}),
        }

    def recorder(self, directory: Path) -> Recorder:
        """The recorder that the engine has, or a new one in this directory."""
        if self.home is not None:
            return Recorder(self.home)
        assert self.real is not None
        return write_recorder(directory, self.real)

    def open(
        self, recorder: Recorder, directory: Path, timeout: float, make_server: Callable[[], LayoutServer]
    ) -> Engine:
        """The engine itself; what is written for it lies in `directory`."""
        if self.templates is not None:
            from pytest_oci.targets.engine.templates import TemplateEngine

            return TemplateEngine(self.templates, recorder, directory, timeout)
        from pytest_oci.targets.engine.whales import DockerEngine, PodmanEngine

        if self.name == "docker":
            return DockerEngine(self.program, RUNTIME, make_server(), directory, timeout)
        return PodmanEngine(self.program, recorder, directory, timeout)


def open_engine(name: str, given: dict[str, str], scratch: Path, timeout: float) -> GivenEngine:
    """Find an engine and ask it whether it is there. Raises TargetError in one line that says how to mend it.

    `given` are templates by what they are for: `load`, `run`, `remove`.
    """
    try:
        if given or name in TEMPLATES:
            return _by_templates(name, given, scratch, timeout)
    except TemplateError as error:
        raise TargetError(str(error)) from None
    if name not in CLIENTS:
        known = ", ".join((*CLIENTS, *TEMPLATES))
        raise TargetError(f"{name!r} is none of {known}: say with --oci-engine-load and --oci-engine-run what it takes")
    if find_spec(LIBRARY) is None:
        raise TargetError(f"{name} needs python-on-whales: pip install 'pytest-oci[engines]'")
    program = find_program(name, "engine")
    done = run([str(program), "info", "--format", FORMATS[name]], timeout=timeout, scratch=scratch)
    version, _, path = done.stdout.strip().partition("\n")
    if not done.ok or not version:
        raise TargetError(why(name, done.stderr if done.exit == "exited" else done.describe()))
    if name == "podman":
        return GivenEngine(name, program, version, Path(path), None, None)
    home = Path(path).parent
    if not path or not (home / "calls").is_dir():
        raise TargetError(
            f"docker has no runtime {RUNTIME}: `pytest-oci recorder DIR` makes it, and says how dockerd is given it"
        )
    if not os.access(home, os.W_OK):
        raise TargetError(f"docker's recorder in {home} cannot be used by this user: the directory is somebody else's")
    return GivenEngine(name, program, version, None, home, None)


def _by_templates(name: str, given: dict[str, str], scratch: Path, timeout: float) -> GivenEngine:
    templates = parse_templates(name, given)
    program = find_program(templates.run.words[0], "engine")
    version = printable(" ".join(templates.run.words[:1]))
    if name in TEMPLATES:
        done = run([str(program), "version"], timeout=timeout, scratch=scratch)
        if not done.ok:
            raise TargetError(why(name, done.stderr if done.exit == "exited" else done.describe()))
        found = [line.split()[-1] for line in done.stdout.splitlines() if line.strip().startswith("Version:")]
        version = printable(found[-1])[:LONGEST] if found else "says no version"
    return GivenEngine(name, program, version, real_runtime(), None, templates)


def real_runtime(name: str = "") -> Path:
    """The runtime behind a recorder: this one, or what is there. Raises TargetError."""
    if name:
        return find_program(name)
    found = next((path for each in REAL if (path := shutil.which(each))), None)
    if found is None:
        raise TargetError(f"no runtime on PATH for the recorder to run: install {' or '.join(REAL)}")
    return Path(found).absolute()


def why(name: str, said: str) -> str:
    """One line for what an engine's client said that did not answer."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["no reason was given"]
    last, folded = printable(lines[-1])[:LONGEST], said.lower()
    if any(words in folded for words in DENIED):
        return f"{name} may not be used by this user: {last}"
    if any(words in folded for words in UNREACHED):
        return f"{name} does not answer (is its daemon running?): {last}"
    return f"{name} does not answer: {last}"
