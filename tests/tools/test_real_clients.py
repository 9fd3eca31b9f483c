"""Real clients: the rows of the field results, and the comparison with them."""

from __future__ import annotations

from tools.clients.page import compare, not_kept, rows

PAGE = """\
### skopeo 1.9.3

| `layer.format.tar` | insert | x | y |

### skopeo 1.9.3, a client

| clause | status | seen | text |
|---|---|---|---|
| `dist.client.name.regex` | fail | x | y |
| `dist.client.accept-header` | advice | x | y |
"""


def test_rows_belong_to_a_client_and_its_version() -> None:
    assert rows(PAGE) == {
        ("skopeo", "1.9.3"): {"dist.client.name.regex": "fail", "dist.client.accept-header": "advice"}
    }


def test_what_fails_anywhere_fails() -> None:
    statuses = {("a.b", "one"): "advice", ("a.b", "two"): "fail", ("a.b", "three"): "advice", ("a.c", "one"): "pass"}

    assert not_kept(statuses) == {"a.b": "fail"}


def test_the_page_has_a_row_for_all_that_is_not_kept_and_for_nothing_else() -> None:
    listed = rows(PAGE)["skopeo", "1.9.3"]

    assert compare("skopeo", "1.9.3", listed, dict(listed)) == []
    assert len(compare("skopeo", "1.9.3", listed, {"dist.client.name.regex": "advice"})) == 2
    assert compare("skopeo", "1.9.3", {}, {"a.b": "fail"}) == ["skopeo 1.9.3: a.b is fail, and its row says nothing"]
