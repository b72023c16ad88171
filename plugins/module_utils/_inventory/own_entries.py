# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts and groups that this plugin made in an inventory, and the only way in which it changes one.

Names come from DNS, where strangers choose them. So each is compared with what other sources of the inventory have: a host or group
that this plugin did not make gets no host, group or variable from it. What other sources add later is the matter of later_sources.py.

Ansible keeps hosts and groups in one space of names: a variable set for a host, or a host put into a group, goes to the group of that
name if there is one. So a new name must be neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._inventory.host_names import spelling

Inventory = Any
"""InventoryData of ansible-core, which module_utils cannot import."""
Warn = Callable[[str], None]
_ATTRIBUTE = "_mailops_tls_mx"


@dataclass
class Made:
    """What was made in one inventory, by name: the objects too, since another source may put its own in their place."""

    hosts: dict[str, Any] = field(default_factory=dict)
    groups: dict[str, Any] = field(default_factory=dict)
    group_variables: dict[str, set[str]] = field(default_factory=dict)

    def has_host(self, inventory: Inventory, name: str) -> bool:
        """Return whether the host of this name is one that this plugin made."""
        return name in self.hosts and inventory.hosts.get(name) is self.hosts[name]

    def has_group(self, inventory: Inventory, name: str) -> bool:
        """Return whether the group of this name is one that this plugin made."""
        return name in self.groups and inventory.groups.get(name) is self.groups[name]


def data_of(inventory: Inventory) -> Inventory:
    """Return the inventory that all sources share: from ansible-core 2.19 on each plugin gets a proxy of it."""
    return getattr(inventory, "__wrapped__", inventory)


def made_in(inventory: Inventory) -> Made:
    """Return what all configurations of this plugin made in an inventory so far."""
    data = data_of(inventory)
    if not hasattr(data, _ATTRIBUTE):
        setattr(data, _ATTRIBUTE, Made())
    made: Made = getattr(data, _ATTRIBUTE)
    return made


class OwnEntries:
    """Adds hosts, groups and variables to an inventory, but never touches those of other sources."""

    def __init__(self, inventory: Inventory, warn: Warn) -> None:
        """Take the inventory, which was read as far as the sources before this one go."""
        self.given = inventory
        self.inventory = data_of(inventory)
        self.made = made_in(inventory)
        self._data = type(self.inventory)
        """Its methods are called by the class: those of the object may watch over what other sources add."""
        self._warn = warn
        self._warned: set[str] = set()
        self._foreign_hosts = _spellings(name for name in inventory.hosts if not self.made.has_host(inventory, name))
        self._foreign_groups = _spellings(name for name in inventory.groups if not self.made.has_group(inventory, name))

    def host_problem(self, name: str) -> str | None:
        """Return why there can be no host of this name, None when there can."""
        known = spelling(name)
        if known in self._foreign_hosts:
            return f"another inventory source has the host {self._foreign_hosts[known]}"
        if known in self._foreign_groups:
            return f"another inventory source has a group {self._foreign_groups[known]}"
        return "a group made of other names is called so" if name in self.inventory.groups else None

    def group_problem(self, name: str) -> str | None:
        """Return why there can be no group of this name, None when there can."""
        known = spelling(name)
        if known in self._foreign_groups:
            return f"another inventory source has the group {self._foreign_groups[known]}"
        if known in self._foreign_hosts:
            return f"another inventory source has a host {self._foreign_hosts[known]}"
        return "a host is called so" if name in self.inventory.hosts else None

    def add_host(self, name: str) -> None:
        """Add a host, of which host_problem() knew none."""
        if name not in self.inventory.hosts:
            self._data.add_host(self.inventory, name)
            self.made.hosts[name] = self.inventory.hosts[name]

    def add_group(self, name: str) -> bool:
        """Add a group. Return False, with a warning, when it belongs to others."""
        problem = self.group_problem(name)
        if problem is not None:
            self.refused(f"the group {name} is left out: {problem}")
            return False
        if name not in self.inventory.groups:
            self._data.add_group(self.inventory, name)
            self.made.groups[name] = self.inventory.groups[name]
        return True

    def add_to_group(self, group: str, child: str) -> None:
        """Put a host or group of ours into a group of ours."""
        self._data.add_child(self.inventory, group, child)

    def set_variable(self, entity: str, name: str, value: Any) -> None:
        """Set a variable of a host or group of ours."""
        if entity in self.made.groups:
            self.made.group_variables.setdefault(entity, set()).add(name)
        self.given.set_variable(entity, name, value)

    def refused(self, text: str) -> None:
        """Warn of something once."""
        if text not in self._warned:
            self._warned.add(text)
            self._warn(text)


def _spellings(names: Iterable[str]) -> dict[str, str]:
    return {spelling(name): name for name in names}
