# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `mail_domain_records`: the records of a mail domain out of what a playbook wants of it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mail_domain_records
short_description: Make the DNS records of a mail domain
version_added: 1.0.0
author:
  - the mailops.tls authors (@mailops)
description:
  - Makes the records of a mail domain out of what is wanted, as M(mailops.tls.mail_domain_records) does.
notes:
  - Filters run on the controller, so a key of C(dkim) is given as C(publickey_content) here.
  - The controller needs the Python package cryptography.
options:
  _input:
    description:
      - What is wanted, a mapping with the options of M(mailops.tls.mail_domain_records).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: The zone lines of every domain in a variable
  ansible.builtin.debug:
    msg: "{{ (item | mailops.tls.mail_domain_records).zone }}"
  loop:
    - {domain: example.org, exchanges: [{host: mx.example.org}], spf: {}, dmarc: {policy: reject}}
    - {domain: parked.example.org, exchanges: [], sends: false}
"""

RETURN = r"""
_value:
  description: The return values of M(mailops.tls.mail_domain_records).
  type: dict
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_records.arguments import wishes_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_records.run import wished_facts
from ansible_collections.mailops.tls.plugins.module_utils._results.reading import shown
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

NAME = "mailops.tls.mail_domain_records"
LONGEST_MESSAGE = 500


def mail_domain_records(wanted: Any) -> dict[str, Any]:
    """Return the records of one domain, and the order to publish them in.

    Raises:
        AnsibleFilterError: what is wanted cannot be had.
    """
    if not isinstance(wanted, Mapping):
        raise AnsibleFilterError(f"{NAME}: a mapping with a domain is needed, not {shown(wanted)}")
    result = ArgumentSpecValidator(wishes_arguments()).validate(dict(wanted))
    if result.error_messages:
        raise AnsibleFilterError(clean(f"{NAME}: {'; '.join(result.error_messages)}", LONGEST_MESSAGE))
    try:
        return wished_facts(result.validated_parameters, _no_file)
    except OptionError as error:
        raise AnsibleFilterError(clean(f"{NAME}: {error}", LONGEST_MESSAGE)) from None


def _no_file(option: str, path: str) -> bytes:
    raise OptionError(option, path, "cannot be read by a filter: give the key as publickey_content")


class FilterModule:
    """Tells Ansible which filters this file has."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"mail_domain_records": mail_domain_records}
