#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_tls_info
short_description: Tell which TLS keys, certificates and settings Postfix has deployed
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Reads the configuration of Postfix instances and the files it names. It returns every key and certificate chain that the SMTP server
    serves, the TLS security levels, and which TLS parameters are not at their defaults. It also says what is wrong with all that.
  - It answers what C(postfix tls all-default-client) and C(postfix tls all-default-server) answer, and sees what C(postfix tls) does not.
    That is C(smtpd_tls_chain_files), keys in the file of the certificate, chains by server name (C(tls_server_sni_maps)) and C(-o)
    options of services in C(master.cf).
  - It reads what is configured, not what is served at this moment. Postfix may not have been reloaded since, and
    M(mailops.tls.smtp_tls_facts) looks at the running services.
  - A file that is missing, cannot be read or makes no sense is an item of RV(instances[].lint), never a failure of the task. The task
    fails when an option cannot be used and when there is no Postfix.
  - Of private keys only the public part is ever returned or kept.
notes:
  - The module needs the rights to read the private keys, which usually are those of root.
  - Names of files without a slash in front are relative to C(queue_directory), as they are for C(smtpd).
  - C(postmap -s) lists the tables of C(tls_server_sni_maps). Those that it cannot list (C(regexp), C(pcre), C(proxy) and others)
    are a finding C(sni_map_unlisted).
requirements:
  - Postfix 3.1 or later
  - pyOpenSSL >= 21.0
  - cryptography >= 36.0
extends_documentation_fragment:
  - mailops.tls.attributes
  - mailops.tls.attributes.info_module
options:
  config_directories:
    description:
      - The configuration directories of the instances to look at, those with C(main.cf).
      - The default is the directory that C(postconf) uses by itself, usually C(/etc/postfix).
    type: list
    elements: path
    aliases: [config_directory]
  all_instances:
    description:
      - Look at all instances that C(postmulti -l) lists.
      - Mutually exclusive with O(config_directories).
    type: bool
    default: false
  names:
    description:
      - Names that the certificates served by default should be for, usually those of the exchanges in MX records. A name with
        a dot in front stands for any name below it.
      - The default is the value of C(myhostname). An empty list means that names are not looked at.
      - Certificates by server name are always expected to be for that name.
    type: list
    elements: str
  min_days_left:
    description:
      - A certificate that is valid for fewer days than this is a finding C(certificate_expires_soon).
    type: int
    default: 14
  include_pem:
    description:
      - Whether to return the certificates themselves, too.
    type: bool
    default: false
seealso:
  - module: mailops.tls.smtp_tls_facts
  - name: postfix-tls(1)
    description: The command of Postfix for the same purpose.
    link: https://www.postfix.org/postfix-tls.1.html
  - name: Postfix TLS support
    description: Certificates, chain files and tables by server name.
    link: https://www.postfix.org/TLS_README.html
"""

EXAMPLES = r"""
- name: What has Postfix deployed?
  mailops.tls.postfix_tls_info:
  register: postfix

- name: Show the keys and when their certificates end
  ansible.builtin.debug:
    msg: "{{ item.algorithm }} {{ item.public_key_sha256 }} from {{ item.key_file }}: {{ item.days_left }} days"
  loop: "{{ postfix.instances[0].deployed }}"
  loop_control:
    label: "{{ item.source }}"

- name: Nothing may be wrong with any instance
  mailops.tls.postfix_tls_info:
    all_instances: true
    names: ["{{ inventory_hostname }}"]
    min_days_left: 21
  register: postfix
  failed_when: postfix.instances | map(attribute='lint') | flatten | length > 0

- name: Is the TLS of the outgoing instance as Postfix came?
  mailops.tls.postfix_tls_info:
    config_directory: /etc/postfix-out
  register: outgoing

- name: Turn on opportunistic TLS where nobody has decided otherwise
  ansible.builtin.command: postfix -c /etc/postfix-out tls enable-client
  when: outgoing.instances[0].all_default_client and not outgoing.instances[0].changed_parameters.client.missed
