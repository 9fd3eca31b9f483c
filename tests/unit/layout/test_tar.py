"""The walk through tar archives: every form, every fault, in any portions, within limits."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from generating import fuzzed
from hypothesis import given
from hypothesis import strategies as st
from pytest_oci.fixtures.image import layers
from pytest_oci.fixtures.image.layers import BLOCK, Entry, entry_bytes, layer, pax_record, setting, with_checksum

from pytest_oci.targets.layout.facts import MOST_NAMED, Tar
from pytest_oci.targets.layout.limits import DEFAULT_LIMITS
from pytest_oci.targets.layout.tar import TarWalk, is_tar

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from pytest_oci.targets.layout.facts import Places
    from pytest_oci.targets.layout.limits import LayoutLimits

ZERO = bytes(BLOCK)
END = ZERO * 2
FORMS: tuple[layers.Form, ...] = ("pax", "ustar", "gnu", "v7")
LONG = "d/" * 60 + "name"
VERY_LONG = "/".join(["directory"] * 40)


def walk(archive: bytes, step: int = 0, limits: LayoutLimits = DEFAULT_LIMITS) -> Tar:
    walking = TarWalk(limits)
    for start in range(0, len(archive), step or max(1, len(archive))):
        walking.feed(archive[start : start + (step or len(archive))])
    return walking.finish()


def listed(places: Places) -> list[str]:
    assert places.count == len(places.names)
    return list(places.names)


def extended(type_: str, content: bytes) -> bytes:
    """A header that speaks of the entry behind it."""
    return entry_bytes(Entry("extended", type_, content), "ustar")


def sparse(numbers: bytes, *, more: bytes = b"\0") -> Callable[[bytes], bytes]:
    """Makes a header that of a GNU sparse file with this map."""
    return lambda header: with_checksum(header[:386] + numbers.ljust(96, b"\0") + more + header[483:])


def octal(*numbers: int) -> bytes:
    return b"".join(b"%011o\0" % number for number in numbers)


FILE = entry_bytes(layers.file("a/file", b"content"))

# --- Forms


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_walked(form: layers.Form) -> None:
    """Files, directories, links, devices and pipes are counted by their type."""
    entries = [
        layers.directory("d"),
        layers.file("d/empty"),
        layers.file("d/one", b"1"),
        layers.file("d/block", b"b" * BLOCK),
        layers.hard_link("d/link", "d/one"),
        layers.symlink("d/symlink", "one"),
        layers.character_device("d/null", 1, 3),
        layers.block_device("d/loop", 7, 0),
        layers.fifo("d/fifo"),
    ]

    seen = walk(layer(entries, form))

    assert seen == Tar(entries=9, ended="zero blocks", types={"0": 3, "1": 1, "2": 1, "3": 1, "4": 1, "5": 1, "6": 1})


def test_types_are_counted_as_they_stand() -> None:
    """The old type of a file, a file that lies contiguous, vendors' types; all but links and the like have content."""
    kinds = ["\0", "0", "7", "A", "D", "Z", "~"]
    archive = b"".join(entry_bytes(Entry(f"n{place}", kind, b"x" * 700)) for place, kind in enumerate(kinds))

    seen = walk(archive + END)

    assert (seen.problem, seen.entries, seen.types) == ("", 7, dict.fromkeys(kinds, 1))


@pytest.mark.parametrize("name", [LONG, VERY_LONG, "näme", "\N{SNOWMAN}" * 50])
@pytest.mark.parametrize("form", ["pax", "gnu"])
def test_long_names_are_put_together(form: layers.Form, name: str) -> None:
    """By pax's records, by GNU's long names, by the prefix of ustar; the extended headers are no entries."""
    seen = walk(layer([layers.file(name), layers.file(f"{name}2"), layers.file(name)], form))

    assert (seen.problem, seen.entries, seen.types) == ("", 3, {"0": 3})
    assert listed(seen.repeated) == [name]


