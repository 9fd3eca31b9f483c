"""What pyproject.toml cannot say: packages at the top of the checkout, and the probe, which must be built."""

import runpy
from pathlib import Path

from setuptools import find_namespace_packages, setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
TOP_LEVEL = ("conformance", "fixtures")


class BuildWithProbe(build_py):
    """Builds the probe for every architecture before package data is collected."""

    def run(self) -> None:
        """Runs for wheels and for editable installs alike."""
        runpy.run_path(str(HERE / "fixtures" / "probe" / "build.py"))["build"]()
        super().run()


# Namespace packages as well, because directories that hold only data have no __init__.py.
packages = find_namespace_packages(str(HERE), include=["pytest_oci", "pytest_oci.*"], exclude=["*__pycache__*"])
for name in TOP_LEVEL:
    packages.append(f"pytest_oci.{name}")
    inside = find_namespace_packages(str(HERE / name), exclude=["*__pycache__*", "probe.*"])
    packages.extend(f"pytest_oci.{name}.{package}" for package in inside)

setup(
    packages=packages,
    package_data={
        "": ["*.toml", "*.json", "*.ini", "*.md", "*.html", "*.css", "*.js", "py.typed"],
        "pytest_oci.fixtures.probe": ["src/*.c", "src/*.h", "bin/probe-*"],
    },
    cmdclass={"build_py": BuildWithProbe},
)
