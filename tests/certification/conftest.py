"""An honest submission of a small layout, made once; tests work on copies of it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from layouts import layout_files, write_files
from submitted import PRODUCT, Honest

from pytest_oci.certification.ledgers import join
from pytest_oci.certification.product import check_product
from pytest_oci.certification.replaying import replay
from pytest_oci.certification.reproducing import run_product
from pytest_oci.certification.submission import Submission, write_submission

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Honest:
    """Run the suite on a layout that keeps every clause, hermetically; judge what came of it again."""
    top = tmp_path_factory.mktemp("honest")
    layout = write_files(layout_files(), top / "layout")
    ledger = run_product([f"--oci-layout={layout}"])
    submission = Submission(check_product(PRODUCT, "PRODUCT.yaml", applied=True), join([ledger]))
    folder = write_submission(submission, top / "submissions")
    return Honest(layout, folder, submission, replay(ledger))


@pytest.fixture
def folder(honest: Honest, tmp_path: Path) -> Path:
    """A copy of the honest folder, with the badges beside it."""
    top = honest.folder.parents[2]
    shutil.copytree(top, tmp_path / "submissions")
    return tmp_path / "submissions" / honest.folder.relative_to(top)


@pytest.fixture
def broken(honest: Honest) -> Callable[[Path], set[str]]:
    """The names of the points about a folder that are not held; what was observed is taken for what it was."""
    from pytest_oci.certification.checking import check_submission

    def look(folder: Path) -> set[str]:
        points = check_submission(folder, judge_again=lambda _: honest.said)
        return {point.name for point in points if point.wrong}

    return look
