# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Postfix is told to serve: parameters, files and their rights."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind, Severity

TLS_BROKEN = FindingKind(
    "tls_broken",
    Severity.ERROR,
    "TLS does not work in a service",
    why="Postfix turns TLS off, or offers it without a certificate. Senders with DANE hold their mail back.",
    fix="Mend the file or parameter that the text names. Then reload Postfix and probe it.",
    reference="Postfix TLS_README, section Server-side certificate and private key configuration",
)
NO_CERTIFICATE = FindingKind(
    "no_certificate",
    Severity.ERROR,
    "There is no certificate where Postfix looks for one",
    why="Nearly all clients fail to start TLS without one.",
    fix="Run mailops.tls.postfix_tls_enable, or deploy a certificate with mailops.tls.postfix_tls_deploy.",
    reference="Postfix TLS_README, section Server-side certificate and private key configuration",
)
NO_PRIVATE_KEY = FindingKind(
    "no_private_key",
    Severity.ERROR,
    "A file has no private key",
    why="Postfix cannot use the certificate without its key.",
    fix="Name the right file, or put the key in front of its certificate.",
    reference="Postfix postconf(5), smtpd_tls_chain_files",
)
KEY_ENCRYPTED = FindingKind(
    "key_encrypted",
    Severity.ERROR,
    "A private key is encrypted",
    why="Postfix has nobody who could type the pass phrase. TLS does not start.",
    fix="Decrypt the key with openssl pkey. Keep the file readable for root only.",
    reference="Postfix postconf(5), smtpd_tls_key_file",
)
KEY_MALFORMED = FindingKind(
    "key_malformed",
    Severity.ERROR,
    "A private key cannot be read",
    why="Postfix cannot use it, and turns TLS off.",
    fix="Put back the key from a backup, or make a new one with mailops.tls.postfix_tls_key. Mind the TLSA records.",
    reference="RFC 7468 section 10",
)
CERTIFICATE_MALFORMED = FindingKind(
    "certificate_malformed",
    Severity.ERROR,
    "A certificate cannot be read",
    why="Postfix cannot use it, and turns TLS off.",
    fix="Fetch the certificate again and deploy it. Maybe the file was cut short.",
    reference="RFC 7468 section 5",
)
KEY_CERTIFICATE_MISMATCH = FindingKind(
    "key_certificate_mismatch",
    Severity.ERROR,
    "Key and certificate do not belong together",
    why="Postfix refuses the pair, and turns TLS off.",
    fix="Name the key that the certificate was made for, or get a certificate for this key.",
    reference="Postfix TLS_README, section Server-side certificate and private key configuration",
)
KEY_NOT_FIRST = FindingKind(
    "key_not_first",
    Severity.ERROR,
    "A certificate stands before its private key",
    why="Postfix reads a chain file from the top, and needs the key first. TLS does not work.",
    fix="Put the private key first, then its certificate, then those of its issuers.",
    reference="Postfix postconf(5), smtpd_tls_chain_files",
)
KEY_WITHOUT_CERTIFICATE = FindingKind(
    "key_without_certificate",
    Severity.ERROR,
    "No certificate follows a private key",
    why="Postfix needs a certificate after each key. TLS does not work.",
    fix="Put the certificate of the key behind it, then those of its issuers.",
    reference="Postfix postconf(5), smtpd_tls_chain_files",
)
DUPLICATE_ALGORITHM = FindingKind(
    "duplicate_algorithm",
    Severity.ERROR,
    "Two keys of one kind are configured together",
    why="Postfix has room for one key of each kind, and refuses the file. TLS does not work.",
    fix="Leave one RSA key and one ECDSA key at most.",
    reference="Postfix postconf(5), smtpd_tls_chain_files",
)
KEY_SHADOWED = FindingKind(
    "key_shadowed",
    Severity.WARNING,
    "A configured key is never served",
    why="A later parameter has a key of the same kind, which takes its place.",
    fix="Remove the parameter whose key nobody should see. Check which key has TLSA records first.",
    reference="Postfix TLS_README, section Server-side certificate and private key configuration",
)
FILE_UNREADABLE = FindingKind(
    "file_unreadable",
    Severity.ERROR,
    "A file cannot be read",
    why="Postfix cannot read it either. TLS does not work where it is used.",
    fix="The text has the error. Put the file back or correct the parameter.",
    reference="Postfix postconf(5), smtpd_tls_cert_file",
)
PERMISSION_DENIED = FindingKind(
    "permission_denied",
    Severity.WARNING,
    "The user of the task may not read a file",
    why="Postfix may well read it. What is in it is not known here.",
    fix="Run the task with become.",
    reference="Postfix TLS_README, section Server-side certificate and private key configuration",
)
SNI_MAP_UNLISTED = FindingKind(
    "sni_map_unlisted",
    Severity.WARNING,
    "A table of server names cannot be listed",
    why="Which keys are served by server name is not known.",
    fix="The text has the reason. Check the table with postmap -s. Tables of kinds that it cannot list cannot be checked.",
    reference="Postfix postconf(5), tls_server_sni_maps",
)
SNI_VALUE_MALFORMED = FindingKind(
    "sni_value_malformed",
    Severity.ERROR,
    "A value in a table of server names cannot be used",
    why="Clients that ask for this name get no TLS.",
    fix="Make the table anew with postmap -F. Each value is a list of files.",
    reference="Postfix postconf(5), tls_server_sni_maps",
)
CHAIN_FILES_SHADOW_LEGACY_PARAMETERS = FindingKind(
    "chain_files_shadow_legacy_parameters",
    Severity.WARNING,
    "smtpd_tls_chain_files hides older parameters",
    why="Postfix ignores the older parameters. A change there would have no effect.",
    fix="Remove the older parameters from main.cf.",
    reference="Postfix postconf(5), smtpd_tls_chain_files",
)
RELATIVE_PATH_IN_MAIN_CF = FindingKind(
    "relative_path_in_main_cf",
    Severity.WARNING,
    "A file is named without its full path",
    why="Daemons and postfix tls take it for different files.",
    fix="Write the full path, as the text shows it for smtpd.",
    reference="Postfix postconf(5), queue_directory",
)
SECURITY_LEVEL_INVALID = FindingKind(
    "security_level_invalid",
    Severity.ERROR,
    "A TLS security level does not exist",
    why="Postfix does not start the service, or sends no mail.",
    fix="Correct the spelling. For servers the levels are none, may and encrypt.",
    reference="Postfix postconf(5), smtpd_tls_security_level",
)
SECURITY_LEVEL_UNSUPPORTED = FindingKind(
    "security_level_unsupported",
    Severity.WARNING,
    "The server has a level that only clients have",
    why="Postfix takes it for encrypt, and then refuses clients without TLS.",
    fix="Write may for a server on port 25. Write encrypt where TLS is mandatory.",
    reference="Postfix postconf(5), smtpd_tls_security_level",
)
NO_RSA_KEY = FindingKind(
    "no_rsa_key",
    Severity.NOTICE,
    "A service has no RSA key",
    why="Clients that know nothing but RSA cannot use TLS. They deliver in the clear or not at all.",
    fix="Add an RSA key beside the other one. With DANE, publish its record first.",
    reference="Postfix TLS_README, section Server-side certificate and private key configuration",
)
TLSPROXY_DIFFERS = FindingKind(
    "tlsproxy_differs",
    Severity.WARNING,
    "postscreen serves another chain than smtpd",
    why="Clients are shown another key when postscreen talks to them. TLSA records may not match that one.",
    fix="Remove the tlsproxy parameter from main.cf, so that it follows the one of smtpd.",
    reference="Postfix postconf(5), tlsproxy_tls_chain_files",
)
UNEXPECTED_ALGORITHM = FindingKind(
    "unexpected_algorithm",
    Severity.WARNING,
    "A parameter has a key of another kind than its name says",
    why="Postfix serves the key. The commands of postfix tls take it for another one.",
    fix="Put the key where its kind belongs, or use smtpd_tls_chain_files.",
    reference="Postfix postfix-tls(1)",
)
KEY_PARAMETER_NOT_SET = FindingKind(
    "key_parameter_not_set",
    Severity.WARNING,
    "The parameter of the key is not set",
    why="Postfix finds the key in the certificate's file. postfix tls does not, and would make a new key.",
    fix="Set the parameter to the file that has the key.",
    reference="Postfix postfix-tls(1)",
)
KEY_READABLE_BY_OTHERS = FindingKind(
    "key_readable_by_others",
    Severity.ERROR,
    "Everybody may read a private key",
    why="Any user or broken service on the machine can take the key.",
    fix="Set the mode to 0600. If others may have read the key, roll it over.",
    reference="Postfix TLS_README, section Server-side certificate and private key configuration",
)
KEY_READABLE_BY_GROUP = FindingKind(
    "key_readable_by_group",
    Severity.WARNING,
    "A group may read a private key",
    why="Every member of the group can take the key.",
    fix="Set the mode to 0600 if the group does not need the key. Postfix reads it as root.",
    reference="Postfix TLS_README, section Server-side certificate and private key configuration",
)
KEY_NOT_OWNED_BY_ROOT = FindingKind(
    "key_not_owned_by_root",
    Severity.NOTICE,
    "A private key belongs to another user than root",
    why="That user can read and replace the key.",
    fix="Make root the owner. Postfix reads the key before it gives up the rights of root.",
    reference="Postfix TLS_README, section Server-side certificate and private key configuration",
)
