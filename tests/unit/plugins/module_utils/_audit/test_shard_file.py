# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that are kept compressed: each is found by its place, every reader of gzip reads all, and damage is seen."""

from __future__ import annotations

import gzip
import random
import tempfile
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.shard_file import MEMBER, ShardReader, ShardWriter, line_at
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import NotResults
from hypothesis import given, settings
from hypothesis import strategies as st


def kept(path: Path, lines: list[bytes]) -> tuple[list[int], str]:
    with path.open("wb") as stream:
        writer = ShardWriter(stream)
        places = [writer.add(line) for line in lines]
        return places, writer.close()


def some(count: int, size: int = 900) -> list[bytes]:
    letters = random.Random(7)
    return [bytes(letters.choices(b"abcdefgh", k=letters.randint(0, size))) + b"\n" for unused in range(count)]


def test_lines_are_found_by_their_places(tmp_path: Path) -> None:
    lines = some(6000)
    places, digest = kept(tmp_path / "shard", lines)
    assert sum(map(len, lines)) > 2 * MEMBER and len({place >> 24 for place in places}) > 2
    with (tmp_path / "shard").open("rb") as stream:
        for at in (0, 1, 5999, 3000, 17, 5998):
            assert line_at(stream, places[at]) == lines[at]
        stream.seek(0)
        reader = ShardReader(stream)
        assert list(reader) == list(zip(places, lines)) and reader.digest == digest
    assert gzip.decompress((tmp_path / "shard").read_bytes()) == b"".join(lines)


def test_the_same_lines_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        kept(tmp_path / name, some(50))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@settings(deadline=None, max_examples=30)
@given(st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"") + b"\n"), max_size=30))
def test_any_lines_come_back(lines: list[bytes]) -> None:
    with tempfile.TemporaryFile() as stream:
        writer = ShardWriter(stream)
        places = [writer.add(line) for line in lines]
        digest = writer.close()
        stream.seek(0)
        reader = ShardReader(stream)
        assert list(reader) == list(zip(places, lines)) and reader.digest == digest
        assert [line_at(stream, place) for place in places] == lines


@pytest.mark.parametrize("damage", [lambda data: data[:-5], lambda data: data[:40] + b"xxxx" + data[44:], lambda data: data + b"more"])
def test_damage_is_seen(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "shard"
    unused, digest = kept(path, some(200))
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with path.open("rb") as stream, pytest.raises(NotResults, match="is damaged"):
        reader = ShardReader(stream)
        list(reader)
        if reader.digest != digest:
            raise NotResults("is damaged")
