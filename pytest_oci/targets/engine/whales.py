"""Docker and podman, spoken to through python-on-whales in a process of its own (`client`), which has limits."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from pytest_oci.process import CHILDREN
from pytest_oci.targets.runtime import Call

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_oci.targets.engine.engine import Asked, LayoutServer
    from pytest_oci.targets.engine.recorder import Recorder

CLIENT = "pytest_oci.targets.engine.client"
STARTING = 30.0
"""Seconds for the client's process to start, besides what a command may take."""
MOST_ANSWERED = 4 << 20
PLAIN = ("--network=none", "--pull=never")
"""How containers are run: nothing here needs a network."""


class Client:
    """The process, started when it is first asked, and again after a command that did not end in time."""

    def __init__(self, words: Sequence[str], directory: Path, timeout: float) -> None:
        self.words = tuple(words)
        self._directory = directory
        self._timeout = timeout
        self._process: subprocess.Popen[bytes] | None = None

    def call(self, operation: str, *words: str | Path) -> Call:
        """Have a command of the engine's client run to its end, or to its limit."""
        command, began = [str(word) for word in words], time.monotonic()
        answer = self._ask(command)
        seconds = round(time.monotonic() - began, 6)
        argv = (*self.words, *command)
        if answer is None:
            return Call(operation, argv, "timeout", 0, "", "", seconds)
        code = int(answer["code"])
        how = "not-started" if code < 0 and not answer["stderr"] else "signal" if code < 0 else "exited"
        return Call(operation, tuple(answer["argv"]), how, abs(code), answer["stdout"], answer["stderr"], seconds)

    def close(self) -> None:
        """End the process, and what it started."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        CHILDREN.forget(process.pid)

    def _ask(self, words: list[str]) -> dict[str, Any] | None:
        deadline = time.monotonic() + self._timeout
        if self._process is None:
            self._process, deadline = self._started(), deadline + STARTING
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        received = b""
        try:
            self._process.stdin.write(json.dumps(words).encode() + b"\n")
            self._process.stdin.flush()
            while not received.endswith(b"\n"):
                ready, _, _ = select.select([self._process.stdout], [], [], max(deadline - time.monotonic(), 0))
                more = os.read(self._process.stdout.fileno(), 1 << 16) if ready else b""
                received += more
                if not more or len(received) > MOST_ANSWERED:
                    self.close()
                    return None
        except BrokenPipeError:
            self.close()
            return None
        except BaseException:  # a run that is stopped: what comes now is no answer to the next question
            self.close()
            raise
        found: dict[str, Any] = json.loads(received)
        return found

    def _started(self) -> subprocess.Popen[bytes]:
        with CHILDREN.spawning() as register:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", CLIENT, *self.words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._directory,
                start_new_session=True,
            )
            register(process.pid)
        return process


class _Whales:
    """What docker and podman have in common."""

    run_options: tuple[str, ...] = ()

    def __init__(self, client: Client) -> None:
        self._client = client

    def image(self, asked: Asked) -> str:
        """What the engine calls the image."""
        raise NotImplementedError

    def committed(self, asked: Asked) -> str:
        """What the engine calls the image of what a container left."""
        raise NotImplementedError

    def run(self, asked: Asked, place: Path, options: Sequence[str] = ()) -> Call:
        """See Engine."""
        words = (*PLAIN, *self.run_options, f"--name={asked.name}", f"--cidfile={place / 'id'}", *options)
        return self._client.call("run", "container", "run", *words, self.image(asked))

    def container(self, asked: Asked, place: Path) -> str:
        """See Engine."""
        del asked
        try:
            return (place / "id").read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return ""

    def remove(self, asked: Asked, place: Path) -> list[Call]:
        """See Engine."""
        container, calls = self.container(asked, place), []
        if container:
            calls = [self._client.call("remove", "container", "rm", "--force", "--volumes", container)]
        return [*calls, self._client.call("remove-image", "image", "rm", self.image(asked))]

    def removing(self, asked: Asked) -> list[list[str]]:
        """See Engine."""
        made = (self.image(asked), self.committed(asked))
        commands = [
            ("container", "rm", "--force", "--volumes", asked.name),
            *(("image", "rm", each) for each in made),
        ]
        return [[*self._client.words, *command] for command in commands]

    def close(self) -> None:
        """See Engine."""
        self._client.close()


class PodmanEngine(_Whales):
    """podman: it reads layouts, and is given the recorder by an option."""

    def __init__(self, program: Path, recorder: Recorder, directory: Path, timeout: float) -> None:
        super().__init__(Client((str(program), f"--runtime={recorder.program}"), directory, timeout))
        self._directory = directory

    def image(self, asked: Asked) -> str:
        """See _Whales: layouts are named by relative paths, since podman makes names of them."""
        return f"localhost/{asked.name}:{asked.ref}"

    def committed(self, asked: Asked) -> str:
        """See _Whales."""
        return f"localhost/{asked.name}-commit:latest"

    def load(self, asked: Asked) -> Call:
        """See Engine."""
        name = self._directory / asked.name
        if name != asked.layout:
            name.symlink_to(asked.layout)
        platform = (f"--platform={asked.platform}",) if asked.platform else ()
        try:
            return self._client.call("load", "image", "pull", "--quiet", *platform, f"oci:{asked.name}:{asked.ref}")
        finally:
            if name != asked.layout:
                name.unlink()

    def commit(self, asked: Asked, place: Path, layout: Path) -> list[Call]:
        """See Engine."""
        container, image = self.container(asked, place), self.committed(asked)
        made = self._client.call("commit", "container", "commit", "--quiet", "--format=oci", container, image)
        calls = [made]
        if made.ok:
            calls.append(self._client.call("save", "image", "push", "--quiet", image, f"oci:{layout}:latest"))
            self._client.call("remove-image", "image", "rm", image)
        return calls

    def save(self, asked: Asked, layout: Path) -> list[Call]:
        """See Engine."""
        return [self._client.call("save", "image", "push", "--quiet", self.image(asked), f"oci:{layout}:latest")]


class DockerEngine(_Whales):
    """docker: it pulls images from a registry that serves layouts, and its daemon knows the recorder by a name."""

    def __init__(self, program: Path, runtime: str, server: LayoutServer, directory: Path, timeout: float) -> None:
        super().__init__(Client((str(program),), directory, timeout))
        self.run_options = (f"--runtime={runtime}",)
        self._server = server

    def image(self, asked: Asked) -> str:
        """See _Whales."""
        return f"{self._server.address}/{asked.name}:latest"

    def committed(self, asked: Asked) -> str:
        """See _Whales."""
        return f"{self._server.address}/{asked.name}-commit:latest"

    def load(self, asked: Asked) -> Call:
        """See Engine."""
        platform = (f"--platform={asked.platform}",) if asked.platform else ()
        with self._server.serving(asked.name, asked.layout, asked.ref):
            return self._client.call("load", "image", "pull", "--quiet", *platform, self.image(asked))

    def commit(self, asked: Asked, place: Path, layout: Path) -> list[Call]:
        """See Engine: it is pushed to the registry."""
        image = self.committed(asked)
        calls = [self._client.call("commit", "container", "commit", self.container(asked, place), image)]
        if calls[0].ok:
            with self._server.receiving(f"{asked.name}-commit", layout):
                calls.append(self._client.call("save", "image", "push", "--quiet", image))
            self._client.call("remove-image", "image", "rm", image)
        return calls

    def save(self, asked: Asked, layout: Path) -> list[Call]:
        """See Engine."""
        with self._server.receiving(asked.name, layout):
            return [self._client.call("save", "image", "push", "--quiet", self.image(asked))]

    def close(self) -> None:
        """See Engine."""
        super().close()
        self._server.close()
