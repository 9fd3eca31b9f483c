"""Arranging for Intel RDT, on directories that look like resctrl."""

from __future__ import annotations

import fcntl
import shutil
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from pytest_oci.fixtures.runtime import kernel_names
from pytest_oci.fixtures.runtime.container import Stuck
from pytest_oci.fixtures.runtime.scenarios import intel_rdt
from pytest_oci.fixtures.runtime.scenarios.intel_rdt import Case, line, parse_schemata, under_rdt, values_beside

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_oci.fixtures.runtime.bundle import Bundle
    from pytest_oci.fixtures.runtime.stage import Stage

ROOT = "    L3:0=7ff;1=7ff\n    MB:0=100;1=100\n"
PID = 4711


@pytest.fixture
def resctrl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree with a root group and monitoring."""
    top = tmp_path / "resctrl"
    (top / "info/L3_MON").mkdir(parents=True)
    (top / "mon_groups").mkdir()
    (top / "schemata").write_text(ROOT)
    (top / "tasks").write_text("1\n2\n")
    monkeypatch.setattr(intel_rdt, "RESCTRL", top)
    monkeypatch.setattr(intel_rdt, "remove_group", lambda path: shutil.rmtree(path, ignore_errors=True))
    return top


class Runtime:
    """Containers of a runtime that does what the text says, where there is a kernel that makes groups' files."""

    def __init__(self, resctrl: Path, rdt: dict[str, Any] | None) -> None:
        self.resctrl, self.rdt = resctrl, rdt
        self.id, self.pid, self.closed = "oci-r1-w-s1-0", 0, False
        self.place, self.monitor = resctrl, resctrl

    def create(self) -> SimpleNamespace:
        if self.rdt is not None:
            closid = self.rdt.get("closID")
            self.place = self.resctrl / (self.id if closid is None else closid.lstrip("/"))
            self.place.mkdir(exist_ok=True)
            lines = [self.rdt.get("l3CacheSchema"), self.rdt.get("memBwSchema"), *self.rdt.get("schemata", ())]
            if self.place != self.resctrl:
                (self.place / "schemata").write_text("\n".join(filter(None, lines)))
            if self.rdt.get("enableMonitoring"):
                self.monitor = self.place / "mon_groups" / self.id
                self.monitor.mkdir(parents=True)
                (self.monitor / "tasks").write_text(f"{PID}\n")
            with (self.place / "tasks").open("a") as tasks:
                tasks.write(f"{PID}\n")
        self.pid = PID
        return SimpleNamespace(ok=True, refused=False)

    def state(self) -> SimpleNamespace:
        return SimpleNamespace(stdout=f'{{"id": "{self.id}"}}')

    def kill(self) -> None:
        return None

    wait = kill

    def delete(self) -> None:
        if self.monitor != self.resctrl:
            shutil.rmtree(self.monitor)
        if self.place.name == self.id:
            shutil.rmtree(self.place)

    def close(self) -> None:
        self.closed = True


def play(resctrl: Path, tmp_path: Path, case: Case) -> dict[str, Any]:
    """The facts of a case; everything that was made is gone again."""
    made: list[Runtime] = []

    def container(bundle: Bundle, **_: object) -> Runtime:
        made.append(Runtime(resctrl, bundle.document["linux"].get("intelRdt")))
        return made[-1]

    run = SimpleNamespace(name="r1", path=tmp_path)
    stage = SimpleNamespace(workshop=SimpleNamespace(run=run), label="w-s1", container=container)
    facts = dict(under_rdt(case).play(cast("Stage", stage)))
    assert all(runtime.closed for runtime in made)
    assert sorted(path.name for path in resctrl.iterdir()) == ["info", "mon_groups", "schemata", "tasks"]
    return facts


def test_schemata_are_read_whatever_their_form() -> None:
    """Blanks, leading zeros, several caches."""
    assert parse_schemata("    L3:0=07FF;1=0\n  MB:0= 90\n") == {"L3:0": "7ff", "L3:1": "0", "MB:0": "90"}
    assert line({"L3:0": "f", "L3:1": "3", "MB:0": "50"}, "L3") == "L3:0=f;1=3"
    assert line({"L3:0": "f"}, "MB") == ""


