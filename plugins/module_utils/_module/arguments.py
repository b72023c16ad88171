# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that modules share, as Ansible argument specifications; their documentation is in the doc fragments."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import DEFAULT_SERVICES, MailService
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import REQUESTABLE, InsecureMxPolicy
from ansible_collections.mailops.tls.plugins.module_utils._results.lines import DEFAULT_DETAIL, ReportDetail
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.plugins.module_utils._tls.protocols import CIPHER_GRADES
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_result import ScanMode

ArgumentSpec = dict[str, dict[str, Any]]


def dns_arguments() -> ArgumentSpec:
    """Options of whatever asks DNS (fragment `dns`)."""
    return {
        "nameservers": {"type": "list", "elements": "str"},
        "trust_ad": {"type": "str", "default": "auto", "choices": ["auto", "always", "never"]},
    }


def tls_arguments() -> ArgumentSpec:
    """Options of whatever asks a server for its kinds of keys, too (fragments `tls_client` and `tls_client.keys`)."""
    return {
        **session_arguments(),
        "key_algorithms": {
            "type": "list", "elements": "str", "default": ["any"], "choices": [one.value for one in KeyRequest],
        },
        "raw_public_keys": {"type": "bool", "default": False},
    }


def session_arguments() -> ArgumentSpec:
    """Options of whatever does a TLS handshake as a client (fragment `tls_client`)."""
    return {
        "ca_file": {"type": "path"},
        "ca_path": {"type": "path"},
        "system_ca": {"type": "bool", "default": False},
        "tls_protocols": {"type": "str", "default": ">=TLSv1"},
        "cipher_grade": {"type": "str", "default": "medium", "choices": list(CIPHER_GRADES)},
        "ciphers": {"type": "str"},
        "sni": {"type": "str"},
        "client_certificate": {"type": "path"},
        "client_key": {"type": "path"},
        "client_chain_files": {"type": "list", "elements": "path"},
        "keylog_file": {"type": "path"},
        "trace_file": {"type": "path"},
        "connect_timeout": {"type": "float", "default": 30},
        "command_timeout": {"type": "float", "default": 30},
        "deadline": {"type": "float", "default": 120},
    }


def verification_arguments() -> ArgumentSpec:
    """Options of whatever judges the certificate of a mail exchange (fragments `verification` and `verification.exchange`)."""
    return {
        **judgement_arguments(),
        "security_level": {"type": "str", "default": "dane", "choices": list(REQUESTABLE)},
        "insecure_mx_policy": {"type": "str", "default": "dane", "choices": [one.value for one in InsecureMxPolicy]},
    }


def judgement_arguments() -> ArgumentSpec:
    """Options of whatever judges a certificate (fragment `verification`)."""
    return {
        "match": {"type": "list", "elements": "str"},
        "fingerprint_digest": {"type": "str", "default": "sha256"},
        "trust_anchor_files": {"type": "list", "elements": "path"},
        "dane_digests": {"type": "list", "elements": "str", "default": ["sha512", "sha256"]},
        "force_tlsa": {"type": "bool", "default": False},
    }


def fleet_arguments() -> ArgumentSpec:
    """Options of whatever probes many servers at once (fragment `fleet`)."""
    return {
        "concurrency": {"type": "int", "default": 100},
        "per_address_limit": {"type": "int", "default": 4},
        "results_file": {"type": "path"},
        "resume": {"type": "bool", "default": False},
        "expect": {"type": "dict"},
        **detail_arguments(),
    }


def scan_arguments() -> ArgumentSpec:
    """Options of whatever can ask a server for everything it accepts (fragment `scan`)."""
    return {
        "scan": {"type": "str", "default": "none", "choices": ["none", *(one.value for one in ScanMode)]},
        "scan_interval": {"type": "float", "default": 0.5},
        "scan_deadline": {"type": "float", "default": 300},
    }


