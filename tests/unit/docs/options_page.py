# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of all options by subject, made of the modules' documentation. Its test writes it when it is asked to:

    WRITE_PAGES=1 bash tests/run/pytest.sh tests/unit/docs/test_options_page.py
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/docsite/rst/options.rst"
NEEDED = "What most tasks need"
OWN = "What else is particular to it"
FRAGMENTS = {
    "verification": "What counts as right",
    "verification.exchange": "What counts as right",
    "tls_client": "TLS as it is spoken",
    "tls_client.keys": "TLS as it is spoken",
    "dns": "DNS",
    "fleet": "How many at a time, and files of results",
    "fleet.changes": "Long lists, and how they are probed",
    "fleet.returned": "Long lists, and how they are probed",
    "fleet.servers": "Long lists, and how they are probed",
    "fleet.stream": "Long lists, and how they are probed",
    "scan": "Scans",
    "fleet.detail": "What comes back",
    "fleet.report": "What comes back",
    "rollover": "The keys and records that are rolled",
    "server_key": "The key and its files",
}
"""What options are about, by the fragment of documentation that they come from."""
REACHED, RIGHT = "How servers are found and reached", "What counts as right"
LONG, BACK = "How long, and how many at a time", "What comes back"
KEYS, SECRETS, FILES = "Keys, certificates and records", "Logins, and what may be risked", "Where things are"
BY_NAME = {
    **dict.fromkeys(("addresses", "address_family", "connect_host", "ehlo_name", "exchanges", "find_listeners", "host"), REACHED),
    **dict.fromkeys(("host_lookup", "injection_test", "listeners", "lookup", "neighbours", "owners"), REACHED),
    **dict.fromkeys(("port", "ports", "protocol", "relay_test"), REACHED),
    **dict.fromkeys(("server", "services", "sni", "tls_mode", "zone", "zone_file"), REACHED),
    **dict.fromkeys(("authoritative_servers", "authoritative_servers_only"), REACHED),
    **dict.fromkeys(("allow_private_addresses", "compare_nameservers", "dmarc_discovery", "probe_announced", "mailbox_example"), REACHED),
    **dict.fromkeys(("ca_file", "ca_path", "match", "min_days_left", "names", "security_level", "strict", "system_ca"), RIGHT),
    **dict.fromkeys(("allow_unseen", "accept_exposure", "expected_down", "ignore", "outside_grace", "verification", "verified_at"), RIGHT),
    **dict.fromkeys(("command_timeout", "concurrency", "connect_timeout", "deadline", "document_limit", "gather_timeout"), LONG),
    **dict.fromkeys(("http_timeout", "poll_interval", "reconnect_delay", "reconnect_max", "stale_after", "timeout"), LONG),
    **dict.fromkeys(("comments", "current", "expect", "fact_path", "fail", "filter", "gather_subset"), BACK),
    **dict.fromkeys(("algorithm", "algorithms", "bits", "certificate", "certificate_files", "curve", "key_max_age"), KEYS),
    **dict.fromkeys(("matching_types", "parameters", "renew_days", "roll", "scheme", "ttl", "emergency", "abort", "may_deploy"), KEYS),
    **dict.fromkeys(("tlsa_guard", "tlsa_hosts", "tlsa_ports", "allow_certificate_pinning", "allow_empty", "exclusive"), KEYS),
    **dict.fromkeys(("attempts_limit", "auth_timeout", "authorization_identity", "channel_binding", "mechanisms", "oauth_token"), SECRETS),
    **dict.fromkeys(("insecure_expose_password_to_unverified_server", "insecure_expose_password_without_tls", "only_offered"), SECRETS),
    **dict.fromkeys(("key_algorithm", "key_file", "key_name", "key_secret"), SECRETS),
    **dict.fromkeys(("config_directories", "config_directory", "directory", "mode", "certificate_mode", "all_instances"), FILES),
}
"""What options of the modules themselves are about; the same name is about the same everywhere."""
FIRST: dict[str, tuple[str, ...]] = {
    "dane_guard": ("certificate_path", "privatekey_path"),
    "dane_rollover": ("certificate_files",),
    "mail_auth_probe": ("hosts", "domains", "username", "password"),
    "mail_delivery_probe": ("sender", "recipient", "submit", "retrieve"),
    "mail_domain_info": ("domains", "domains_file", "checks", "dkim_selectors"),
    "mail_domain_records": ("domain", "exchanges", "report_address"),
    "mx_audit_changes": ("directory", "ignore"),
    "mx_audit_index": ("directory", "run", "shards"),
    "mx_audit_report": ("directory", "src", "results", "dest", "format"),
    "mx_audit_shards": ("destinations_file", "dest", "probers"),
    "mx_audit_wait": ("progress_file", "jid"),
    "mailbox_tls_probe": ("hosts", "domains", "services", "security_level"),
    "postfix_tls_csr": ("subject", "path"),
    "postfix_tls_deploy": ("certificate_path", "privatekey_path"),
    "postfix_tls_enable": ("side",),
    "postfix_tls_info": ("config_directories",),
    "postfix_tls_key": ("algorithm",),
    "smtp_tls_facts": ("security_level",),
    "smtp_tls_probe": ("destinations", "destinations_file", "security_level"),
    "tls_grade": ("results", "policy", "fail_below"),
    "tlsa_info": ("hosts", "ports", "expect"),
    "tlsa_publish": ("records", "state", "server"),
    "tlsa_records": ("certificate_path", "hosts", "ports"),
}
"""Of each module the options that most tasks have."""

