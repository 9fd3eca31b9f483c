"""Every verb of the probe, run on this host and compared with what Python finds."""

import errno
import fcntl
import json
import os
import pty
import resource
import select
import signal
import socket
import stat
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pytest_oci.fixtures.probe import ProbeMissingError, binary, build, client
from pytest_oci.fixtures.probe.hooklog import parse_log
from pytest_oci.fixtures.probe.report import Report

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the probe is a Linux program")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

TIMEOUT_S = 10


@pytest.fixture(scope="module")
def probe(tmp_path_factory):
    """The probe as its sources are now, whatever an installation built earlier."""
    [path] = build.build([build.architecture()], tmp_path_factory.mktemp("probe"))
    return path


@pytest.fixture
def ask(probe) -> Callable[..., Any]:
    def ask(*words, **options) -> Any:
        done = subprocess.run(
            [probe, *map(os.fsencode, map(str, words))], capture_output=True, timeout=TIMEOUT_S, **options
        )
        assert done.returncode == 0, done
        assert done.stdout.count(b"\n") == 1
        return json.loads(done.stdout)

    return ask


@pytest.fixture
def report(ask) -> Report:
    return Report.parse(ask())


@pytest.fixture
def serve(probe):
    """Asks a running probe one raw line after another."""
    process = subprocess.Popen([probe, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    stdin, stdout = process.stdin, process.stdout

    def ask(line: bytes) -> Any:
        stdin.write(line)
        stdin.flush()
        assert select.select([stdout], [], [], TIMEOUT_S)[0]
        return json.loads(stdout.readline())

    yield ask
    stdin.close()
    assert process.wait(TIMEOUT_S) == 0
    stdout.close()


class TestFacts:
    def test_arguments_and_environment_come_through_byte_for_byte(self, probe):
        odd = [b"", b"a b", b'"\\', b"\n\t\x01\x7f", "ä€".encode(), bytes(range(128, 256))]
        env = {b"EMPTY": b"", b"EQUALS": b"a=b", b"LINES": b"1\n2", b"BYTES": b"\xff\xfe"}
        done = subprocess.run([probe, "args", *odd], env=env, capture_output=True, check=True, timeout=TIMEOUT_S)
        seen = Report.parse(done.stdout)
        assert [os.fsencode(word) for word in seen.argv[2:]] == odd
        assert {os.fsencode(name): os.fsencode(value or "") for name, value in seen.environ} == env

    def test_ids(self, report):
        assert (report.uid.real, report.uid.effective, report.uid.saved) == os.getresuid()
        assert (report.gid.real, report.gid.effective, report.gid.saved) == os.getresgid()
        assert report.groups == set(os.getgroups())
        assert (report.fsuid, report.fsgid) == (os.geteuid(), os.getegid())
        assert report.number("ppid") == os.getpid()
        assert report.number("sid") == os.getsid(0)

    def test_umask_is_read_and_kept(self, ask):
        done = ask("fork", "ids", umask=0o137)
        assert done["result"]["umask"] == 0o137

    def test_capabilities_are_those_of_proc(self, report):
        assert report.facts["caps"]["effective"] == f"0x{report.status['CapEff']}"
        assert report.facts["caps"]["permitted"] == f"0x{report.status['CapPrm']}"
        assert report.facts["caps"]["inheritable"] == f"0x{report.status['CapInh']}"
        assert report.facts["caps"]["bounding"] == f"0x{report.status['CapBnd']}"
        assert report.facts["caps"]["ambient"] == f"0x{report.status['CapAmb']}"

    @pytest.mark.parametrize("name", ["RLIMIT_CPU", "RLIMIT_CORE", "RLIMIT_NOFILE", "RLIMIT_STACK", "RLIMIT_RTPRIO"])
    def test_rlimits(self, report, name):
        soft, hard = (
            2**64 - 1 if limit == resource.RLIM_INFINITY else limit
            for limit in resource.getrlimit(getattr(resource, name))
        )
        assert (report.rlimits[name].soft, report.rlimits[name].hard) == (soft, hard)

    def test_names(self, report):
        assert report.hostname == os.uname().nodename
        assert report.machine == os.uname().machine
        assert report.facts["release"] == os.uname().release

    def test_cwd(self, ask, tmp_path):
        odd = tmp_path / "a\nb ä"
        odd.mkdir()
        assert Report.parse(ask("cwd", cwd=odd)).cwd == str(odd)

    def test_scheduling(self, report):
        assert report.scheduling.policy == os.sched_getscheduler(0)
        assert report.scheduling.nice == os.getpriority(os.PRIO_PROCESS, 0)
        assert report.scheduling.cpus == os.sched_getaffinity(0)

    def test_niceness_of_a_forked_child(self, probe):
        done = subprocess.run(
            ["nice", "-n", "5", probe, "fork", "sched"], capture_output=True, check=True, timeout=TIMEOUT_S
        )
        assert Report.parse(json.loads(done.stdout)["result"]).scheduling.nice == 5

    def test_clocks(self, ask):
        before = time.monotonic_ns()
        seen = Report.parse(ask("clock"))
        assert before < seen.clock("monotonic") < time.monotonic_ns()
        assert abs(seen.clock("realtime") - time.time_ns()) < 10**10

    def test_signals(self, probe):
        done = subprocess.run(
            ["sh", "-c", 'trap "" USR1; exec "$0" signals', probe],
            capture_output=True,
            check=True,
            timeout=TIMEOUT_S,
        )
        assert int(json.loads(done.stdout)["sigignored"], 16) >> (signal.SIGUSR1 - 1) & 1

    def test_descriptors(self, ask, tmp_path):
        with (tmp_path / "open").open("w") as leaked:
            report = Report.parse(ask("fds", pass_fds=[leaked.fileno()], stdin=subprocess.DEVNULL))
            seen = report.fds[leaked.fileno()]
            inode = os.fstat(leaked.fileno()).st_ino
        assert seen.link == str(tmp_path / "open")
        assert seen.status
        assert seen.status.inode == inode
        assert seen.flags & os.O_ACCMODE == os.O_WRONLY
        assert report.fds[0].status
        assert report.fds[0].status.rdev == (1, 3)
        assert not report.fds[0].tty

    def test_terminal(self, probe):
        master, slave = pty.openpty()
        try:
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
            done = subprocess.run(
                ["setsid", "--ctty", "--wait", probe, "sequence", "fds", "--", "tty"],
                stdin=slave,
                stdout=subprocess.PIPE,
                timeout=TIMEOUT_S,
                check=True,
            )
        finally:
            os.close(master)
            os.close(slave)
        fds, tty = map(Report.parse, done.stdout.splitlines())
        assert fds.fds[0].tty
        assert fds.fds[0].winsize == (33, 77)
        assert tty.controlling_terminal
        assert tty.numbers("tty.sid")[0] > 0
        assert tty.numbers("tty.sid")[1] == -errno.ENOTTY

    def test_proc(self, report):
        assert report.proc("mountinfo") == Path("/proc/self/mountinfo").read_text()
        assert report.namespace("mnt") == str(Path("/proc/self/ns/mnt").readlink())
        assert report.executable.endswith("/" + report.argv[0].rpartition("/")[2])
        assert report.oom_score_adj == int(Path("/proc/self/oom_score_adj").read_text())

    def test_devices(self, report):
        device = report.device("null")
        assert device
        assert (device.type, device.rdev) == ("c", (1, 3))
        assert report.device_link("stdin") in (None, "/proc/self/fd/0")

    @as_root
    def test_a_mount_table_of_hundreds_of_lines_is_whole(self, probe, tmp_path):
        script = 'for i in $(seq 400); do mount -t tmpfs "long-source-name-$i" "$1"; done; exec "$0" proc'
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", script, probe, tmp_path],
            capture_output=True,
            check=True,
            timeout=TIMEOUT_S,
        )
        sources = [mount.source for mount in Report.parse(done.stdout).mounts if mount.point == str(tmp_path)]
        assert sources == [f"long-source-name-{number}" for number in range(1, 401)]


class TestFiles:
    def test_stat_follows_and_lstat_does_not(self, ask, tmp_path):
        (tmp_path / "file").write_bytes(b"12345")
        (tmp_path / "file").chmod(0o640)
        (tmp_path / "link").symlink_to("file")
        known = (tmp_path / "file").stat()
        seen = ask("stat", tmp_path / "link")
        assert (seen["rc"], seen["type"], seen["mode"], seen["size"], seen["ino"]) == (
            0,
            "-",
            0o640,
            5,
            known.st_ino,
        )
        assert seen["mtime"][0] * 10**9 + seen["mtime"][1] == known.st_mtime_ns
        assert seen["dev"] == [os.major(known.st_dev), os.minor(known.st_dev)]
        assert ask("lstat", tmp_path / "link")["type"] == "l"
        assert ask("stat", tmp_path / "none") == {"rc": -errno.ENOENT}

    def test_read_shows_what_it_cut(self, ask, tmp_path):
        (tmp_path / "file").write_bytes(bytes(range(256)) * 300)
        whole = ask("read", tmp_path / "file")
        assert client.raw(whole["data"]) == bytes(range(256)) * 300
        assert "truncated" not in whole
        assert ask("read", tmp_path / "file", 4) == {"data": "\0\1\2\3", "truncated": True}
        assert "truncated" not in ask("read", tmp_path / "file", 256 * 300)
        assert ask("read", "/dev/zero", 3) == {"data": "\0\0\0", "truncated": True}
        assert ask("read", tmp_path)["data"] == -errno.EISDIR
        assert ask("read", tmp_path / "none")["data"] == -errno.ENOENT

    def test_an_endless_file_is_cut_by_default(self, ask):
        answer = ask("read", "/dev/zero")
        assert (len(answer["data"]), answer["truncated"]) == (4 << 20, True)

    def test_directories(self, ask, tmp_path):
        names = {f"name-{number}\n" for number in range(2000)}
        for name in names:
            (tmp_path / name).touch()
        assert set(ask("ls", tmp_path)["names"]) == names | {".", ".."}
        assert ask("ls", "/proc/self/comm")["names"] == -errno.ENOTDIR

    def test_changes(self, ask, tmp_path):
        assert ask("write", tmp_path / "a", "old\n")["rc"] == 4
        assert ask("write", tmp_path / "a", "new")["rc"] == 3
        assert ask("append", tmp_path / "a", "er")["rc"] == 2
        assert (tmp_path / "a").read_text() == "newer"
        assert ask("chmod", tmp_path / "a", "0600")["rc"] == 0
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
        assert ask("rename", tmp_path / "a", tmp_path / "b")["rc"] == 0
        assert ask("link", tmp_path / "b", tmp_path / "c")["rc"] == 0
        assert ask("symlink", "to/nowhere", tmp_path / "l")["rc"] == 0
        assert ask("readlink", tmp_path / "l") == {"target": "to/nowhere"}
        assert ask("mkdir", tmp_path / "d", "0700")["rc"] == 0
        assert ask("unlink", tmp_path / "d")["rc"] == -errno.EISDIR
        assert ask("rmdir", tmp_path / "d")["rc"] == 0
        assert ask("mknod", tmp_path / "p", "p")["rc"] == 0
        assert stat.S_ISFIFO((tmp_path / "p").stat().st_mode)
        assert ask("unlink", tmp_path / "p")["rc"] == 0
        assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "c", "l"]

    def test_a_failed_write_says_at_which_step(self, ask, tmp_path):
        assert ask("write", tmp_path, "x") == {"rc": -errno.EISDIR, "step": "open"}
        assert ask("write", "/dev/full", "x") == {"rc": -errno.ENOSPC, "step": "write"}

    @as_root
    def test_owners_and_nodes(self, ask, tmp_path):
        assert ask("mknod", tmp_path / "null", "c", 1, 3, "0666")["rc"] == 0
        assert (tmp_path / "null").stat().st_rdev == os.makedev(1, 3)
        assert ask("mknod", tmp_path / "big", "b", 259, 70000)["rc"] == 0
        assert (tmp_path / "big").stat().st_rdev == os.makedev(259, 70000)
        assert ask("chown", tmp_path / "null", 1234, 2345)["rc"] == 0
        assert ((tmp_path / "null").stat().st_uid, (tmp_path / "null").stat().st_gid) == (1234, 2345)

    def test_open(self, ask, tmp_path):
        (tmp_path / "link").symlink_to("/dev/null")
        assert ask("open", "/dev/null", "rdwr,noctty")["stat"]["rdev"] == [1, 3]
        assert ask("open", tmp_path / "link", "rdonly,nofollow")["rc"] == -errno.ELOOP
        assert ask("open", tmp_path / "new", "wronly,creat,excl", "0600")["stat"]["mode"] == 0o600
        assert ask("open", tmp_path / "new", "wronly,creat,excl")["rc"] == -errno.EEXIST
        assert "error" in ask("open", "/dev/null", "rdonly,sideways")

    def test_statfs(self, ask):
        seen = ask("statfs", "/")
        known = os.statvfs("/")
        assert (seen["bsize"], seen["blocks"], seen["files"]) == (
            known.f_bsize,
            known.f_blocks,
            known.f_files,
        )
        assert ask("statfs", "/proc")["type"] == "0x0000000000009fa0"

    def test_access(self, ask, tmp_path):
        (tmp_path / "file").touch(0o644)
        assert ask("access", tmp_path / "file", "rw")["rc"] == 0
        assert ask("access", tmp_path / "file", "x")["rc"] == -errno.EACCES
        assert ask("access", tmp_path / "none", "f")["rc"] == -errno.ENOENT

    def test_wait(self, ask, tmp_path):
        assert ask("wait", tmp_path, 5000)["came"] is True
        late = ask("wait", tmp_path / "never", 50)
        assert late["came"] is False
        assert 50 * 10**6 <= late["after_ns"] < 5 * 10**9


