"""What layers give that are applied in order to an empty directory (layer.md, Applying Changesets): the reference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_oci.fixtures.image.layers import DIRECTORY, HARD_LINK, OPAQUE, SYMLINK, WHITEOUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_oci.fixtures.image.layers import Entry


@dataclass(frozen=True, slots=True)
class Applied:
    """What stands at a path: the entry that it was made of, for a further name of a file that file's."""

    entry: Entry

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory, whose children outlive a further entry for it."""
        return self.entry.type == DIRECTORY


def apply_layers(layers: Iterable[Sequence[Entry]]) -> Mapping[str, Applied]:
    """The resulting files by their paths, without the top-level directory, whose attributes nobody specifies."""
    files: dict[str, Applied] = {}
    for entries in layers:
        for entry in entries:
            if _last(entry).startswith(WHITEOUT):
                _white_out(files, _path(entry))
        for entry in entries:
            if not _last(entry).startswith(WHITEOUT):
                _put(files, _path(entry), entry)
    return files


def _put(files: dict[str, Applied], path: str, entry: Entry) -> None:
    made = Applied(replace(files[entry.link].entry) if entry.type == HARD_LINK else entry)
    if not (path in files and files[path].is_directory and made.is_directory):
        _remove(files, path)
    files[path] = made


def _white_out(files: dict[str, Applied], path: str) -> None:
    parent, _, last = path.rpartition("/")
    before = f"{parent}/" if parent else ""
    if last != OPAQUE:
        _remove(files, before + last.removeprefix(WHITEOUT))
        return
    for child in [each for each in files if each.startswith(before)]:
        del files[child]


def _remove(files: dict[str, Applied], path: str) -> None:
    for each in [each for each in files if each == path or each.startswith(f"{path}/")]:
        del files[each]


def _path(entry: Entry) -> str:
    return entry.name.strip("/")


def _last(entry: Entry) -> str:
    return _path(entry).rpartition("/")[2]


def substance(applied: Applied) -> tuple[str, str]:
    """Type and content of a file, or type and target of a symbolic link."""
    entry = applied.entry
    return entry.type, entry.link if entry.type == SYMLINK else entry.content.decode("utf-8", "backslashreplace")
