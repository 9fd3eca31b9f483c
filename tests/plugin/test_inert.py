"""Without a target the plugin does nothing, costs nothing and breaks nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_oci.settings import OPTIONS

if TYPE_CHECKING:
    from plugin_runs import Plugin

HEAVY = ("pydantic", "rich", "filelock", "pytest_oci.run", "pytest_oci.catalogue", "pytest_oci.fixtures", "ctypes.util")

UNRELATED = f"""
import sys

import pytest

def test_nothing_is_loaded(request):
    assert [name for name in {HEAVY} if name in sys.modules] == []

def test_nothing_is_used_by_itself(request):
    assert request.fixturenames == ["request"]
    assert not request.config.pluginmanager.hasplugin("oci-run")

@pytest.mark.clause("a clause of a contract")
def test_others_may_have_clauses():
    pass
"""


def test_nothing_heavy_is_loaded_and_nothing_used(plugin: Plugin) -> None:
    """No module beyond the options, no fixture, no line of output."""
    plugin.write("test_unrelated.py", UNRELATED)
    result = plugin.apart("-v")

    result.assert_outcomes(passed=3)
    assert "oci runtime" not in result.stdout.str()
    assert "conformance" not in result.stdout.str()
    assert list(plugin.temporary.iterdir()) == []


def test_help_lists_the_options(plugin: Plugin) -> None:
    """With what each is for; the ini twins too."""
    result = plugin.run("--help")

    result.stdout.fnmatch_lines(["OCI conformance:", "*--oci-runtime=NAME_OR_PATH*", "*--oci-replay=LEDGER*"])
    for option in OPTIONS:
        assert f"--oci-{option.name}" in result.stdout.str()
        assert f"\n  {option.dest}" in result.stdout.str()


def test_markers_are_registered(plugin: Plugin) -> None:
    """Strict markers are no trouble."""
    plugin.write("test_it.py", "import pytest\n@pytest.mark.runtime\n@pytest.mark.bundle\ndef test_it(): pass")

    plugin.run("--strict-markers").assert_outcomes(passed=1)


def test_the_suite_without_a_target_says_what_is_missing(plugin: Plugin) -> None:
    """One line, not a missing fixture for every test."""
    path = plugin.write(
        "test_it.py",
        "from pytest_oci import clause\n@clause('runtime.state.id')\ndef test_it(observe): pass\n",
    )
    result = plugin.run(path)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *test_it judges a product: name it with --oci-runtime, --oci-bundle, *"])