class TestCalls:
    def test_network(self, ask):
        seen = ask("net")
        assert "rc" not in seen
        assert {link["index"]: link["name"] for link in seen["links"]} == dict(socket.if_nameindex())
        lo = next(link for link in seen["links"] if link["name"] == "lo")
        assert (lo["type"], lo["mac"]) == (772, "000000000000")
        assert lo["mtu"] == int(Path("/sys/class/net/lo/mtu").read_text())
        up_and_loopback = 0x9
        known = int(Path("/sys/class/net/lo/flags").read_text(), 16)
        assert lo["flags"] & up_and_loopback == known & up_and_loopback
        addresses = [a["address"] for a in seen["addresses"] if a["index"] == lo["index"] and a["family"] == 2]
        assert ("7f000001" in addresses) == bool(known & 1)

    def test_by_name_and_number(self, ask):
        assert ask("syscall", "getuid")["rc"] == os.getuid()
        assert ask("syscall", "getppid")["rc"] == os.getpid()
        assert ask("syscall", "100000")["rc"] == -errno.ENOSYS

    def test_texts_and_buffers(self, ask, tmp_path):
        assert ask("syscall", "getcwd", "b:", 4096, cwd=tmp_path)["buffer"] == f"{tmp_path}\0"
        assert ask("syscall", "chdir", f"s:{tmp_path}/none")["rc"] == -errno.ENOENT
        assert ask("syscall", "chdir", f"s:{tmp_path}")["rc"] == 0
        assert len(ask("syscall", "clock_getres", 0, "b:16")["buffer"]) == 16

    def test_refusals(self, ask):
        assert "no such call" in ask("syscall", "frobnicate")["error"]
        assert ask("syscall", "getuid", "x:y")["word"] == "x:y"
        assert "error" in ask("syscall", "getcwd", "b:65537")

    @pytest.mark.skipif(os.uname().machine != "x86_64", reason="only x86-64 has a second entry")
    def test_the_second_entry(self, ask, tmp_path):
        answer = ask("fork", "syscall-compat", 39, f"s:{tmp_path}/made", 0o700)
        if answer["status"] == signal.SIGSEGV:
            pytest.skip("this kernel has no 32-bit entry")
        assert answer["result"] == {"rc": 0}
        assert (tmp_path / "made").is_dir()


