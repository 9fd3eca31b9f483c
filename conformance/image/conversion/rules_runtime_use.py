"""How an engine uses its runtime (runtime-spec runtime.md, Lifecycle): pure functions of recorded calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAKING = frozenset({"create", "run"})
ID = "ID"
"""What stands in recorded words for the container's id."""


def departures(used: Sequence[Mapping[str, Any]]) -> list[str]:
    """Where the calls about a container that ran to its end depart from the lifecycle, in words."""
    operations = [str(call["operation"]) for call in used]
    found = [f"{name} stands before the container is made" for name in _before(operations)]
    made = [name for name in operations if name in MAKING]
    if len(made) != 1:
        found.append(f"the container is made {len(made)} times")
    starts = operations.count("start")
    if starts != (0 if "run" in made else 1):
        found.append(f"it is started {starts} times")
    if "delete" not in operations:
        found.append("it is never deleted")
    elif "start" in operations[operations.index("delete") :]:
        found.append("it is started after it was deleted")
    return found + [each for call in used if call["operation"] in MAKING for each in _of_making(call["words"])]


def _before(operations: Sequence[str]) -> list[str]:
    """What is asked of a container before it is made; asking for its state, or deleting what is left, does no harm."""
    first = next((place for place, name in enumerate(operations) if name in MAKING), len(operations))
    return [name for name in operations[:first] if name not in ("state", "delete")]


def _of_making(words: Sequence[str]) -> list[str]:
    """What is amiss with the words of `create`: it takes the container's id, and the bundle's path."""
    found = [] if ID in words else ["no id is given to create"]
    for option in ("--bundle", "--pid-file"):
        path = _value(words, option)
        if path is not None and not path.startswith("/"):
            found.append(f"{option} is the relative path {path}")
    return found


def _value(words: Sequence[str], option: str) -> str | None:
    """What an option is given; None without it."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == option:
            return following
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None
