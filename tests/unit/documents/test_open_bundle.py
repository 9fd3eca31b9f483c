"""Opening a bundle: what is kept, what is refused, and that nothing on the disk makes it hang."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from pytest_oci.fixtures.bundle_target import configuration

from pytest_oci.documents.exact import Limits
from pytest_oci.targets.bundle import (
    BundleError,
    ConfigError,
    ConfigInvalidError,
    ConfigMissingError,
    ConfigTooLargeError,
    ConfigUnreadableError,
    open_bundle,
    resolve_root,
)
from pytest_oci.violations import NotTestable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MIB = 1024 * 1024


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "bundle" / "rootfs").mkdir(parents=True)
    return tmp_path / "bundle"


@pytest.fixture(autouse=True)
def soon() -> Iterator[None]:
    start = time.process_time()
    yield
    assert time.process_time() - start < 5


def problem_of(directory: Path) -> ConfigError:
    problem = open_bundle(directory).problem
    assert problem is not None
    assert "\n" not in str(problem)
    assert len(str(problem)) < 600
    return problem


def test_a_bundle_keeps_exact_bytes_and_the_tree(directory):
    data = b'{"ociVersion":"1.3.0","root":{"path":"rootfs"}} \n'
    (directory / "config.json").write_bytes(data)
    bundle = open_bundle(directory)
    assert bundle.data == data
    assert bundle.problem is None
    assert configuration(bundle) == {"ociVersion": "1.3.0", "root": {"path": "rootfs"}}
    assert bundle.root is not None
    assert (bundle.root.resolved, bundle.root.kind, bundle.root.inside) == (directory / "rootfs", "a directory", True)


def test_the_identity_is_the_digest_of_the_configuration(directory):
    assert open_bundle(directory).identity() == {"kind": "bundle", "path": str(directory)}
    (directory / "config.json").write_bytes(b"{}")
    digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert open_bundle(directory).identity() == {"kind": "bundle", "path": str(directory), "sha256": digest}


def test_a_relative_path_works_and_is_kept_absolute(directory, monkeypatch):
    (directory / "config.json").write_text('{"ociVersion": "1.0.2"}')
    monkeypatch.chdir(directory.parent)
    bundle = open_bundle("bundle")
    assert bundle.directory == directory
    assert bundle.root is None


def test_a_link_to_a_regular_file_is_followed(directory):
    (directory / "real").write_text("{}")
    (directory / "config.json").symlink_to("real")
    assert open_bundle(directory).document is not None


@pytest.mark.parametrize("name", ["absent", "file", "loop", "nul\0byte"])
def test_what_is_no_directory_is_an_error_in_one_line(name, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(BundleError) as caught:
        open_bundle(f"{tmp_path}/{name}")
    assert "\n" not in str(caught.value)


def test_kinds_of_files_that_are_no_configuration(directory):
    config = directory / "config.json"
    makers = {
        "a FIFO": lambda: os.mkfifo(config),
        "a directory": config.mkdir,
        "levels of symbolic links": lambda: config.symlink_to("config.json"),
        "No such file": lambda: config.symlink_to("nowhere"),
        "a character device": lambda: config.symlink_to("/dev/zero"),
    }
    for words, make in makers.items():
        make()
        problem = problem_of(directory)
        assert isinstance(problem, ConfigMissingError), words
        assert words in str(problem)
        config.rmdir() if config.is_dir() and not config.is_symlink() else config.unlink()
    assert isinstance(problem_of(directory), ConfigMissingError)


def test_a_fifo_with_a_writer_is_not_read(directory):
    fifo = directory / "config.json"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(fifo, os.O_WRONLY)
    try:
        assert isinstance(problem_of(directory), ConfigMissingError)
    finally:
        os.close(writer)
        os.close(reader)


def test_a_configuration_of_200_mb_is_not_read(directory):
    with (directory / "config.json").open("wb") as file:
        file.truncate(200 * MIB)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert isinstance(problem_of(directory), ConfigTooLargeError)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


def test_the_largest_hostile_configuration_fits_in_bounded_memory(directory):
    (directory / "config.json").write_bytes(b"[" + b"{}," * (16 * MIB // 3 - 10))
    code = (
        "import resource, sys; from pytest_oci.targets.bundle import open_bundle;"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "print(type(open_bundle(sys.argv[1]).problem).__name__,"
        "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    command = [sys.executable, "-c", code, str(directory)]
    name, grown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.split()
    assert name == "ConfigTooLargeError"
    assert int(grown) < 200 * 1024


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"[" * 100_000, ConfigTooLargeError),
        (b'{"a":' * 100_000, ConfigTooLargeError),
        (b'{"a":1e400}', ConfigTooLargeError),
        (b'{"a":1' + b"0" * 400 + b"}", ConfigTooLargeError),
        (b'{"a":"\xff"}', ConfigInvalidError),
        (b'{"a":NaN}', ConfigInvalidError),
        (b"", ConfigInvalidError),
        (b"\x00" * 1000, ConfigInvalidError),
    ],
)
def test_hostile_texts_are_a_typed_problem_with_a_place(data, kind, directory):
    (directory / "config.json").write_bytes(data)
    problem = problem_of(directory)
    assert isinstance(problem, kind)
    assert "line 1, column " in str(problem)


def test_limits_can_be_set(directory):
    (directory / "config.json").write_text('{"ociVersion": "1.0.2"}')
    bundle = open_bundle(directory, limits=Limits(size=10))
    assert isinstance(bundle.problem, ConfigTooLargeError)


def test_an_unreadable_configuration_is_the_hosts_matter(directory, monkeypatch):
    (directory / "config.json").write_text("{}")

    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    bundle = open_bundle(directory)
    assert isinstance(bundle.problem, ConfigUnreadableError)
    with pytest.raises(NotTestable, match=r"^host: .*Permission denied"):
        configuration(bundle)


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (None, "depends-on: bundle.config-json.present"),
        (b"nope", "depends-on: config.oci-version.required"),
        (b"[]", "depends-on: config.oci-version.required"),
        (b"1e999", "limit: config.json, line 1, column 1: a number is beyond the range of binary64"),
    ],
)
def test_without_a_configuration_nothing_else_is_judged(data, cause, directory):
    if data is not None:
        (directory / "config.json").write_bytes(data)
    with pytest.raises(NotTestable) as caught:
        configuration(open_bundle(directory))
    assert caught.value.cause == cause


def test_strays_are_only_looked_for_among_configurations(directory):
    (directory / "package.json").write_text('{"name": "no configuration"}')
    (directory / "rootfs" / "config.json").write_text('{"some": "program"}')
    os.mkfifo(directory / "pipe")
    (directory / "sub").mkdir()
    (directory / "sub" / "config.json").write_text('{"ociVersion": "1.0.2"}')
    (directory / "spec.json").write_text('{"ociVersion": "1.0.2"}')
    assert open_bundle(directory).strays == ("spec.json", "sub/config.json")


def test_a_directory_with_very_many_entries_is_read_in_part(directory):
    for number in range(10_050):
        (directory / f"{number}").touch()
    (directory / "config.json").write_text("{}")
    assert open_bundle(directory).problem is None


@pytest.mark.parametrize(
    ("declared", "kind", "inside"),
    [
        ("rootfs", "a directory", True),
        (".", "a directory", True),
        ("link", "a directory", True),
        ("..", "a directory", False),
        ("/", "a directory", False),
        ("out", "a directory", False),
        ("file", "a regular file", True),
        ("nowhere", "missing", True),
        ("file/below", "missing", True),
        ("pipe", "a FIFO", True),
        ("loop", "Too many levels of symbolic links", True),
        ("nul\0byte", "no path of this system", False),
        ("x" * 5000, "File name too long", True),
        ("\ud800", "no path of this system", False),
    ],
)
def test_what_a_root_path_resolves_to(declared, kind, inside, directory):
    (directory / "file").write_text("")
    (directory / "link").symlink_to("rootfs")
    (directory / "out").symlink_to("/tmp")
    (directory / "loop").symlink_to("loop")
    os.mkfifo(directory / "pipe")
    root = resolve_root(directory, declared)
    assert (root.kind, root.inside) == (kind, inside)
    assert root.is_directory is (kind == "a directory")
