# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What text from outside must never look like once it is in a result: control and format characters, as `_text.clean` has it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

_LINE_ENDS = "\u2028\u2029"


def is_clean(text: str) -> bool:
    """Return whether a text has no control, format or surrogate character and no line end of any kind."""
    return not any(unicodedata.category(char)[0] == "C" or char in _LINE_ENDS for char in text)


def unclean(value: Any, where: str = "") -> Iterator[str]:
    """Yield where in facts there is unclean text, keys included; PEM blocks, which have line ends by nature, are passed over."""
    if isinstance(value, str):
        if not is_clean(value) and not where.endswith(".pem"):
            yield f"{where}: {value[:80]!r}"
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from unclean(key, where + " key")
            yield from unclean(item, f"{where}.{key}")
    elif isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            yield from unclean(item, f"{where}[{at}]")