def test_the_prefix_is_part_of_the_name() -> None:
    """Of ustar only: GNU keeps other things there, star has less room for it."""
    name, prefix = b"n", b"p/" * 70
    plain = layers.with_checksum(entry_bytes(layers.file("n"), "ustar")[:345] + prefix.ljust(155, b"\0") + bytes(12))
    gnu = layers.with_checksum(entry_bytes(layers.file("n"), "gnu")[:345] + octal(1, 2).ljust(155, b"\0") + bytes(12))
    star = layers.with_checksum(plain[:476] + octal(1, 2) + bytes(8) + b"tar\0")

    assert listed(walk(plain + entry_bytes(layers.file((prefix + b"/" + name).decode())) + END).repeated)
    assert listed(walk(gnu + entry_bytes(layers.file("n")) + END).repeated) == ["n"]
    assert listed(walk(star + entry_bytes(layers.file("p/" * 70 + "n")) + END).repeated) == []
    assert listed(walk(star + entry_bytes(layers.file(prefix[:131].decode() + "/n")) + END).repeated) == [
        prefix[:131].decode() + "/n"
    ]


def test_pax_size_counts() -> None:
    """It overrides the size in the header, for the next entry alone."""
    content = b"x" * 1000
    header = entry_bytes(Entry("big", content=b""), "ustar")
    archive = extended("x", pax_record("size", "1000")) + header + content + bytes(24) + FILE + END

    assert walk(archive) == Tar(entries=2, ended="zero blocks", types={"0": 2})


def test_an_empty_pax_value_takes_back_what_was_said() -> None:
    """Also what a global header says; there the name of the header counts again."""
    said = extended("g", pax_record("path", "all"))
    one, two = entry_bytes(layers.file("one")), entry_bytes(layers.file("two"))
    back = extended("x", pax_record("path", ""))

    assert listed(walk(said + one + two + END).repeated) == ["all"]
    assert listed(walk(said + one + back + two + END).repeated) == []


def test_a_global_header_needs_no_entry() -> None:
    """As at the end of what git archives."""
    archive = FILE + extended("g", pax_record("comment", "c")) + END

    assert walk(archive) == Tar(entries=1, ended="zero blocks", types={"0": 1})


def test_numbers_in_base_256() -> None:
    """GNU writes so what octal digits cannot hold, and what is negative."""
    entry = replace(layers.file("f", b"content"), uid=2**40, gid=2**33, mtime=-1)
    size = setting("size", b"\x80" + (7).to_bytes(11, "big"))

    assert walk(entry_bytes(entry, "gnu") + END).problem == ""
    assert walk(entry_bytes(replace(entry, header=size), "gnu") + END) == Tar(
        entries=1, ended="zero blocks", types={"0": 1}
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", b"          7 "),
        ("size", b"7"),
        ("size", b"0000000007 \0"),
        ("size", b"00000000007\0"),
        ("size", b"000000000007"),
        ("mode", b"   644 \0"),
        ("mode", b"0644\0junk"[:8]),
        ("uid", b""),
        ("gid", b"        "),
        ("mtime", b"\xff" * 12),
    ],
)
def test_numbers_are_written_in_many_ways(field: str, value: bytes) -> None:
    """With spaces or zeros before them, with either or nothing behind them; nothing at all is 0."""
    archive = entry_bytes(Entry("f", content=b"content", header=setting(field, value)), "ustar") + END

    assert walk(archive) == Tar(entries=1, ended="zero blocks", types={"0": 1})


def test_signed_checksums_are_taken() -> None:
    """Some old programs added up signed characters."""
    header = bytearray(entry_bytes(layers.file("näme"), "gnu"))
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(byte - 256 if byte > 127 else byte for byte in header)

    assert walk(bytes(header) + END).problem == ""
    assert is_tar(bytes(header))


