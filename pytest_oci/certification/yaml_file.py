"""YAML as it is read from people: safely, every scalar as the text that was written, no member twice, no aliases."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_oci.certification.reading import read_file
from pytest_oci.certification.trouble import CertificationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

LARGEST = 256 * 1024
DEEPEST = 16


def read_yaml(path: Path) -> dict[str, Any]:
    """A mapping out of a file; versions stay what they are, `1.10` is not 1.1. Raises CertificationError."""
    return parse_yaml(read_file(path, LARGEST), str(path))


def parse_yaml(data: bytes, where: str) -> dict[str, Any]:
    """As `read_yaml`, of bytes; `where` names them in errors."""
    try:
        import yaml
    except ModuleNotFoundError:
        raise CertificationError("reading PRODUCT.yaml takes PyYAML: pip install 'pytest-oci[certify]'") from None
    try:
        _check_tokens(yaml.scan(data, Loader=yaml.BaseLoader), where)
        node = yaml.compose(data, Loader=yaml.BaseLoader)
        found = _plain(node, where)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise CertificationError(f"{where} is no YAML: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(found, dict):
        raise CertificationError(f"{where} has to be a mapping")
    return found


def _check_tokens(tokens: Iterable[Any], where: str) -> None:
    """Raise CertificationError for aliases and for what is nested deeper than anything here is."""
    depth = 0
    for token in tokens:
        kind = type(token).__name__
        depth += kind.endswith("StartToken") - kind.endswith(("BlockEndToken", "SequenceEndToken", "MappingEndToken"))
        if kind == "AliasToken":
            raise CertificationError(f"{where}: aliases are not read; write out what is meant")
        if depth > DEEPEST:
            raise CertificationError(f"{where} is nested deeper than {DEEPEST} levels")


def _plain(node: Any, where: str) -> Any:
    """The value of a node: every scalar a text, an empty one the empty text."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = _plain(key, where)
            if not isinstance(name, str) or name in found:
                raise CertificationError(
                    f"{where}, line {key.start_mark.line + 1}: {name!r} stands twice or is no text"
                )
            found[name] = _plain(value, where)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one, where) for one in node.value]
    return node.value if isinstance(node, yaml.ScalarNode) else None


def write_yaml(value: Mapping[str, Any], indent: str = "") -> str:
    """YAML of mappings, lists and texts that is the same for the same value, wherever it is written.

    Scalars are double-quoted as in JSON, which every YAML reader takes for the text that it is.
    """
    lines = []
    for name, inner in value.items():
        label = f"{indent}{_key(name)}:"
        if isinstance(inner, dict):
            lines.append(f"{label}\n{write_yaml(inner, indent + '  ')}" if inner else f"{label} {{}}\n")
        elif isinstance(inner, (list, tuple)):
            lines.append(f"{label}\n" if inner else f"{label} []\n")
            # Flow nodes, as JSON is.
            lines += [f"{indent}- {json.dumps(one, ensure_ascii=True)}\n" for one in inner]
        else:
            lines.append(f"{label} {json.dumps(inner, ensure_ascii=True)}\n")
    return "".join(lines)


def _key(name: str) -> str:
    plain = name and name[0].isalpha() and all(one.isalnum() or one in "._- " for one in name) and name == name.strip()
    return name if plain and name.isascii() and name.lower() not in _WORDS else json.dumps(name)


_WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})
