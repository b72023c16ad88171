# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide for people who know posttls-finger: every option and every log line of the program is in it, and every row is proved."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.tests.differential import engine_side, guide, log_lines, postfix_side
from ansible_collections.mailops.tls.tests.differential.log_lines import PROOFS, Proof
from ansible_collections.mailops.tls.tests.lab import check, posttls_finger

HERE = Path(__file__).parent
GETOPT = re.compile(rb"a:ch:o:[A-Za-z:]+")
LATER = {"-R": (3, 8), "-x": (3, 9)}
"""Options that came after Debian's version, with the version."""

CASES = "cases with option "
OPTION_TESTS: Mapping[str, tuple[str, ...]] = {
    "destination": ("test_destinations::test_destination_forms", "test_destinations::test_destination_ipv6",
                    "test_destinations::test_destination_errors",
                    "test_destinations::test_destination_inet_for_smtp"),
    "match ...": ("test_destinations::test_match", CASES + "match"),
    "-a": ("test_destinations::test_address_family", CASES + "address_family"),
    "-A": ("test_matrix::test_row", "test_posttls_finger::test_agrees"),
    "-c": ("test_shown::test_chat",),
    "-C": ("test_shown::test_chain_dump",),
    "-d": ("test_shown::test_fingerprint_digest", "test_shown::test_fingerprint_digest_unknown"),
    "-f": (CASES + "force_tlsa",),
    "-F": ("test_options::test_ca_file_unreadable", CASES + "ca"),
    "-g": ("test_options::test_cipher_grade", "test_options::test_cipher_grade_null"),
    "-h": ("test_destinations::test_host_lookup_unknown", CASES + "host_lookup"),
    "-H": ("test_options::test_client_certificate", CASES + "client"),
    "-k": ("test_options::test_client_certificate",),
    "-K": ("test_options::test_client_certificate", "test_options::test_client_certificate_unusable"),
    "-l": ("test_posttls_finger::test_agrees", "test_options::test_level_unknown"),
    "-L": ("test_report::test_detail",),
    "-m": ("test_sessions::test_reconnects",),
    "-M": (CASES + "insecure_mx_policy",),
    "-o": ("test_options::test_ehlo_name", CASES + "tls_dane_digests"),
    "-p": ("test_options::test_protocols", "test_options::test_protocols_invalid"),
    "-P": ("test_options::test_ca_path",),
    "-r": ("test_sessions::test_reconnects", "test_sessions::test_servers_are_told_apart", "test_sessions::test_known_is_not_resumed"),
    "-R": ("test_expected::test_first_endpoint",),
    "-s": ("test_options::test_sni", CASES + "sni"),
    "-S": ("test_destinations::test_lmtp_socket", CASES + "protocol"),
    "-t": ("test_destinations::test_timeouts",),
    "-T": ("test_destinations::test_timeouts",),
    "-v": ("test_report::test_verbose",),
    "-w": (CASES + "tls_mode",),
    "-x": ("test_options::test_raw_public_keys",),
}  # fmt: skip
WITHOUT_COUNTERPART = {"-X"}
BY_OTHERS = {
    "``raw public key fingerprint=...``": "test_options::test_raw_public_keys",
    "``DNSSEC validation may be unavailable``, ``reason: dnssec_probe ...``": "test_guide::test_dnssec_warning",
}
"""Lines that no plain run of the program here prints."""
NOT_LINES = {"PREFIX", "CERT_39", "RPK", "TLSA_SHORT", "DNSSEC_WARN"}
"""Patterns that need no proof of their own: the prefix of all lines, another version's form, a panic of this version, and BY_OTHERS."""


