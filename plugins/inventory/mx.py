# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory of mail domains' exchanges: Ansible's side of it. What stands in it is decided in module_utils/_inventory."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mx
short_description: Mail domains' exchanges as inventory
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Looks up the exchanges (MX records) of mail domains and their addresses. Each exchange is a host, named in lower case,
    however many domains it serves.
  - Whoever publishes MX records chooses these names. A name that another inventory source has, as a host or as a group, gets no host from
    this plugin. Neither does a single label, a name of the controller such as C(localhost), or anything that is not a host name. A group
    that another source has gets no hosts. Each is a warning, and the other source's hosts and groups stay as they are, whichever source
    is read first.
  - On request it judges the TLS of all exchanges as M(mailops.tls.smtp_tls_probe) does, and groups them by the verdict.
  - Uses a YAML configuration file whose name ends with C(mx.yml) or C(mx.yaml).
  - A domain without exchanges is a warning, never an error. A lookup that failed is never taken for the absence of records. It is a
    warning too, and tried again the next time, even when a cache is used.
  - Whatever came from DNS and from servers is marked as unsafe, so that Ansible never takes it for a template.
notes:
  - The variables of a host are C(mx_exchange), C(mx_addresses) (IPv4 first), C(mx_canonical_name), C(mx_operator) and C(mx_domains).
    C(mx_secure) says whether its addresses were validated with DNSSEC, C(mx_error) why it has no address. With O(set_ansible_host) there
    is C(ansible_host), the first of its addresses.
  - The hosts are other people's machines and are in the group C(all) as well. Say C(hosts=all:!mx) for your own, and
    C(connection=local) in plays on these. No connection variable is set, since it would win over the play's.
  - Files in C(host_vars) and C(group_vars) match by name alone. A file for a name that no inventory source has applies to an exchange
    of that name. O(host_prefix) keeps the names apart.
  - C(mx_domains) has an item for each domain that the exchange serves, with its C(preference). C(secure) says whether the MX records were
    validated, C(implicit) whether it is the exchange for lack of MX records. After a probe there are C(status) and C(satisfied).
  - After a probe hosts also have C(mx_status), C(mx_satisfied) and C(mx_endpoints). The latter is in the shape of
    RV(mailops.tls.smtp_tls_probe#module:results[].endpoints), with the C(domains) for which the endpoint was judged so.
  - All exchanges are in the group C(mx). Its variable C(mx_problems) lists what is wrong with the domains, as C(domain), C(exchange),
    C(kind) and C(text). C(kind) is an error kind of M(mailops.tls.smtp_tls_probe). It is C(no_mx) for a domain without MX records, which
    is its own exchange. It is C(name_refused) for an exchange that cannot be a host.
  - Each domain has a group, such as C(domain_example_org). When it has no exchanges the group is empty and its variables
    C(mx_domain), C(mx_null_mx) and C(mx_error) tell why.
  - There are groups by preference, such as C(preference_10), and by who seems to run the exchange, such as
    C(operator_google_com). The latter is a guess, the last two labels of the exchange's name, or three below second-level
    domains like C(co.uk).
  - After a probe there are groups by the worst status, such as C(status_verified), and the groups C(satisfied) and
    C(unsatisfied).
  - What is not allowed in names of groups becomes C(_). When that makes the names of two groups the same, the second one gets a digest
    behind it, with a warning.
  - Names that O(keyed_groups) makes of variables come from DNS and servers. Such a group is left out when another source has it, or when
    its name has a meaning here, such as C(satisfied). Groups that you name in O(groups) or as C(parent_group) get the hosts you send there.
requirements:
  - dnspython >= 2.1
  - pyOpenSSL >= 21.0, with O(probe)
  - cryptography >= 36.0, with O(probe)
  - idna, for domains with letters outside ASCII
extends_documentation_fragment:
  - constructed
  - inventory_cache
  - mailops.tls.dns
options:
  plugin:
    description:
      - Says that a file is for this plugin.
    type: str
    required: true
    choices: [mailops.tls.mx]
  domains:
    description:
      - The mail domains.
      - What is not a domain name is an item of C(mx_problems) with the kind C(invalid_destination), and a warning. It is an error
        when no other is one.
    type: list
    elements: str
    required: true
  probe:
    description:
      - Judge the TLS of all exchanges, by these options of M(mailops.tls.smtp_tls_probe); V({}) for its defaults. Without it
        nothing is connected to.
      - All exchanges are asked, on port 25 with STARTTLS, so options of the module that say where to go and how are not known here. Nor
        are those about files of results and of secrets, C(expect), C(report_detail) and the C(reconnect) ones.
    type: dict
  set_ansible_host:
    description:
      - Set C(ansible_host) to the first address that DNS has for the exchange, so that Ansible connects there.
      - Without it Ansible connects to a host by its name, if a play connects at all.
    type: bool
    default: false
  host_prefix:
    description:
      - Begin the names of all hosts with this text, so that none is called like a host of yours. C(mx_exchange) has the name without it.
      - Made of letters, digits, C(_), C(.) and C(-).
    type: str
    default: ''
  group_prefix:
    description:
      - Begin the names of all groups with this text, the group C(mx) among them, so that none is called like a group of yours.
      - Made of letters, digits and C(_), not beginning with a digit.
    type: str
    default: ''
seealso:
  - module: mailops.tls.smtp_tls_probe
"""

EXAMPLES = r"""
# our-mx.yml: the exchanges of three domains
plugin: mailops.tls.mx
domains:
  - example.org
  - example.net
  - example.com

---
# audit-mx.yml: judged as a sender that uses DANE would, and kept for an hour
plugin: mailops.tls.mx
domains:
  - example.org
  - example.net
nameservers: [127.0.0.1]
probe:
  security_level: dane
  connect_timeout: 10
  deadline: 30
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/mx-inventory
cache_timeout: 3600
keyed_groups:
  - key: mx_endpoints | map(attribute='tls') | select | map(attribute='protocol') | select | unique
    prefix: tls
compose:
  certificate_ends: mx_endpoints | map(attribute='chain') | select | map('first') | map(attribute='not_after') | min
groups:
  shared: mx_domains | length > 1
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.utils.addresses import parse_address
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable, detect_range, expand_hostname_range
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._inventory.arguments import probe_arguments
from ansible_collections.mailops.tls.plugins.module_utils._inventory.cached import cached_domains
from ansible_collections.mailops.tls.plugins.module_utils._inventory.constructed_entries import ConstructedEntries
from ansible_collections.mailops.tls.plugins.module_utils._inventory.domains import (
    gather_domains,
    inventory_options,
    is_complete,
    parse_domains,
    refused_domains,
)
from ansible_collections.mailops.tls.plugins.module_utils._inventory.exchanges import (
    ALL_EXCHANGES,
    FIXED_GROUPS,
    MxInventory,
    build_inventory,
)
from ansible_collections.mailops.tls.plugins.module_utils._inventory.group_names import group_names
from ansible_collections.mailops.tls.plugins.module_utils._inventory.host_names import host_name_problem
from ansible_collections.mailops.tls.plugins.module_utils._inventory.later_sources import watch
from ansible_collections.mailops.tls.plugins.module_utils._inventory.own_entries import OwnEntries
from ansible_collections.mailops.tls.plugins.module_utils._requirements import missing_library
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

try:
    from ansible.utils.unsafe_proxy import wrap_var as unsafe
except ImportError:
    # Only needed up to ansible-core 2.18. From 2.19 on text is no template unless it is marked as trusted, and ours is not.
    def unsafe(value: Any) -> Any:
        """Return the value as it is."""
        return value


FORMAT = 1
"""Number of the layout of what is cached; another one is not read."""
SHOWN_WARNINGS = 20
HOST_PREFIX = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.-]*)?")
GROUP_PREFIX = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)?")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """The inventory plugin `mailops.tls.mx`."""

    NAME = "mailops.tls.mx"

    def verify_file(self, path: str) -> bool:
        """Tell whether the file may be ours, by its name."""
        return bool(super().verify_file(path)) and path.endswith(("mx.yml", "mx.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Fill the inventory by the configuration in the file *path*."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        try:
            self._check_prefixes()
            domains = self._domains(self.get_cache_key(path), cache)
        except OptionError as error:
            raise AnsibleParserError(f"{self.NAME}: {error}") from error
        own = OwnEntries(inventory, self._warn)
        prefix = self.get_option("host_prefix")

        def name_problem(name: str) -> str | None:
            return host_name_problem(name) or own.host_problem(prefix + name)

        found = build_inventory(
            domains,
            name_problem=name_problem,
            ansible_host=self.get_option("set_ansible_host"),
            refused_domains=refused_domains(self.get_option("domains")),
        )
        self._fill(own, found)
        self._construct(own, [prefix + host.name for host in found.hosts])
        watch(inventory, self._warn, _hosts_of_list)

    def _domains(self, cache_key: str, may_read: bool) -> list[dict[str, Any]]:
        """Return what is known of the domains, from the cache as far as it is there and lookups did not fail."""
        wanted = parse_domains(self.get_option("domains"))
        probe = self._probe_options()
        self._require_libraries(probe)
        inventory_options(wanted, self.get_option("nameservers"), self.get_option("trust_ad"), probe)  # finds mistakes
        known: dict[str, dict[str, Any]] = {}
        cached = self._cached(cache_key, probe) if may_read else None
        if cached is not None:
            known = {domain["domain"]: domain for domain in cached}
        missing = [name for name in wanted if name not in known]
        if missing:
            options = inventory_options(missing, self.get_option("nameservers"), self.get_option("trust_ad"), probe)
            gathered = gather_domains(options)
            for warning in gathered.warnings:
                self._warn(warning)
            known.update((domain["domain"], domain) for domain in gathered.domains)
        domains = [known[name] for name in wanted]
        if cached is None and self.get_option("cache"):
            # A cache that was read is not written again: that would make all of it young.
            settings = self._settings(probe)
            self._cache[cache_key] = {"settings": settings, "domains": [one for one in domains if is_complete(one)]}
        return domains

    def _probe_options(self) -> dict[str, Any] | None:
        """Return the options of the probe with their defaults, None without a probe."""
        given = self.get_option("probe")
        if given is None:
            return None
        known = probe_arguments()
        unknown = sorted(set(map(str, given)) - set(known))
        if unknown:
            raise AnsibleParserError(f"{self.NAME}: probe: no options of a probe here: {', '.join(unknown)}")
        result = ArgumentSpecValidator(known).validate(dict(given))
        if result.error_messages:
            raise AnsibleParserError(f"{self.NAME}: probe: {'; '.join(result.error_messages)}")
        return dict(result.validated_parameters)

    def _require_libraries(self, probe: Mapping[str, Any] | None) -> None:
        missing = missing_library("dnspython", *(("pyOpenSSL", "cryptography") if probe is not None else ()))
        if missing is not None:
            raise AnsibleParserError(f"{self.NAME} needs {missing.name} in the Python that runs Ansible. {missing.hint}")

    def _settings(self, probe: Mapping[str, Any] | None) -> str:
        """Return a digest of everything that decides what is gathered: a cache made with other settings is of no use."""
        parts = [FORMAT, self.get_option("domains"), self.get_option("nameservers"), self.get_option("trust_ad"), probe]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8")).hexdigest()

    def _cached(self, cache_key: str, probe: Mapping[str, Any] | None) -> Sequence[dict[str, Any]] | None:
        if not self.get_option("cache"):
            return None
        try:
            value = self._cache[cache_key]
        except KeyError:
            return None
        return cached_domains(value, self._settings(probe))

    def _check_prefixes(self) -> None:
        """Raise OptionError for a prefix that would not leave names as valid as they are."""
        for option, pattern, allowed in (
            ("host_prefix", HOST_PREFIX, "letters, digits, _, . and -, and must begin with one of the first three"),
            ("group_prefix", GROUP_PREFIX, "letters, digits and _, and must not begin with a digit"),
        ):
            value = self.get_option(option)
            if not pattern.fullmatch(value):
                raise OptionError(option, value, f"may have only {allowed}")

    def _warn(self, text: str) -> None:
        self.display.warning(clean(f"{self.NAME}: {text}"))

    def _fill(self, own: OwnEntries, found: MxInventory) -> None:
        """Hand all of it to Ansible."""
        for warning in found.warnings[:SHOWN_WARNINGS]:
            self._warn(warning)
        if len(found.warnings) > SHOWN_WARNINGS:
            self._warn(f"and {len(found.warnings) - SHOWN_WARNINGS} more; see mx_problems")
        prefix = self.get_option("group_prefix")
        raw_names = [ALL_EXCHANGES, *found.domain_groups, *sorted({raw for host in found.hosts for raw in host.groups})]
        names = group_names(raw_names, lambda raw: str(self._sanitize_group_name(prefix + raw)))
        if names.warning is not None:
            self._warn(names.warning)
        groups = {raw: name for raw, name in names.valid.items() if own.add_group(name)}
        if ALL_EXCHANGES in groups:
            own.set_variable(groups[ALL_EXCHANGES], "mx_problems", unsafe(found.problems))
        for raw, variables in found.domain_groups.items():
            if raw not in groups:
                continue
            if ALL_EXCHANGES in groups:
                own.add_to_group(groups[ALL_EXCHANGES], groups[raw])
            for name, value in variables.items():
                own.set_variable(groups[raw], name, unsafe(value))
        for host in found.hosts:
            host_name = self.get_option("host_prefix") + host.name
            own.add_host(host_name)
            for name, value in host.variables.items():
                own.set_variable(host_name, name, unsafe(value))
            for raw in host.groups:
                if raw in groups:
                    own.add_to_group(groups[raw], host_name)

    def _construct(self, own: OwnEntries, hosts: Sequence[str]) -> None:
        """Do what the options of the fragment constructed say, the groups that the user names first."""
        strict = self.get_option("strict")
        named = {str(self._sanitize_group_name(name)) for name in self.get_option("groups")}
        parents = {
            str(self._sanitize_group_name(keyed["parent_group"]))
            for keyed in self.get_option("keyed_groups")
            if isinstance(keyed, Mapping) and isinstance(keyed.get("parent_group"), str) and "{" not in keyed["parent_group"]
        }
        prefix = self.get_option("group_prefix")
        reserved = {str(self._sanitize_group_name(prefix + name)) for name in FIXED_GROUPS} | named
        try:
            self.inventory = ConstructedEntries(own, named, ())
            for host in hosts:
                variables = own.inventory.get_host(host).get_vars()
                self._set_composite_vars(self.get_option("compose"), variables, host, strict=strict)
                self._add_host_to_composed_groups(self.get_option("groups"), variables, host, strict=strict)
            self.inventory = ConstructedEntries(own, parents, reserved)
            for host in hosts:
                variables = own.inventory.get_host(host).get_vars()
                self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host, strict=strict)
        finally:
            self.inventory = own.given


def _hosts_of_list(source: str | None) -> list[tuple[str, int | None]]:
    """Return the hosts, and their ports, of a source that is a list with commas, as on the command line, ranges included."""
    hosts: list[tuple[str, int | None]] = []
    if source is None or "," not in source or os.path.exists(source):  # of a directory Ansible notes its files, and then None
        return hosts
    for word in filter(None, map(str.strip, source.split(","))):
        try:
            name, port = parse_address(word, allow_ranges=True)
        except AnsibleError:
            name, port = word, None
        hosts += [(one, port) for one in (expand_hostname_range(name) if detect_range(name) else [name])]
    return hosts
