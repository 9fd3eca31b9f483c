"""Node ids for tests outside pytest's rootdir, which otherwise all have an empty path.

They are for people and for JUnit's class names; no record relies on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


def set_node_id(item: pytest.Item, node_id: str) -> None:
    """Give an item this id. From pytest 9.2 on an id is structured; before, it was a string."""
    node: Any = item
    if hasattr(node, "_nodeid"):
        node._nodeid = node_id  # noqa: SLF001 - pytest has no public way
    else:
        node._id = type(node.id).parse(node_id)  # noqa: SLF001
