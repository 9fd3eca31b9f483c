"""Command templates: how a product is called, given as one line, split without a shell, with named fields."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

FIELD = re.compile(r"\{(\w*)\}")


class TemplateError(ValueError):
    """The template is not what it has to be; the text is one line."""


@dataclass(frozen=True, slots=True)
class Template:
    """The words of a command with fields in braces; the first word is the program."""

    words: tuple[str, ...]

    def argv(self, values: Mapping[str, str]) -> list[str]:
        """The words with the fields' values. Raises KeyError for a field that has none."""
        return [FIELD.sub(lambda match: values[match[1]], word) for word in self.words]

    @property
    def fields(self) -> frozenset[str]:
        """The names of the fields that it uses."""
        return frozenset(name for word in self.words for name in FIELD.findall(word))


def parse_template(text: str, fields: Collection[str], needed: Collection[Collection[str]]) -> Template:
    """Split a template and check its fields; of each group in `needed` it has to use one. Raises TemplateError."""
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise TemplateError(f"{text!r} cannot be split into words: {error}") from None
    if not words or FIELD.search(words[0]):
        raise TemplateError(f"{text!r} has to begin with the program to call")
    template = Template(words)
    for name in sorted(template.fields - set(fields)):
        raise TemplateError(f"{text!r}: unknown field {{{name}}}; there are {_braced(fields)}")
    for group in needed:
        if template.fields.isdisjoint(group):
            raise TemplateError(f"{text!r}: it has to use {' or '.join(_braced([name]) for name in group)}")
    return template


def files_in(templates: Iterable[Template]) -> dict[str, str]:
    """The sha256 of each file that stands among the words after a program: a script that it carries out, its settings.

    A word is a file if it is the path of one, has a slash and no field. What cannot be read is left out.
    """
    words = {word for template in templates for word in template.words[1:]}
    return {word: digest for word in sorted(words) if (digest := _digest(word))}


def names_file(word: str) -> bool:
    """Whether a word of a command is the path of a file that is there: it has a slash and no field."""
    try:
        return os.sep in word and not FIELD.search(word) and Path(word).is_file()
    except OSError:
        return False  # longer than any path, such as a script


def _digest(word: str) -> str:
    if not names_file(word):
        return ""
    try:
        with Path(word).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _braced(names: Collection[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
