"""Judging recorded facts about hooks, without a runtime."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from pytest_oci.conformance.runtime import hooked
from pytest_oci.conformance.runtime.config import test_hook_values as values
from pytest_oci.conformance.runtime.config import test_hooks as hooks
from pytest_oci.conformance.runtime.hooked import Hooked, lived
from pytest_oci.conformance.runtime.runtime import test_lifecycle_hooks as steps
from pytest_oci.fixtures.runtime.observer import Seen
from pytest_oci.fixtures.runtime.scenarios.hooks import KINDS

from pytest_oci import Violation
from pytest_oci.host import host
from pytest_oci.observation import Observation, Trouble
from pytest_oci.violations import NotTestable


class Log:
    """Writes a hooks' log as the probe does, a millisecond a line."""

    def __init__(self):
        self.lines = []

    def _write(self, **facts):
        now = len(self.lines) * 10**6
        self.lines.append(json.dumps({"time": now, "realtime": now, "pid": 1, **facts}))
        return self

    def begin(self, name, state=None, **facts):
        return self._write(event="begin", name=name, stdin=json.dumps(state), stdin_eof=True, **facts)

    def end(self, name, *looks):
        return self._write(event="end", name=name, looks=list(looks), exit=0)

    def whole(self, *names):
        for name in names:
            self.begin(name).end(name)
        return self

    def __str__(self):
        return "".join(f"{line}\n" for line in self.lines)


def facts(log, kind="prestart", **more):
    names = [f"{kind}-{number}" for number in (1, 2, 3)]
    return {"log": str(log), "program": "", "hooks": {kind: names}, "settled": [], **more}


@dataclass
class FakeObserve:
    """Gives prepared observations by a part of the scenario's name, by the longest one that is in it."""

    prepared: dict[str, Observation]
    ids: tuple[str, ...] = ()
    version: str = "1.3.0"
    host: object = field(default_factory=host)

    def __call__(self, scenario, **_):
        name = max((key for key in self.prepared if key in scenario.name), key=len)
        return Seen(self.prepared[name], frozenset(self.ids))

    def judges(self, *ids):
        return bool(set(self.ids) & set(ids))

    def baseline(self):
        return Seen(Observation("baseline"), frozenset(self.ids))


def fake_observe(prepared, ids=(), version="1.3.0") -> Any:
    """What a judgement takes for an `Observe`."""
    return FakeObserve(prepared, ids, version)


def seen(facts, trouble=None):
    return Observation("scenario", (), facts, trouble and Trouble(trouble, "it failed", True))


class TestReadingTheLog:
    def test_hooks_are_in_the_order_in_which_they_began_each_once(self):
        read = Hooked(facts(Log().whole("prestart-2", "prestart-1", "prestart-2", "poststart-1")))
        assert [hook.name for hook in read.hooks("prestart")] == ["prestart-2", "prestart-1"]
        assert read.times("prestart-2") == 2

    def test_a_kind_that_was_not_executed_leaves_nothing_to_judge(self):
        with pytest.raises(NotTestable, match=r"runtime\.lifecycle\.prestart\.invoked"):
            Hooked(facts(Log())).hooks("prestart")

    def test_a_hook_that_was_killed_has_no_looks(self):
        with pytest.raises(NotTestable, match="prestart-1"):
            Hooked(facts(Log().begin("prestart-1"))).looks("prestart")

    def test_a_fact_that_the_probe_could_not_learn_is_no_violation(self):
        read = Hooked(facts(Log().begin("prestart-1", ns={"net": -13})))
        with pytest.raises(NotTestable, match="EACCES"):
            hooked.found(read.hooks("prestart")[0].facts.namespace, "net")


class TestOneKindDoesNotHarmTheOthers:
    log = Log().whole("prestart-1", "prestart-2", "prestart-3")

    def test_where_all_kinds_together_get_stuck_one_kind_is_judged_alone(self):
        observe = fake_observe(
            {
                f"lifecycle[[{json.dumps(list(KINDS))}": seen({}, "create"),
                'lifecycle[[["prestart"]': seen(facts(self.log)),
            }
        )
        assert len(lived(observe, "prestart").hooks("prestart")) == 3

    def test_the_kind_that_gets_stuck_alone_breaks_one_clause_only(self):
        stuck = fake_observe({"lifecycle": seen({}, "create")}, ids=("runtime.lifecycle.prestart.invoked",))
        with pytest.raises(Violation, match="prestart"):
            lived(stuck, "prestart")
        stuck.ids = ("config.hooks.prestart.args-applied",)
        with pytest.raises(NotTestable, match=r"depends-on: runtime\.lifecycle\.prestart\.invoked"):
            lived(stuck, "prestart")

    def test_only_poststop_hooks_depend_on_delete(self):
        observe = fake_observe(
            {"lifecycle": seen(facts(self.log), "delete")}, ids=("runtime.lifecycle.poststop.invoked",)
        )
        assert lived(observe, "prestart").hooks("prestart")
        with pytest.raises(Violation):
            lived(observe, "poststop")


