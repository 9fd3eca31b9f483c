"""The container process in config.json (runtime-spec config.md, Process)."""

from typing import Literal

from pydantic import Field

from pytest_oci.documents.base import AbsolutePath, Int32, Maybe, Uint, Uint64, WireModel

SchedulerPolicy = Literal[
    "SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "SCHED_BATCH", "SCHED_ISO", "SCHED_IDLE", "SCHED_DEADLINE"
]
SchedulerFlag = Literal[
    "SCHED_FLAG_RESET_ON_FORK",
    "SCHED_FLAG_RECLAIM",
    "SCHED_FLAG_DL_OVERRUN",
    "SCHED_FLAG_KEEP_POLICY",
    "SCHED_FLAG_KEEP_PARAMS",
    "SCHED_FLAG_UTIL_CLAMP_MIN",
    "SCHED_FLAG_UTIL_CLAMP_MAX",
]
IOPriorityClass = Literal["IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"]


class ConsoleSize(WireModel):
    """Size of the terminal in characters (config.md, Process)."""

    height: Uint
    width: Uint


class User(WireModel):
    """The user of the process (config.md, User).

    POSIX platforms require `uid` and `gid`, Windows knows `username` alone; which of the two holds depends on
    the platform, so the model requires none of them.
    """

    uid: Maybe[int] = None
    gid: Maybe[int] = None
    umask: Maybe[int] = None
    additional_gids: Maybe[list[int]] = None
    username: Maybe[str] = None


class Rlimit(WireModel):
    """One resource limit (config.md, POSIX process)."""

    type: str
    soft: Uint64
    hard: Uint64


class Capabilities(WireModel):
    """The capability sets of the process (config.md, Linux Process)."""

    effective: Maybe[list[str]] = None
    bounding: Maybe[list[str]] = None
    inheritable: Maybe[list[str]] = None
    permitted: Maybe[list[str]] = None
    ambient: Maybe[list[str]] = None


class Scheduler(WireModel):
    """Scheduling; runtime, deadline and period are in nanoseconds (config.md, Linux Process)."""

    policy: SchedulerPolicy
    nice: Maybe[Int32] = None
    priority: Maybe[Int32] = None
    flags: Maybe[list[SchedulerFlag]] = None
    runtime: Maybe[Uint64] = None
    deadline: Maybe[Uint64] = None
    period: Maybe[Uint64] = None


class IOPriority(WireModel):
    """I/O priority of the container's processes (config.md, Linux Process)."""

    class_: IOPriorityClass
    priority: int


class ExecCPUAffinity(WireModel):
    """CPU affinity of a process that is executed in the container later (config.md, Linux Process)."""

    initial: Maybe[str] = None
    final: Maybe[str] = None


class Process(WireModel):
    """The container process (config.md, Process, POSIX process, Linux Process and z/OS Process)."""

    terminal: Maybe[bool] = None
    console_size: Maybe[ConsoleSize] = None
    cwd: AbsolutePath
    env: Maybe[list[str]] = None
    args: Maybe[list[str]] = None
    command_line: Maybe[str] = None
    user: Maybe[User] = None
    rlimits: Maybe[list[Rlimit]] = None
    apparmor_profile: Maybe[str] = None
    capabilities: Maybe[Capabilities] = None
    no_new_privileges: Maybe[bool] = None
    oom_score_adj: Maybe[int] = None
    scheduler: Maybe[Scheduler] = None
    selinux_label: Maybe[str] = None
    io_priority: Maybe[IOPriority] = None
    exec_cpu_affinity: Maybe[ExecCPUAffinity] = Field(None, alias="execCPUAffinity")
