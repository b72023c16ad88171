# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""File names as values of parameters in main.cf (postconf(5)): what has to be escaped, and what cannot be written at all. Pure."""

from __future__ import annotations

_NOT_IN_LISTS = (" ", ",", "{", "}")


def literal(text: str) -> str:
    """Return the value that Postfix expands to a text: it takes a dollar sign for the begin of a name, and two for one."""
    return text.replace("$", "$$")


def unwritable(path: str, *, in_list: bool = False) -> str | None:
    """Return why main.cf cannot name a file of this path, None when it can.

    Args:
        path: An absolute path.
        in_list: The parameter takes several, separated by blanks or commas.
    """
    if not path.isprintable():
        return "has control characters, or some that cannot be written to main.cf"
    if path != path.strip() or "  " in path:
        return "begins or ends with a blank, or has two in a row, which main.cf does not keep"
    found = [one for one in _NOT_IN_LISTS if one in path] if in_list else []
    if found:
        shown = " or ".join("a blank" if one == " " else one for one in found)
        return f"has {shown} in it, and cannot stand in a list of files"
    return None
