"""Names by their grammars: media types, references, names in index.json, keys, values of platforms."""

from __future__ import annotations

import pytest
from pytest_oci.conformance.image import platforms
from pytest_oci.conformance.image.annotations import references
from pytest_oci.conformance.image.annotations.rules_annotations import is_reverse_dns
from pytest_oci.conformance.image.media_types import is_media_type

MEDIA_TYPES = (
    "text/plain",
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "0/1",
    "a!#$&-^_.+/b!#$&-^_.+",
    f"{'a' * 127}/{'b' * 127}",
)
NO_MEDIA_TYPES = (
    "",
    "/",
    "text",
    "text/",
    "/plain",
    "text/plain/x",
    "text/plain;q=1",
    "text/plain; q=1",
    " text/plain",
    "text/plain\n",
    ".text/plain",
    "text/+xml",
    "text/pl\u00e4in",
    "text/\uff11",
    "text/a%20b",
    "text/a*",
    f"{'a' * 128}/b",
    f"a/{'b' * 128}",
)


@pytest.mark.parametrize("text", MEDIA_TYPES)
def test_media_types(text: str) -> None:
    assert is_media_type(text)


@pytest.mark.parametrize("text", NO_MEDIA_TYPES)
def test_what_is_no_media_type(text: str) -> None:
    assert not is_media_type(text)


QUALIFIED = (
    "registry.example.com/my-org/my-image:tag",
    "registry.example.com:5000/image",
    f"registry.example.com/image@sha256:{'a' * 64}",
    f"registry.example.com/image:tag@sha256:{'A' * 32}",
    "localhost/image",
    "localhost:5000/image",
    "127.0.0.1/image",
    "[2001:db8::1]:5000/image",
    "[::1]/image",
    "Registry/image",
    "example.com/a__b/c---d/e.f",
    f"example.com/image:{'t' * 128}",
)
SHORT = ("alpine", "alpine:3", "library/alpine:3.20", "my-org/my-image:tag", "host:5000", "a/b/c")
NO_REFERENCES = (
    "",
    " ",
    "Image",
    "example.com/Image",
    "Registry.example.com/My Image",
    "example.com/",
    "/image",
    "example.com//image",
    "example.com/image:",
    "example.com/image:.tag",
    f"example.com/image:{'t' * 129}",
    "example.com/image@sha256",
    "example.com/image@sha256:abc",
    "example.com/-image",
    "example.com/image-",
    "example.com/a___b",
    "example.com/a..b",
    "https://example.com/image",
    "-example.com/image",
    "example.com:port/image",
    "example.com/image\n",
    "example.com/im\u00e4ge",
    f"example.com/{'a' * 256}",
    "a" * 100_000,
)


@pytest.mark.parametrize("text", QUALIFIED)
def test_fully_qualified_references(text: str) -> None:
    assert references.is_reference(text)
    assert references.is_fully_qualified(text)


@pytest.mark.parametrize("text", SHORT)
def test_references_without_a_registry(text: str) -> None:
    assert references.is_reference(text)
    assert not references.is_fully_qualified(text)


@pytest.mark.parametrize("text", NO_REFERENCES, ids=lambda text: text[:40])
def test_what_is_no_reference(text: str) -> None:
    assert not references.is_reference(text)
    assert not references.is_fully_qualified(text)


@pytest.mark.parametrize(
    "text", ["v1", "1.0.0-rc.1", "docker.io/library/alpine:3.20", "a--b", "a@sha256:b", "a+b_c", "A/B/C"]
)
def test_names_of_references(text: str) -> None:
    assert references.is_ref_name(text)
    assert not references.foreign_in_ref_name(text)


@pytest.mark.parametrize("text", ["", "-a", "a-", "a//b", "/a", "a/", "a__b", "a---b", "a-.b"])
def test_names_with_the_right_characters_in_the_wrong_order(text: str) -> None:
    assert not references.is_ref_name(text)
    assert not references.foreign_in_ref_name(text)


@pytest.mark.parametrize(
    ("text", "foreign"), [("my tag!", " "), ("v1\n", "\n"), ("\u00e9", "\u00e9"), ("a*", "*"), ("\u0661", "\u0661")]
)
def test_names_with_foreign_characters(text: str, foreign: str) -> None:
    assert not references.is_ref_name(text)
    assert references.foreign_in_ref_name(text) == foreign


KEYS = (
    "com.example",
    "com.example.myKey",
    "org.opencontainers.image.ref.name",
    "dev.cosignproject.cosign/signature",
    "com.my-company.a_b",
    "1.2",
    "com.example.gr\u00f6\u00dfe",
    "com.example/any thing\n",
)
OTHER_KEYS = (
    "",
    ".",
    "myKey",
    "com.",
    ".com",
    "com..a",
    "com.a b",
    "com.-a",
    "a/b.c",
    "com.a\n",
    "a." * 5000,
)
VARIANTS = (
    ("arm", "v6"),
    ("arm", "v7"),
    ("arm", "v8"),
    ("arm", "v5"),
    ("arm64", "v8"),
    ("arm64", "v8.1"),
    ("arm64", "v9.5"),
    ("ppc64le", "power8"),
    ("ppc64le", "power10"),
    ("riscv64", "rva20u64"),
    ("riscv64", "rva23u64"),
    ("amd64", "v1"),
    ("amd64", "v4"),
    ("mips64", "anything"),
    ("s390x", ""),
)
OTHER_VARIANTS = (
    ("arm", "7"),
    ("arm", "V7"),
    ("arm", "v7\n"),
    ("arm", "v7l"),
    ("arm", ""),
    ("arm", "v9"),
    ("arm64", "8"),
    ("arm64", "v7"),
    ("ppc64le", "power7"),
    ("ppc64le", "9"),
    ("riscv64", "rva22"),
    ("amd64", "x86-64-v2"),
)


@pytest.mark.parametrize("key", KEYS)
def test_keys_in_reverse_domain_notation(key: str) -> None:
    assert is_reverse_dns(key)


@pytest.mark.parametrize("key", OTHER_KEYS, ids=lambda key: key[:40])
def test_keys_in_another_notation(key: str) -> None:
    assert not is_reverse_dns(key)


@pytest.mark.parametrize(("architecture", "variant"), VARIANTS)
def test_variants(architecture: str, variant: str) -> None:
    assert platforms.is_listed_variant(architecture, variant)


@pytest.mark.parametrize(("architecture", "variant"), OTHER_VARIANTS)
def test_other_variants(architecture: str, variant: str) -> None:
    assert not platforms.is_listed_variant(architecture, variant)