class TestChildren:
    def test_fork_tells_how_the_child_ended(self, ask):
        assert ask("fork", "cwd", cwd="/")["result"] == {"cwd": "/"}
        assert os.waitstatus_to_exitcode(ask("fork", "exit", 7)["status"]) == 7
        killed = ask("fork", "fork", "syscall", "exit", 3)
        assert os.waitstatus_to_exitcode(killed["result"]["status"]) == 3
        assert killed["result"]["result"] is None

    def test_spawn(self, ask, probe):
        answer = ask("spawn", probe, "sequence", "cwd", "--", "exit", 4, cwd="/")
        assert (answer["exec"], os.waitstatus_to_exitcode(answer["status"])) == (0, 4)
        assert answer["output"] == '{"cwd":"/"}\n'
        assert ask("spawn", "/none")["exec"] == -errno.ENOENT

    def test_a_spawned_program_does_not_eat_requests(self, serve, probe):
        assert serve(client.encode("spawn", probe, "serve"))["status"] == 0
        assert serve(b"cwd\n")["cwd"]

    def test_exec(self, probe, tmp_path):
        done = subprocess.run([probe, "exec", probe, "cwd"], cwd="/", capture_output=True, timeout=TIMEOUT_S)
        assert done.stdout == b'{"cwd":"/"}\n'
        done = subprocess.run([probe, "exec", tmp_path], capture_output=True, timeout=TIMEOUT_S)
        assert json.loads(done.stdout) == {"rc": -errno.EACCES}

    def test_exec_test(self, ask, probe, tmp_path):
        (tmp_path / "file").write_bytes(probe.read_bytes())
        assert ask("exec-test", tmp_path / "file", "sleep", 60000)["rc"] == -errno.EACCES
        (tmp_path / "file").chmod(0o755)
        assert ask("exec-test", tmp_path / "file", "sleep", 60000)["rc"] == 0

    def test_a_caught_signal_does_not_end_the_program(self, ask):
        answer = ask("caught", int(signal.SIGCHLD), "fork", "cwd")
        assert answer["rc"] == 0
        assert answer["caught"] == 1
        assert answer["result"]["status"] == 0
        assert "error" in ask("caught", 99, "cwd")
        assert "error" in ask("caught", "cwd", "cwd")

    @as_root
    def test_as_another_user(self, ask):
        seen = Report.parse(ask("as", "1234:2345", "all")["result"])
        assert (seen.uid.real, seen.uid.effective, seen.uid.saved, seen.fsuid) == (1234,) * 4
        assert (seen.gid.real, seen.gid.effective, seen.gid.saved, seen.fsgid) == (2345,) * 4
        assert seen.groups == set()
        assert ask("as", "1234:2345", "write", "/proc/sys/kernel/hostname", "x")["result"]["rc"] == -errno.EACCES

    @as_root
    def test_a_set_uid_helper(self, ask, probe, tmp_path):
        tmp_path.chmod(0o755)
        for parent in tmp_path.parents[:3]:
            parent.chmod(parent.stat().st_mode | 0o011)
        (tmp_path / "helper").write_bytes(probe.read_bytes())
        (tmp_path / "helper").chmod(0o4755)
        answer = ask("as", "1234:2345", "spawn", tmp_path / "helper", "ids")["result"]
        assert json.loads(answer["output"])["uid"] == [1234, 0, 0]

    def test_children_and_memory(self, ask):
        assert ask("children", 3) == {"rc": 0, "started": 3}
        assert ask("alloc", 2048) == {"rc": 0}
        assert "error" in ask("children", -1)

    @as_root
    def test_children_up_to_a_limit(self, ask):
        # Another user's, since root is above RLIMIT_NPROC. The child that asks counts as one.
        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_NPROC, (3, 3))

        answer = ask("as", "61234:61234", "children", 5, preexec_fn=limit)["result"]
        assert answer == {"rc": -errno.EAGAIN, "started": 2}


