"""Under what conditions pytest ran: all that a caller may have brought along and that could change what is judged."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGED_INI = Path(__file__).parent / "certification" / "pytest.ini"
"""The configuration that certificates rest on."""
DEMONSTRATION = "PYTEST_OCI_DEMONSTRATION"
"""The variable that says what a run shows that is about no product; the header of its ledger says it, too."""
OWN = frozenset({"_pytest", "pytest", "pluggy", "pytest_oci", "xdist"})
"""Packages whose plugins are part of a run: pytest itself, the suite, and what only distributes its tests."""
LIMITING: Mapping[str, object] = {
    "keyword": "",
    "markexpr": "",
    "deselect": None,
    "ignore": None,
    "ignore_glob": None,
    "maxfail": 0,
    "lf": False,
    "stepwise": False,
    "oci_clause": None,
    "oci_ref": None,
    "oci_platform": None,
}
"""Options, by their names on pytest's namespace, that leave tests or parts of the product out, and what is none."""


def conditions(config: pytest.Config) -> dict[str, Any]:
    """For the header of a ledger: pytest's version, ini file, conftests, plugins of others, and what is left out."""
    plugins = config.pluginmanager.get_plugins()
    files = [Path(file) for plugin in plugins if (file := getattr(plugin, "__file__", None))]
    modules = {getattr(plugin, "__name__", None) or type(plugin).__module__ for plugin in plugins}
    packaged = config.inipath is not None and config.inipath.samefile(PACKAGED_INI)
    return {
        "pytest": pytest.__version__,
        **wording(),
        "ini": "packaged" if packaged else str(config.inipath or ""),
        "conftests": sorted(str(file) for file in files if file.name == "conftest.py"),
        "plugins": sorted(name for name in modules if name.partition(".")[0] not in OWN and "conftest" not in name),
        "addopts": os.environ.get("PYTEST_ADDOPTS", ""),
        "left_out": left_out(config),
    }


def wording() -> dict[str, str]:
    """The versions of what has a part in the wording of results, though in no status."""
    return {"python": platform.python_version(), "pydantic": version("pydantic")}


def disturbing(found: Mapping[str, Any]) -> list[str]:
    """What of a header's conditions could have changed what is judged, in words; nothing of a hermetic run."""
    told = [f"the ini file {found['ini']}"] if found["ini"] != "packaged" else []
    told += [f"the conftest {name}" for name in found["conftests"]]
    told += [f"the plugin {name}" for name in found["plugins"]]
    told += [f"PYTEST_ADDOPTS={found['addopts']}"] if found["addopts"] else []
    return told + [f"what leaves out: {name}={value}" for name, value in found["left_out"].items()]


def left_out(config: pytest.Config) -> dict[str, str]:
    """The options in force that leave something out, each with its value."""
    values = {name: getattr(config.option, name, nothing) for name, nothing in LIMITING.items()}
    values |= {name: values[name] or config.getini(name) for name in LIMITING if name.startswith("oci_")}
    return {name: str(value) for name, value in values.items() if value and value != LIMITING[name]}