"""

RETURN = r"""
instances:
  description: One item for each instance, in the order of O(config_directories) or of C(postmulti -l).
  returned: success
  type: list
  elements: dict
  contains:
    config_directory:
      description: Its configuration directory.
      type: str
      sample: /etc/postfix
    mail_version:
      description: The version of Postfix.
      type: str
      sample: 3.7.11
    myhostname:
      description: The instance's name of this host.
      type: str
      sample: mx.example.org
    all_default_client:
      description: What C(postfix tls all-default-client) answers, whether none of the parameters that it looks at has a value.
      type: bool
      sample: true
    all_default_server:
      description: What C(postfix tls all-default-server) answers.
      type: bool
      sample: false
    changed_parameters:
      description:
        - TLS parameters that are set, for C(client) and C(server). C(looked_at) are those for which C(postfix tls) says that
          not all is default, C(missed) are others that decide about TLS, with those of services in C(master.cf).
        - As for C(postfix tls), an empty value counts as not set, and a value that is the same as the default counts as set.
      type: dict
      sample:
        client: {looked_at: [], missed: []}
        server: {looked_at: [smtpd_tls_security_level], missed: [smtpd_tls_chain_files, submission/inet/smtpd_tls_security_level]}
    security_level:
      description:
        - The security level of C(client) (without policy tables) and C(server), and the C(parameter) it comes from, none for
          Postfix's default. The old parameters (C(smtpd_use_tls) and such) are taken into account.
        - C(level) is none when the configured word is no level.
      type: dict
      sample:
        client: {level: dane, parameter: smtp_tls_security_level}
        server: {level: may, parameter: smtpd_tls_security_level}
    services:
      description:
        - The services of C(master.cf) that run C(smtpd). Each has its security level, whether its TLS is implicit (C(wrappermode)), and
          the kinds of keys that it serves by default.
      type: list
      elements: dict
      sample:
        - name: smtp/inet
          security_level: {level: may, parameter: smtpd_tls_security_level}
          wrappermode: false
          algorithms: [rsa, ecdsa]
    deployed:
      description:
        - One item for each key with its chain. Parameters that another one overrides (C(smtpd_tls_cert_file) beside
          C(smtpd_tls_chain_files)) have none.
      type: list
      elements: dict
      contains:
        source:
          description: The parameter by which it is configured.
          type: str
          sample: smtpd_tls_cert_file
        key_parameter:
          description: The parameter that names the file of the key. It is RV(instances[].deployed[].source) when no other is set.
          type: str
          sample: smtpd_tls_key_file
        services:
          description: The services that serve it. Empty when it is configured in C(main.cf) and every service has another.
          type: list
          elements: str
          sample: [smtp/inet, submission/inet]
        server_name:
          description: The server name for which it is served, with a dot in front for all below it; none when it is served by default.
          type: str
          sample: null
        usable:
          description:
            - Whether Postfix can load it. If not, RV(instances[].deployed[].problems) says why.
            - Null when the user that runs the module may not read its files (C(permission_denied)), so that it needs become.
          type: bool
          sample: true
        algorithm:
          description: The kind of key, V(rsa), V(ecdsa), V(ed25519) and so on; none when no key could be read.
          type: str
          sample: rsa
        public_key:
          description: Type, size and curve of the key.
          type: dict
          sample: {type: rsa, bits: 2048, curve: null}
        public_key_sha256:
          description: The SHA-256 digest of the public key, the data of a TLSA record C(3 1 1).
          type: str
          sample: 3d4c5b6a798807163d4c5b6a798807163d4c5b6a798807163d4c5b6a79880716
        key_file:
          description: The file that the key is in, or the table.
          type: str
          sample: /etc/postfix/key-20260912-030000.pem
        certificate_files:
          description: The files, or the table, that the certificates are in.
          type: list
          elements: str
          sample: [/etc/postfix/cert-20260912-030000.pem]
        key_matches_certificate:
          description: Whether the key is that of the certificate, none when one of them is missing.
          type: bool
          sample: true
        self_signed:
          description: Whether the issuer of the certificate is its subject; none without certificate.
          type: bool
          sample: false
        days_left:
          description: For how many days still the certificate is valid, negative when it has expired.
          type: int
          sample: 61
        chain:
          description:
            - The certificates in the order in which they are served, in the shape of
              RV(mailops.tls.smtp_tls_probe#module:results[].endpoints[].chain).
          type: list
          elements: dict
          sample:
            - subject: CN=mx.example.org
              issuer: CN=Example CA
              serial: 4F3A
              not_before: '2026-01-01T00:00:00Z'
              not_after: '2027-01-01T00:00:00Z'
              dns_names: [mx.example.org]
              ip_addresses: []
              public_key: {type: rsa, bits: 2048, curve: null}
              signature_algorithm: sha256WithRSAEncryption
              fingerprints: {certificate: {sha256: 1f2e}, public_key: {sha256: 3d4c}}
              pem: null
        files:
          description: The files that were read for it, that of the key first. C(error) says why one could not be read.
          type: list
          elements: dict
          sample:
            - {path: /etc/postfix/key-20260912-030000.pem, mode: '0600', owner: root, group: root, error: null}
        problems:
          description: Why Postfix cannot use it, in the shape of RV(instances[].lint), which has them too.
          type: list
          elements: dict
          sample: []
    lint:
      description:
        - What is wrong, or will be some day, each with C(id), C(subject) and C(text).
        - V(permission_denied) is a file that the user who runs the module may not read. Postfix may well.
        - Files that Postfix cannot use are V(file_unreadable), V(no_certificate), V(no_private_key), V(key_encrypted), V(key_malformed),
          V(certificate_malformed), V(key_certificate_mismatch), V(key_not_first) and V(key_without_certificate) (wrong order in
          C(smtpd_tls_chain_files)), V(duplicate_algorithm), V(sni_value_malformed). Any of them in what a service serves by default
          makes a V(tls_broken) for that service.
        - V(key_shadowed) is a pair of parameters whose key nobody is shown, since a later pair has another key of the same kind.
          It is no item of RV(instances[].deployed).
        - Certificates are V(certificate_expired), V(certificate_expires_soon), V(certificate_not_yet_valid), V(chain_unordered),
          V(chain_incomplete) (only the server's certificate, which is not self-signed), V(name_missing).
        - Files with a private key are V(key_readable_by_others), V(key_readable_by_group) (another group than root's),
          V(key_not_owned_by_root).
        - Settings are V(chain_files_shadow_legacy_parameters), V(relative_path_in_main_cf), V(security_level_invalid),
          V(security_level_unsupported), V(no_certificate) (TLS is on without one), V(no_rsa_key), V(sni_map_unlisted),
          V(tlsproxy_differs) (postscreen serves another chain), and, as traps of C(postfix tls), V(key_parameter_not_set) and
          V(unexpected_algorithm) (an ECDSA key in C(smtpd_tls_key_file), for example).
      type: list
      elements: dict
      contains:
        id:
          description: Which finding it is. R(The page of findings,ansible_collections.mailops.tls.docsite.findings) explains each.
          type: str
        severity:
          description: How bad it is.
          choices: [error, warning, notice]
          type: str
        subject:
          description: What it is about; empty for the whole.
          type: str
        text:
          description: What was seen.
          type: str
        why:
          description: Why it matters.
          type: str
        fix:
          description: What to do.
          type: str
        reference:
          description: The section of the RFC, or the document, that says so.
          type: str
      sample:
        - id: chain_files_shadow_legacy_parameters
          severity: warning
          subject: smtpd_tls_chain_files
          text: smtpd_tls_chain_files is set, so Postfix ignores smtpd_tls_cert_file
          why: Postfix ignores the older parameters. A change there would have no effect.
          fix: Remove the older parameters from main.cf.
          reference: Postfix postconf(5), smtpd_tls_chain_files
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_info.arguments import EXCLUSIVE, info_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_info.run import run_postfix_info
from ansible_collections.mailops.tls.plugins.module_utils._module.task import Rights, run_task
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import command_runner


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=info_arguments(), supports_check_mode=True, mutually_exclusive=[EXCLUSIVE])
    run_task(
        module,
        lambda: run_postfix_info(module.params, command_runner(module.run_command)),
        libraries=("pyOpenSSL", "cryptography"),
        missing=missing_required_lib,
        rights=Rights.FILES,
    )


if __name__ == "__main__":
    main()
