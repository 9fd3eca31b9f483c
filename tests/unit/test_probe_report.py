"""The typed views of the probe's answers, on reports written down here: no container, no probe."""

import json
import os
from typing import ClassVar

import pytest
from pytest_oci.fixtures.probe import client
from pytest_oci.fixtures.probe.hooklog import parse_log
from pytest_oci.fixtures.probe.mountinfo import parse_mount, parse_mounts
from pytest_oci.fixtures.probe.report import (
    CAPABILITIES,
    UNLIMITED,
    Cgroup,
    FactError,
    FileStatus,
    IdMapping,
    Ids,
    Limit,
    Report,
)

STATUS = {
    "rc": 0,
    "type": "c",
    "mode": 0o666,
    "uid": 1,
    "gid": 2,
    "nlink": 1,
    "ino": 4,
    "size": 0,
    "rdev": [1, 3],
    "dev": [0, 46],
    "mnt_id": 95,
    "atime": [1, 5],
    "mtime": [2, 0],
    "ctime": [3, 0],
}


class TestReport:
    def test_from_text_bytes_and_objects(self):
        for source in ('{"pid": 7}', b'{"pid": 7}', {"pid": 7}):
            assert Report.parse(source).pid == 7

    @pytest.mark.parametrize("source", ["[]", "7", "", "{"])
    def test_anything_else_is_refused(self, source):
        with pytest.raises(ValueError):
            Report.parse(source)

    @pytest.mark.parametrize(
        ("ask", "name"),
        [
            (lambda report: report.uid, "uid"),
            (lambda report: report.capabilities, "caps.rc"),
            (lambda report: report.rlimits, "rlimits"),
            (lambda report: report.mounts, "proc"),
            (lambda report: report.scheduling, "sched.policy"),
            (lambda report: report.namespace("mnt"), "ns.mnt"),
            (lambda report: report.device("null"), "dev.null"),
            (lambda report: report.clock("boottime"), "clock.boottime"),
        ],
    )
    def test_a_missing_fact_is_named_when_it_is_asked_for(self, ask, name):
        with pytest.raises(FactError, match=rf"does not hold {name}$"):
            ask(Report({}))

    def test_an_unreadable_fact_says_why(self):
        report = Report({"cwd": -2, "groups": -22, "proc": {"mountinfo": -13}, "ns": {"mnt": -2}, "caps": {"rc": -1}})
        for ask, reason in (
            (lambda: report.cwd, "could not read cwd: ENOENT"),
            (lambda: report.groups, "could not read groups: EINVAL"),
            (lambda: report.mounts, "could not read proc/mountinfo: EACCES"),
            (lambda: report.namespace("mnt"), r"could not read ns\.mnt: ENOENT"),
            (lambda: report.capabilities, "could not read caps: EPERM"),
        ):
            with pytest.raises(FactError, match=reason):
                ask()

    def test_a_fact_of_the_wrong_type(self):
        with pytest.raises(FactError, match="pid is '7', not of type int"):
            _ = Report({"pid": "7"}).pid
        with pytest.raises(FactError, match="umask is True"):
            _ = Report({"umask": True}).umask

    def test_a_cut_file_is_no_file(self):
        report = Report({"proc": {"mountinfo": "", "cgroup": "0::/\n", "truncated": ["mountinfo"]}})
        assert report.cgroups == (Cgroup(0, frozenset(), "/"),)
        with pytest.raises(FactError, match="mountinfo is longer"):
            _ = report.mounts

    def test_identity(self):
        status = "Uid:\t1\t2\t3\t9\nGid:\t4\t5\t6\t8\n"
        report = Report({"uid": [1, 2, 3], "gid": [4, 5, 6], "groups": [7, 8, 7], "proc": {"status": status}})
        assert (report.uid, report.gid) == (Ids(1, 2, 3), Ids(4, 5, 6))
        assert (report.fsuid, report.fsgid) == (9, 8)
        assert report.groups == {7, 8}

    def test_strings_keep_their_bytes(self):
        report = Report({"argv": ["a\u00c3\u00a4", "\u00ff"], "env": ["A=b=c\n", "A=", "BARE", "=x"]})
        assert report.argv[0] == "aä"
        assert os.fsencode(report.argv[1]) == b"\xff"
        assert report.environ == (("A", "b=c\n"), ("A", ""), ("BARE", None), ("", "x"))
        assert report.variable("A") == "b=c\n"
        assert report.variable("C") is None

    def test_capabilities(self):
        sets = ("effective", "permitted", "inheritable", "bounding", "ambient")
        bits = {name: f"0x{1 << place:016x}" for place, name in enumerate(sets)}
        caps = Report({"caps": bits | {"rc": 0, "last": 40, "securebits": 47}}).capabilities
        assert caps.effective == {"CAP_CHOWN"}
        assert caps.permitted == {"CAP_DAC_OVERRIDE"}
        assert caps.inheritable == {"CAP_DAC_READ_SEARCH"}
        assert caps.bounding == {"CAP_FOWNER"}
        assert caps.ambient == {"CAP_FSETID"}
        assert (caps.last, caps.securebits) == (40, 47)
        assert CAPABILITIES.index("CAP_SYS_ADMIN") == 21
        assert CAPABILITIES.index("CAP_CHECKPOINT_RESTORE") == 40
        unknown = Report({"caps": dict.fromkeys(sets, f"0x{1 << 63:x}") | {"rc": 0, "last": 63, "securebits": 0}})
        assert unknown.capabilities.bounding == {"CAP_63"}

    def test_rlimits(self):
        report = Report({"rlimits": [["0x1", "0xffffffffffffffff"], -22]})
        assert report.rlimits["RLIMIT_CPU"] == Limit(1, UNLIMITED)
        assert list(report.rlimits) == ["RLIMIT_CPU", "RLIMIT_FSIZE"]
        with pytest.raises(FactError, match="could not read RLIMIT_FSIZE: EINVAL"):
            _ = report.rlimits["RLIMIT_FSIZE"]
        with pytest.raises(FactError, match="does not hold RLIMIT_BOGUS"):
            _ = report.rlimits["RLIMIT_BOGUS"]

    def test_scheduling(self):
        sched = {"policy": 3, "priority": 0, "nice_raw": 5, "ioprio": (2 << 13) + 6, "cpus": [0, 3]}
        seen = Report({"sched": sched | {"rc": 0, "nice": 4, "flags": 1}}).scheduling
        assert (seen.policy, seen.nice, seen.flags, seen.io_class, seen.io_priority) == (3, 4, 1, 2, 6)
        assert (seen.cpus, seen.runtime) == (frozenset({0, 3}), None)
        old = Report({"sched": sched | {"rc": -38, "ioprio": -38}}).scheduling
        assert (old.nice, old.flags, old.io_class) == (5, None, None)

    def test_descriptors(self):
        terminal = STATUS | {
            "cloexec": False,
            "flags": 2,
            "tty": True,
            "winsize": [33, 77],
            "link": "/dev/pts/0",
        }
        leaked = {"rc": -1, "cloexec": True, "flags": 0, "tty": False, "link": -2}
        fds = Report({"fds": {"0": terminal, "5": leaked}}).fds
        assert (fds[0].tty, fds[0].winsize, fds[0].link) == (True, (33, 77), "/dev/pts/0")
        assert fds[0].status
        assert fds[0].status.rdev == (1, 3)
        assert (fds[5].status, fds[5].link, fds[5].winsize) == (None, None, None)

    def test_devices(self):
        report = Report({"dev": {"null": STATUS | {"link": -22}, "tty": {"rc": -2, "link": -2}, "fd": {"rc": -13}}})
        assert report.device("null") == FileStatus.parse(STATUS)
        assert report.device("tty") is None
        assert report.device_link("null") is None
        with pytest.raises(FactError, match=r"could not read dev\.fd: EACCES"):
            report.device("fd")

    def test_file_status(self):
        status = FileStatus.parse(STATUS)
        assert (status.type, status.mode, status.atime) == ("c", 0o666, 1_000_000_005)
        with pytest.raises(FactError, match="could not read stat: ENOENT"):
            FileStatus.parse({"rc": -2})

    def test_mappings_and_cgroups(self):
        proc = {
            "uid_map": "         0     100000      65536\n",
            "gid_map": "",
            "cgroup": "4:cpu,cpuacct:/a:b\n0::/\n",
        }
        report = Report({"proc": proc})
        assert report.uid_map == (IdMapping(0, 100000, 65536),)
        assert report.gid_map == ()
        assert report.cgroups[0] == Cgroup(4, frozenset({"cpu", "cpuacct"}), "/a:b")

    def test_contains(self):
        report = Report({"clock": {"boottime": [1, 2]}})
        assert "clock.boottime" in report
        assert "clock.realtime" not in report


