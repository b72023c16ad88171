# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens when a source that is read later has a host or group that this plugin made: it becomes the other source's.

Ansible merges sources by name, in the order it reads them. A name that a stranger put into DNS was here first then, and its variables and
groups would be those of the user's host. So until all sources are read we watch what they add. A host of ours that they have is removed
before, and a group of ours that gets others' hosts loses ours. To be grouped by an expression (the plugin constructed) does not count.
"""

from __future__ import annotations

import sys
from typing import Any, Callable, Optional

from ansible_collections.mailops.tls.plugins.module_utils._inventory.host_names import spelling
from ansible_collections.mailops.tls.plugins.module_utils._inventory.own_entries import Inventory, Made, Warn, data_of, made_in

WATCHED = ("add_host", "add_group", "add_child", "reconcile_inventory")
_BY_EXPRESSION = "_add_host_to_keyed_groups"
"""The method of ansible-core's Constructable that adds a host which it knows to be there."""
HostsOfList = Callable[[Optional[str]], list[tuple[str, Optional[int]]]]
"""The hosts, and their ports, that an inventory source of the form "host," names; none for other sources, such as a directory (None)."""


def watch(inventory: Inventory, warn: Warn, hosts_of_list: HostsOfList) -> None:
    """Watch an inventory until Ansible has read all sources."""
    data = data_of(inventory)
    if "reconcile_inventory" not in vars(data):
        LaterSources(data, warn, hosts_of_list)


class LaterSources:
    """Stands before the methods of an inventory by which sources add to it."""

    def __init__(self, inventory: Inventory, warn: Warn, hosts_of_list: HostsOfList) -> None:
        """Take the place of the methods."""
        self._inventory = inventory
        self._made: Made = made_in(inventory)
        self._warn = warn
        self._hosts_of_list = hosts_of_list
        self._seen = len(inventory.processed_sources)
        for name in WATCHED:
            setattr(inventory, name, getattr(self, name))

    def add_host(self, host: str, group: str | None = None, port: Any = None) -> Any:
        """Add a host; a host or group of ours with that name goes first."""
        if sys._getframe(1).f_code.co_name != _BY_EXPRESSION:
            self._yield_host(host, "a host")
            self._remove_group(host)
        if group is not None and not self._made.has_host(self._inventory, host):
            self._yield_group(group)
        return type(self._inventory).add_host(self._inventory, host, group, port)

    def add_group(self, group: str) -> Any:
        """Add a group; a host of ours with that name goes first."""
        self._yield_host(group, "a group")
        return type(self._inventory).add_group(self._inventory, group)

    def add_child(self, group: str, child: str) -> Any:
        """Put a host or group into a group; if it is none of ours, ours leave the group."""
        ours = self._made.has_group if child in self._inventory.groups else self._made.has_host
        if not ours(self._inventory, child):
            self._yield_group(group)
        return type(self._inventory).add_child(self._inventory, group, child)

    def reconcile_inventory(self) -> Any:
        """All sources are read: look at those that leave out hosts which are there already, and stop watching."""
        for source in self._inventory.processed_sources[self._seen:]:
            for host, port in self._hosts_of_list(source):
                if self._made.has_host(self._inventory, host):
                    self.add_host(host, "ungrouped", port)
        for name in WATCHED:
            delattr(self._inventory, name)
        return self._inventory.reconcile_inventory()

    def _yield_host(self, name: str, what: str) -> None:
        """Remove our hosts that are spelt like the name."""
        known = spelling(name)
        for mine in [one for one in dict.fromkeys((name, known)) if self._made.has_host(self._inventory, one)]:
            self._inventory.remove_host(self._made.hosts.pop(mine))
            self._warn(f"the exchange {mine} is not a host: another inventory source has {what} of that name")

    def _remove_group(self, name: str) -> None:
        """Remove a group of ours with this name, unless another source uses it too, whose own clash of names that is."""
        if not self._made.has_group(self._inventory, name):
            return
        group = self._inventory.groups[name]
        self._yield_group(name)
        if not (group.hosts or group.child_groups or group.parent_groups or group.vars):
            del self._inventory.groups[name]  # remove_group() wants a name up to ansible-core 2.18, and an object later

    def _yield_group(self, name: str) -> None:
        """Take everything that is ours out of a group, which is another source's from now on."""
        if not self._made.has_group(self._inventory, name):
            return
        group = self._made.groups.pop(name)
        group.clear_hosts_cache()
        for one in [one for one in group.child_groups if self._made.has_group(self._inventory, one.name)]:
            group.child_groups.remove(one)
            one.parent_groups.remove(group)
        for one in [one for one in group.parent_groups if self._made.has_group(self._inventory, one.name)]:
            one.child_groups.remove(group)
            group.parent_groups.remove(one)
        for host in self._made.hosts.values():
            group.remove_host(host)
        for variable in self._made.group_variables.pop(name, ()):
            group.vars.pop(variable, None)
        for host in self._made.hosts.values():
            self._find_groups(host)
        self._warn(f"the group {name} has none of the exchanges: another inventory source has that name")

    def _find_groups(self, host: Any) -> None:
        """Let a host have the groups that still lead to it."""
        host.groups.clear()
        for group in self._inventory.groups.values():
            if host.name in group.host_names:
                host.add_group(group)
