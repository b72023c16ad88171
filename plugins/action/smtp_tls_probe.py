# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of the same name and, while a long run lasts, says how far it is."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.plugin_utils._probe_action import ProbeAction


class ActionModule(ProbeAction):
    """The action behind `mailops.tls.smtp_tls_probe`."""

    SHOWN = "smtp_tls_probe"
    OPTIONS = (("destinations", "destination", "domain"),)
    LIST_FILES = ("destinations_file",)
