"""How command lines are spelled, and what is wrong with a profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_oci.targets.profile import (
    PACKAGED,
    REQUIRED_OPERATIONS,
    ProfileError,
    choose_profile,
    packaged_profile,
    parse_profile,
)
from pytest_oci.targets.runtime import Call, TargetError, find_program, open_runtime

OPERATIONS = """
[operations]
create = [["make"], ["--bundle={bundle}"], ["--pid", "{pid_file}"], ["{id}"]]
start = [["go", "{id}"]]
state = [["look", "{id}"]]
kill = [["hit", "{id}", "{signal}"]]
delete = [["drop", "{id}"]]
"""
PROFILE = f'name = "own"\nglobals = [["--root", "{{state_root}}"]]\n{OPERATIONS}'


def test_groups_without_a_value_are_left_out() -> None:
    """A group goes as a whole; globals stand before the operation, arguments of the user before both."""
    profile = parse_profile(PROFILE, "own.toml")

    assert profile.argv(["/bin/x", "--debug"], "create", {"id": "c", "bundle": "/b", "state_root": "/s"}) == [
        "/bin/x", "--debug", "--root", "/s", "make", "--bundle=/b", "c",
    ]  # fmt: skip
    assert profile.argv(["x"], "create", {"id": "c", "pid_file": "/p"}) == ["x", "make", "--pid", "/p", "c"]
    assert profile.argv(["x"], "kill", {"id": "c"}) == ["x"]


def test_values_are_words_never_shell() -> None:
    """Whatever a value holds, it stays one word, braces in it included."""
    words = parse_profile(PROFILE, "own.toml").argv(["x"], "start", {"id": "a b;{signal}$(id)"})

    assert words == ["x", "go", "a b;{signal}$(id)"]


def test_an_operation_that_the_profile_lacks_has_no_command_line() -> None:
    """Optional ones may be missing."""
    profile = parse_profile(PROFILE, "own.toml")

    assert profile.argv(["x"], "features", {}) is None
    assert profile.takes("create", "bundle")
    assert not profile.takes("create", "console_socket")
    assert not profile.takes("features", "id")


WRONG = {
    "no-toml": ("name = ", "profile.toml: "),
    "no-name": (OPERATIONS, "has name, programs, globals"),
    "name-is-number": ("name = 1" + OPERATIONS, "has name, programs, globals"),
    "no-operations": ('name = "x"', "has name, programs, globals"),
    "something-else": ('name = "x"\ncolour = 1' + OPERATIONS, "has name, programs, globals"),
    "operations-is-list": ('name = "x"\noperations = []', "has name, programs, globals"),
    "unknown-operation": (PROFILE + 'pause = [["pause"]]\nexec = [["exec"]]', "unknown operation exec"),
    "missing-operation": (PROFILE.replace("kill", "features"), "the operation kill is missing"),
    "operation-is-text": (PROFILE + 'features = "features"', "array of arrays of words"),
    "operation-is-number": (PROFILE + "features = 5", "array of arrays of words"),
    "operation-is-flat": (PROFILE + 'features = ["features"]', "array of arrays of words"),
    "word-is-number": (PROFILE + "features = [[1]]", "array of arrays of words"),
    "empty-group": (PROFILE + "features = [[]]", "array of arrays of words"),
    "globals-is-number": ('name = "x"\nglobals = 5' + OPERATIONS, "globals: has to be an array"),
    "programs-is-text": ('name = "x"\nprograms = "runc"' + OPERATIONS, "programs has to be an array of names"),
    "platforms-is-text": ('name = "x"\nplatforms = "vm"' + OPERATIONS, "platforms has to be an array of any"),
    "platforms-is-unknown": ('name = "x"\nplatforms = ["beos"]' + OPERATIONS, "platforms has to be an array of any"),
    "untried-is-number": ('name = "x"\nuntried = 1' + OPERATIONS, "untried has to be true or false"),
    "unknown-placeholder": (PROFILE + 'features = [["{nothing}"]]', "unknown placeholder {nothing}"),
    "unknown-placeholder-inside": (PROFILE + 'features = [["--x={nothing}"]]', "unknown placeholder {nothing}"),
    "empty-placeholder": (PROFILE + 'features = [["{}"]]', "unknown placeholder {}"),
}


@pytest.mark.parametrize(("text", "fault"), WRONG.values(), ids=WRONG)
def test_a_wrong_profile_is_named_with_its_fault(text: str, fault: str) -> None:
    """The error begins with the file."""
    with pytest.raises(ProfileError) as caught:
        parse_profile(text, "profile.toml")
    assert str(caught.value).startswith("profile.toml: ")
    assert fault in str(caught.value)


def test_a_product_can_be_judged_for_more_than_its_host() -> None:
    """For virtual machines, and nobody has to have run its profile."""
    profile = parse_profile(f'name = "x"\nplatforms = ["vm"]\nuntried = true{OPERATIONS}', "profile.toml")

    assert profile.platforms == frozenset({"vm"})
    assert profile.untried


@pytest.mark.parametrize("name", PACKAGED)
def test_the_packaged_profiles_are_right(name: str) -> None:
    """Each has the name of its file and all that a lifecycle needs."""
    profile = packaged_profile(name)

    assert profile.name == name
    assert {*REQUIRED_OPERATIONS, "force-delete"} <= profile.operations.keys()
    assert all(profile.takes("create", value) for value in ("bundle", "id", "pid_file"))


@pytest.mark.parametrize(
    ("program", "banner", "name"),
    [
        ("/usr/bin/runc", "", "runc"),
        ("/opt/my-runtime", "crun version 1.8.1\ncommit: x", "crun"),
        ("/opt/my-runtime", "my-runtime 1", "generic"),
        ("/opt/my-runtime", "", "generic"),
        ("/opt/crun-wrapper", "wraps crun", "generic"),
    ],
)
def test_a_profile_is_chosen_by_name_or_banner(program: str, banner: str, name: str) -> None:
    """A runtime of which nothing is known gets the generic one."""
    assert choose_profile(Path(program), banner).name == name


def test_programs_that_cannot_be_run_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line each, with what is wrong."""
    plain = tmp_path / "plain"
    plain.write_text("x")
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, fault in (
        ("nothing-like-it", "on PATH"), (str(tmp_path / "none"), "No such file"), (str(tmp_path), "is a directory"),
        (str(plain), "is not executable"), (str(plain / "below"), "Not a directory"), (str(loop), "symbolic links"),
        ("/" + "x" * 300, "too long"), ("/dev/null", "is not executable"),
    ):  # fmt: skip
        with pytest.raises(TargetError, match=fault):
            find_program(name)