@cache
def functions(module: str) -> frozenset[str]:
    """The test functions of a module of this folder."""
    tree = ast.parse((HERE / (module + ".py")).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def exists(test: str) -> bool:
    """Whether there is a test of that name."""
    module, _colons, name = test.partition("::")
    return name in functions(module)


def own_options() -> set[str]:
    """All options that the posttls-finger here takes, from the string it gives to getopt(3), and from its usage."""
    found = GETOPT.search(Path(check.PROGRAM).read_bytes())
    assert found is not None
    letters = set(found[0].decode().replace(":", ""))
    usage = postfix_side.ask().output
    assert set("acCfSvw") <= letters and usage.startswith("usage: ")
    return {"-" + letter for letter in letters | set(re.findall(r"\[-(\w) ", usage))}


def test_every_option_has_a_row() -> None:
    """What the program takes is in the guide, and the guide invents nothing."""
    version = postfix_side.version()
    mine = {option for option in guide.options() if option.startswith("-")}
    later = {option for option, since in LATER.items() if version < since}
    assert mine - later == own_options()


@pytest.mark.parametrize("option", list(guide.options()))
def test_option_row(lab: Mapping[str, Any], option: str) -> None:
    """The option of the module exists, and tests prove what the row says."""
    cell, remark = guide.options()[option]
    if option in WITHOUT_COUNTERPART:
        assert cell == "none" and remark
        return
    named = guide.MODULE_OPTION.findall(cell)
    assert named and set(named) <= set(smtp_arguments())
    for test in OPTION_TESTS[option]:
        if test.startswith(CASES):
            with_option = [case for case in lab["cases"] if test[len(CASES) :] in case["options"]]
            assert [case for case in with_option if "lookup" not in case["options"]], test
        else:
            assert exists(test), test


def test_every_proof_of_an_option_has_a_row() -> None:
    """No leftovers."""
    assert set(OPTION_TESTS) | WITHOUT_COUNTERPART == set(guide.options())


def test_every_line_has_a_row() -> None:
    """Every pattern of lines is proved in some row, and every row has a proof."""
    patterns = {name for name, value in vars(posttls_finger).items() if isinstance(value, re.Pattern) and not name.startswith("_")}
    proved = {
        name for name in patterns for proof in PROOFS if proof.pattern.pattern.split("|(?!)")[0] == getattr(posttls_finger, name).pattern
    }
    assert patterns - proved == NOT_LINES
    assert {proof.row for proof in PROOFS} | set(BY_OTHERS) == set(guide.lines())
    assert all(map(exists, BY_OTHERS.values()))


def filled(value: Any, stands_for: Mapping[str, str]) -> Any:
    """An option with what its braces stand for."""
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda match: stands_for[match[1]], value)
    return [filled(one, stands_for) for one in value] if isinstance(value, (list, tuple)) else value


def names(lab: Mapping[str, Any]) -> dict[str, str]:
    """What braces in proofs stand for."""
    listener = next(case for case in lab["cases"] if case["name"] == "dane-ee")["listeners"][0]
    fingerprint = listener["certificates"]["leaf"]["certificate_sha256"]
    return {"ca_file": lab["ca_file"], "inter": lab["authorities"]["inter"]["file"], "dane_ee": fingerprint}


@pytest.mark.parametrize("proof", PROOFS, ids=[f"{int(number):02}" for number in range(len(PROOFS))])
def test_line(lab: Mapping[str, Any], proof: Proof) -> None:
    """The real program prints the line, and the stated part of our result of the same situation says the same."""
    stands_for = names(lab)
    output = postfix_side.ask(*filled(proof.words, stands_for), proof.destination, *filled(proof.match, stands_for)).output
    texts = [posttls_finger.PREFIX.match(line) for line in output.splitlines()]
    found = [proof.pattern.match(text["text"] if text else line) for text, line in zip(texts, output.splitlines())]
    told = [match for match in found if match]
    assert told, output
    options = {name: filled(value, stands_for) for name, value in proof.options.items()}
    if proof.shows is None:
        with pytest.raises((OptionError, ValueError)):
            engine_side.probe(options, [proof.destination])
        return
    result = engine_side.probe(options, [proof.destination])[proof.destination]
    shown = [proof.shows(match, result) for match in told]
    assert any(shown), (told, result["endpoints"])


def test_dnssec_warning(tmp_path: Path) -> None:
    """A resolver that does not validate: posttls-finger warns, our facts have no secure answer."""
    resolver = "127.0.0.2"
    (tmp_path / "resolv.conf").write_text(f"nameserver {resolver}\n")
    script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
    command = ["unshare", "-m", "sh", "-c", script, str(tmp_path / "resolv.conf"), check.PROGRAM, "-c", "dane-ee.test"]
    output = subprocess.run(command, capture_output=True, text=True, timeout=postfix_side.LIMIT, check=True).stdout
    texts = [line.partition("warning: ")[2] for line in output.splitlines()]
    assert len([text for text in texts if posttls_finger.DNSSEC_WARN.match(text)]) == 2, output
    result = engine_side.probe({"nameservers": [resolver]}, ["dane-ee.test"])["dane-ee.test"]
    route = result["route"]
    assert (route["secure"], [one["secure"] for one in route["exchanges"]]) == (False, [False])
    assert posttls_finger.parse(output).status == result["status"] == "untrusted"


def test_where_a_line_is_found_exists() -> None:
    """The parts of the result that the guide names are there."""
    result = engine_side.probe({"transcript": True, "reconnect_delay": 0.5}, ["dane-ee.test"])["dane-ee.test"]
    for cell in guide.lines().values():
        for path in guide.quoted(cell):
            if path.startswith(("E.", "route.")):
                assert at(result, path) is not MISSING, path


MISSING = object()


def at(result: Any, path: str) -> Any:
    """The item at a path such as `E.tlsa.records[].reason`."""
    found = log_lines.endpoint(result) if path.startswith("E.") else result
    for name in re.findall(r"\w+", path.partition("E.")[2] if path.startswith("E.") else path):
        found = found[0] if isinstance(found, list) and not name.isdigit() else found
        found = found[int(name)] if name.isdigit() else found.get(name, MISSING)
        if found is MISSING:
            return MISSING
    return found
