"""The folder that is submitted: rendered from PRODUCT.yaml and the ledgers, the same bytes for the same ones.

What is rendered can be rendered again by whoever checks the folder: nothing in it rests on when or where it was made.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_oci.certification import badges
from pytest_oci.certification.junit import junit_xml
from pytest_oci.certification.ledgers import Joined, join, open_ledger
from pytest_oci.certification.product import Product, read_product
from pytest_oci.certification.reading import read_file
from pytest_oci.certification.readme import readme
from pytest_oci.certification.site_results import results_yaml
from pytest_oci.certification.trouble import CertificationError
from pytest_oci.ledger import LedgerError

if TYPE_CHECKING:
    from collections.abc import Mapping

PRODUCT = "PRODUCT.yaml"
LEDGERS = "ledgers"
DEVIATIONS = "deviations.toml"
EMBEDS = "embeds.json"
ATTESTATION = "attestation"
REPORT = "report.html"
RENDERING = ("jinja2", "markupsafe")
"""What a page takes besides; the extra `certify` brings them."""
NO_PAGE = "it takes jinja2: python3 -m pip install 'pytest-oci[certify]'"


@dataclass(frozen=True)
class Submission:
    """What a folder is made of. `embedded` is what an embedding product states (embedding.py)."""

    product: Product
    joined: Joined
    deviations: bytes | None = None
    embedded: Mapping[str, Any] | None = None

    @property
    def place(self) -> Path:
        """Where the folder stands below the directory of all submissions."""
        return Path(self.joined.spec) / f"v{self.joined.minor}" / self.product.slug

    @property
    def live(self) -> Path:
        """Where the badges stand."""
        return Path(self.joined.spec) / "live" / self.product.slug

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """Every file of the folder by its path in it."""
        found = {
            PRODUCT: self.product.published().encode(),
            "README.md": readme(self).encode(),
            "results.yaml": results_yaml(self.joined, self.product).encode(),
            "junit.xml": junit_xml(self.joined),
            **{f"{LEDGERS}/{ledger.name}": ledger.data for ledger in self.joined.ledgers},
        }
        found |= {REPORT: self.page} if self.page is not None else {}
        found |= {DEVIATIONS: self.deviations} if self.deviations is not None else {}
        return found | ({EMBEDS: as_json(self.embedded)} if self.embedded is not None else {})

    @cached_property
    def page(self) -> bytes | None:
        """report.html; None where what renders it is not installed (NO_PAGE says what).

        Raises CertificationError where the ledgers hold what no run writes.
        """
        from pytest_oci.report.page import page

        records = [list(map(dict, ledger.records)) for ledger in self.joined.ledgers]
        try:
            return page(records, watermark=self.product.watermark).encode()
        except ModuleNotFoundError as error:
            if error.name not in RENDERING:
                raise
            return None
        except LedgerError as error:
            raise CertificationError(f"{REPORT} cannot be made: {error}") from None

    @cached_property
    def badges(self) -> Mapping[str, bytes]:
        """Every file of the badges' directory."""
        return {
            "badges.md": badges.badges_md(self.joined, self.product).encode(),
            "badge.svg": badges.badge_svg(self.joined, self.product).encode(),
            "badge.json": badges.badge_json(self.joined, self.product).encode(),
        }


def as_json(value: Any) -> bytes:
    """Readable JSON that is the same for the same value."""
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=True) + "\n").encode()


def write_submission(submission: Submission, directory: Path) -> Path:
    """Write the folder and the badges below this directory, in the place of those there; the folder's path."""
    folder, live = directory / submission.place, directory / submission.live
    for place, files in ((folder, submission.files), (live, submission.badges)):
        if place.exists() and not _ours(place):
            raise CertificationError(f"{place} is there and no submission: it is left as it is")
        shutil.rmtree(place, ignore_errors=True)
        for name, data in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data)
    return folder


def _ours(place: Path) -> bool:
    return (
        not place.is_symlink() and place.is_dir() and any((place / name).is_file() for name in (PRODUCT, "badges.md"))
    )


def read_submission(folder: Path) -> Submission:
    """The submission that a folder is made of. Raises CertificationError if it cannot be read as one."""
    if not folder.is_dir():
        raise CertificationError(f"{folder} is no directory")
    paths = sorted((folder / LEDGERS).glob("*.jsonl"))
    if not paths:
        raise CertificationError(f"{folder}: there is no ledger in {LEDGERS}")
    embedded = _read_json(folder / EMBEDS) if (folder / EMBEDS).is_file() else None
    deviations = read_file(folder / DEVIATIONS) if (folder / DEVIATIONS).is_file() else None
    product = read_product(folder / PRODUCT, applied=False)
    return Submission(product, join(map(open_ledger, paths)), deviations, embedded)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(read_file(path))
    except CertificationError:
        raise
    except (ValueError, RecursionError):
        raise CertificationError(f"{path} is no JSON") from None