def test_checksums_are_exact() -> None:
    """No other byte passes, whatever the sum: also not a header of the largest one."""
    full = layers.with_checksum(b"\xff" * 100 + FILE[100:157] + b"\xff" * 100 + b"ustar  \0" + b"\xff" * 247)
    assert walk(full + bytes(BLOCK) + END).problem == ""
    for place in (0, 99, 157, 255, 256, 300, 411, 412, 511):
        changed = bytearray(full)
        changed[place] ^= 0x41

        assert walk(bytes(changed) + bytes(BLOCK) + END).problem.startswith("no header is at byte 0"), place


# --- Entries without content, sparse files


@pytest.mark.parametrize("kind", "123456")
def test_entries_without_content(kind: str) -> None:
    """What their size says is skipped only if it is there: some programs write it, the formats have none."""
    without = entry_bytes(Entry("e", kind, size=1000)) + FILE + END
    having = entry_bytes(Entry("e", kind, b"\1" * 1000)) + FILE + END

    assert walk(without) == Tar(entries=2, ended="zero blocks", types={"0": 1, kind: 1})
    assert walk(having) == walk(without)


def test_a_volume_label_is_no_path() -> None:
    """GNU's header of a volume has a name like any other."""
    seen = walk(entry_bytes(Entry("v", "V"), "gnu") + entry_bytes(layers.file("v")) + END)

    assert (seen.types, listed(seen.repeated)) == ({"0": 1, "V": 1}, [])


@pytest.mark.parametrize("form", ["gnu", "pax-0.1", "pax-1.0"])
def test_sparse_files_are_named(form: str) -> None:
    """By the name that they are to have; their content is what is stored of it."""
    archive = layer([layers.sparse_file("s", form=form), layers.file("s")], "gnu" if form == "gnu" else "pax")

    seen = walk(archive)

    assert (seen.problem, seen.entries, listed(seen.sparse), listed(seen.repeated)) == ("", 2, ["s"], ["s"])


def test_sparse_maps_may_go_on() -> None:
    """In blocks behind the header, each of which says whether another follows."""
    head = entry_bytes(Entry("s", "S", b"x" * 600, header=sparse(octal(*range(8)), more=b"\1")), "gnu")
    first = (octal(*range(42)) + b"\1").ljust(BLOCK, b"\0")
    second = octal(1, 2).ljust(BLOCK, b"\0")
    archive = head[:BLOCK] + first + second + head[BLOCK:] + FILE + END

    assert walk(archive).problem == ""
    assert walk(archive).entries == 2
    wrong = archive.replace(b"%011o\0" % 33, b"0000000004x\0")
    assert walk(wrong).problem.startswith(f"the sparse map at byte {BLOCK + 33 * 12} has b'0000000004x")


# --- Names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a", "./a"),
        ("a", "././a"),
        ("a", ".//a"),
        ("a", "a/"),
        ("a", "a//"),
        ("a/b", "a//b"),
        ("a/b", "a///b/"),
        (".", "./"),
        ("/a", "//a"),
        ("/", "//"),
    ],
)
def test_names_of_the_same_path(one: str, other: str) -> None:
    """With or without what names nothing."""
    seen = walk(layer([layers.file(one), layers.file(other)], "ustar"))

    assert listed(seen.repeated) == [one]


@pytest.mark.parametrize(
    ("one", "other"),
    [("a", "b"), ("a", "/a"), ("a", "A"), (".a", "a"), ("..a", ".a"), ("../a", "a"), ("a", ".wh.a"), ("a.", "a")],
)
def test_names_of_different_paths(one: str, other: str) -> None:
    """Nothing is resolved, and a whiteout is another path than what it removes."""
    seen = walk(layer([layers.file(one), layers.file(other)], "ustar"))

    assert listed(seen.repeated) == []


def test_long_paths_are_told_apart() -> None:
    """Though not all of them is kept."""
    names = [f"{'p' * length}{end}" for length in (60, 61, 62, 63, 64, 95, 200) for end in "ab"]

    assert walk(layer([layers.file(name) for name in names])).repeated.count == 0
    assert listed(walk(layer([layers.file(name) for name in names * 2])).repeated) == names


