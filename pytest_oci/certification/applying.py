"""`init`: PRODUCT.yaml from options, and from answers to questions where there is somebody to ask."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

from pytest_oci.certification.product import APPLICATION, FIELDS, LONGEST, check_product, wrong_contact, wrong_day
from pytest_oci.certification.trouble import CertificationError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

MOST_WRONG = 20
"""Answers to one question; who answers longer is no person."""
CONTACT, INTENDED = "Contact, as Name <email>", "Day on which you mean to submit (YYYY-MM-DD)"


def apply(options: argparse.Namespace) -> None:
    """Write PRODUCT.yaml. Raises CertificationError, where nothing is written, as where it is interrupted."""
    if options.output.exists() or options.output.is_symlink():
        raise CertificationError(f"{options.output} is there already")
    if not options.output.parent.is_dir():
        raise CertificationError(f"{options.output}: there is no directory {options.output.parent}")
    asking = sys.stdin.isatty()
    values = _described(options, asking)
    contacts = options.contact or ([ask(CONTACT, lambda text: wrong_contact(parted(text)))] if asking else [])
    intended = options.intended_date or (ask(INTENDED, wrong_day) if asking else "")
    values[APPLICATION] = {"contacts": [parted(text) for text in contacts], "intended_date": intended}
    _write(options.output, check_product(values, str(options.output), applied=True).written())


def _described(options: argparse.Namespace, asking: bool) -> dict[str, Any]:
    """What is said of the product; what the options say is checked before anything is asked."""
    if asking:
        said = [(one.name, one.wrong(value)) for one in FIELDS if (value := getattr(options, one.name))]
        said += [("contact", wrong_contact(parted(text))) for text in options.contact]
        said += [("intended_date", wrong_day(options.intended_date))] if options.intended_date else []
        if told := [f"{name} {wrong}" for name, wrong in said if wrong]:
            raise CertificationError("; ".join(told))
    values: dict[str, Any] = {}
    for one in FIELDS:
        values[one.name] = getattr(options, one.name) or ""
        if asking and one.asked and getattr(options, one.name) is None:
            values[one.name] = ask(one.question, one.wrong, required=one.required)
    return values


def ask(question: str, wrong: Callable[[str], str], *, required: bool = True) -> str:
    """An answer in which nothing is wrong; it is asked for again while something is.

    Raises CertificationError where the input ends, or where nothing right comes after many answers.
    """
    for _ in range(MOST_WRONG):
        try:
            answer = input(f"{question}{'' if required else ' (may be empty)'}: ").strip()
        except EOFError:
            raise CertificationError("the input ended: nothing is written") from None
        except UnicodeDecodeError:
            answer = "\ufffd"
        told = wrong(answer) if answer else "is missing" if required else ""
        if "\ufffd" in answer or any("\ud800" <= one <= "\udfff" for one in answer):
            told = "has to be UTF-8"
        elif len(answer) > LONGEST:
            told = f"has to be a text of at most {LONGEST} characters"
        if not told:
            return answer
        sys.stdout.write(f"  that {told}\n")
    raise CertificationError(f"{question}: no answer after {MOST_WRONG} attempts; nothing is written")


def parted(text: str) -> dict[str, str]:
    """A contact out of `Name <email>`."""
    name, _, address = text.partition("<")
    return {"name": name.strip(), "email": address.strip().removesuffix(">").strip()}


def _write(path: Path, text: str) -> None:
    """The whole file or nothing, and none that is there by now."""
    try:
        with path.open("x", encoding="utf-8") as file:
            try:
                file.write(text)
            except BaseException:
                with contextlib.suppress(OSError):
                    path.unlink()
                raise
    except FileExistsError:
        raise CertificationError(f"{path} is there already") from None
    except OSError as error:
        raise CertificationError(f"{path} cannot be written: {error.strerror}") from None
