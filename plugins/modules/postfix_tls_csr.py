#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_tls_csr
short_description: Make a certificate signing request for the key of a Postfix SMTP server
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Makes a certificate signing request (CSR, PKCS#10) for the key that Postfix serves, or for any other, as C(postfix tls
    output-server-csr) does. It is returned, and written to a file with O(path).
  - The request has the contents that C(postfix tls) gives it. Its subject is empty unless O(subject) is given, and it is signed with
    SHA-256. It asks for C(subjectAltName) with all O(names) and for C(extendedKeyUsage) of servers and clients.
  - The deployed key is found wherever it is configured, also in the file of the certificate and in C(smtpd_tls_chain_files).
  - A file that asks for the same already is left as it is, and its request returned. A file that holds no request is never
    written over.
  - The private key is read to sign the request, and is never in a result, a diff or a log.
requirements:
  - cryptography >= 36.0
  - pyOpenSSL >= 21.0, without O(privatekey_path)
  - Postfix 3.1 or later, unless O(names) and an absolute O(privatekey_path) are given
extends_documentation_fragment:
  - mailops.tls.attributes
  - mailops.tls.server_key
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  privatekey_path:
    description:
      - The file with the private key in PEM, which may hold certificates too. Of several keys the first counts, and encrypted ones
        cannot be read. When it is relative, it is below O(config_directory).
      - Mutually exclusive with O(algorithm). With neither it is the deployed RSA key, else the ECDSA key, else the Ed25519 key.
    type: path
  algorithm:
    description:
      - Use the key of this algorithm that Postfix serves. Keys by server name (C(tls_server_sni_maps)) do not count, and those of
        single services in C(master.cf) only when C(main.cf) has none.
    type: str
    choices: [rsa, ecdsa, ed25519]
  subject:
    description:
      - What the subject of the request shall be, in this order. The attributes are C(C), C(ST), C(L), C(O), C(OU), C(CN) and
        C(emailAddress).
      - Empty by default. Issuers that check domains take the names from C(subjectAltName).
    type: dict
  path:
    description:
      - The file to write the request to, in a folder that is there. When it is relative, it is below O(config_directory).
      - Without it the module changes nothing.
      - Nothing is written in a folder that everybody may write without a sticky bit, nor through a symbolic link of another user.
    type: path
  mode:
    description:
      - The mode of the file, as octal digits in quotes. The default is C(0644) for a new one.
    type: raw
seealso:
  - module: mailops.tls.postfix_tls_key
  - module: mailops.tls.postfix_tls_info
  - name: postfix-tls(1)
    description: The command of Postfix for the same purpose.
    link: https://www.postfix.org/postfix-tls.1.html
"""

EXAMPLES = r"""
- name: As postfix tls output-server-csr, a request for the deployed key and the name of this host
  mailops.tls.postfix_tls_csr:
  register: request

- name: Show it
  ansible.builtin.debug:
    var: request.csr

- name: A request in a file, for the next key
  mailops.tls.postfix_tls_csr:
    privatekey_path: eckey-2027.pem
    names:
      - mx.example.org
      - mail.example.org
    path: eccsr-2027.pem
  register: request

# The issuer's chain comes in the place of the self-signed certificate; the TLSA record 3 1 1 stays the same.
- name: Have it signed
  community.crypto.acme_certificate:
    account_key_src: /etc/ssl/private/acme-account.pem
    acme_version: 2
    acme_directory: https://acme.example.org/directory
    csr_content: "{{ request.csr }}"
    fullchain_dest: /etc/postfix/eccert-2027.pem
  register: challenge

- name: A subject for an issuer that wants one
  mailops.tls.postfix_tls_csr:
    algorithm: rsa
    subject:
      C: DE
      O: Example
      CN: mx.example.org
"""

RETURN = r"""
csr:
  description: The request in PEM, as C(csr_content) of other modules takes it.
  returned: success
  type: str
  sample: "-----BEGIN CERTIFICATE REQUEST-----..."
csr_path:
  description: The file it is in, with O(path); otherwise none.
  returned: success
  type: str
  sample: /etc/postfix/eccsr-2027.pem
privatekey_path:
  description: The file of the key that signed it.
  returned: success
  type: str
  sample: /etc/postfix/eckey-2027.pem
subject:
  description: The subject (RFC 4514).
  returned: success
  type: str
  sample: ""
names:
  description: The names it asks for.
  returned: success
  type: list
  elements: str
  sample: [mx.example.org, mail.example.org]
public_key:
  description: Type, size and curve of the key.
  returned: success
  type: dict
  sample: {type: ecdsa, bits: 256, curve: secp256r1}
public_key_sha256:
  description: The SHA-256 digest of the public key, the data of a TLSA record C(3 1 1).
  returned: success
  type: str
  sample: 3d4c5b6a798807163d4c5b6a798807163d4c5b6a798807163d4c5b6a79880716
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_csr.arguments import (
    EXCLUSIVE,
    needed_libraries,
    request_arguments,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_csr.run import run_new_request
from ansible_collections.mailops.tls.plugins.module_utils._module.task import Rights, run_task
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import command_runner


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=request_arguments(), supports_check_mode=True, mutually_exclusive=[EXCLUSIVE])
    run_task(
        module,
        lambda: run_new_request(module.params, command_runner(module.run_command), check_mode=module.check_mode),
        libraries=needed_libraries(module.params),
        missing=missing_required_lib,
        rights=Rights.FILES,
    )


if __name__ == "__main__":
    main()