class TestLogs:
    def test_mark(self, ask, tmp_path):
        before = time.monotonic_ns()
        assert ask("mark", tmp_path / "log", "tëxt")["rc"] == 0
        assert ask("mark", tmp_path / "log")["rc"] == 0
        first, second = parse_log((tmp_path / "log").read_bytes())
        assert (first.event, first.name, second.name) == ("mark", "tëxt", "")
        assert before < first.time < second.time < time.monotonic_ns()
        assert first.facts.argv[1] == "mark"
        assert ask("mark", tmp_path / "none" / "log")["rc"] == -errno.ENOENT
        assert ask("mark", "/dev/full")["rc"] == -errno.ENOSPC

    def test_signals_log(self, probe, tmp_path):
        log = tmp_path / "log"
        process = subprocess.Popen([probe, "signals-log", log], stdout=subprocess.PIPE)
        try:
            _until(lambda: log.exists() and log.read_text() == "ready\n")
            caught = [
                signal.SIGTERM,
                signal.SIGHUP,
                signal.SIGUSR1,
                signal.SIGSEGV,
                signal.SIGCHLD,
                signal.SIGRTMAX,
            ]
            for count, number in enumerate(caught, 1):
                process.send_signal(number)
                _until(partial(_has_lines, log, count + 1))
            (tmp_path / "log.stop").touch()
            stdout, _ = process.communicate(timeout=TIMEOUT_S)
        finally:
            process.kill()
            process.wait()
        assert log.read_text().split() == ["ready", *(str(int(number)) for number in caught)]
        assert json.loads(stdout) == {"rc": 0, "stopped": True}

    def test_hook(self, probe, tmp_path):
        state = json.dumps({"annotations": {"pid": "7"}, "id": "pid", "pid": os.getpid()})
        looks = [
            "sleep=20",
            f"mark={tmp_path}/made",
            f"wait={tmp_path}/made:1000",
            f"wait={tmp_path}/never:10",
            f"stat={tmp_path}/made",
            f"read={tmp_path}/none",
            "statepid-link=ns/mnt",
            "statepid-read=comm",
            "statepid-stat=root",
            "ns=1",
            "mountinfo=1",
            "exit=9",
            "mark=never",
        ]
        done = subprocess.run(
            [probe, "hook", tmp_path / "log", "name", *looks],
            input=state.encode(),
            capture_output=True,
            env={"A": "1"},
            cwd=tmp_path,
            timeout=TIMEOUT_S,
        )
        assert (done.returncode, done.stdout, done.stderr) == (9, b"", b"")
        begin, end = parse_log((tmp_path / "log").read_bytes())
        assert (begin.event, end.event, begin.name, begin.pid) == ("begin", "end", "name", end.pid)
        assert (begin.stdin, begin.stdin_ended) == (state, True)
        assert begin.facts.env == ("A=1",)
        assert begin.facts.cwd == str(tmp_path)
        assert begin.facts.namespace("uts") == str(Path("/proc/self/ns/uts").readlink())
        assert end.time - begin.time >= 20 * 10**6
        assert [look.option for look in end.looks] == [word.partition("=")[0] for word in looks[:-1]]
        assert end.look("wait", f"{tmp_path}/made:1000").came
        assert not end.look("wait", f"{tmp_path}/never:10").came
        assert end.look("stat").status.type == "-"
        assert end.look("read").facts.facts["data"] == -errno.ENOENT
        assert end.look("statepid-link").target == str(Path("/proc/self/ns/mnt").readlink())
        assert end.look("statepid-read").data == Path("/proc/self/comm").read_text()
        assert end.look("statepid-stat").status.type == "l"
        assert end.look("mountinfo").data == Path("/proc/self/mountinfo").read_text()

    def test_long_lines_of_several_hooks_do_not_mix(self, probe, tmp_path):
        (tmp_path / "long").write_bytes(b"x" * 300_000)
        command = [probe, "hook", tmp_path / "log", "n", *[f"read={tmp_path}/long"] * 3]
        hooks = [subprocess.Popen(command, stdin=subprocess.DEVNULL) for _ in range(4)]
        assert [hook.wait(TIMEOUT_S) for hook in hooks] == [0] * 4
        ends = [event for event in parse_log((tmp_path / "log").read_bytes()) if event.event == "end"]
        assert [[len(look.data) for look in end.looks] for end in ends] == [[300_000] * 3] * 4

    def test_a_hook_that_kills_itself(self, probe, tmp_path):
        done = subprocess.run(
            [probe, "hook", tmp_path / "log", "n", "kill-self=9"], stdin=subprocess.DEVNULL, timeout=TIMEOUT_S
        )
        assert done.returncode == -signal.SIGKILL
        assert parse_log((tmp_path / "log").read_bytes())[1].facts.number("signal") == 9

    def test_a_hook_says_what_it_did_not_read(self, probe, tmp_path):
        subprocess.run([probe, "hook", tmp_path / "log", "n"], input=b"x" * 70_000, timeout=TIMEOUT_S)
        begin, _ = parse_log((tmp_path / "log").read_bytes())
        assert begin.facts.facts["stdin_truncated"] is True
        assert not begin.stdin_ended

    def test_a_hook_without_state(self, probe, tmp_path):
        command = f'"{probe}" hook "{tmp_path}/log" n statepid-read=comm bogus <&-'
        subprocess.run(["sh", "-c", command], timeout=TIMEOUT_S, check=True)
        begin, end = parse_log((tmp_path / "log").read_bytes())
        assert begin.facts.facts["stdin"] == -errno.EBADF
        assert [look.facts.facts["error"] for look in end.looks] == ["no pid in the state", "unknown option"]


