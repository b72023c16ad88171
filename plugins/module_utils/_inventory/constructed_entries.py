# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the options groups and keyed_groups of an inventory file may do, seen as the inventory that Ansible's own code changes.

The names in groups, and a parent_group, are the user's words: hosts go where the user sends them. The names that keyed_groups makes
come from DNS and servers. With an empty prefix they can be any name, so none may be a group that others made, nor one that stands
for a verdict.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._inventory.own_entries import OwnEntries


class ConstructedEntries:
    """Stands in for the inventory while Ansible's code groups one host by expressions."""

    def __init__(self, own: OwnEntries, chosen: Collection[str], reserved: Collection[str]) -> None:
        """Take the groups that the user chose by name, and names of groups that no value may be."""
        self._own = own
        self._chosen = chosen
        self._reserved = reserved

    def __getattr__(self, name: str) -> Any:
        """Give what only reads."""
        return getattr(self._own.inventory, name)

    def add_group(self, group: str) -> str:
        """Add a group unless its name is taken; whoever puts a host into it then is refused."""
        if group in self._chosen:
            return str(type(self._own.inventory).add_group(self._own.inventory, group))
        if group in self._reserved and group not in self._own.inventory.groups:
            self._own.refused(f"keyed_groups: the group {group} is left out: its name stands for something else")
        elif group not in self._reserved:
            self._own.add_group(group)
        return group

    def add_host(self, host: str, group: str) -> str:
        """Put one of our hosts into a group."""
        self.add_child(group, host)
        return host

    def add_child(self, group: str, child: str) -> bool:
        """Put a host of ours, or a group of ours, into a group that may have it."""
        inventory = self._own.inventory
        if child not in inventory.groups and child not in inventory.hosts:
            return False  # it was refused before
        parent = inventory.groups.get(group)
        if not (self._may_fill(group) and self._is_ours(child)) or parent is None:
            if parent is None or child not in parent.host_names:
                self._own.refused(f"keyed_groups: {child} is not put into the group {group}: others made it, or its name is taken")
            return False
        if child == group or child in {one.name for one in parent.get_ancestors()}:
            self._own.refused(f"keyed_groups: {child} is not put into the group {group}, which is in it already")
            return False
        return bool(type(inventory).add_child(inventory, group, child))

    def set_variable(self, entity: str, name: str, value: Any) -> None:
        """Set a variable of one of our hosts."""
        self._own.set_variable(entity, name, value)

    def _may_fill(self, group: str) -> bool:
        return group in self._chosen or (group not in self._reserved and self._own.made.has_group(self._own.inventory, group))

    def _is_ours(self, child: str) -> bool:
        inventory = self._own.inventory
        if child in inventory.groups:
            return self._own.made.has_group(inventory, child)
        return self._own.made.has_host(inventory, child)
