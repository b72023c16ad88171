# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory of mail domains' exchanges: Ansible's side of it. What stands in it is decided in module_utils/_inventory."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mx
short_description: Mail domains' exchanges as inventory
version_added: 0.1.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Looks up the exchanges (MX records) of mail domains and their addresses. Each exchange is a host, named in lower case,
    however many domains it serves.
  - On request it judges the TLS of all exchanges as M(mailops.tls.smtp_tls_probe) does, and groups them by the verdict.
  - Uses a YAML configuration file whose name ends with C(mx.yml) or C(mx.yaml).
  - A domain without exchanges is a warning, never an error. A lookup that failed is never taken for the absence of records;
    it is a warning too, and tried again the next time even when a cache is used.
  - Whatever came from DNS and from servers is marked as unsafe, so that Ansible never takes it for a template.
notes:
  - The variables of a host are C(ansible_host) (the first of its addresses), C(mx_exchange), C(mx_addresses) (IPv4 first),
    C(mx_canonical_name), C(mx_secure) (whether its addresses were validated with DNSSEC), C(mx_error) (why it has no
    address), C(mx_operator) and C(mx_domains).
  - C(mx_domains) has an item for each domain that the exchange serves, with its C(preference), with C(secure), whether the
    MX records were validated, with C(implicit), whether it is the exchange for lack of MX records, and after a probe with
    C(status) and C(satisfied).
  - After a probe hosts also have C(mx_status), C(mx_satisfied) and C(mx_endpoints). The latter is in the shape of
    RV(mailops.tls.smtp_tls_probe#module:results[].endpoints), with the C(domains) for which the endpoint was judged so.
  - All exchanges are in the group C(mx). Its variable C(mx_problems) lists what is wrong with the domains, as C(domain),
    C(exchange), C(kind) and C(text). C(kind) is an error kind of M(mailops.tls.smtp_tls_probe), or C(no_mx) for a domain
    without MX records, which is its own exchange.
  - Each domain has a group, such as C(domain_example_org). When it has no exchanges the group is empty and its variables
    C(mx_domain), C(mx_null_mx) and C(mx_error) tell why.
  - There are groups by preference, such as C(preference_10), and by who seems to run the exchange, such as
    C(operator_google_com). The latter is a guess, the last two labels of the exchange's name, or three below second-level
    domains like C(co.uk).
  - After a probe there are groups by the worst status, such as C(status_verified), and the groups C(satisfied) and
    C(unsatisfied).
  - What is not allowed in names of groups becomes C(_).
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
    type: list
    elements: str
    required: true
  probe:
    description:
      - Judge the TLS of all exchanges, by these options of M(mailops.tls.smtp_tls_probe); V({}) for its defaults. Without it
        nothing is connected to.
      - All options of the module are known here but those that say where to go and how (all exchanges are asked, on port 25
        with STARTTLS), those about files of results and of secrets, C(expect), C(report_detail) and the C(reconnect) ones.
    type: dict
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
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ansible.errors import AnsibleParserError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._inventory.arguments import probe_arguments
from ansible_collections.mailops.tls.plugins.module_utils._inventory.domains import (
    gather_domains,
    inventory_options,
    is_complete,
    parse_domains,
)
from ansible_collections.mailops.tls.plugins.module_utils._inventory.exchanges import (
    ALL_EXCHANGES,
    ExchangeHost,
    MxInventory,
    build_inventory,
    group_problem,
)
from ansible_collections.mailops.tls.plugins.module_utils._requirements import missing_library

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


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """The inventory plugin C(mailops.tls.mx)."""

    NAME = "mailops.tls.mx"

    def verify_file(self, path: str) -> bool:
        """Tell whether the file may be ours, by its name."""
        return bool(super().verify_file(path)) and path.endswith(("mx.yml", "mx.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Fill the inventory by the configuration in the file O(path)."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        try:
            domains = self._domains(self.get_cache_key(path), cache)
        except OptionError as error:
            raise AnsibleParserError("%s: %s" % (self.NAME, error)) from error
        self._fill(build_inventory(domains))

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
            gathered = gather_domains(options, probe=probe is not None)
            for warning in gathered.warnings:
                self.display.warning("%s: %s" % (self.NAME, warning))
            known.update((domain["domain"], domain) for domain in gathered.domains)
        domains = [known[name] for name in wanted]
        if cached is None and self.get_option("cache"):
            # A cache that was read is not written again: that would make all of it young.
            settings = self._settings(probe)
            self._cache[cache_key] = {"settings": settings, "domains": [one for one in domains if is_complete(one)]}
        return domains

    def _probe_options(self) -> Optional[dict[str, Any]]:
        """Return the options of the probe with their defaults, None without a probe."""
        given = self.get_option("probe")
        if given is None:
            return None
        known = probe_arguments()
        unknown = sorted(set(map(str, given)) - set(known))
        if unknown:
            raise AnsibleParserError("%s: probe: no options of a probe here: %s" % (self.NAME, ", ".join(unknown)))
        result = ArgumentSpecValidator(known).validate(dict(given))
        if result.error_messages:
            raise AnsibleParserError("%s: probe: %s" % (self.NAME, "; ".join(result.error_messages)))
        return dict(result.validated_parameters)

    def _require_libraries(self, probe: Optional[Mapping[str, Any]]) -> None:
        missing = missing_library("dnspython", *(("pyOpenSSL", "cryptography") if probe is not None else ()))
        if missing is not None:
            raise AnsibleParserError("%s needs %s in the Python that runs Ansible" % (self.NAME, missing.name))

    def _settings(self, probe: Optional[Mapping[str, Any]]) -> str:
        """Return a digest of everything that decides what is gathered: a cache made with other settings is of no use."""
        parts = [FORMAT, self.get_option("domains"), self.get_option("nameservers"), self.get_option("trust_ad"), probe]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8")).hexdigest()

    def _cached(self, cache_key: str, probe: Optional[Mapping[str, Any]]) -> Optional[Sequence[dict[str, Any]]]:
        if not self.get_option("cache"):
            return None
        try:
            value = self._cache[cache_key]
        except KeyError:
            return None
        return value["domains"] if value.get("settings") == self._settings(probe) else None

    def _fill(self, found: MxInventory) -> None:
        """Hand all of it to Ansible."""
        for warning in found.warnings[:SHOWN_WARNINGS]:
            self.display.warning("%s: %s" % (self.NAME, warning))
        if len(found.warnings) > SHOWN_WARNINGS:
            self.display.warning("%s: and %d more; see mx_problems" % (self.NAME, len(found.warnings) - SHOWN_WARNINGS))
        raw_names: dict[str, list[str]] = {}
        self.inventory.add_group(ALL_EXCHANGES)
        self.inventory.set_variable(ALL_EXCHANGES, "mx_problems", unsafe(found.problems))
        for raw, variables in found.domain_groups.items():
            group = self._group(raw, raw_names)
            self.inventory.add_child(ALL_EXCHANGES, group)
            for name, value in variables.items():
                self.inventory.set_variable(group, name, unsafe(value))
        for host in found.hosts:
            self._fill_host(host, raw_names)
        mixed = group_problem(raw_names)
        if mixed is not None:
            self.display.warning("%s: %s" % (self.NAME, mixed))

    def _group(self, raw: str, raw_names: dict[str, list[str]]) -> str:
        """Return the valid name of a group, which is there afterwards; O(raw_names) learns what it stands for."""
        valid: str = self.inventory.add_group(self._sanitize_group_name(raw))
        known = raw_names.setdefault(valid, [])
        if raw not in known:
            known.append(raw)
        return valid

    def _fill_host(self, host: ExchangeHost, raw_names: dict[str, list[str]]) -> None:
        self.inventory.add_host(host.name)
        for name, value in host.variables.items():
            self.inventory.set_variable(host.name, name, unsafe(value))
        for raw in host.groups:
            self.inventory.add_child(self._group(raw, raw_names), host.name)
        strict = self.get_option("strict")
        variables = self.inventory.get_host(host.name).get_vars()
        self._set_composite_vars(self.get_option("compose"), variables, host.name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, host.name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host.name, strict=strict)
