"""PRODUCT.yaml is read safely and checked before anything is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from submitted import PRODUCT

from pytest_oci.certification.product import check_product, read_product
from pytest_oci.certification.trouble import CertificationError
from pytest_oci.certification.yaml_file import parse_yaml
from pytest_oci.cli import main

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("yaml")

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "missing": ({"vendor": ""}, "vendor is missing"),
    "two at once": ({"vendor": "", "version": ""}, "vendor is missing; version is missing"),
    "name with OCI": ({"name": "SuperOCI"}, "name may not contain OCI"),
    "name with oci": ({"name": "my-oci runtime"}, "name may not contain OCI"),
    "name of nothing": ({"name": "---"}, "name has to have a letter"),
    "unknown": ({"colour": "red"}, "there is no member colour"),
    "no URL": ({"website_url": "example.org"}, "website_url has to be an http"),
    "secret URL": ({"website_url": "https://u:p@example.org"}, "without credentials"),
    "logo": ({"product_logo_url": "https://example.org/logo.png"}, "vector graphic: .svg, .ai, .eps"),
    "type": ({"type": "runtime"}, "type has to be one of distribution, hosted platform, installer"),
    "two sentences": ({"description": "It is one. It is two."}, "has to be one sentence"),
    "lines": ({"description": "It\nis"}, "one line"),
    "nested": ({"vendor": ["a"]}, "vendor has to be a text"),
    "no application": ({"application": ""}, "application has to have contacts and intended_date"),
    "no contact": ({"application": {"contacts": [], "intended_date": "2027-01-01"}}, "at least one"),
    "contact": ({"application": {"contacts": [{"name": "A", "email": "a"}], "intended_date": "2027-01-01"}}, "email"),
    "date": ({"application": {**PRODUCT["application"], "intended_date": "soon"}}, "intended_date has to be a day"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told(name: str) -> None:
    changed, text = WRONG[name]

    with pytest.raises(CertificationError) as caught:
        check_product({**PRODUCT, **changed}, "PRODUCT.yaml", applied=True)

    assert text in str(caught.value)


@pytest.mark.parametrize("name", ["Association of Sociable Docile Containers", "Vocitas", "O.C.I."])
def test_names_that_only_look_like_it(name: str) -> None:
    assert check_product({**PRODUCT, "name": name}, "PRODUCT.yaml", applied=True).name == name


YAML: dict[str, tuple[bytes, str]] = {
    "tag": (b"a: !!python/object/apply:os.system [x]", ""),
    "alias": (b"a: &a [x]\nb: *a", "aliases are not read"),
    "twice": (b"a: 1\na: 2", "stands twice"),
    "list": (b"- a", "has to be a mapping"),
    "no YAML": (b"a: [", "is no YAML"),
    "no text": (b"a: \xff", "is no YAML"),
    "nested": (b"[" * 50, "is nested deeper"),
}


@pytest.mark.parametrize("name", YAML)
def test_yaml_is_read_safely(name: str) -> None:
    data, text = YAML[name]
    if not text:
        assert parse_yaml(data, "x") == {"a": ["x"]}
        return

    with pytest.raises(CertificationError, match=text):
        parse_yaml(data, "x")


def test_what_init_writes_is_read_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As texts: no version loses its zero. What is published lacks the application."""
    path = tmp_path / "PRODUCT.yaml"
    words = ["--contact=A. Person <person@example.org>", "--intended-date=2027-06-30", "-o", str(path)]
    words += [f"--{name.replace('_', '-')}={value}" for name, value in PRODUCT.items() if name != "application"]

    assert main(["init", *words]) == 0
    assert main(["init", *words]) == 4
    assert "is there already" in capsys.readouterr().err
    product = read_product(path)
    assert product == check_product(PRODUCT, "", applied=True)
    assert product.values["version"] == "1.10"
    assert "person@example.org" not in product.published()
    assert parse_yaml(product.published().encode(), "x") == product.values


def test_init_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody can be asked, in one line, with exit status 4."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)

    assert main(["init", "-o", str(tmp_path / "PRODUCT.yaml")]) == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert "vendor is missing; name is missing" in line
