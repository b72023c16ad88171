# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of ports."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError


def is_port(number: int) -> bool:
    """Tell whether something can listen at a number."""
    return 0 < number < 65536


def checked_port(number: int, option: str) -> int:
    """Return a port.

    Raises:
        OptionError: for the *option* when it is none.
    """
    if not is_port(number):
        raise OptionError(option, number, "is not a port")
    return number
