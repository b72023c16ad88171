#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_tls_enable
short_description: Turn on opportunistic TLS in Postfix where nobody has decided otherwise
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Turns on opportunistic TLS in the SMTP client or the SMTP server of Postfix, as C(postfix tls enable-client) and
    C(postfix tls enable-server) do. The server gets a new private key with a self-signed certificate.
  - It acts only when the TLS settings of that side are not set. Otherwise it reports what it would set and changes
    nothing, and with O(on_customized=fail) the task fails.
  - The settings of the client are C(smtp_tls_security_level=may), C(smtp_tls_loglevel=1), C(smtp_tls_session_cache_database) and
    C(tls_random_source). The cache is a table of type C(lmdb) or else C(btree) in C(data_directory). It is left alone when Postfix has
    neither type.
  - Those of the server are C(smtpd_tls_key_file) and C(smtpd_tls_cert_file), for ECDSA C(smtpd_tls_eckey_file) and
    C(smtpd_tls_eccert_file), for Ed25519 C(smtpd_tls_chain_files), and C(smtpd_tls_security_level=may),
    C(smtpd_tls_received_header=yes), C(smtpd_tls_loglevel=1) and C(tls_random_source).
  - More parameters count than C(postfix tls) looks at. They are those of C(main.cf) in
    RV(mailops.tls.postfix_tls_info#module:instances[].changed_parameters), C(smtpd_tls_chain_files) for example, and those of services
    in C(master.cf) that name keys and certificates. As for C(postfix tls), an empty value counts as not set.
  - When all that counts is set as this module sets it, and Postfix can use the key, nothing is changed.
  - All parameters are set by one C(postconf -e), and read again afterwards. When that fails, the parameters are put back, the new
    key and its certificate are removed, and the task fails.
  - Postfix is not reloaded. Its processes read C(main.cf) when they start, so the settings take effect sooner or later.
requirements:
  - Postfix 3.1 or later, with O(algorithm=ed25519) 3.4 or later
  - cryptography >= 36.0, with O(side=server) and O(make_key)
  - pyOpenSSL >= 21.0, with O(side=server) and O(make_key)
extends_documentation_fragment:
  - mailops.tls.attributes
  - mailops.tls.server_key
attributes:
  check_mode:
    support: full
    details:
      - What depends on the new key itself is none in check mode.
  diff_mode:
    support: full
    details:
      - The key itself is never shown.
  idempotent:
    support: full
options:
  side:
    description:
      - Whether to turn on TLS in the SMTP client or in the SMTP server.
      - The options of the key and its certificate are for V(server) only.
    type: str
    choices: [client, server]
    required: true
  random_source:
    description:
      - The value of C(tls_random_source), such as C(dev:/dev/urandom).
      - The default is the value that Postfix has already, and if that is empty C(dev:/dev/urandom).
    type: str
  algorithm:
    description:
      - The algorithm of the server's key.
      - Not every client can use V(ed25519), and then it gets no TLS from a server that has no other key.
    type: str
    choices: [rsa, ecdsa, ed25519]
    default: rsa
  bits:
    description:
      - The size of an RSA key. The default is 2048 bits.
    type: int
    choices: [2048, 3072, 4096]
  curve:
    description:
      - The curve of an ECDSA key, by its name in SEC 2. They are P-256, P-384 and P-521. The default is V(secp256r1).
    type: str
    choices: [secp256r1, secp384r1, secp521r1]
  make_key:
    description:
      - Whether to make a key for the server.
      - When it is V(false), only the settings beside the key are made, and parameters that name keys and certificates do not count as
        set. Use M(mailops.tls.postfix_tls_deploy) for the keys. Without any, Postfix goes on in plain text and logs a warning.
      - It is for V(server) only.
    type: bool
    default: true
  on_customized:
    description:
      - What to do when settings are not the defaults and not those that this module makes either.
      - V(report) changes nothing and returns what would be set, as C(postfix tls) does.
      - V(fail) does the same and fails.
    type: str
    choices: [report, fail]
    default: report
seealso:
  - module: mailops.tls.postfix_tls_info
  - module: mailops.tls.postfix_tls_key
  - name: postfix-tls(1)
    description: The command of Postfix for the same purpose.
    link: https://www.postfix.org/postfix-tls.1.html
"""

EXAMPLES = r"""
- name: Mail is sent with TLS to whoever can
  mailops.tls.postfix_tls_enable:
    side: client
  notify: Reload Postfix

- name: Mail is received with TLS, with an ECDSA key
  mailops.tls.postfix_tls_enable:
    side: server
    algorithm: ecdsa
    names:
      - mx.example.org
      - mail.example.org
  register: server
  notify: Reload Postfix

- name: Mail is received with TLS, with keys that postfix_tls_deploy has deployed
  mailops.tls.postfix_tls_enable:
    side: server
    make_key: false
  notify: Reload Postfix

- name: Show what is left to be done
  ansible.builtin.debug:
    var: server.advice

- name: Another instance, which must not have been set otherwise
  mailops.tls.postfix_tls_enable:
    side: client
    config_directory: /etc/postfix-out
    on_customized: fail
"""

RETURN = r"""
state:
  description:
    - V(enabled) when TLS was turned on now, or would have been in check mode.
    - V(already_enabled) when all is as it would have been set.
    - V(customized) when something is set otherwise, and nothing was changed.
  returned: always, unless an error occurred
  type: str
  sample: enabled
parameters:
  description: The parameters that were changed, with their values in C(main.cf), none for not set.
  returned: always, unless an error occurred
  type: list
  elements: dict
  sample:
    - {name: smtp_tls_security_level, before: null, after: may}
    - {name: smtp_tls_loglevel, before: '0', after: '1'}
would_set:
  description:
    - With V(customized), the parameters that differ from what would have been set, in the shape of RV(parameters). Those of the
      server's key are not among them.
  returned: always, unless an error occurred
  type: list
  elements: dict
  sample: []
customized:
  description: With V(customized), the parameters that are set and count.
  returned: always, unless an error occurred
  type: list
  elements: str
  sample: [smtpd_tls_chain_files]
advice:
  description: What is left to be done, or why nothing was changed, for people.
  returned: always, unless an error occurred
  type: list
  elements: str
  sample:
    - Run 'postfix reload' if the new settings are to take effect immediately.
privatekey_path:
  description: The file of the key that was made, or would be; none when none was made.
  returned: always, unless an error occurred
  type: str
  sample: /etc/postfix/key-20260912-030000.pem
certificate_path:
  description: The file of its certificate.
  returned: always, unless an error occurred
  type: str
  sample: /etc/postfix/cert-20260912-030000.pem
public_key_sha256:
  description: The SHA-256 digest of the new public key; none in check mode.
  returned: always, unless an error occurred
  type: str
  sample: 3d4c5b6a798807163d4c5b6a798807163d4c5b6a798807163d4c5b6a79880716
tlsa_rdata:
  description: The TLSA record C(3 1 1) of the new key; none in check mode.
  returned: always, unless an error occurred
  type: str
  sample: 3 1 1 3d4c5b6a798807163d4c5b6a798807163d4c5b6a798807163d4c5b6a79880716
certificate:
  description: The new certificate, in the shape of RV(mailops.tls.postfix_tls_key#module:certificate); none in check mode.
  returned: always, unless an error occurred
  type: dict
  sample: null
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_enable.arguments import enable_arguments, needed_libraries
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_enable.run import run_enable
from ansible_collections.mailops.tls.plugins.module_utils._module.task import Rights, run_task
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import command_runner


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=enable_arguments(), supports_check_mode=True)
    run_task(
        module,
        lambda: run_enable(module.params, command_runner(module.run_command), check_mode=module.check_mode),
        libraries=needed_libraries(module.params),
        missing=missing_required_lib,
        rights=Rights.FILES,
    )


if __name__ == "__main__":
    main()
