"""An engine's use of its runtime (runtime-spec runtime.md, Lifecycle).

The text says what a runtime does when it is called, and describes in which order it is; no sentence binds its caller.
So departures are shown, and fail nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.conversion.rules_runtime_use import departures
from pytest_oci.fixtures.engine import images

from pytest_oci import clause, not_applicable, noted

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert

pytestmark = pytest.mark.engine


@clause("conversion.relies-on-image-config")
def test_runtime_is_used_as_its_lifecycle_says(convert: Convert) -> None:
    """Made once, started once, deleted; with an id and a bundle."""
    if not convert.accepts(images.running()):
        not_applicable("no container was made, which fails another clause")
    found = departures(convert(images.running())["used"])
    if found:
        noted("the operations of a container in the order of its lifecycle", "; ".join(found))
