"""An observation is played once and judged often, by whichever process, now or later."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from pytest_oci.observation import Observation, ReplayStore, SharedStore, Trouble, file_name
from pytest_oci.targets.runtime import Call

if TYPE_CHECKING:
    from pathlib import Path

CALL = Call("create", ("x", "create"), "exited", 0, "", "", 0.1)


def test_observations_survive_json() -> None:
    """With calls, facts and trouble."""
    seen = Observation("s", (CALL,), {"a": [1, None]}, Trouble("start", "it hangs", clean=False))

    assert Observation.from_json(json.loads(json.dumps(seen.to_json()))) == seen
    assert Observation.from_json(Observation("s").to_json()) == Observation("s")
    assert seen["a"] == [1, None]
    assert seen.calls_of("create") == [CALL]
    assert seen.calls_of("start") == []


def test_a_scenario_is_played_once(tmp_path: Path) -> None:
    """Also for a second store on the same directory, as another worker has it."""
    played = []

    def play() -> Observation:
        played.append(1)
        return Observation("s", facts={"n": len(played)})

    store = SharedStore(tmp_path)
    assert [each.get("s", play)["n"] for each in (store, store, SharedStore(tmp_path))] == [1, 1, 1]
    assert len(played) == 1


def test_the_player_sees_what_the_others_will_see(tmp_path: Path) -> None:
    """Facts are plain JSON for everybody, so that one worker judges like two."""
    store = SharedStore(tmp_path)
    first = store.get("s", lambda: Observation("s", facts={"pair": (1, 2), "text": "\ud800"}))

    assert first.facts == {"pair": [1, 2], "text": "\ud800"}
    assert SharedStore(tmp_path).get("s", pytest.fail).facts == first.facts


def test_trouble_while_playing_leaves_nothing(tmp_path: Path) -> None:
    """The next one plays again."""
    store = SharedStore(tmp_path)

    def play() -> Observation:
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        store.get("s", play)
    assert store.get("s", lambda: Observation("s", facts={"n": 1}))["n"] == 1


PLAYER = """
import sys, time
from pathlib import Path
from pytest_oci.observation import Observation, SharedStore

def play():
    with (Path(sys.argv[1]) / "played").open("a") as file:
        file.write("x")
    time.sleep(0.3)
    return Observation("s", facts={"n": 1})

print(SharedStore(Path(sys.argv[1])).get("s", play)["n"])
"""


def test_two_processes_play_once(tmp_path: Path) -> None:
    """The second waits for the first."""
    players = [
        subprocess.Popen([sys.executable, "-c", PLAYER, str(tmp_path)], stdout=subprocess.PIPE, text=True) for _ in "ab"
    ]
    outputs = [player.communicate(timeout=20)[0] for player in players]

    assert outputs == ["1\n", "1\n"]
    assert (tmp_path / "played").read_text() == "x"


DYING = PLAYER.replace("time.sleep(0.3)", "import os; os.kill(os.getpid(), 9)")


def test_a_player_that_dies_does_not_keep_the_others_waiting(tmp_path: Path) -> None:
    """Its lock dies with it, and nothing half-written is read."""
    subprocess.run([sys.executable, "-c", DYING, str(tmp_path)], timeout=20, check=False)
    began = time.monotonic()

    assert SharedStore(tmp_path).get("s", lambda: Observation("s", facts={"n": 2}))["n"] == 2
    assert time.monotonic() - began < 5


def test_a_replay_plays_nothing_that_was_saved(tmp_path: Path) -> None:
    """What was not saved is left to `play`, which says what that means; what was asked for is kept, and no more."""
    saved, other = Observation("s", facts={"n": 1}), Observation("t")
    store = ReplayStore({"s": saved, "u": Observation("u")}, SharedStore(tmp_path))

    assert store.get("s", pytest.fail) == saved
    assert store.get("t", lambda: other) is other
    assert [path.name for path in tmp_path.glob("*.json")] == [f"{file_name('s')}.json"]


def test_scenarios_have_file_names_of_their_own() -> None:
    """Short, readable, and different where the scenarios differ anywhere."""
    long = "run" + "x" * 500
    names = [file_name(name) for name in ("run[[]]", "run[[ ]]", long, long + "y", "../../etc/passwd", "")]

    assert len(set(names)) == len(names)
    assert all(len(name) < 100 and "/" not in name for name in names)
    assert names[0].startswith("run-")
