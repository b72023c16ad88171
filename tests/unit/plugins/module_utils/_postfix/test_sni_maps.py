# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of chains by server name: how they are named, and what their values are."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._postfix.sni_maps import (
    Listing,
    SniEntry,
    absolute_table,
    sni_entries,
    table_file,
    table_names,
)

CHAIN = b"-----BEGIN PRIVATE KEY-----\n..."
STORED = base64.b64encode(CHAIN).decode()


@pytest.mark.parametrize(
    ("value", "tables"),
    [
        ("", ()),
        ("hash:/a", ("hash:/a",)),
        (" hash:/a,  cdb:/b ", ("hash:/a", "cdb:/b")),
        ("inline:{ {a = /x, /y}, b=/z } texthash:/c", ("inline:{ {a = /x, /y}, b=/z }", "texthash:/c")),
    ],
)
def test_tables_stand_between_commas_blanks_and_braces(value: str, tables: tuple[str, ...]) -> None:
    assert table_names(value) == tables


@pytest.mark.parametrize(
    ("table", "absolute", "file"),
    [
        ("hash:sni", "hash:/q/sni", "/q/sni.db"),
        ("lmdb:/sni", "lmdb:/sni", "/sni.lmdb"),
        ("cdb:/sni", "cdb:/sni", "/sni.cdb"),
        ("texthash:sni", "texthash:/q/sni", "/q/sni"),
        ("inline:{a=/b}", "inline:{a=/b}", None),
        ("regexp:sni", "regexp:sni", None),
    ],
)
def test_the_file_of_a_table(table: str, absolute: str, file: str | None) -> None:
    assert absolute_table(table, "/q") == absolute
    assert table_file(absolute) == file


@pytest.mark.parametrize(
    ("table", "value", "entry"),
    [
        ("hash:/a", STORED, SniEntry("mx.example", pem=CHAIN)),
        ("hash:/a", "/etc/key.pem", SniEntry("mx.example")),
        ("hash:/a", "", SniEntry("mx.example", pem=b"")),
        ("texthash:/a", "/etc/key.pem, /etc/chain.pem", SniEntry("mx.example", files=("/etc/key.pem", "/etc/chain.pem"))),
        ("inline:{}", "/etc/key.pem", SniEntry("mx.example", files=("/etc/key.pem",))),
        ("texthash:/a", STORED, SniEntry("mx.example")),
    ],
    ids=["postmap -F", "postmap without -F", "empty", "file names", "inline", "a key where its file's name belongs"],
)
def test_values(table: str, value: str, entry: SniEntry) -> None:
    assert sni_entries(table, lambda _table: ((("MX.example", value),), "")) == ((entry,), "")


def test_a_table_that_cannot_be_listed() -> None:
    def read_table(_table: str) -> Listing:
        return None, "not supported"

    assert sni_entries("regexp:/a", read_table) == ((), "the entries of regexp:/a cannot be listed: not supported")


def test_an_entry_does_not_show_its_key() -> None:
    assert "PRIVATE" not in repr(SniEntry("a", pem=CHAIN))