def test_values_differ_from_each_other_and_from_the_defaults(resctrl: Path) -> None:
    """In steps that the hardware takes."""
    (resctrl / "info/MB").mkdir()
    (resctrl / "info/MB/bandwidth_gran").write_text("20\n")
    asked, other = values_beside(parse_schemata(ROOT))

    assert asked == {"L3:0": "1f", "L3:1": "1f", "MB:0": "60", "MB:1": "60"}
    assert other == {"L3:0": "3ff", "L3:1": "3ff", "MB:0": "40", "MB:1": "40"}


def test_a_new_group(resctrl: Path, tmp_path: Path) -> None:
    """It is there with its values and the process, and stays."""
    facts = play(resctrl, tmp_path, Case(l3=True, mb=True))

    assert facts["group"] == "pytest-oci-r1-w-s1"
    assert list(facts["before"]["groups"]) == [""]
    assert facts["during"]["groups"][facts["group"]] == facts["asked"]
    assert facts["holding"] == [facts["group"]]
    assert facts["group"] in facts["after"]["groups"]


def test_a_group_called_as_the_container(resctrl: Path, tmp_path: Path) -> None:
    """It goes with it."""
    facts = play(resctrl, tmp_path, Case(closid="none", l3=True))

    assert facts["holding"] == [facts["group"]] == [facts["id"]]
    assert list(facts["after"]["groups"]) == [""]


def test_a_group_that_is_there_before(resctrl: Path, tmp_path: Path) -> None:
    """With other values than are asked for."""
    facts = play(resctrl, tmp_path, Case(premade="other"))

    assert facts["group"] in facts["before"]["groups"]


def test_no_intel_rdt_and_the_root(resctrl: Path, tmp_path: Path) -> None:
    """Nothing is made."""
    for case in (Case(configured=False), Case(closid="root")):
        facts = play(resctrl, tmp_path, case)
        assert facts["before"] == facts["during"] == facts["after"]


def test_a_monitoring_group(resctrl: Path, tmp_path: Path) -> None:
    """Below the control group; gone with the container."""
    facts = play(resctrl, tmp_path, Case(l3=True, monitoring=True))

    path = f"{facts['group']}/mon_groups/{facts['id']}"
    assert facts["during"]["mon"] == [path]
    assert facts["holding"] == [facts["group"], path]
    assert facts["after"]["mon"] == []


def test_what_the_hardware_lacks(resctrl: Path, tmp_path: Path) -> None:
    """It is said, and nothing is done."""
    (resctrl / "schemata").write_text("L3:0=7ff\n")
    assert play(resctrl, tmp_path, Case(mb=True)) == {"lacks": "no allocation of memory bandwidth"}
    (resctrl / "schemata").write_text("L2:0=7ff\n")
    assert play(resctrl, tmp_path, Case(l3=True)) == {"lacks": "no allocation of the L3 cache"}
    (resctrl / "info/L3_MON").rmdir()
    assert play(resctrl, tmp_path, Case(monitoring=True)) == {"lacks": "no monitoring"}


def test_resctrl_is_found_wherever_it_is_mounted() -> None:
    """By its type, as often as it is mounted."""
    table = (
        "30 1 0:26 / /sys/fs/resctrl rw - resctrl resctrl rw\n"
        "31 1 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup rw\n"
        "32 1 0:26 / /mnt/with\\040blank rw - resctrl none rw\n"
        "33 32 0:26 / /mnt/with\\040blank rw - resctrl none rw\n"
    )
    points = [str(point) for point in intel_rdt.resctrl_points(table)]
    assert points == ["/sys/fs/resctrl", "/mnt/with blank", "/mnt/with blank"]


def test_groups_of_a_reclaimed_run_are_removed(resctrl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else's, not even one called much alike."""
    monkeypatch.setattr(kernel_names, "RESCTRL", resctrl)
    own = {"pytest-oci-00000dad-w-s1", "oci-00000dad-w-s2-0"}
    others = {"somebody", "oci-user-group", "oci-12345678-w-s1-0", "oci-00000dad", "pytest-oci-00000dad0-w"}
    for name in own | others:
        (resctrl / name).mkdir()
    before = {path.name for path in resctrl.iterdir()}

    kernel_names.remove_named("00000dad")

    assert {path.name for path in resctrl.iterdir()} == before - own


def test_waiting_for_other_workers_is_limited(resctrl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not tried is not the product's trouble."""
    monkeypatch.setattr(intel_rdt, "LOCK_SECONDS", 0.01)
    with (tmp_path / "lock").open("w") as held, (tmp_path / "lock").open("w") as file:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Stuck) as raised:
            intel_rdt._lock(file)
    assert raised.value.trouble.limit