class TestMountinfo:
    def test_every_field(self):
        mount = parse_mount(
            r"36 35 98:0 /mnt1 /mnt\0402\134x rw,noatime master:1 shared:7 propagate_from:3"
            r" - ext3 /dev/a\011b rw,errors=continue"
        )
        assert (mount.id, mount.parent, mount.device) == (36, 35, (98, 0))
        assert (mount.root, mount.point, mount.source) == ("/mnt1", r"/mnt 2\x", "/dev/a\tb")
        assert mount.options == {"rw", "noatime"}
        assert (mount.shared, mount.master, mount.propagate_from, mount.unbindable) == (7, 1, 3, False)
        assert (mount.fstype, mount.super_options) == ("ext3", frozenset({"rw", "errors=continue"}))
        assert mount.super_option("errors") == "continue"
        assert mount.super_option("rw") is None
        assert not mount.private

    def test_private_and_unbindable(self):
        assert parse_mount("1 2 0:3 / / rw - tmpfs none rw").private
        assert parse_mount("1 2 0:3 / / rw unbindable - tmpfs none rw").unbindable

    def test_what_other_kernels_write(self):
        # gVisor leaves a blank for its absent optional fields; an empty source leaves one on Linux.
        assert parse_mount("14 8 0:13 / /tmp rw  - tmpfs none rw,mode=01777").private
        assert parse_mount("1 2 0:3 / / rw - tmpfs  rw").source == ""

    @pytest.mark.parametrize("line", ["", "1 2 0:3 / / rw", "1 2 0:3 / / - a b c", "x 2 0:3 / / rw - a b c"])
    def test_what_is_no_mount(self, line):
        with pytest.raises(ValueError):
            parse_mount(line)

    def test_the_last_mount_on_a_point_is_on_top(self):
        table = "1 0 0:1 / / rw - a x rw\n2 1 0:2 / /m rw - a low rw\n3 2 0:3 / /m rw - a top rw\n"
        assert len(parse_mounts(table)) == 3
        report = Report({"proc": {"mountinfo": table}})
        top = report.mount("/m")
        assert top
        assert top.source == "top"
        assert report.mount("/n") is None