def test_a_name_without_slash_is_looked_up_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name in the current directory is not meant, as in a shell; a path is made absolute."""
    program = tmp_path / "bin" / "some-runtime"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho some-runtime version 7; echo more\n")
    program.chmod(0o755)
    monkeypatch.chdir(program.parent)
    with pytest.raises(TargetError):
        find_program("some-runtime")
    monkeypatch.setenv("PATH", str(program.parent))

    assert find_program("some-runtime") == program
    assert find_program("./some-runtime") == program
    runtime = open_runtime("some-runtime", ["--x"], None, tmp_path)
    assert (runtime.version_line, runtime.profile.name) == ("some-runtime version 7", "generic")
    assert runtime.argv("start", {"id": "c"}) == [str(program), "--x", "start", "c"]
    assert len(runtime.identity()["sha256"]) == 64


def test_a_product_that_says_no_version_is_a_product_still(tmp_path: Path) -> None:
    """It may fail, or print nothing; that is no usage error."""
    for name, body in (("fails", "exit 3"), ("silent", "exit 0"), ("dies", "kill -9 $$")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)

        assert open_runtime(str(program), [], None, tmp_path).version_line == "says no version"


def test_a_profile_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Missing, a directory, no text."""
    (tmp_path / "bytes").write_bytes(b"\xff")
    for name, fault in (("none", "No such file"), (".", "Is a directory"), ("bytes", "no UTF-8")):
        with pytest.raises(TargetError, match=f"the profile .* cannot be read: .*{fault}"):
            open_runtime("sh", [], str(tmp_path / name), tmp_path)


def test_calls_survive_json() -> None:
    """A transcript is the same after it went through a ledger."""
    call = Call("create", ("a", "b"), "signal", 11, "out", "err", 0.5)

    assert Call.from_json(call.to_json()) == call
    assert not call.ok
    assert not call.refused
