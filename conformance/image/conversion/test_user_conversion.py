"""The user of an image's process (conversion.md, Config.User)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_oci.conformance.image.refused import expect_refusal
from pytest_oci.fixtures.conversion.configs import NAMED, USERS
from pytest_oci.fixtures.conversion.convert import process_of

from pytest_oci import clause, expect, not_testable

if TYPE_CHECKING:
    from pytest_oci.fixtures.conversion.convert import Convert, Object

pytestmark = pytest.mark.conversion


def user_of(convert: Convert, user: str) -> Object:
    """The object `process.user` for an image with this user."""
    found = process_of(convert.config(USERS[user])).get("user")
    return found if isinstance(found, dict) else {}


def groups_of(convert: Convert, user: str) -> list[object]:
    """The supplementary groups for an image with this user."""
    found = user_of(convert, user).get("additionalGids")
    return list(found) if isinstance(found, list) else []


@clause("conversion.user.numeric-uid-verbatim")
@pytest.mark.parametrize(("user", "uid"), [("1234", 1234), ("1234:2000", 1234), ("5555", 5555), ("5555:6666", 5555)])
def test_numeric_user(convert: Convert, user: str, uid: int) -> None:
    """Whether the image knows it or not."""
    expect(user_of(convert, user).get("uid"), "process.user.uid").equals(uid)


@clause("conversion.user.numeric-gid-verbatim")
@pytest.mark.parametrize(("user", "gid"), [("1234:2000", 2000), ("5555:6666", 6666), ("alice:77", 77)])
def test_numeric_group(convert: Convert, user: str, gid: int) -> None:
    """Whether the image knows it or not, beside a number and a name."""
    expect(user_of(convert, user).get("gid"), "process.user.gid").equals(gid)


@clause("conversion.user.name-resolved", "conversion.user.parsed")
@pytest.mark.parametrize(("user", "ids"), [("alice", (1234, 1235)), ("alice:extra", (1234, 2000))])
def test_names_are_those_of_the_image(convert: Convert, user: str, ids: tuple[int, int]) -> None:
    """They are looked up in the image's files."""
    found = user_of(convert, user)
    expect((found.get("uid"), found.get("gid")), "process.user.uid and gid").equals(ids)


@clause("conversion.user.additional-gids")
def test_groups_of_a_named_user(convert: Convert) -> None:
    """All groups of which the image says that the user is a member."""
    found = set(groups_of(convert, "alice")) - {1235}
    expect(sorted(map(str, found)), "process.user.additionalGids").equals(["2000", "2001"])


@clause("conversion.user.explicit-group-no-additional-gids")
def test_no_groups_beside_a_group(convert: Convert) -> None:
    """The user is a member of others as well."""
    expect(groups_of(convert, "alice:extra"), "process.user.additionalGids").is_empty()


@clause("conversion.user.numeric-no-additional-gids")
def test_no_groups_of_a_numeric_user(convert: Convert) -> None:
    """The image knows the user's name, and groups of that."""
    expect(groups_of(convert, "1234"), "process.user.additionalGids").is_empty()


@clause("conversion.user.unknown-user-is-error")
def test_unknown_user_is_an_error(convert: Convert) -> None:
    """A name that the image does not know, while those that it knows are none."""
    seen = convert.attempt(USERS["nosuch"])
    if seen.trouble is not None and not any(convert.accepts(USERS[known]) for known in ("root", "alice")):
        not_testable(f"depends-on: {NAMED}", "no user that is named is accepted")
    expect_refusal(seen, "a user that the image does not know")
