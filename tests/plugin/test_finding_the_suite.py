"""With a target the suite is found, from anywhere and whatever the caller's own settings are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from plugin_runs import LIFECYCLE, OUTCOMES

from pytest_oci.ledger import read_ledger
from pytest_oci.suite import suite_directory, suite_files

if TYPE_CHECKING:
    from plugin_runs import Plugin

INI = """
[pytest]
testpaths = own
python_files = check_*.py
python_functions = check_*
norecursedirs = conformance runtime *
addopts = -ra --strict-markers -p no:doctest
"""
CLAUSE = "runtime.ops.create.creates"


def judged(plugin: Plugin, name: str = "ledger") -> dict[str, str]:
    return plugin.statuses(plugin.path / name)


def test_the_suite_is_added_as_files() -> None:
    """In a fixed order, each once, and all of them tests of the target's kind."""
    files = suite_files(["runtime", "runtime"])

    assert files == sorted(set(files))
    assert files
    assert all(path.name.startswith("test_") and path.is_relative_to(suite_directory() / "runtime") for path in files)


def test_a_target_without_a_path_runs_the_suite(plugin: Plugin) -> None:
    """In an empty directory."""
    result = plugin.apart(plugin.runtime, f"--oci-clause={CLAUSE}", "--oci-ledger=ledger")

    assert judged(plugin) == {
        f"{CLAUSE} runtime/runtime/test_operations.py::test_create_makes_a_container": "pass",
    } or all(key.startswith(f"{CLAUSE} runtime/") for key in judged(plugin))
    assert judged(plugin)
    assert result.ret in (0, 1)
    assert plugin.left_behind() == []


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["serial", "workers"])
def test_the_callers_ini_file_does_not_lose_the_suite(plugin: Plugin, workers: tuple[str, ...]) -> None:
    """Neither testpaths nor python_files nor norecursedirs."""
    plugin.write("pytest.ini", INI.replace("python_functions = check_*\n", ""))
    plugin.write("own/check_it.py", "def test_own(): raise SystemExit('not to be run')")
    plugin.apart(plugin.runtime, f"--oci-clause={CLAUSE}", "--oci-ledger=ledger", *workers)

    assert judged(plugin)


def test_explicit_paths_win(plugin: Plugin) -> None:
    """The suite is not added to them."""
    plugin.write("test_it.py", OUTCOMES)
    plugin.run(plugin.runtime, "test_it.py", "-k", "test_pass", "--oci-ledger=ledger")

    assert list(judged(plugin)) == ["runtime.state.id test_it.py::test_pass"]


OWN = "def test_own(request):\n    assert not request.config.pluginmanager.hasplugin('oci-run')\n"


@pytest.mark.parametrize(
    "setting",
    ["oci_runtime = no-such-runtime", "oci_timeout = 5", "oci_clause = nonsense", "oci_ledger = no/such/ledger"],
)
@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["serial", "workers"])
def test_a_plain_pytest_is_not_hijacked(plugin: Plugin, setting: str, workers: tuple[str, ...]) -> None:
    """Whatever of the plugin stands in the ini file, even nonsense."""
    if workers and "runtime" not in setting:
        pytest.skip("one setting is enough with workers")
    plugin.write("pytest.ini", f"[pytest]\ntestpaths = own\n{setting}\n")
    plugin.write("own/test_own.py", OWN)
    run = plugin.apart if workers else plugin.run
    result = run(*workers)

    result.assert_outcomes(passed=1)
    assert result.ret == 0


def test_a_target_of_the_ini_file_serves_explicit_paths(plugin: Plugin) -> None:
    """Of the suite, or of tests built like it."""
    plugin.write("pytest.ini", f"[pytest]\noci_runtime = {plugin.fake}\noci_ledger = ledger\n")
    plugin.write("test_it.py", OUTCOMES)

    assert plugin.run("test_it.py", "-k", "test_fail").ret == 1
    assert set(judged(plugin).values()) == {"fail"}


def test_a_target_of_the_ini_file_leaves_other_tests_alone(plugin: Plugin) -> None:
    """Their exit status is pytest's, and no verdict is printed."""
    plugin.write("pytest.ini", f"[pytest]\noci_runtime = {plugin.fake}\n")
    plugin.write("test_own.py", "def test_own(): pass\n")
    result = plugin.run("test_own.py")

    assert result.ret == 0
    assert "undecided" not in result.stdout.str()


