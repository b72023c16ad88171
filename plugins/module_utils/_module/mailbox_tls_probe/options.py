# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's options as one checked value. Every mistake is found here, before anything is probed or looked up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_options import MailboxOptions, read_mailbox_options
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import MAILBOXES


def mailbox_options(params: Mapping[str, Any]) -> MailboxOptions:
    """Turn the parameters of `mailbox_tls_probe` into options.

    Raises:
        OptionError: for the first value that cannot be used.
    """
    return read_mailbox_options(params, MAILBOXES)
