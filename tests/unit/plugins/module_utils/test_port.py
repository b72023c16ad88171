# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of ports."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._port import checked_port, is_port


def test_ports() -> None:
    assert [one for one in (-25, 0, 1, 25, 65535, 65536, 10**9) if is_port(one)] == [1, 25, 65535]
    assert checked_port(465, "ports") == 465
    with pytest.raises(OptionError, match="tlsa_ports: '?0'? is not a port"):
        checked_port(0, "tlsa_ports")
