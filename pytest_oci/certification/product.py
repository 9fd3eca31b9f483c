"""PRODUCT.yaml: what the programme wants to know of a product, checked before anything is run."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_oci.certification.trouble import CertificationError
from pytest_oci.certification.yaml_file import read_yaml, write_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

TYPES = ("distribution", "hosted platform", "installer")
LOGO_FORMATS = (".svg", ".ai", ".eps")
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Field:
    """One member of PRODUCT.yaml: what `init` asks, and what is wrong with an answer (empty if nothing)."""

    name: str
    question: str
    wrong: Callable[[str], str]
    required: bool = True
    asked: bool = True
    """Whether `init` asks for it; if not, it takes it from its option alone."""


def _text(value: str) -> str:
    return "" if value.isprintable() else "has to be one line"


def _name(value: str) -> str:
    if "OCI" in value or re.search(r"(?<![a-z])oci(?![a-z])", value.lower()):
        return "may not contain OCI: that is the programme's mark, not a product's name"
    return _text(value) or ("" if slug(value) else "has to have a letter or a digit")


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        return "is no URL"
    good = parts.scheme in ("http", "https") and parts.hostname and not re.search(r"\s", value)
    return "" if good and not parts.username else "has to be an http or https URL without credentials"


def _logo(value: str) -> str:
    good = urlsplit(value).path.lower().endswith(LOGO_FORMATS) if not _url(value) else False
    return "" if good else f"has to be the URL of a vector graphic: {', '.join(LOGO_FORMATS)}"


def _type(value: str) -> str:
    return "" if value in TYPES else f"has to be one of {', '.join(TYPES)}"


def _sentence(value: str) -> str:
    ends = re.findall(r"[.!?](?=\s)", value.strip())
    return _text(value) or ("has to be one sentence" if ends else "")


FIELDS = (
    Field("vendor", "Name of the organisation", _text),
    Field("name", "Name of the product", _name),
    Field("version", "Version of the product", _text),
    Field("website_url", "The product's web site", _url),
    Field("repo_url", "Its source repository", _url, required=False),
    Field("documentation_url", "Its documentation", _url),
    Field("product_logo_url", "Its logo, as SVG, AI or EPS", _logo, required=False),
    Field("type", f"What it is: {', '.join(TYPES)}", _type),
    Field("description", "What it does, in one sentence", _sentence),
    Field("demonstration", "What it shows, where this is no product", _text, required=False, asked=False),
)
APPLICATION = "application"
"""The member for what the application form asks besides; it is checked, and not published."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person to write to."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Product:
    """A checked PRODUCT.yaml."""

    values: Mapping[str, str]
    contacts: tuple[Contact, ...] = ()
    intended: datetime.date | None = None
    """The day on which the vendor means to submit."""

    @property
    def name(self) -> str:
        """The product's name, without its version."""
        return self.values["name"]

    @property
    def slug(self) -> str:
        """The product's name as that of its directory."""
        return slug(self.name)

    @property
    def watermark(self) -> str:
        """What stands above everything where this is a demonstration; empty of a product."""
        said = self.values.get("demonstration", "")
        return f"A demonstration, not a product: {said}" if said else ""

    def published(self) -> str:
        """PRODUCT.yaml as it is published: without the application."""
        return write_yaml(dict(self.values))

    def written(self) -> str:
        """PRODUCT.yaml as `init` writes it."""
        contacts = [{"name": contact.name, "email": contact.email} for contact in self.contacts]
        application = {"contacts": contacts, "intended_date": str(self.intended or "")}
        return write_yaml({**self.values, APPLICATION: application})


def slug(name: str) -> str:
    """Lower-case letters and digits, joined by hyphens."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))


def read_product(path: Path, *, applied: bool = True) -> Product:
    """Read and check a PRODUCT.yaml; `applied` if it needs the application as well. Raises CertificationError."""
    return check_product(read_yaml(path), str(path), applied=applied)


def check_product(found: Mapping[str, Any], where: str, *, applied: bool) -> Product:
    """The product, or CertificationError with everything that is wrong, in one line."""
    troubles, values = [], {}
    for one in FIELDS:
        value = found.get(one.name, "")
        if value in ("", None):
            troubles += [f"{one.name} is missing"] if one.required else []
        elif not isinstance(value, str) or len(value) > LONGEST:
            troubles.append(f"{one.name} has to be a text of at most {LONGEST} characters")
        elif wrong := one.wrong(value):
            troubles.append(f"{one.name} {wrong}")
        else:
            values[one.name] = value
    unknown = sorted(found.keys() - {one.name for one in FIELDS} - {APPLICATION})
    troubles += [f"there is no member {name}" for name in unknown]
    contacts, intended = _application(found.get(APPLICATION), troubles) if applied else ((), None)
    if troubles:
        raise CertificationError(f"{where}: {'; '.join(troubles)}")
    return Product(values, contacts, intended)


def wrong_contact(found: Any) -> str:
    """What is wrong with a contact; empty if nothing."""
    texts = isinstance(found, dict) and found.keys() == {"name", "email"} and all(map(_is_text, found.values()))
    if not texts or not found["name"].strip() or not found["name"].isprintable():
        return "has to have a name and an email address"
    good = re.fullmatch(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+", found["email"]) and found["email"].isprintable()
    return "" if good else "has to have a name and an email address"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST


def wrong_day(text: str) -> str:
    """What is wrong with the intended date; empty if nothing."""
    wrong = "has to be a day, such as 2027-06-30"
    try:
        return "" if str(datetime.date.fromisoformat(text)) == text else wrong
    except ValueError:
        return wrong


def _application(found: Any, troubles: list[str]) -> tuple[tuple[Contact, ...], datetime.date | None]:
    """The contacts and the intended date; what is wrong is added to the troubles."""
    if not isinstance(found, dict) or found.keys() - {"contacts", "intended_date"}:
        troubles.append(f"{APPLICATION} has to have contacts and intended_date")
        return (), None
    listed = found.get("contacts")
    if not listed or not isinstance(listed, list):
        troubles.append("contacts has to name at least one")
        listed = []
    told = dict.fromkeys(filter(None, map(wrong_contact, listed)))
    troubles += [f"a contact {wrong}" for wrong in told]
    contacts = () if told else tuple(Contact(one["name"], one["email"]) for one in listed)
    day = str(found.get("intended_date", ""))
    if wrong := wrong_day(day):
        troubles.append(f"intended_date {wrong}")
        return contacts, None
    return contacts, datetime.date.fromisoformat(day)
