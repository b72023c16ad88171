# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The DER reader: exact on what is right, one kind of error on everything else."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._x509 import der
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make
from hypothesis import given, settings
from hypothesis import strategies as st


@settings(deadline=None)
@given(st.binary(max_size=400), st.sampled_from([0x02, 0x04, 0x30, 0x31, 0xA0]))
def test_element_survives_the_round_trip(content: bytes, tag: int) -> None:
    raw = make.tlv(tag, content)
    element, end = der.read(raw + b"behind")
    assert (element.tag, element.content, element.raw, end) == (tag, content, raw, len(raw))


@settings(deadline=None)
@given(st.integers(min_value=-(2**2000), max_value=2**2000))
def test_integer_survives_the_round_trip(value: int) -> None:
    assert der.integer(der.read_exactly(make.integer(value))) == value


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**70), min_size=1, max_size=8), st.integers(0, 2), st.integers(0, 39))
def test_object_identifier_survives_the_round_trip(rest: list[int], first: int, second: int) -> None:
    text = ".".join(str(arc) for arc in [first, second, *rest])
    assert der.object_identifier(der.read_exactly(make.oid(text))) == text


READERS = (
    der.read, der.read_exactly, der.children, lambda data: der.integer(der.read_exactly(data)),
    lambda data: der.boolean(der.read_exactly(data)), lambda data: der.object_identifier(der.read_exactly(data)),
    lambda data: der.bit_string(der.read_exactly(data)), lambda data: der.text(der.read_exactly(data)),
    lambda data: der.time(der.read_exactly(data)), lambda data: der.members(der.read_exactly(data)),
)  # fmt: skip


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from(READERS))
def test_garbage_raises_nothing_but_der_error(data: bytes, reader: object) -> None:
    try:
        reader(data)  # type: ignore[operator]
    except der.DerError:
        pass


@settings(deadline=None)
@given(st.sampled_from([0x01, 0x02, 0x03, 0x06, 0x17, 0x18, 0x1E, 0x30]), st.binary(max_size=24))
def test_garbage_inside_an_element_raises_nothing_but_der_error(tag: int, content: bytes) -> None:
    for reader in READERS:
        try:
            reader(make.tlv(tag, content))
        except der.DerError:
            pass


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x05\x00",
        b"\x30\x80\x00\x00",
        b"\x30\x85\x00\x00\x00\x00\x00",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x1f\x81\x01\x00",
    ],
    ids=["empty", "tag only", "truncated", "indefinite", "length of five octets", "4 GiB", "long tag"],
)
def test_refused(data: bytes) -> None:
    with pytest.raises(der.DerError):
        der.read(data)


def test_trailing_bytes_and_wrong_tag_are_refused() -> None:
    with pytest.raises(der.DerError, match="trailing"):
        der.read_exactly(b"\x05\x00\x00")
    with pytest.raises(der.DerError, match="expected"):
        der.read_exactly(b"\x05\x00", der.SEQUENCE)


def test_number_of_elements_is_bounded() -> None:
    assert len(der.children(b"\x05\x00" * der.MAX_CHILDREN)) == der.MAX_CHILDREN
    with pytest.raises(der.DerError, match="too many"):
        der.children(b"\x05\x00" * (der.MAX_CHILDREN + 1))


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        (0x17, b"490101000000Z", datetime(2049, 1, 1, tzinfo=timezone.utc)),
        (0x17, b"500101000000Z", datetime(1950, 1, 1, tzinfo=timezone.utc)),
        (0x18, b"99991231235959Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)),
    ],
)
def test_times(tag: int, text: bytes, expected: datetime) -> None:
    assert der.time(der.Element(tag, text, b"")) == expected


@pytest.mark.parametrize(
    "text", [b"490101000000", b"4901010000Z", b"491301000000Z", b"49010100000xZ", b"490101000000+0100", b""]
)
def test_bad_times(text: bytes) -> None:
    with pytest.raises(der.DerError):
        der.time(der.Element(der.UTC_TIME, text, b""))
