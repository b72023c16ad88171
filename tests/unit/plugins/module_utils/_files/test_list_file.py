# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists in files as people have them."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.list_file import LONGEST, ListFile, listed_item

MIXED = (
    b"\xef\xbb\xbfexample.org\r\n\r\n  # who pays\r\n#nobody\r\n\xc3\xbcber.example,gold,5\r\n\"quoted.example\";7\r\n"
    b"  tab.example\tx\r\n,empty\r\n[192.0.2.1]:25 note\r\nlast.example"
)
ITEMS = ["example.org", "\u00fcber.example", "quoted.example", "tab.example", "[192.0.2.1]:25", "last.example"]


def items(path: Path) -> list[str]:
    listed = ListFile("destinations_file", str(path))
    try:
        found = list(listed)
        assert list(listed) == found, "it can be walked again"
        return found
    finally:
        listed.close()
        listed.close()


@pytest.mark.parametrize("zipped", [False, True])
def test_what_people_have_is_read(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "list"
    path.write_bytes(gzip.compress(MIXED) if zipped else MIXED)
    assert items(path) == ITEMS


def test_an_empty_file_names_nothing(tmp_path: Path) -> None:
    path = tmp_path / "list"
    for content in (b"", b"\n", b"\xef\xbb\xbf", b"# nothing\n"):
        path.write_bytes(content)
        assert items(path) == []


def test_a_line_without_end_is_cut_and_bytes_that_are_no_text_are_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(b"x" * (3 * LONGEST + 1) + b"\nnext.example\n\xff\xfe.example\n" + b"y" * LONGEST)
    found = items(path)
    assert [len(one) for one in found] == [LONGEST, 12, 10, LONGEST] and found[2] == "\ufffd\ufffd.example"


def test_an_octet_that_no_name_has_far_down_is_another_sign_wherever_the_item_goes(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(b"#" * (LONGEST + 1) + b"\na\0b.example\nnext.example\n")
    assert items(path) == ["a\ufffdb.example", "next.example"]


@pytest.mark.parametrize("zipped", [False, True])
def test_a_list_of_which_only_the_first_item_would_be_read_is_refused(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "list"
    for content in (b"a.example\rb.example\r", b"a.example\rb.example", b"\r\ra.example"):
        path.write_bytes(gzip.compress(content) if zipped else content)
        with pytest.raises(OptionError, match="lines end with CR alone"):
            items(path)
    path.write_bytes(b"a.example\r")
    assert items(path) == ["a.example"]


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("count", [0, 3, 1000, 50_000])
def test_about_how_many_lines_there_are(tmp_path: Path, count: int, zipped: bool) -> None:
    path = tmp_path / "list"
    content = "".join(f"domain{number * 7919 % 100_003}.example\n" for number in range(count)).encode("ascii")
    path.write_bytes(gzip.compress(content) if zipped else content)
    listed = ListFile("destinations_file", str(path))
    assert abs(listed.lines() - count - 1) <= count * (0.2 if zipped else 0.03)
    listed.close()


def test_several_walk_it_at_once_also_after_a_fork(tmp_path: Path) -> None:
    path = tmp_path / "list"
    names = [f"{number}.example" for number in range(50_000)]
    path.write_text("\n".join(names), encoding="ascii")
    listed = ListFile("destinations_file", str(path))
    one, two = iter(listed), iter(listed)
    assert [next(one), next(two), next(one)] == [names[0], names[0], names[1]]
    child = os.fork()
    if not child:
        os._exit(0 if list(listed) == names and next(one) == names[2] else 1)
    assert list(listed) == names
    assert os.waitpid(child, 0)[1] == 0
    listed.close()


@pytest.mark.parametrize("wrong", ["missing", "folder", "pipe", "wide", "torn", "damaged", "nul"])
def test_what_cannot_be_read_is_an_option_error(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / wrong
    whole = gzip.compress(os.urandom(1000))
    if wrong == "folder":
        path.mkdir()
    elif wrong == "pipe":
        os.mkfifo(path)
    elif wrong != "missing":
        content = {"wide": "a.example".encode("utf-16"), "torn": whole[:-20], "damaged": whole[:100] + b"\xff" * 50}
        path.write_bytes(content.get(wrong, b""))
    with pytest.raises(OptionError, match="cannot be read") as caught:
        items(path if wrong != "nul" else Path("a\0b"))
    assert caught.value.option == "destinations_file"


@pytest.mark.parametrize("zipped", [False, True])
def test_what_is_not_text_is_refused(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "list.xlsx"
    content = b"PK\x03\x04\x14\0\0\0\nexample.org\n"
    path.write_bytes(gzip.compress(content) if zipped else content)
    with pytest.raises(OptionError, match="cannot be read: it is not text"):
        items(path)
    path.write_bytes(b"example.org\n" * 1000 + b"b\0d.example\n")
    assert len(items(path)) == 1001  # one bad line of many is a result


def test_a_column_ends_where_tables_have_it_end() -> None:
    assert [listed_item(one) for one in ("a;b", "a,b", "a b", '"a b",c', '"a')] == ["a", "a", "a", "a b", "a"]
    assert not any(listed_item(one) for one in ("", "  ", "# a", "#a", ",a"))
