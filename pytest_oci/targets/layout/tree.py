"""The documents of a layout and how they refer to each other: pure, from what was read (image-spec image-layout.md).

A *part* is what a test judges: an index, or a manifest with its configuration and its layers. Parts are found from
index.json downwards, each document once, in the order in which they are listed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from pytest_oci.documents.exact import Document, DocumentError, LimitError, Limits, read_json
from pytest_oci.documents.findings import json_pointer
from pytest_oci.targets.layout.facts import REGULAR, Blob
from pytest_oci.targets.layout.limits import DEFAULT_LIMITS, LayoutLimits, reached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_oci.documents.exact import JsonValue
    from pytest_oci.targets.layout.facts import Layout

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
REF_NAME = "org.opencontainers.image.ref.name"

SHOWN_DIGITS = 12

Object: TypeAlias = "dict[str, JsonValue]"


@dataclass(frozen=True, slots=True)
class Text:
    """The bytes of a document and what they say.

    `document` is None where they are no JSON (`problem` says why) or were not read (`unseen`, a cause of
    `not-testable`). `media_type` is what the descriptor that leads here says. A blob whose content is not what its
    name says is `altered`: what it holds is not what was meant, and is not judged. Where there is no regular file for
    it, it is `absent`.
    """

    path: str
    media_type: str
    size: int = 0
    document: Document | None = None
    problem: str = ""
    unseen: str = ""
    altered: bool = False
    absent: bool = False

    @property
    def root(self) -> Object | None:
        """The JSON object; None where there is none that could be judged."""
        root = self.document.root if self.document and not self.altered else None
        return root if isinstance(root, dict) else None


@dataclass(frozen=True, slots=True)
class Described:
    """A descriptor where it stands: `value` is whatever is there. `blob` is what its digest names, if that is here."""

    path: str
    pointer: str
    value: JsonValue
    blob: Blob | None

    @property
    def media_type(self) -> str:
        """Its mediaType if that is a string, else empty."""
        found = self.value.get("mediaType") if isinstance(self.value, dict) else None
        return found if isinstance(found, str) else ""

    def member(self, name: str) -> JsonValue:
        """One of its members; None where it has none, or is no object."""
        return self.value.get(name) if isinstance(self.value, dict) else None


@dataclass(frozen=True, slots=True)
class Index:
    """An index: index.json, or a blob to which another index refers as one. `name` tells it from others in test ids."""

    name: str
    text: Text
    entries: tuple[Described, ...] = ()
    subject: Described | None = None

    @property
    def descriptors(self) -> tuple[Described, ...]:
        """Every descriptor in it."""
        return self.entries if self.subject is None else (*self.entries, self.subject)


@dataclass(frozen=True, slots=True)
class Manifest:
    """An image manifest, with its configuration and its layers.

    `config_text` is there where the configuration is an OCI image configuration and lies in the layout. `ref` and
    `platform` (os/architecture/variant) are those of the descriptors that led here, empty where they say none.
    """

    name: str
    text: Text
    ref: str = ""
    platform: str = ""
    config: Described | None = None
    config_text: Text | None = None
    layers: tuple[Described, ...] = ()
    subject: Described | None = None

    @property
    def descriptors(self) -> tuple[Described, ...]:
        """Every descriptor in it."""
        return tuple(one for one in (self.config, *self.layers, self.subject) if one is not None)


Part: TypeAlias = Index | Manifest


@dataclass(frozen=True, slots=True)
class Tree:
    """All parts of a layout, index.json first. `refs` are the names in index.json. `unseen`: why there may be more.

    `subjects`: see `grow`; true of image-spec 1.1 and not of 1.0.
    """

    indexes: tuple[Index, ...]
    manifests: tuple[Manifest, ...]
    refs: tuple[str, ...] = ()
    unseen: str = ""
    parts: tuple[Part, ...] = field(default=())
    subjects: bool = True


def grow(
    layout: Layout,
    limits: LayoutLimits = DEFAULT_LIMITS,
    ref: str = "",
    platform: str = "",
    *,
    subjects: bool = True,
) -> Tree:
    """The parts of a layout; with `ref` and `platform` those below such names and of such platforms alone.

    `subjects` says whether `subject` is a descriptor: it is since image-spec 1.1.
    """
    return _Grower(layout, limits, ref, platform, subjects).grow()


def platform_name(value: JsonValue) -> str:
    """os/architecture/variant of a platform object, or of a configuration; empty where it says none."""
    if not isinstance(value, dict):
        return ""
    words = [value.get(name) for name in ("os", "architecture", "variant")]
    return "/".join(word for word in words if isinstance(word, str) and word)


@dataclass(slots=True)
class _Grower:
    layout: Layout
    limits: LayoutLimits
    ref: str
    platform: str
    subjects: bool
    unseen: str = ""
    parts: list[Part] = field(default_factory=list)
    visited: set[str] = field(default_factory=set)
    configs: dict[str, Text] = field(default_factory=dict)
    """Configurations by their path."""
    names: dict[str, int] = field(default_factory=lambda: {"index.json": 1})
    """Those taken, and the last number put behind each."""

    def grow(self) -> Tree:
        file = self.layout.index
        text = (
            self._text(file.path, INDEX, file.data, unseen=file.unseen) if file.kind == REGULAR or file.unseen else None
        )
        text = text or Text(file.path, INDEX, problem=f"{file.path} is {file.kind}", absent=True)
        top = Index("index.json", text)
        refs: tuple[str, ...] = ()
        self.unseen = top.text.unseen
        if top.text.root is not None:
            top = self._index("index.json", top.text)
            refs = tuple(dict.fromkeys(name for entry in top.entries if (name := _ref(entry))))
        self.parts.append(top)
        self.unseen = top.text.unseen
        pending = [(entry, _ref(entry), "", 1) for entry in reversed(top.entries)]
        while pending:
            entry, ref, platform, depth = pending.pop()
            if self.ref and depth == 1 and ref != self.ref:
                continue
            platform = platform_name(entry.member("platform")) or platform
            found = self._follow(entry, ref, platform, depth)
            if isinstance(found, Index):
                pending += [(inner, ref, platform, depth + 1) for inner in reversed(found.entries)]
        indexes = tuple(part for part in self.parts if isinstance(part, Index))
        manifests = tuple(part for part in self.parts if isinstance(part, Manifest))
        return Tree(indexes, manifests, refs, self.unseen or self.layout.unseen, tuple(self.parts), self.subjects)

    def _follow(self, entry: Described, ref: str, platform: str, depth: int) -> Part | None:
        """The part that a descriptor in an index leads to; None if it is no document of ours, absent, or known."""
        kind, blob = entry.media_type, entry.blob
        if kind not in (INDEX, MANIFEST) or blob is None or f"{kind} {blob.path}" in self.visited:
            return None
        if depth > self.limits.index_depth:
            self.unseen = reached("index-depth", self.limits.index_depth)
            return None
        if len(self.parts) >= self.limits.manifests:
            self.unseen = reached("manifests", self.limits.manifests)
            return None
        self.visited.add(f"{kind} {blob.path}")
        text = self._blob_text(blob, kind)
        part: Part = (
            self._index(self._name(ref, platform, blob, "index"), text)
            if kind == INDEX
            else self._manifest(text, ref, platform, blob)
        )
        if isinstance(part, Manifest) and self.platform and not _is_for(part.platform, self.platform):
            self.visited.discard(f"{kind} {blob.path}")  # another entry may say another platform
            self.unseen = self.unseen or _platform_unseen(part)
            return None
        if isinstance(part, Index):
            self.unseen = self.unseen or text.unseen
        self.parts.append(part)
        return part

    def _index(self, name: str, text: Text) -> Index:
        root = text.root or {}
        return Index(name, text, tuple(self._listed(text, "manifests")), self._subject(text, root))

    def _manifest(self, text: Text, ref: str, platform: str, blob: Blob) -> Manifest:
        root = text.root or {}
        config = self._single(text, root, "config")
        config_text = None
        if config is not None and config.media_type == CONFIG and config.blob is not None:
            config_text = self._config_text(config.blob)
            platform = platform or platform_name(config_text.root)
        name = self._name(ref, platform, blob, "manifest")
        layers = tuple(self._listed(text, "layers"))
        return Manifest(name, text, ref, platform, config, config_text, layers, self._subject(text, root))

    def _config_text(self, blob: Blob) -> Text:
        """Read once, however many manifests have this configuration."""
        if blob.path not in self.configs:
            self.configs[blob.path] = self._blob_text(blob, CONFIG)
        return self.configs[blob.path]

    def _listed(self, text: Text, member: str) -> Iterator[Described]:
        listed = text.root.get(member) if text.root is not None else None
        if isinstance(listed, list):
            for place, value in enumerate(listed):
                yield self._described(text.path, json_pointer(member, place), value)

    def _single(self, text: Text, root: Object, member: str) -> Described | None:
        return self._described(text.path, json_pointer(member), root[member]) if member in root else None

    def _subject(self, text: Text, root: Object) -> Described | None:
        return self._single(text, root, "subject") if self.subjects else None

    def _described(self, path: str, pointer: str, value: JsonValue) -> Described:
        digest = value.get("digest") if isinstance(value, dict) else None
        return Described(path, pointer, value, self.layout.blobs.get(digest) if isinstance(digest, str) else None)

    def _blob_text(self, blob: Blob, media_type: str) -> Text:
        if blob.data is None and not blob.withheld and not blob.unseen:
            shows = blob.unpacked.compression if blob.unpacked else ""
            said = f"{shows} data" if shows else f"{blob.size} bytes that begin with {blob.head[:16]!r}"
            return Text(blob.path, media_type, blob.size, problem=said, altered=_altered(blob))
        unseen = blob.unseen or blob.withheld
        return self._text(blob.path, media_type, blob.data, size=blob.size, unseen=unseen, altered=_altered(blob))

    def _text(
        self, path: str, media_type: str, data: bytes | None, *, size: int = 0, unseen: str = "", altered: bool = False
    ) -> Text:
        if data is None:
            return Text(path, media_type, size, unseen=unseen or f"host: {path} was not read", altered=altered)
        limits = Limits(self.limits.document_bytes, self.limits.json_depth, self.limits.json_values)
        try:
            return Text(path, media_type, len(data), read_json(data, limits), altered=altered)
        except LimitError as error:
            return Text(path, media_type, len(data), unseen=f"limit: {path}, {error}", altered=altered)
        except DocumentError as error:
            return Text(path, media_type, len(data), problem=str(error), altered=altered)

    def _name(self, ref: str, platform: str, blob: Blob, kind: str) -> str:
        """What a part is called in test ids: by its name and platform if it has them, and then only once."""
        words = [word for word in (ref, platform) if word and kind == "manifest"] or [f"{kind}-{ref}" if ref else ""]
        name = re.sub(r"[^A-Za-z0-9_.+:@-]+", "-", "-".join(filter(None, words)))
        short = blob.named[: blob.named.index(":") + 1 + SHOWN_DIGITS]
        name = name or f"{kind}-{short}"
        unique = short_name = f"{name}-{short}" if name in self.names else name
        while unique in self.names:  # names may have been chosen to be those of other parts
            self.names[short_name] += 1
            unique = f"{short_name}-{self.names[short_name]}"
        self.names[unique] = 1
        return unique


def _platform_unseen(manifest: Manifest) -> str:
    """Why it is not known which platform a manifest is for."""
    if manifest.platform:
        return ""
    return manifest.text.unseen or (manifest.config_text.unseen if manifest.config_text is not None else "")


def _ref(entry: Described) -> str:
    annotations = entry.member("annotations")
    name = annotations.get(REF_NAME) if isinstance(annotations, dict) else None
    return name if isinstance(name, str) else ""


def _altered(blob: Blob) -> bool:
    """Whether the content is known to be another than the name says; names that are no digests say nothing."""
    return bool(blob.digest) and blob.digest != blob.named and not blob.unseen


def _is_for(platform: str, wanted: str) -> bool:
    """Whether os/architecture/variant is what os/architecture[/variant] asks for."""
    return platform == wanted or platform.startswith(f"{wanted}/")
