"""Seccomp filters, `linux.seccomp` in config.json (runtime-spec config-linux.md, Seccomp).

The texts list the constants of one libseccomp version; later ones may add some, so only the prefix is fixed.
"""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from pytest_oci.documents.base import Maybe, Uint, Uint64, WireModel

Action = Annotated[str, Field(pattern="^SCMP_ACT_")]
Architecture = Annotated[str, Field(pattern="^SCMP_ARCH_")]
Operator = Annotated[str, Field(pattern="^SCMP_CMP_")]
FilterFlag = Literal[
    "SECCOMP_FILTER_FLAG_TSYNC",
    "SECCOMP_FILTER_FLAG_LOG",
    "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
]


class SyscallArgument(WireModel):
    """A comparison with one argument of a system call (config-linux.md, Seccomp)."""

    index: Uint
    value: Uint64
    value_two: Maybe[Uint64] = None
    op: Operator


class Syscall(WireModel):
    """What to do with some system calls (config-linux.md, Seccomp)."""

    names: list[str] = Field(min_length=1)
    action: Action
    errno_ret: Maybe[Uint] = None
    args: Maybe[list[SyscallArgument]] = None


class Seccomp(WireModel):
    """A seccomp filter (config-linux.md, Seccomp)."""

    model_config = ConfigDict(json_schema_extra={"dependentRequired": {"listenerMetadata": ["listenerPath"]}})

    default_action: Action
    default_errno_ret: Maybe[Uint] = None
    architectures: Maybe[list[Architecture]] = None
    flags: Maybe[list[FilterFlag]] = None
    listener_path: Maybe[str] = None
    listener_metadata: Maybe[str] = None
    syscalls: Maybe[list[Syscall]] = None

    @model_validator(mode="after")
    def _metadata_needs_a_listener(self) -> Self:
        return self.require_with("listener_metadata", "listener_path")