class TestWrap:
    def wrap(self, probe, *words, **options):
        return subprocess.run([probe, "wrap", *words], capture_output=True, timeout=TIMEOUT_S, **options)

    def test_environment_directory_and_input(self, probe, tmp_path):
        done = self.wrap(
            probe,
            "env-clear",
            "env=A=2",
            "env=B=x=y",
            "env=A=1",
            f"cwd={tmp_path}",
            "stdin-text={}",
            "--",
            probe,
            "other",
            "hook",
            tmp_path / "log",
            "name",
        )
        assert done.returncode == 0, done
        begin, _ = parse_log((tmp_path / "log").read_bytes())
        assert begin.facts.env == ("A=1", "B=x=y")
        assert begin.facts.cwd == str(tmp_path)
        assert (begin.stdin, begin.stdin_ended) == ("{}", True)
        assert begin.facts.argv[0] == "other"

    def test_stdin_from_a_file(self, probe, tmp_path):
        (tmp_path / "in").write_text("cwd\n")
        done = self.wrap(probe, f"stdin={tmp_path}/in", "delay=10", "--", probe, "p", "serve", cwd="/")
        assert done.stdout == b'{"cwd":"/"}\n'

    def test_exit_status(self, probe):
        assert self.wrap(probe, "--", probe, "p", "exit", "5").returncode == 5
        assert self.wrap(probe, "ignore-exit", "--", probe, "p", "exit", "5").returncode == 0

    def test_background(self, probe, tmp_path):
        program = ["sequence", "wait", tmp_path / "go", "5000", "--", "mark", tmp_path / "done"]
        assert self.wrap(probe, "background", "--", probe, "p", *program).returncode == 0
        assert not (tmp_path / "done").exists()
        (tmp_path / "go").touch()
        _until((tmp_path / "done").exists)

    @as_root
    def test_namespaces(self, probe, tmp_path):
        with subprocess.Popen(["unshare", "-u", "-m", "cat"], stdin=subprocess.PIPE) as holder:

            def link(kind: str) -> str:
                return str(Path(f"/proc/{holder.pid}/ns/{kind}").readlink())

            _until(lambda: link("mnt") != str(Path("/proc/self/ns/mnt").readlink()))
            if subprocess.run(
                ["nsenter", f"--target={holder.pid}", "--mount", "test", "-e", probe], check=False
            ).returncode:
                pytest.skip("in a chroot: what joins a mount namespace sees other files")
            state = json.dumps({"pid": holder.pid}).encode()
            done = self.wrap(
                probe,
                f"setns={holder.pid}:uts",
                "setns=state:mnt",
                "--",
                probe,
                "p",
                "hook",
                tmp_path / "log",
                "n",
                input=state,
            )
            expected = link("uts"), link("mnt")
            assert holder.stdin
            holder.stdin.close()
        assert done.returncode == 0, done
        begin, _ = parse_log((tmp_path / "log").read_bytes())
        assert (begin.facts.namespace("uts"), begin.facts.namespace("mnt")) == expected
        assert begin.stdin.encode() == state

    @as_root
    def test_changed_root_runs_the_program_from_outside(self, probe, tmp_path):
        (tmp_path / "marker").touch()
        done = self.wrap(probe, f"chroot={tmp_path}", "--", probe, "p", "ls", "/")
        assert "marker" in json.loads(done.stdout)["names"]

    def test_refusals(self, probe):
        for words in (
            ["--", "x"],
            ["bogus", "--", probe, "p"],
            ["cwd=/none", "--", probe, "p"],
            ["--", "/none", "p"],
        ):
            done = self.wrap(probe, *words)
            assert done.returncode == 126
            assert done.stderr.startswith(b"probe wrap: ")