def test_a_path_is_named_once() -> None:
    """However often it occurs."""
    assert listed(walk(layer([layers.file("a")] * 5 + [layers.file("b")])).repeated) == ["a"]


def test_only_the_first_names_are_kept() -> None:
    """And all are counted."""
    entries = [layers.file(f"{place}") for place in range(MOST_NAMED + 5)]
    seen = walk(layer(entries + entries))

    assert seen.repeated.count == MOST_NAMED + 5
    assert seen.repeated.names == tuple(str(place) for place in range(MOST_NAMED))


def test_names_that_are_no_text_are_printable() -> None:
    """Bytes that are not UTF-8 are escaped."""
    header = entry_bytes(Entry("n", header=setting("name", b"a\xff\xc3")), "ustar")

    assert listed(walk(header * 2 + END).repeated) == ["a\\xff\\xc3"]


# --- Whiteouts


def test_whiteouts_are_named() -> None:
    """Opaque ones are no others; a directory of such a name makes nothing below it a whiteout."""
    names = [".wh.x", "d/.wh.y", "d/.wh..wh..opq", ".wh..wh..opq", ".wh.d/z", "d/.wh", "d/a.wh.b", "d/.wh..wh..opqx"]
    seen = walk(layer([layers.file(name) for name in names]))

    assert listed(seen.whiteouts) == [".wh.x", "d/.wh.y", "d/.wh..wh..opqx"]
    assert listed(seen.opaque) == ["d/.wh..wh..opq", ".wh..wh..opq"]


@pytest.mark.parametrize(
    ("names", "late"),
    [
        ([".wh.a", "b"], []),
        (["b", ".wh.a"], [".wh.a"]),
        (["./b", "./.wh.a"], [".wh.a"]),
        (["/b", "/.wh.a"], ["/.wh.a"]),
        (["./", ".wh.a"], []),
        (["d/", "d/.wh.a", "d/b"], []),
        (["d/", "d/b", "d/.wh.a"], ["d/.wh.a"]),
        (["d/", "d/b", "e/.wh.a", "d/e/.wh.a"], []),
        (["d/", "d/b", "d/e/", "d/e/f", "d/.wh.a"], ["d/.wh.a"]),
        (["d/", ".wh.a"], [".wh.a"]),
        (["d/.wh.a", "d/.wh.b"], []),
        ([f"{VERY_LONG}/b", f"{VERY_LONG}/.wh.a"], [f"{VERY_LONG}/.wh.a"]),
        (["d/b", "d/.wh..wh..opq"], []),
    ],
)
def test_whiteouts_behind_their_siblings(names: list[str], late: list[str]) -> None:
    """Siblings are entries of the same directory, not the directory itself and not what is below them."""
    assert listed(walk(layer([layers.file(name) for name in names])).late_whiteouts) == late


def test_opaque_whiteouts_behind_their_siblings() -> None:
    """They are told apart, since the specification has an example of one."""
    seen = walk(layer([layers.file(name) for name in ("a/b", "a/.wh..wh..opq", "c/.wh..wh..opq")]))

    assert listed(seen.late_opaque) == ["a/.wh..wh..opq"]


# --- The end


@pytest.mark.parametrize(
    ("behind", "ended", "trailing"),
    [
        (b"", "end of file", 0),
        (ZERO, "one zero block", 0),
        (ZERO * 2, "zero blocks", 0),
        (ZERO * 20, "zero blocks", 0),
        (ZERO * 2 + bytes(7), "zero blocks", 0),
        (ZERO + bytes(7), "one zero block", 0),
        (ZERO + b"\0\1\0\1", "one zero block", 2),
        (ZERO * 2 + b"abc", "zero blocks", 3),
        (ZERO * 2 + b"a" * 1000 + ZERO + b"b", "zero blocks", 1001),
        (ZERO + b"a" * BLOCK + ZERO, "one zero block", BLOCK),
    ],
)
@pytest.mark.parametrize("step", [0, 1, 511, 513])
def test_archives_end_in_several_ways(behind: bytes, ended: str, trailing: int, step: int) -> None:
    """What is behind the end is counted, if it is not zero."""
    assert walk(FILE + behind, step) == Tar(entries=1, ended=ended, types={"0": 1}, trailing=trailing)


