"""What pyproject.toml cannot say: the packages that stand at the top of the checkout, by the name they install under."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
TOP_LEVEL = ("conformance", "fixtures")

packages = find_packages(str(HERE), include=["pytest_oci", "pytest_oci.*"])
for name in TOP_LEVEL:
    packages.append(f"pytest_oci.{name}")
    packages.extend(f"pytest_oci.{name}.{package}" for package in find_packages(str(HERE / name)))

setup(
    packages=packages,
    package_data={"": ["*.toml", "*.json", "*.c", "*.h", "*.ini", "*.md", "py.typed"]},
)
