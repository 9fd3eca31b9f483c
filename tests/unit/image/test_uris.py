"""URIs by the grammar of RFC 3986, and base 64 by that of RFC 4648."""

from __future__ import annotations

import base64

import pytest
from pytest_oci.conformance.image.descriptor import base64_strict, uris

GOOD = (
    "https://example.com/example-manifest",
    "HTTP://example.com",
    "ftp://ftp.is.co.za/rfc/rfc1808.txt",
    "ldap://[2001:db8::7]/c=GB?objectClass?one",
    "mailto:John.Doe@example.com",
    "news:comp.infosystems.www.servers.unix",
    "tel:+1-816-555-1212",
    "telnet://192.0.2.16:80/",
    "urn:oasis:names:specification:docbook:dtd:xml:4.1.2",
    "http://user:pass@example.com:8080/a;b=c,d?e=f/g?#h/i?",
    "http://example.com/%C3%A9",
    "http://example.com:/",
    "http:///path",
    "http://",
    "file:///etc/passwd",
    "oci:layer",
    "a:",
    "a+b-c.d:x",
    "http://[v7.a:b]/",
    "http://[::ffff:192.0.2.1]/",
    "http://[1:2:3:4:5:6:7::]/",
    "http://a_b~!$&'()*+,;=/",
    "http:/a//b",
)
RELATIVE = ("", "/", "//example.com/x", "a/b", "../x", "?query", "#fragment", "./a:b", "a%20b", "//[::1]")
BAD = (
    "http://example.com/a b",
    " http://example.com/",
    "http://example.com/\n",
    "http://example.com/\u00e9",
    "http://\uff11/",
    "http://example.com/<a>",
    'http://example.com/"',
    "http://example.com/{a}",
    "http://example.com/a|b",
    "http://example.com/a\\b",
    "http://example.com/a^b",
    "http://example.com/%",
    "http://example.com/%2",
    "http://example.com/%zz",
    "http://example.com:80a/",
    "http://example.com:-1/",
    "http://[::1",
    "http://::1]/",
    "http://[::g]/",
    "http://[1:2:3]/",
    "http://[::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://a@b@c/",
    "http://example.com/#a#b",
    "http://example.com/[a]",
    "1http://example.com/",
    "+a:b",
    ":a",
    "a_b:c",
    "://example.com",
    "http://[v.a]/",
    "http://[v7]/",
)


@pytest.mark.parametrize("text", GOOD)
def test_uris(text: str) -> None:
    assert uris.scheme(text) == text.partition(":")[0].lower()
    assert uris.fault(text) == ""


@pytest.mark.parametrize("text", RELATIVE)
def test_relative_references(text: str) -> None:
    assert uris.scheme(text) is None
    assert uris.is_relative(text)
    assert uris.fault(text) == ""


@pytest.mark.parametrize("text", BAD)
def test_neither(text: str) -> None:
    assert uris.scheme(text) is None
    assert not uris.is_relative(text)
    assert uris.fault(text)


def test_faults_are_named() -> None:
    assert "' ' at character 20" in uris.fault("http://example.com/a b")
    assert "% at character 2" in uris.fault("a:%zz")


def test_long_texts_take_no_long_time() -> None:
    long = ("a" * 500_000 + " ", "http://" + "a:" * 250_000 + " ", "http://a/" + "%41/" * 100_000 + "%", ":" * 500_000)
    assert all(map(uris.fault, long))


@pytest.mark.parametrize("content", [b"", b"{}", b"a", b"ab", b"abc", bytes(range(256))])
def test_base64(content: bytes) -> None:
    text = base64.b64encode(content).decode()
    assert base64_strict.decode(text) == content
    assert base64_strict.fault(text) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("-_-_", "'-' at character 0"),
        ("e30", "no multiple of four"),
        ("e30=\n", "'\\n' at character 4"),
        ("e3\r\n0=", "'\\r' at character 2"),
        ("e30 ", "' ' at character 3"),
        ("e31=", "bits beyond"),
        ("YR==", "bits beyond"),
        ("e30==", "no multiple of four"),
        ("e30===", "padding"),
        ("e30=e30=", "padding"),
        ("=", "no multiple of four"),
        ("====", "padding"),
        ("e=30", "padding"),
        ("e30\u00e9", "at character 3"),
        ("\u0661\u0661\u0661\u0661", "at character 0"),
    ],
)
def test_what_is_no_base64(text: str, why: str) -> None:
    assert base64_strict.decode(text) is None
    assert why in base64_strict.fault(text)
