# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ``rollover_answer``: what a controller may take from a mail server's answer."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rollover_answer
short_description: Takes from a result of dane_rollover what may leave the mail server
version_added: 1.0.0
author:
  - the mailops.tls authors (@mailops)
description:
  - What M(mailops.tls.dane_rollover) returns was said by a mail server, which may have been taken over. This filter runs on the
    controller, and gives back only what that server can say by the controller's own inventory.
  - Records to add and to remove are taken only at the names of TLSA records of O(server.exchanges) and O(server.ports). They have to be
    well formed, of kinds that are asked for, with a TTL of a week at most, and not too many. Certificate requests are taken if they ask
    for nothing but O(server.names). Texts are bounded and hold no templates.
  - What was refused is named in C(refused).
  - The role P(mailops.tls.dane_rollover#role) uses it for every answer. Use it where you publish what the module returns by
    tasks of your own.
options:
  _input:
    description: The registered result of M(mailops.tls.dane_rollover).
    type: dict
    required: true
  server:
    description: What the inventory says of the mail server.
    type: dict
    required: true
    suboptions:
      exchanges:
        description: The exchanges that it is.
        type: list
        elements: str
        required: true
      ports:
        description: The ports with TLSA records.
        type: list
        elements: int
        default: [25]
      names:
        description: The names that its certificates may have. The default is O(server.exchanges).
        type: list
        elements: str
      matching_types:
        description: Matching types of the records.
        type: list
        elements: int
        default: [1]
      scheme:
        description: With V(issuer), records of usage 2 are taken too.
        type: str
        choices: [next, issuer]
        default: next
      ttl:
        description: The TTL that is asked for, when it is more than a week.
        type: int
      aliases:
        description: Where names of TLSA records lead by CNAME, by the name, such as V(_25._tcp.mx.example.org).
        type: dict
        default: {}
      seen:
        description:
          - What the controller itself has seen, RV(mailops.tls.tlsa_info#module:results). Aliases in it are followed, and kinds of records
            that are published already are taken.
        type: list
        elements: dict
        default: []
      served_by_others:
        description:
          - What other servers serve behind the same names, RV(mailops.tls.dane_rollover#module:deployed). Records of any kind of it are not
            this server's to remove.
        type: list
        elements: dict
        default: []
      folder:
        description: Where the server keeps the state. Paths elsewhere are left out.
        type: str
        default: /var/lib/mailops-tls
seealso:
  - plugin: mailops.tls.dane_rollover
    plugin_type: module
"""

EXAMPLES = r"""
- name: Take the next step
  mailops.tls.dane_rollover:
    exchanges: [mx.example.org]
  register: said

- name: Publish what this server may ask for
  mailops.tls.tlsa_publish:
    records: "{{ taken.dns.add }}"
    server: 192.0.2.53
  vars:
    taken: "{{ said | mailops.tls.rollover_answer({'exchanges': ['mx.example.org']}) }}"
  when: taken.dns.add
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description:
    - The fields of the result that are used elsewhere, in bounds. C(dns) has C(add), C(remove), C(single_records) and
      C(split_records), made anew from the records that were taken.
    - C(refused) is a list of texts. C(unknown) is whether RV(mailops.tls.tlsa_info#module:results) as O(server.seen) may change what
      is refused.
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.mailops.tls.plugins.module_utils._rollover.answer import Answer, answer
from ansible_collections.mailops.tls.plugins.module_utils._rollover.server_terms import server_of


def rollover_answer(result: object, server: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is taken from `result`.

    Raises:
        AnsibleFilterError: when `server` cannot be used.
    """
    try:
        found = answer(result, server_of(server))
    except (KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"mailops.tls.rollover_answer: server: {error}") from error
    taken: dict[str, Any] = wrap_var({**found.facts, "dns": _forms(found), "refused": list(found.refused), "unknown": found.unknown})
    return taken


def _forms(found: Answer) -> dict[str, Any]:
    wanted = {"add": found.add, "remove": found.remove}
    if not found.add and not found.remove:
        nothing: dict[str, list[Any]] = {name: [] for name in wanted}
        return {**nothing, "single_records": dict(nothing), "split_records": dict(nothing)}
    # Most answers have no records, and what makes their forms takes long to load.
    from ansible_collections.mailops.tls.plugins.module_utils._dane.record_forms import record_facts, single_records, split_records
    from ansible_collections.mailops.tls.plugins.module_utils._tlsa.accepted_forms import accepted_rrsets

    rrsets = {name: accepted_rrsets(records) for name, records in wanted.items()}
    return {
        **{name: record_facts(each) for name, each in rrsets.items()},
        "single_records": {name: single_records(each) for name, each in rrsets.items()},
        "split_records": {name: split_records(each) for name, each in rrsets.items()},
    }


class FilterModule:
    """Tells Ansible which filters this file has."""

    def filters(self) -> dict[str, Callable[..., dict[str, Any]]]:
        """Return the filters by name."""
        return {"rollover_answer": rollover_answer}
