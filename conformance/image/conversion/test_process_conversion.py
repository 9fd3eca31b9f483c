"""What of an image's configuration becomes the process (conversion.md, Verbatim Fields)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.unpacked import expect_file
from pytest_oci.fixtures.conversion import configs
from pytest_oci.fixtures.conversion.control import CONTROL, OTHER
from pytest_oci.fixtures.conversion.convert import from_the_image, process_of

from pytest_oci import Violation, clause, expect

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert
    from pytest_oci.fixtures.conversion.stimulus import Stimulus

    from pytest_oci.documents.exact import JsonValue

pytestmark = pytest.mark.conversion

DIFFERENT = (OTHER, configs.BOTH, configs.WITH_ENV, configs.WITH_WORKING_DIR)
"""Images that differ from the control in one or all of what a converter reads."""


def env_of(convert: Convert, stimulus: Stimulus) -> list[JsonValue]:
    """The environment that an image's process gets."""
    env = process_of(convert.config(stimulus)).get("env")
    return env if isinstance(env, list) else []


def named(env: list[JsonValue], name: str) -> list[JsonValue]:
    """The entries of an environment for one variable."""
    return [entry for entry in env if isinstance(entry, str) and entry.partition("=")[0] == name]


@clause("conversion.relies-on-image-config")
def test_configuration_is_built_from_the_images(convert: Convert) -> None:
    """Images that differ in their configurations alone do not get the same one."""
    first = convert.config(CONTROL)
    others = [convert.config(each) for each in DIFFERENT if convert.accepts(each)]
    if all(from_the_image(first) == from_the_image(other) for other in others):
        what = "the same one for different images" if others else "none for any image that sets more than Cmd"
        raise Violation("a configuration that is built from the image's", what)
    expect_file(convert.tree(CONTROL), "etc/marker", "layer\n")


@clause("conversion.cmd.verbatim")
@pytest.mark.parametrize("entrypoint", configs.CMD_ALONE)
def test_cmd_alone(convert: Convert, entrypoint: str) -> None:
    """It is the whole of the arguments."""
    args = process_of(convert.config(configs.CMD_ALONE[entrypoint])).get("args")
    expect(args, "process.args").equals(configs.CMD)


@clause("conversion.entrypoint.verbatim")
@pytest.mark.parametrize("cmd", configs.ENTRYPOINT_ALONE)
def test_entrypoint_alone(convert: Convert, cmd: str) -> None:
    """It is the whole of the arguments."""
    args = process_of(convert.config(configs.ENTRYPOINT_ALONE[cmd])).get("args")
    expect(args, "process.args").equals(configs.ENTRYPOINT)


@clause("conversion.args.entrypoint-then-cmd")
def test_entrypoint_and_cmd(convert: Convert) -> None:
    """One behind the other."""
    expect(process_of(convert.config(configs.BOTH)).get("args"), "process.args").equals(["/e", "1", "2", "3"])


@clause("conversion.env.verbatim")
@pytest.mark.parametrize("entry", configs.ENV)
def test_env_is_verbatim(convert: Convert, entry: str) -> None:
    """Variables for which nobody has a default."""
    env = env_of(convert, configs.WITH_ENV)
    name = entry.partition("=")[0]
    expect(named(env, name), f"{name} in process.env", [f"process.env is {env!r}"]).contains(entry)


@clause("conversion.env.defaults-do-not-change")
@pytest.mark.parametrize("name", configs.USUAL_ENV)
def test_defaults_do_not_change_env(convert: Convert, name: str) -> None:
    """Variables for which many have a default; the last entry counts."""
    found = named(env_of(convert, configs.WITH_USUAL_ENV), name)
    expect(found[-1:], f"{name} in process.env").equals([f"{name}={configs.USUAL_ENV[name]}"])


@clause("conversion.env.no-added-duplicate-names")
@pytest.mark.parametrize("name", configs.USUAL_ENV)
def test_no_variable_is_added_twice(convert: Convert, name: str) -> None:
    """There is one entry at most for a variable of the image."""
    found = named(env_of(convert, configs.WITH_USUAL_ENV), name)
    expect(found, f"{name} in process.env").satisfies(lambda entries: len(entries) <= 1, "one entry")


@clause("conversion.working-dir.verbatim")
def test_working_directory_is_verbatim(convert: Convert) -> None:
    """Nothing is cleaned up."""
    cwd = process_of(convert.config(configs.WITH_WORKING_DIR)).get("cwd")
    expect(cwd, "process.cwd").equals(configs.WORKING_DIR)
