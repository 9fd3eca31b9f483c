"""What pyproject.toml cannot say: the packages that stand at the top of the checkout, and how they are called."""

from pathlib import Path

from setuptools import find_namespace_packages, setup

HERE = Path(__file__).parent
TOP_LEVEL = ("conformance", "fixtures")

# Namespace packages as well, because directories that hold only data have no __init__.py.
packages = find_namespace_packages(str(HERE), include=["pytest_oci", "pytest_oci.*"], exclude=["*__pycache__*"])
for name in TOP_LEVEL:
    packages.append(f"pytest_oci.{name}")
    inside = find_namespace_packages(str(HERE / name), exclude=["*__pycache__*"])
    packages.extend(f"pytest_oci.{name}.{package}" for package in inside)

setup(
    packages=packages,
    package_data={"": ["*.toml", "*.json", "*.c", "*.h", "*.ini", "*.md", "py.typed"]},
)
