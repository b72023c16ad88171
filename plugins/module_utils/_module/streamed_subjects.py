# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run over a long list is about: the items of an option, or of the file that the option of that name with `_file` says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.list_file import ListFile
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed import Subjects

_EXPECTED = 1_000_000
"""Room is made for so many at most; more of them make it grow."""


def given_texts(params: Mapping[str, Any], name: str, check: Callable[[Sequence[str]], None]) -> tuple[str, ...]:
    """Return the items of the list that the option *name* has, which *check* accepts; none when they are in a file.

    Raises:
        OptionError: neither is given, or both, or *check* refuses the list.
    """
    texts, file = params[name], params[f"{name}_file"]
    if (texts is None) is (file is None):
        text = f"is needed, or {name}_file" if file is None else f"cannot be given beside {name}"
        raise OptionError(name if file is None else f"{name}_file", file, text)
    if texts is None:
        return ()
    check(texts)
    return tuple(texts)


@contextmanager
def subjects_of(texts: Sequence[str], file: str | None, name: str, key_of: Callable[[str], str]) -> Iterator[Subjects]:
    """What is to be looked at: a list as it is, or a file of which two spellings of an item are one.

    Args:
        texts: the list.
        file: the file in place of it.
        name: the option, and what many of them are called.
        key_of: what makes two items of a file the same.

    Raises:
        OptionError: the file cannot be read.
    """
    if file is None:
        yield Subjects(texts, name)
        return
    listed = ListFile(f"{name}_file", file)
    try:
        yield Subjects(listed, name, key_of, shuffled=True, expected=expected_of(listed))
    finally:
        listed.close()


def expected_of(listed: ListFile) -> int:
    """Return for about how many items there is to be room."""
    lines = listed.lines()
    return min(lines + lines // 50, _EXPECTED)