def test_archives_without_entries() -> None:
    """They are archives, too: even no bytes at all may be one."""
    assert walk(END) == Tar(ended="zero blocks")
    assert walk(b"") == Tar(ended="end of file")


ARCHIVES = {
    "pax": layer([layers.file(LONG, b"c" * 600), layers.sparse_file("s"), layers.symlink("l", "t" * 200)], "pax"),
    "gnu": layer([layers.file(LONG, b"c" * 600), layers.symlink("l", "t" * 200)], "gnu"),
    "sparse": entry_bytes(Entry("s", "S", header=sparse(octal(*range(8)), more=b"\1")), "gnu") + ZERO + FILE + END,
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_any_portions_give_the_same(name: str) -> None:
    """Headers, contents and records may be cut anywhere."""
    archive = ARCHIVES[name]
    whole = walk(archive)
    assert whole.problem == ""

    for step in (1, 2, 3, 100, 511, 512, 513, 1000, 1024, 1025):
        assert walk(archive, step) == whole, step


@pytest.mark.parametrize("name", ARCHIVES)
def test_archives_may_be_cut_anywhere(name: str) -> None:
    """Only behind an entry, or a block of zeros, is an archive whole."""
    archive = ARCHIVES[name]
    seen = [walk(archive[:size]) for size in range(len(archive) + 1)]
    whole = {size for size, one in enumerate(seen) if not one.problem}
    with tarfile.open(fileobj=io.BytesIO(archive)) as reading:
        ends = {member.offset for member in reading}
    end = len(archive) - len(END)

    assert whole == ends | {end} | set(range(end + BLOCK, len(archive) + 1))
    entries = [one.entries for one in seen]
    assert entries == sorted(entries)
    for size, one in enumerate(seen):
        assert not one.problem or f"is cut off at byte {size}" in one.problem or "no entry follows" in one.problem


# --- Faults


@pytest.mark.parametrize(
    ("archive", "problem"),
    [
        (b'{"a": 1}', "the header at byte 0 is cut off at byte 8"),
        (b"x" * 1000, "no header is at byte 0: its checksum is given as b'xxxxxxxx', and it adds up to 166500 (octal)"),
        (FILE + b"x" * BLOCK, "no header is at byte 1024"),
        (FILE[:-1], "the entry at byte 0 is cut off at byte 1023"),
        (FILE[:515], "the entry at byte 0 is cut off at byte 515"),
        (FILE + FILE[:100], "the header at byte 1024 is cut off at byte 1124"),
        (entry_bytes(Entry("f", size=100)) + FILE, "no header is at byte 1024"),
        (entry_bytes(Entry("f", content=b"x" * 600, size=5)) + END, "no header is at byte 1024"),
        (entry_bytes(Entry("f", content=b"x", padded=False)) + FILE + END, "no header is at byte 1024"),
    ],
)
def test_what_is_no_archive(archive: bytes, problem: str) -> None:
    """It is said where that shows, and how."""
    assert walk(archive).problem.startswith(problem)
    assert walk(archive, 7) == walk(archive)


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("size", b"0000000000x\0", "size"),
        ("size", b"-0000000001\0", "size"),
        ("size", b"0o7\0", "size"),
        ("size", b"1_0\0", "size"),
        ("size", b"12 34", "size"),
        ("size", b"\xff" * 12, "size"),
        ("size", b"00000000009\0", "size"),
        ("mode", b"rw-r--r-", "mode"),
        ("uid", b"root\0\0\0\0", "uid"),
        ("gid", b"+1\0", "gid"),
        ("mtime", b"yesterday\0", "mtime"),
    ],
)
def test_numbers_that_are_none(field: str, value: bytes, shown: str) -> None:
    """Whatever the checksum says of them."""
    archive = FILE + entry_bytes(Entry("f", header=setting(field, value)), "ustar") + END

    assert (
        walk(archive).problem
        == f"the header at byte 1024 has {value.ljust(12 if field in ('size', 'mtime') else 8, bytes(1))!r} as {shown}"
    )
    assert walk(archive).entries == 1