class TestServe:
    def test_words_are_exact(self, serve, tmp_path):
        text = "".join(map(chr, range(1, 128))) + "ä€"
        assert serve(client.encode("write", str(tmp_path / "a b"), text))["rc"] == len(text.encode())
        assert client.text(serve(client.encode("read", str(tmp_path / "a b")))["data"]) == text
        assert serve(client.encode("write", str(tmp_path / "a b"), ""))["rc"] == 0

    def test_many_requests_in_one_write(self, probe):
        done = subprocess.run([probe, "serve"], input=b"cwd\n" * 30_000, capture_output=True, timeout=TIMEOUT_S)
        answers, rest = client.split(done.stdout)
        assert (len(answers), rest) == (30_000, b"")

    @pytest.mark.parametrize(
        ("line", "error"),
        [
            (b"frobnicate\n", "unknown verb"),
            (b"stat\n", "missing arguments"),
            (b"stat a b\n", "too many arguments"),
            (b"\n", "empty request"),
            (b"   \n", "empty request"),
            (b"stat %zz\n", "bad percent-encoding"),
            (b"stat %4\n", "bad percent-encoding"),
            (b"stat a%00b\n", "bad percent-encoding"),
            (b"stat a\0b\n", "NUL in the request"),
            (b"%\n", "unknown verb"),
            (b"x " * 65 + b"\n", "too many words"),
            pytest.param(b"x" * 200_000 + b"\n", "line too long", id="200000 bytes"),
            pytest.param(b"x" * 65536 + b"\n", "line too long", id="65536 bytes"),
            (b"serve\n", "unknown verb"),
        ],
    )
    def test_hostile_lines_are_refused_and_service_goes_on(self, serve, line, error):
        assert serve(line)["error"] == error
        assert serve(b"cwd\n")["cwd"] == str(Path.cwd())

    def test_the_longest_line(self, serve):
        assert serve(b"x" * 65535 + b"\n")["error"] == "unknown verb"

    def test_an_unfinished_line_is_not_answered(self, probe):
        done = subprocess.run([probe, "serve"], input=b"cwd\nexit 3", capture_output=True, timeout=TIMEOUT_S)
        assert (done.returncode, done.stdout.count(b"\n")) == (0, 1)

    def test_exit(self, probe):
        done = subprocess.run([probe, "serve"], input=b"exit 3\ncwd\n", capture_output=True, timeout=TIMEOUT_S)
        assert (done.returncode, done.stdout) == (3, b"")


