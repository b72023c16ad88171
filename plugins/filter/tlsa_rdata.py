# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `tlsa_rdata`: TLSA records of keys and certificates that a playbook has as text."""

from __future__ import annotations

DOCUMENTATION = r"""
name: tlsa_rdata
short_description: TLSA records of a certificate, a key or a request
version_added: 1.0.0
author:
  - the mailops.tls authors (@mailops)
description:
  - Makes the RDATA of TLSA records (RFC 6698) of a text. That is a certificate, a chain of certificates, a public key or a certificate
    signing request. With O(host) it makes whole records in any form of M(mailops.tls.tlsa_records).
  - A private key will do too. Filters run on the controller, so the key has to be there, and it stands in the play's variables;
    M(mailops.tls.tlsa_records) reads it where it is.
  - "It refuses what M(mailops.tls.tlsa_records) refuses: empty text, C(2 x x) of the server's own certificate, and C(3 0 x) unless
    O(allow_certificate_pinning)."
notes:
  - The controller needs the Python package cryptography, for private keys pyOpenSSL too.
options:
  _input:
    description:
      - The text, PEM or base64 of DER. In PEM the first block decides what it is. Of several certificates the first is the server's and the
        others are those of its issuers.
      - A list of texts gives the records of all, each once.
    type: raw
    required: true
  parameters:
    description:
      - Certificate usage, selector and matching type of the records, as O(mailops.tls.tlsa_records#module:parameters); a text or
        a list.
    type: raw
    default: 3 1 1
  issuers:
    description: The text has only certificates of issuers, for records of usages 0 and 2.
    type: bool
    default: false
  form:
    description:
      - V(rdata) is a list of texts, V(rfc3597) the same in the form for unknown types, V(fields) a list of dictionaries.
      - The others need O(host) and are the return values of M(mailops.tls.tlsa_records) with these names.
    type: str
    choices: [rdata, rfc3597, fields, records, zone, zone_rfc3597, record_sets, single_records, split_records]
    default: rdata
  host:
    description: The host name whose records they are to be, or a list of names.
    type: raw
  port:
    description: The port whose records they are to be, or a list of ports.
    type: raw
    default: 25
  protocol:
    description: The transport protocol of the port.
    type: str
    choices: [tcp, udp, sctp]
    default: tcp
  ttl:
    description: The TTL of the records in seconds.
    type: int
  allow_certificate_pinning:
    description: Allow C(3 0 x) and C(1 0 x), which stop matching when the certificate is renewed.
    type: bool
    default: false
seealso:
  - plugin: mailops.tls.tlsa_records
    plugin_type: module
"""

EXAMPLES = r"""
- name: Show the record of a certificate
  ansible.builtin.debug:
    msg: "_25._tcp.mx.example.org. IN TLSA {{ item }}"
  loop: "{{ lookup('ansible.builtin.file', 'mx.example.org.pem') | mailops.tls.tlsa_rdata }}"

- name: Show lines for a zone file, with records of the key and of all issuers
  ansible.builtin.debug:
    msg: "{{ fullchain | mailops.tls.tlsa_rdata(['3 1 1', '2 1 1'], form='zone', host='mx.example.org', ttl=3600) }}"
  vars:
    fullchain: "{{ lookup('ansible.builtin.file', 'fullchain.pem') }}"

- name: Publish records of the certificate and of the next request by dynamic update
  community.general.nsupdate:
    server: 192.0.2.53
    record: "{{ item.record }}"
    type: "{{ item.type }}"
    value: "{{ item.value }}"
  loop: "{{ [certificate, request] | mailops.tls.tlsa_rdata(form='record_sets', host='mx.example.org', port=[25, 465]) }}"
  vars:
    certificate: "{{ lookup('ansible.builtin.file', 'mx.example.org.pem') }}"
    request: "{{ lookup('ansible.builtin.file', 'mx.example.org.csr') }}"
"""

RETURN = r"""
_value:
  description: The records in the form asked for; text for V(zone) and V(zone_rfc3597), else a list.
  type: raw
  sample:
    - 3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
"""

from collections.abc import Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._requirements import missing_library
from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.sources.text import FORMS, records_of_text

MOST_TEXTS = 1000
LONGEST_TEXT = 1_000_000
LONGEST_MESSAGE = 500


def tlsa_rdata(
    texts: str | Sequence[str],
    parameters: str | Sequence[str] = "3 1 1",
    issuers: bool = False,
    form: str = FORMS[0],
    host: str | Sequence[str] | None = None,
    port: int | Sequence[int] = 25,
    protocol: str = "tcp",
    ttl: int | None = None,
    allow_certificate_pinning: bool = False,
) -> Any:
    """Return TLSA records of `texts` in one of the forms.

    Raises:
        AnsibleFilterError: when there are none to be made.
    """
    values = _texts("", texts)
    if len(values) > MOST_TEXTS or any(len(one) > LONGEST_TEXT for one in values):
        raise AnsibleFilterError(f"mailops.tls.tlsa_rdata: more than {MOST_TEXTS} texts, or one of more than {LONGEST_TEXT} characters")
    libraries = ("cryptography", "pyOpenSSL") if any("PRIVATE KEY-----" in one for one in values) else ("cryptography",)
    missing = missing_library(*libraries)
    if missing is not None:
        raise AnsibleFilterError(f"mailops.tls.tlsa_rdata: the controller needs {missing.name}. {missing.hint}")
    try:
        return records_of_text(
            values,
            parameters=_texts("parameters", parameters),
            issuers=issuers,
            form=form,
            hosts=_texts("host", host or ()),
            ports=_ports(port),
            protocol=protocol,
            ttl=ttl,
            allow_certificate_pinning=allow_certificate_pinning,
        )
    except OptionError as error:
        raise AnsibleFilterError(clean(f"mailops.tls.tlsa_rdata: {error}", LONGEST_MESSAGE)) from None


def _texts(option: str, value: Any) -> list[str]:
    """Return the texts of a value, which came by way of templates and of results of hosts and may be anything."""
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, (list, tuple)) or not all(isinstance(one, str) for one in values):
        what = f"{option}: " if option else ""
        raise AnsibleFilterError(f"mailops.tls.tlsa_rdata: {what}a text or a list of texts is needed, not {_kind(values)}")
    return list(values)


def _ports(value: Any) -> list[Any]:
    values = [value] if isinstance(value, (int, str)) else value
    if not isinstance(values, (list, tuple)) or not all(isinstance(one, (int, str)) for one in values):
        raise AnsibleFilterError(f"mailops.tls.tlsa_rdata: port: a number or a list of numbers is needed, not {_kind(values)}")
    return list(values)


def _kind(values: Any) -> str:
    items = sorted({type(one).__name__ for one in values}) if isinstance(values, (list, tuple)) else []
    return type(values).__name__ + (f" of {', '.join(items)}" if items else "")


class FilterModule:
    """Tells Ansible which filters this file has."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"tlsa_rdata": tlsa_rdata}