class TestHookLog:
    BEGIN: ClassVar[dict[str, object]] = {
        "event": "begin",
        "time": 5,
        "realtime": 6,
        "pid": 9,
        "name": "n",
        "argv": ["p"],
        "env": ["A=1"],
        "cwd": "/",
        "stdin": "{}",
        "stdin_eof": True,
        "ns": {"mnt": "mnt:[1]"},
    }

    def log(self, *events):
        return "".join(json.dumps(event) + "\n" for event in events)

    def test_events(self):
        end = {
            "event": "end",
            "time": 7,
            "realtime": 8,
            "pid": 9,
            "name": "n",
            "exit": 0,
            "looks": [
                {"option": "read", "value": "/a", "data": "x", "time": 6},
                {"option": "read", "value": "/b", "data": -2, "time": 6},
                {"option": "statepid-link", "value": "ns/mnt", "error": "no pid in the state", "time": 6},
                {"option": "mountinfo", "value": "1", "data": "x", "truncated": True, "time": 6},
            ],
        }
        begin, ended = parse_log(self.log(self.BEGIN, end))
        assert (begin.event, begin.name, begin.time, begin.realtime, begin.pid) == ("begin", "n", 5, 6, 9)
        assert (begin.stdin, begin.stdin_ended, begin.looks) == ("{}", True, ())
        assert begin.facts.namespace("mnt") == "mnt:[1]"
        assert ended.look("read").data == "x"
        with pytest.raises(FactError, match="could not read data: ENOENT"):
            _ = ended.look("read", "/b").data
        with pytest.raises(FactError, match="no pid in the state"):
            _ = ended.look("statepid-link").target
        with pytest.raises(FactError, match="was cut"):
            _ = ended.look("mountinfo").data
        with pytest.raises(FactError, match="made no look wait="):
            ended.look("wait")

    def test_cut_stdin(self):
        [begin] = parse_log(self.log(self.BEGIN | {"stdin_truncated": True, "stdin_eof": False}))
        assert not begin.stdin_ended
        with pytest.raises(FactError, match="longer than 64 KiB"):
            _ = begin.stdin

    def test_an_incomplete_log(self):
        assert parse_log("") == ()
        with pytest.raises(ValueError, match="not complete"):
            parse_log(self.log(self.BEGIN)[:-1])
        with pytest.raises(ValueError):
            parse_log("nonsense\n")


class TestClient:
    def test_words_on_the_wire(self):
        assert client.encode("write", "/a b", "50%\n") == b"write /a%20b 50%25%0a\n"
        assert client.encode("read", b"\xff", 5) == b"read %ff 5\n"
        assert client.encode("read", "ä", "") == b"read %c3%a4 %\n"
        assert client.encode("read", "\udcff") == b"read %ff\n"

    def test_what_cannot_be_asked(self):
        with pytest.raises(client.RequestError, match="NUL"):
            client.encode("read", "a\0b")
        with pytest.raises(client.RequestError, match="65 words"):
            client.encode("fork", *["x"] * 64)
        with pytest.raises(client.RequestError, match="65536 bytes"):
            client.encode("write", "x" * 65530)
        assert len(client.encode("write", "x" * 65529)) == 65536

    def test_answers(self):
        assert client.decode(b'{"rc":0}') == {"rc": 0}
        for line, reason in (
            (b'{"error":"unknown verb","verb":"x"}', "refused.*unknown verb"),
            (b"", "not a complete answer"),
            (b'{"rc":', "not a complete answer"),
            (b"[]", "is an object"),
        ):
            with pytest.raises(client.AnswerError, match=reason):
                client.decode(line)

    def test_split(self):
        assert client.split(b'{"a":1}\n{"b":2}\n{"c"') == ([{"a": 1}, {"b": 2}], b'{"c"')

    def test_text(self):
        assert client.text("\u00c3\u00a4\u00ff") == "ä\udcff"
        assert client.raw("\u00ff\n") == b"\xff\n"

    def test_sequences(self):
        assert client.sequence(["mark", "/m"], ["sleep", 5]) == ["sequence", "mark", "/m", "--", "sleep", "5"]
        with pytest.raises(client.RequestError, match="separates"):
            client.sequence(["read", "--"])