class TestCommandLine:
    def test_a_sequence(self, probe, tmp_path):
        arguments = client.sequence(["mark", str(tmp_path / "m")], ["sleep", 1], ["serve"])
        done = subprocess.run([probe, *arguments], input=b"cwd\n", capture_output=True, cwd="/", timeout=TIMEOUT_S)
        assert [json.loads(line) for line in done.stdout.splitlines()] == [{"rc": 0}, {"rc": 0}, {"cwd": "/"}]
        [event] = parse_log((tmp_path / "m").read_bytes())
        assert list(event.facts.argv[1:]) == arguments

    def test_refusals(self, ask):
        assert ask("frobnicate") == {"error": "unknown verb", "verb": "frobnicate"}
        assert ask("stat") == {"error": "missing arguments", "verb": "stat"}
        assert ask("sleep", "long")["error"] == "a number expected"

    def test_closed_stdout(self, probe):
        done = subprocess.run(["sh", "-c", '"$0" all >&-', probe], capture_output=True, timeout=TIMEOUT_S)
        assert done.returncode == 125

    def test_full_stdout(self, probe):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run([probe], stdout=full, timeout=TIMEOUT_S)
        assert done.returncode == 125

    def test_a_reader_that_goes_away_ends_it(self, probe):
        process = subprocess.Popen([probe, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin
        assert process.stdout
        process.stdout.close()
        process.stdin.write(b"all\n")
        process.stdin.close()
        assert process.wait(TIMEOUT_S) in (-signal.SIGPIPE, 125)

    def test_tight_limits(self, ask):
        def tighten() -> None:
            resource.setrlimit(resource.RLIMIT_AS, (1 << 20, 1 << 20))
            resource.setrlimit(resource.RLIMIT_STACK, (65536, 65536))
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
            resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))

        assert Report.parse(ask(preexec_fn=tighten)).rlimits["RLIMIT_AS"].hard == 1 << 20

    def test_a_missing_binary_names_the_command_that_builds_it(self, monkeypatch, tmp_path):
        monkeypatch.setattr("pytest_oci.fixtures.probe.BINARIES", tmp_path)
        with pytest.raises(ProbeMissingError, match=r"probe-aarch64 was not built.*--arch aarch64"):
            binary("arm64")
        with pytest.raises(ProbeMissingError, match="no architecture 'vax'"):
            binary("vax")
        (tmp_path / "probe-armv7").touch()
        assert binary("armv7l") == tmp_path / "probe-armv7"


def _has_lines(log: Path, count: int) -> bool:
    return log.read_text().count("\n") == count


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)