def test_device_numbers_count_for_devices_alone() -> None:
    """For others the formats leave open what is there."""
    wrong = setting("major", b"none\0\0\0\0")

    assert walk(entry_bytes(replace(layers.file("f"), header=wrong)) + END).problem == ""
    device = replace(layers.character_device("c", 1, 3), header=wrong)
    assert walk(entry_bytes(device) + END).problem == "the header at byte 0 has b'none\\x00\\x00\\x00\\x00' as devmajor"


@pytest.mark.parametrize(
    "records",
    [
        b"x",
        b"12 path=a",
        b"12 path=abc",
        b"11 path=abcd\n",
        b"12 pathabcd\n",
        b"8 =abcd\n",
        b" 12 path=abc\n",
        b"+12 path=ab\n",
        b"12\tpath=abc\n",
        b"0 a=b\n",
        b"3 \n",
        b"99999999999999999999999999 path=a\n",
        b"12 path=a\0b\n",
        b"9 size=x\n",
        b"10 size=-1\n",
        b"12 size=1_0\n",
        b"13 mtime=now\n",
        b"11 uid=0.5\n",
        b"17 SCHILY.xattr.=\n"[:17] + b"\n",
        b"12 path=abc\n\0\0x",
    ],
)
def test_malformed_records(records: bytes) -> None:
    """Length, space, keyword, equals sign, value, newline; numbers where there have to be numbers."""
    archive = extended("x", records) + FILE + END

    assert "pax record" in walk(archive).problem, records
    assert walk(archive, 10) == walk(archive)


@pytest.mark.parametrize(
    "records",
    [
        b"",
        b"12 path=abc\n",
        b"012 path=ab\n",
        b"6 a=\n\n",
        b"8 a=b=c\n",
        b"19 mtime=-123.4567\n",
        b"12 path=abc\n\0\0\0\0",
        pax_record("SCHILY.xattr.user.test", b"\0\n\xff="),
        pax_record("LIBARCHIVE.xattr.user.test", "eA=="),
        pax_record("mtime", "1."),
        pax_record("uid", "18446744073709551616"),
        pax_record("comment", "\N{SNOWMAN}"),
        pax_record("hdrcharset", "BINARY") + pax_record("path", b"\xff"),
    ],
)
@pytest.mark.parametrize("type_", "xgX")
def test_well_formed_records(records: bytes, type_: str) -> None:
    """Values may be empty and hold anything."""
    assert walk(extended(type_, records) + FILE + END) == Tar(entries=1, ended="zero blocks", types={"0": 1})


@pytest.mark.parametrize("type_", "xLK")
@pytest.mark.parametrize("behind", [b"", ZERO, END])
def test_extended_headers_need_an_entry(type_: str, behind: bytes) -> None:
    """Since they are about the one behind them."""
    content = pax_record("path", "p") if type_ == "x" else b"name\0"

    assert walk(FILE + extended(type_, content) + behind).problem == "no entry follows the extended header at byte 1024"


# --- Limits


