"""Which clauses a run is about, and what a host must have for them."""

from __future__ import annotations

import pytest
from support import make_clause

from pytest_oci import selection
from pytest_oci.host import CAPABILITIES, Host, cgroup_mode, host
from pytest_oci.requirements import CHECKS, unmet
from pytest_oci.selection import applicable, matches, not_applicable_reason

CLAIMED = {"runtime": "1.2.1", "image": "1.1.1", "distribution": "1.1.1"}
LINUX = selection.PLATFORMS_OF["linux"]


def test_a_clause_of_the_claimed_version_and_platform_binds() -> None:
    """Neither end of its life is in the way."""
    assert not_applicable_reason(make_clause(platform="linux", until="1.2.1"), CLAIMED, LINUX) is None


def test_a_clause_of_another_version_or_platform_does_not_bind() -> None:
    """The reason says which."""
    newer, dropped = make_clause(since="1.3.0"), make_clause(until="1.1.0")

    assert not_applicable_reason(newer, CLAIMED, LINUX) == "not a duty in runtime-spec 1.2.1"
    assert not_applicable_reason(dropped, CLAIMED, LINUX) == "not a duty in runtime-spec 1.2.1"
    assert not_applicable_reason(make_clause(platform="windows"), CLAIMED, LINUX) == "a duty on windows only"


@pytest.mark.parametrize(
    ("platform", "bound"),
    [
        ("linux", {"any", "posix", "linux"}),
        ("freebsd14", {"any", "posix", "freebsd"}),
        ("zos", {"any", "posix", "zos"}),
        ("win32", {"any", "windows"}),
        ("sunos5", {"any"}),
    ],
)
def test_platforms_of_a_host(platform: str, bound: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """None is one for virtual machines: that is the product's."""
    monkeypatch.setattr("sys.platform", platform)

    assert selection.host_platforms() == bound


def test_a_bundle_is_judged_for_every_platform() -> None:
    """A Windows bundle can be read on any host."""
    assert not_applicable_reason(make_clause(platform="windows", subject="bundle"), CLAIMED, LINUX) is None


def test_patterns_select_by_whole_ids() -> None:
    """Without patterns everything is selected; several add up; case matters."""
    clause = make_clause("runtime.state.id")

    assert matches(clause, ())
    assert matches(clause, ["a.*", "runtime.*"])
    assert matches(clause, ["runtime.state.i?"])
    for pattern in ("runtime.state", "state.id", "Runtime.*"):
        assert not matches(clause, [pattern])


def test_a_target_is_asked_for_its_own_clauses_only() -> None:
    """By subject and specification."""
    clauses = {
        clause.id: clause
        for clause in (
            make_clause("a.runtime"),
            make_clause("a.bundle", subject="bundle"),
            make_clause("a.caller", subject="caller"),
            make_clause("a.image", spec="image", since="1.0.2", subject="runtime"),
            make_clause("a.newer", since="1.3.0"),
        )
    }

    def ids(*targets: str) -> list[str]:
        return [clause.id for clause in applicable(clauses, frozenset(targets), CLAIMED, LINUX)]

    assert ids("runtime") == ["a.runtime"]
    assert ids("runtime", "bundle") == ["a.runtime", "a.bundle"]
    assert ids() == []


def a_host(**changed: object) -> Host:
    values: dict[str, object] = {
        "kernel": "6.1.0-rc2", "architecture": "x86_64", "cgroups": "hybrid", "lsms": ("capability", "apparmor"),
        "uid": 0, "capabilities": frozenset({"CAP_SYS_ADMIN"}), "missing_capabilities": ("CAP_BPF",),
        "user_namespaces": True, **changed,
    }  # fmt: skip
    return Host(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("need", "missing"),
    [
        ("root", {"uid": 1000}),
        ("cgroup", {"cgroups": "none"}),
        ("cgroup-v1", {"cgroups": "v2"}),
        ("cgroup-v1", {"cgroups": "none"}),
        ("apparmor", {"lsms": ()}),
        ("kernel>=6.1", {"kernel": "5.15.0"}),
        ("kernel>=6.1", {"kernel": "6.0.9"}),
        ("kernel>=6.1", {"kernel": "strange"}),
        ("CAP_SYS_ADMIN", {"capabilities": frozenset()}),
    ],
)
def test_a_missing_need_is_told_in_words(need: str, missing: dict[str, object]) -> None:
    """A host that has it gives no words."""
    assert unmet([need], a_host()) == []
    assert len(unmet([need], a_host(**missing))) == 1


def test_a_hybrid_host_has_no_pure_cgroup_v2() -> None:
    """Its controllers are where v1 has them."""
    assert unmet(["cgroup-v2"], a_host()) == ["the host is not on cgroup v2 alone"]
    assert unmet(["cgroup-v2"], a_host(cgroups="v2")) == []


def test_needs_are_told_in_their_order_and_product_words_are_passed_over() -> None:
    """Words that name properties of the product ask nothing of the host."""
    assert unmet(["selinux", "seccomp-support", "root"], a_host(uid=5)) == [
        CHECKS["selinux"][1],
        "the run's user is not root of the host",
    ]


MOUNT = "36 35 0:32 / /sys/fs/cgroup{} rw,nosuid shared:9 - {} {} rw"


@pytest.mark.parametrize(
    ("mounts", "mode"),
    [
        ([], "none"),
        ([("", "cgroup2")], "v2"),
        ([("/memory", "cgroup")], "v1"),
        ([("/memory", "cgroup"), ("/unified", "cgroup2")], "hybrid"),
        ([("", "tmpfs")], "none"),
    ],
)
def test_the_cgroup_mode_is_that_of_the_mounts(mounts: list[tuple[str, str]], mode: str) -> None:
    """A directory that is only called cgroup counts for nothing."""
    assert cgroup_mode("\n".join(MOUNT.format(path, kind, kind) for path, kind in mounts)) == mode
    assert cgroup_mode("garbage\n") == "none"


def test_this_host_is_plain_data() -> None:
    """What stands in a ledger's header."""
    data = host().to_json()

    assert data["uid"] == host().uid
    assert set(data["missing_capabilities"]) <= {f"CAP_{name}" for name in CAPABILITIES}
    assert host().kernel_version > (3, 0)
