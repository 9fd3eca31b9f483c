"""Running images with an engine: what is recorded, and that nothing is left. The engine is a script with templates."""

from __future__ import annotations

import itertools
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.conversion.rules_runtime_use import departures
from pytest_oci.fixtures.conversion.convert import whole_tree
from pytest_oci.fixtures.conversion.stimulus import of_config
from pytest_oci.fixtures.engine.containers import Containers
from pytest_oci.fixtures.made_bundle import bundle_of

from pytest_oci.observation import SharedStore
from pytest_oci.targets.engine.engine import GivenEngine
from pytest_oci.targets.engine.templates import parse_templates
from pytest_oci.targets.runtime import Call
from pytest_oci.violations import NotTestable

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_oci.observation import Observation

SCRIPT = """\
#!/bin/sh
case $1 in
    load) cp "$2" "$HOLD/$3.tar" ;;
    run)
        mkdir -p "$HOLD/$3/rootfs/etc"
        echo marker >"$HOLD/$3/rootfs/etc/marker"
        printf '{"ociVersion": "1.0.2", "root": {"path": "rootfs"}}' >"$HOLD/$3/config.json"
        $REFUSES
        "$2" create --bundle "$HOLD/$3" "$3"
        "$2" start "$3"
        "$2" delete "$3" ;;
    remove) rm -r "$HOLD/$2" "$HOLD/$2.tar" ;;
esac
"""
STIMULUS = of_config("plain", "")

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the recorder is looked at by /proc")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the script keeps what it has."""
    directory = tmp_path / "kept"
    directory.mkdir()
    monkeypatch.setenv("HOLD", str(directory))
    monkeypatch.setenv("REFUSES", ":")
    return directory


def observed(tmp_path: Path) -> Observation:
    """What came of one image."""
    script, real = tmp_path / "engine", tmp_path / "real"
    for path, text in ((script, SCRIPT), (real, "#!/bin/sh\nexit 0\n")):
        path.write_text(text)
        path.chmod(0o755)
    templates = {
        "load": f"{script} load {{archive}} {{id}}",
        "run": f"{script} run {{recorder}} {{id}} {{image}}",
        "remove": f"{script} remove {{id}}",
    }
    given = GivenEngine("mine", script, "1", real, None, parse_templates("mine", templates))
    directory, observations = tmp_path / "work", tmp_path / "observations"
    for path in (directory, observations):
        path.mkdir()
    containers = Containers(given, directory, SharedStore(observations), 20.0, "t", given.abilities)
    seen = containers.observe(STIMULUS)
    containers.close()
    assert sorted(path.name for path in directory.iterdir()) == ["recorder"]
    assert list((directory / "recorder" / "calls").iterdir()) == []
    return seen


def test_what_an_engine_hands_to_its_runtime_is_recorded(tmp_path: Path, kept: Path) -> None:
    """Configuration, root file system and calls; container and image are removed."""
    seen = observed(tmp_path)

    assert seen.trouble is None
    assert [call.operation for call in seen.calls] == ["load", "run"]
    assert whole_tree(seen).nodes["etc/marker"].content == "marker\n"
    assert departures(seen["used"]) == []
    bundle = bundle_of(seen)
    assert (bundle.minor_version, bundle.directory) == ("1.0", kept / "t-1")
    assert bundle.root is not None
    assert (bundle.root.is_directory, bundle.root.inside) == (True, True)
    assert list(kept.iterdir()) == []


def test_an_engine_may_refuse_an_image(tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No container is asked for, and an error is reported."""
    monkeypatch.setenv("REFUSES", "exit 3")
    seen = observed(tmp_path)

    assert seen.trouble is not None
    assert (seen.trouble.operation, seen.trouble.clean) == ("run", True)
    with pytest.raises(NotTestable, match="product: it made no bundle"):
        bundle_of(seen)
    assert list(kept.iterdir()) == []


class Refusing:
    """An engine that gets no image, and says when it was at one: `times` are the beginnings and ends."""

    def __init__(self) -> None:
        self.times: list[tuple[float, float]] = []

    def load(self, _: object) -> Call:
        began = time.monotonic()
        time.sleep(0.02)
        self.times.append((began, time.monotonic()))
        return Call("load", (), "exited", 1, "", "", 0.0)

    def remove(self, *_: object) -> None:
        self.load(None)

    def removing(self, *_: object) -> list[list[str]]:
        return []

    def container(self, *_: object) -> str:
        return ""

    def close(self) -> None:
        """Nothing was opened."""


def test_no_image_is_got_while_another_worker_removes_one(tmp_path: Path) -> None:
    """Podman gives up where a layer vanishes that the image has in common with one that goes."""
    given = GivenEngine("mine", tmp_path, "1", tmp_path / "real", None, None)
    engine, threads = Refusing(), []
    for worker in ("gw0", "gw1"):
        (tmp_path / worker).mkdir()
        containers = Containers(given, tmp_path / worker, SharedStore(tmp_path / worker), 20.0, worker, frozenset())
        vars(containers)["engine"] = engine
        threads.append(threading.Thread(target=containers.observe, args=(STIMULUS,)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ordered = sorted(engine.times)
    assert len(ordered) == 4
    assert all(ended <= began for (_, ended), (began, _) in itertools.pairwise(ordered))


@pytest.mark.parametrize(
    ("operations", "said"),
    [
        ("create start state kill delete", ""),
        ("state run delete", ""),
        ("start create delete", "start stands before"),
        ("create start create delete", "made 2 times"),
        ("create delete", "started 0 times"),
        ("create start", "never deleted"),
        ("create delete start", "started after it was deleted"),
    ],
    ids=lambda text: text.replace(" ", "-"),
)
def test_departures_from_the_lifecycle(operations: str, said: str) -> None:
    used = [{"operation": name, "words": [name, "--bundle", "/b", "ID"]} for name in operations.split()]

    assert (said in "; ".join(departures(used))) if said else departures(used) == []


def test_words_of_create() -> None:
    used = [{"operation": name, "words": ["create", "--pid-file=p"]} for name in ("create", "start", "delete")]

    assert departures(used) == ["no id is given to create", "--pid-file is the relative path p"]