def test_the_number_of_entries_is_limited() -> None:
    """What was seen before remains; the rest is not looked at."""
    limits = replace(DEFAULT_LIMITS, tar_entries=3)
    archive = layer([layers.file(str(place)) for place in (1, 1, 2)])

    assert walk(archive, limits=limits).unseen == ""
    seen = walk(archive[: -len(END)] + FILE + b"junk", limits=limits)
    assert (seen.entries, seen.problem, seen.ended) == (3, "", "")
    assert seen.unseen == "limit: tar-entries=3 was reached; --oci-limit=tar-entries=NUMBER sets it"
    assert listed(seen.repeated) == ["1"]


@pytest.mark.parametrize("type_", "xgLK")
def test_extended_headers_are_limited(type_: str) -> None:
    """By what they say their size is."""
    limits = replace(DEFAULT_LIMITS, tar_header_bytes=999)
    content = pax_record("comment", "c" * 986) if type_ in "xg" else b"n" * 998 + b"\0"
    assert len(content) == 999

    assert walk(extended(type_, content) + FILE + END, limits=limits).unseen == ""
    larger = entry_bytes(Entry("x", type_, b"", size=1000))
    assert walk(larger, limits=limits).unseen.startswith("limit: tar-header-bytes=999 was reached")


def test_hostile_names_are_cheap() -> None:
    """Names as long as a limit allows, of what is slow to leave out if it is done step by step."""
    for name in (b"./" * 500_000, b"/" * 1_000_000, b"a//" * 300_000):
        archive = entry_bytes(Entry("././@LongLink", "L", name + b"\0"), "gnu") + FILE + END

        assert walk(archive).problem == ""


def test_hostile_records_are_cheap() -> None:
    """As many as there can be in a header."""
    records = b"5 a=\n" * 200_000

    assert walk(extended("x", records) + FILE + END).problem == ""


# --- Compared with another reader


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=120)
MEMBERS = st.lists(st.tuples(NAMES, st.sampled_from("01256"), st.binary(max_size=1500)), max_size=8)


@fuzzed(100)
@given(MEMBERS, st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]), st.integers(1, 3000), st.integers(0, 8**12))
def test_as_tarfile_writes_and_lists(members: list[tuple[str, str, bytes]], form: int, step: int, number: int) -> None:
    """The same entries, the same types."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as writing:
        for name, kind, content in members:
            info = tarfile.TarInfo(name)
            info.type, info.uid, info.mtime, info.linkname = kind.encode(), number, number, name[::-1]
            info.size = len(content) if kind == "0" else 0
            writing.addfile(info, io.BytesIO(content))
    archive = out.getvalue()
    with tarfile.open(fileobj=io.BytesIO(archive)) as reading:
        known = reading.getmembers()

    seen = walk(archive, step)

    assert (seen.problem, seen.ended, seen.trailing) == ("", "zero blocks", 0)
    assert seen.entries == len(known)
    types = [member.type.decode() for member in known]
    assert seen.types == {kind: types.count(kind) for kind in types}
    if not any(name.startswith(("/", ".")) or "//" in name or name.endswith("/") for name, _, _ in members):
        names = [member.name for member in known]
        assert seen.repeated.count == len({name for name in names if names.count(name) > 1})


@fuzzed(100)
@given(st.randoms(use_true_random=False), st.sampled_from(sorted(ARCHIVES)), st.integers(1, 2000))
def test_changed_archives_never_crash(randomness: random.Random, name: str, step: int) -> None:
    """Bytes changed anywhere, headers with a right checksum all the same; in any portions the same is seen."""
    archive = bytearray(ARCHIVES[name])
    for _ in range(randomness.randint(1, 6)):
        archive[randomness.randrange(len(archive))] = randomness.choice(b"\0 01789\xff\x80xgLKS")
    for start in range(0, len(archive) - BLOCK, BLOCK):
        if randomness.random() < 0.7 and archive[start + 257 : start + 262] == b"ustar":
            archive[start : start + BLOCK] = with_checksum(bytes(archive[start : start + BLOCK]))

    seen = walk(bytes(archive))

    assert bool(seen.problem) + bool(seen.ended) + bool(seen.unseen) == 1
    assert walk(bytes(archive), step) == seen