def change_arguments() -> ArgumentSpec:
    """Options of whatever compares with an earlier run, and shares its work among processes (fragment `fleet.changes`)."""
    return {
        "return": {"type": "str", "choices": ["all", "changed", "summary"]},
        "previous_file": {"type": "path"},
        "workers": {"type": "str", "default": "1"},
        "opt_out_file": {"type": "path"},
    }


def stream_arguments() -> ArgumentSpec:
    """Options of whatever works through lists too long to be returned (fragment `fleet.stream`)."""
    return {
        "progress_file": {"type": "path"},
        "run_id": {"type": "str"},
        "vantage": {"type": "str"},
        "report_max": {"type": "int"},
        "per_network_limit": {"type": "int"},
        "per_provider_limit": {"type": "int"},
        "interval_per_address": {"type": "float", "default": 0.0},
    }


def returned_arguments() -> ArgumentSpec:
    """Options of whatever works through long lists and compares them with nothing (fragment `fleet.returned`)."""
    return {"return": {"type": "str", "choices": ["all", "summary"]}}


def report_arguments() -> ArgumentSpec:
    """Options of whatever reports in the manner of posttls-finger (fragment `fleet.report`)."""
    return {
        "report_detail": {
            "type": "list", "elements": "str",
            "default": [one.value for one in DEFAULT_DETAIL], "choices": [one.value for one in ReportDetail],
        },
    }


def detail_arguments() -> ArgumentSpec:
    """Options of whatever returns what a probe saw (fragment `fleet.detail`)."""
    return {
        "include_pem": {"type": "bool", "default": False},
        "transcript": {"type": "bool", "default": False},
    }


def record_arguments() -> ArgumentSpec:
    """Options of a record that is given, in the fields that `tlsa_records` returns."""
    return {
        "owner": {"type": "str", "required": True, "aliases": ["record"]},
        "rdata": {"type": "raw", "aliases": ["value"]},
        "usage": {"type": "int"},
        "selector": {"type": "int"},
        "matching_type": {"type": "int"},
        "data": {"type": "str"},
        "ttl": {"type": "int"},
        "type": {"type": "str", "choices": ["TLSA"]},
        "rdata_rfc3597": {"type": "str"},
        "host": {"type": "str"},
        "port": {"type": "int"},
        "protocol": {"type": "str"},
        "alias_target": {"type": "bool"},
        "sources": {"type": "list", "elements": "str"},
    }


CLIENT_LEVELS = ("none", "encrypt", "fingerprint", "verify", "dane", "dane-only")
"""The security levels that mean something for a client with a password to lose."""


def mailbox_client_arguments() -> ArgumentSpec:
    """Options of whatever finds mail servers by host or domain and looks at them as a mail client."""
    spec: ArgumentSpec = {
        "hosts": {"type": "list", "elements": "str", "aliases": ["host"]},
        "hosts_file": {"type": "path"},
        "domains": {"type": "list", "elements": "str", "aliases": ["domain"]},
        "domains_file": {"type": "path"},
        "services": {
            "type": "list", "elements": "str",
            "default": [one.value for one in DEFAULT_SERVICES], "choices": [one.value for one in MailService],
        },
        "security_level": {"type": "str", "default": "verify", "choices": list(CLIENT_LEVELS)},
        "strict": {"type": "bool", "default": False},
        "injection_test": {"type": "bool", "default": False},
        "host_lookup": {"type": "list", "elements": "str", "default": ["dns"], "choices": ["dns", "native"]},
        "address_family": {"type": "str", "default": "any", "choices": ["any", "ipv4", "ipv6"]},
        "ehlo_name": {"type": "str"},
        **judgement_arguments(),
        **session_arguments(),
        **dns_arguments(),
        **fleet_arguments(),
        **returned_arguments(),
        **stream_arguments(),
        **scan_arguments(),
    }  # fmt: skip
    spec["system_ca"]["default"] = True
    return spec