def test_every_option_has_an_ini_twin(plugin: Plugin) -> None:
    """And the command line wins over it."""
    plugin.write("fake.toml", "[[deviation]]\nclause = 'runtime.state.id'\nreason = 'x'\nexpires = 2999-01-01\n")
    plugin.write(
        "pytest.ini",
        f"""
[pytest]
oci_runtime = {plugin.fake}
oci_runtime_arg = --fault=none --fault=nothing
oci_timeout = 3
oci_clause = runtime.state.id runtime.state.pid
oci_spec_version = runtime:1.1 image:1.0
oci_deviations = fake.toml
oci_ledger = ini-ledger
oci_require = conformant
oci_tap = ini.tap
""",
    )
    plugin.write("test_it.py", OUTCOMES)
    result = plugin.run("test_it.py", "--oci-ledger=ledger", "--oci-clause=runtime.state.id")
    header = read_ledger(plugin.path / "ledger")[0]

    assert result.ret == 1  # the required verdict is out of reach
    assert list(judged(plugin)) == ["runtime.state.id test_it.py::test_pass"]
    assert header["targets"][0]["arguments"] == ["--fault=none", "--fault=nothing"]
    assert header["claimed"] == {"runtime": "1.1.0", "image": "1.0.2", "distribution": "1.1.1"}
    assert (plugin.path / "ini.tap").exists()
    assert not (plugin.path / "ini-ledger").exists()


def test_a_vendors_conftest_is_no_trouble(plugin: Plugin) -> None:
    """Its hooks and fixtures run, the suite's results are the same."""
    plugin.write(
        "conftest.py",
        "import pytest\n"
        "@pytest.fixture(autouse=True)\ndef _vendor(): yield\n"
        "def pytest_configure(config): config.addinivalue_line('markers', 'runtime: of the vendor')\n"
        "def pytest_collection_modifyitems(items): items.reverse()\n",
    )
    plugin.write("test_it.py", OUTCOMES)
    plugin.run(plugin.runtime, "test_it.py", "--oci-ledger=reversed")
    (plugin.path / "conftest.py").unlink()
    plugin.run(plugin.runtime, "test_it.py", "--oci-ledger=ledger")

    assert judged(plugin, "reversed") == judged(plugin)
    assert list(judged(plugin, "reversed")) != list(judged(plugin))


def test_workers_judge_as_one_process_does(plugin: Plugin) -> None:
    """The same statuses of the same tests, and each scenario is played once."""
    plugin.write("test_it.py", LIFECYCLE)
    plugin.apart(plugin.runtime, "test_it.py", "--oci-ledger=serial")
    plugin.apart(plugin.runtime, "test_it.py", "--oci-ledger=workers", "-n2")

    assert judged(plugin, "serial") == judged(plugin, "workers")
    observed = [
        sorted(record["scenario"] for record in read_ledger(plugin.path / name) if record["type"] == "observation")
        for name in ("serial", "workers")
    ]
    assert observed[0] == observed[1]


@pytest.mark.parametrize(
    ("version", "tests"),
    [("1.2", ["runtime.lifecycle.poststart.failure-continues"]), ("1.3", ["runtime.state.id"])],
)
def test_the_claimed_version_selects(plugin: Plugin, version: str, tests: list[str]) -> None:
    """A dropped duty is judged where it was one, and a ledger says why another is not."""
    plugin.write(
        "test_it.py",
        "import pytest\nfrom pytest_oci import clause\npytestmark = pytest.mark.runtime\n"
        "@clause('runtime.lifecycle.poststart.failure-continues')\ndef test_dropped(): pass\n"
        "@pytest.mark.skipif(False, reason='')\n@clause('runtime.state.id')\ndef test_kept(): pass\n",
    )
    plugin.run(plugin.runtime, "test_it.py", f"--oci-spec-version={version}", "--oci-ledger=ledger")
    found = {key.split()[0] for key in judged(plugin)}

    assert set(tests) <= found
    assert ("runtime.lifecycle.poststart.failure-continues" in found) is (version == "1.2")


def test_a_read_only_directory_is_no_trouble(plugin: Plugin) -> None:
    """Nothing is written where pytest was started."""
    path = plugin.write("suite/test_it.py", OUTCOMES)
    before = sorted(plugin.path.rglob("*"))
    plugin.run("-p", "no:pytester", plugin.runtime, path, "-k", "test_pass")

    assert [entry for entry in sorted(plugin.path.rglob("*")) if entry not in before and "__pycache__" not in str(entry)
            and "runpytest" not in str(entry)] == []  # fmt: skip
