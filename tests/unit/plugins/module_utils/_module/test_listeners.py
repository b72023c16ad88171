# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listeners as a user names them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import Listener, Listening
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.listeners import listening


def test_listeners_as_values() -> None:
    one: dict[str, Any] = {"address": "::1", "port": 465, "tls_mode": "implicit"}
    assert listening([one]) == Listening((Listener("::1", 465, True),))
    assert listening([]) == Listening(waived=True) and listening(None) is None
    for wrong in ({"address": "localhost"}, {"port": 0}):
        with pytest.raises(OptionError, match="listeners"):
            listening([{**one, **wrong}])