class TestPoststart:
    def judged(self, log, **more):
        prepared = facts(log, "poststart", **more)
        hooks.test_the_state_has_the_current_status(fake_observe({"lifecycle": seen(prepared)}), "poststart")

    def log(self, came, status):
        log = Log().begin("poststart-1", {"status": "created"})
        log.end("poststart-1", {"option": "wait", "value": "/p:1", "came": came})
        return log.begin("poststart-2", {"status": status}).end("poststart-2")

    def test_the_hook_that_may_have_come_before_the_program_is_not_judged(self):
        self.judged(self.log(True, "running"))

    def test_a_hook_after_the_program_is(self):
        with pytest.raises(Violation, match="poststart-2"):
            self.judged(self.log(True, "created"))

    def test_a_word_of_the_product_is_left_alone(self):
        self.judged(self.log(True, "starting"))

    def test_hooks_before_the_program_are_not_judged(self):
        with pytest.raises(NotTestable, match="after-program"):
            self.judged(self.log(False, "created"))
        with pytest.raises(NotTestable, match="during-start"):
            self.judged(self.log(False, "created"), settled=["poststart-1"])


class TestMounts:
    line = "36 35 0:1 / {} rw - tmpfs tmpfs rw\n"

    def judge(self, *points):
        data = "".join(self.line.format(point) for point in points)
        look = {"option": "mountinfo", "value": "1", "data": data}
        read = Hooked(facts(Log().begin("prestart-1").end("prestart-1", look), mounts=["/mnt/a", "/b"]))
        hooks._expect_mounts(read, read.look("prestart", "mountinfo"))

    def test_mount_points_below_the_rootfs_and_after_the_pivot_are_the_same(self):
        self.judge("/run/x/rootfs/mnt/a", "/b")

    def test_a_missing_one_is_named(self):
        with pytest.raises(Violation, match="/mnt/a"):
            self.judge("/b", "/a")


class TestFailures:
    def failed(self, kind, ids=(), version="1.3.0", **more):
        ok = {"ok": True, "refused": False, "text": "ok"}
        given = {
            "calls": {"create": ok},
            "alive": [],
            "listed": False,
            "cgroups": [],
            "ran": False,
            "again": ok,
            **more,
        }
        log = Log().whole("failing")
        return fake_observe({"failing": seen({"log": str(log), **given})}, ids, version)

    refused = {"create": {"ok": False, "refused": True, "text": "create: exit status 1"}}  # noqa: RUF012
    late = {  # noqa: RUF012
        "create": {"ok": True, "refused": False, "text": "create: exit status 0"},
        "start": {"ok": False, "refused": True, "text": "start: exit status 1"},
    }

    def test_an_error_of_start_is_too_late_for_a_hook_of_create(self):
        steps.test_a_failing_hook_is_an_error(self.failed("createRuntime", calls=self.refused), "createRuntime")
        with pytest.raises(Violation):
            steps.test_a_failing_hook_is_an_error(self.failed("createRuntime", calls=self.late), "createRuntime")
        steps.test_a_failing_hook_is_an_error(self.failed("startContainer", calls=self.late), "startContainer")

    def test_version_1_0_has_prestart_hooks_at_start_too(self):
        steps.test_a_failing_hook_is_an_error(self.failed("prestart", version="1.0.2", calls=self.late), "prestart")

    def test_a_product_that_takes_no_notice_fails_once(self):
        observe = self.failed("createRuntime", alive=["7 probe"], ran=True, listed=True)
        with pytest.raises(Violation):
            steps.test_a_failing_hook_is_an_error(observe, "createRuntime")
        with pytest.raises(NotTestable, match="failure-error"):
            steps.test_a_failing_hook_stops_the_container(observe, "createRuntime")
        with pytest.raises(NotTestable, match="failure-stops"):
            steps.test_a_failing_hook_has_the_container_destroyed(observe, "createRuntime")

    def test_the_program_may_have_run_before_a_poststart_hook(self):
        steps.test_a_failing_hook_stops_the_container(self.failed("poststart", ran=True, calls=self.late), "poststart")


class TestValues:
    ok = {"ok": True, "refused": False, "text": ""}  # noqa: RUF012

    def offered(self, version, **more):
        given = {"calls": {"create": self.ok, "start": self.ok}, "ran": True, "log": "", **more}
        names = {kind: [f"{kind}-1"] for kind in KINDS}
        life = {"log": str(Log().whole(*(f"{kind}-1" for kind in KINDS))), "program": "", "hooks": names}
        return fake_observe({"lifecycle": seen(life), "offered": seen(given)}, version=version)

    def test_success_all_the_way_is_a_violation(self):
        with pytest.raises(Violation, match="program ran"):
            values.test_a_relative_hook_path_is_an_error(self.offered("1.3.0"), "prestart")

    def test_a_container_whose_program_does_not_run_is_an_error(self):
        values.test_a_relative_hook_path_is_an_error(self.offered("1.3.0", ran=False), "startContainer")

    def test_an_executed_hook_is_a_violation_whatever_is_reported(self):
        observe = self.offered("1.3.0", ran=False, log=str(Log().whole("offered")))
        with pytest.raises(Violation, match="executed"):
            values.test_a_relative_hook_path_is_an_error(observe, "poststop")

    def test_the_failure_of_a_poststart_hook_is_an_error_from_1_3(self):
        values.test_a_relative_hook_path_is_an_error(self.offered("1.2.1"), "poststart")
        with pytest.raises(Violation):
            values.test_a_relative_hook_path_is_an_error(self.offered("1.3.0"), "poststart")

    def test_a_crash_is_no_error(self):
        crash = {"ok": False, "refused": False, "text": "create: killed by SIGSEGV"}
        with pytest.raises(Violation, match="SIGSEGV"):
            values.test_a_relative_hook_path_is_an_error(
                self.offered("1.3.0", calls={"create": crash}, ran=False), "prestart"
            )