_TOP = """\
..
  Copyright (c) 2026, the mailops.tls authors
  GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

.. This page is made of the documentation of the modules by tests/unit/docs/options_page.py. Change it there.

.. _ansible_collections.mailops.tls.docsite.options:

All options, by what they are about
===================================

A module has many options, and a task needs two or three of them. Here the options of each module stand by what they are about, those
that most tasks need first. The page of each module says everything about them.
"""
_MARKUP = re.compile(r"\b(?:[OCBIPM]|RV|V|E)\(((?:[^()\\]|\\.)*)\)")


def modules() -> list[str]:
    """Return the names of all modules."""
    return sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py") if path.stem != "__init__")


def options_of(module: str) -> dict[str, dict[str, Any]]:
    """Return the options of a module by the subject that they are about, and by their name."""
    own = yaml.safe_load(_text(ROOT / f"plugins/modules/{module}.py", "DOCUMENTATION"))
    subjects: dict[str, dict[str, Any]] = {NEEDED: {}, OWN: {}}
    for name, option in (own.get("options") or {}).items():
        subject = NEEDED if option.get("required") else BY_NAME.get(name, OWN)
        subjects.setdefault(subject, {})[name] = option
    for fragment in own.get("extends_documentation_fragment") or ():
        name = fragment.replace("mailops.tls.", "", 1)
        if name.startswith("attributes"):
            continue
        for option, description in _fragment(name).items():
            subject = BY_NAME.get(option, FRAGMENTS[name]) if name == "tls_client" else FRAGMENTS[name]
            subjects.setdefault(subject, {})[option] = description
    _to_front(subjects, FIRST.get(module, ()))
    return {subject: options for subject, options in subjects.items() if options}


def page() -> str:
    """Return the text of the page."""
    return _TOP + "".join(f"{line}\n" for module in modules() for line in _module(module))


def _to_front(subjects: Mapping[str, dict[str, Any]], names: tuple[str, ...]) -> None:
    for name in names:
        for options in list(subjects.values()):
            if name in options:
                subjects[NEEDED][name] = options.pop(name)


def _fragment(name: str) -> dict[str, Any]:
    file, _dot, part = name.partition(".")
    found = yaml.safe_load(_text(ROOT / f"plugins/doc_fragments/{file}.py", part.upper() or "DOCUMENTATION"))
    options: dict[str, Any] = found["options"]
    return options


def _text(path: Path, name: str) -> str:
    """Return the text that a file gives a name, at its top or in its class."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return str(ast.literal_eval(node.value))
    raise AssertionError(f"{path} has no {name}")


def _module(module: str) -> Iterator[str]:
    yield from ("", module, "-" * len(module), "", f"Everything about them: :ansplugin:`mailops.tls.{module}#module`.")
    for subject, options in options_of(module).items():
        yield from ("", f"**{subject}**", "", ".. list-table::", "   :widths: 30 70", "")
        for name, option in options.items():
            yield f"   * - :ansopt:`mailops.tls.{module}#module:{name}`"
            yield f"     - {_first_sentence(option)}{_default(option)}"


def _first_sentence(option: Mapping[str, Any]) -> str:
    description = option.get("description") or ""
    text = description if isinstance(description, str) else description[0]
    plain = _MARKUP.sub(lambda found: found[1].replace("\\", ""), re.sub(r"\s+", " ", text).strip())
    sentence = re.split(r"(?<=[.:]) ", plain)[0].rstrip(".:")
    return re.sub(r"([*`|\\]|_(?!\w))", r"\\\1", sentence) + "."


def _default(option: Mapping[str, Any]) -> str:
    default = option.get("default")
    if default is None or default == []:
        return ""
    shown = ", ".join(map(_shown, default if isinstance(default, list) else [default]))
    return f" By default ``{shown}``." if shown else ""


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
