# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the policies of `tls_grade` out of their sources, which are files on this machine:

    POLICY_SOURCES=FOLDER bash tests/run/pytest.sh tests/unit/plugins/module_utils/_grade/test_policy_files.py

The folder has, under the names that their publishers give them:

- tls_constants of Internet.nl, a file of Python, for the guidelines of NCSC-NL; only its lists of names are read
- `6.0.json` of Mozilla (ssl-config.mozilla.org/guidelines)
- `tls-parameters-4.csv`, `tls-parameters-8.csv` and `tls-signaturescheme.csv` of IANA (www.iana.org/assignments/tls-parameters)

What is missing is left as it is. Versions and dates stand in frames.py: change them with the files.
"""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.mailops.tls.tests.policies.frames import IANA, MOZILLA, NCSC, head

WIDTH = 138
_GROUPS = {"prime256v1": "secp256r1", "X25519": "x25519"}
_RSA = {"rsa_pkcs1": "RSA", "rsa_pss_rsae": "RSA-PSS", "ecdsa_secp256r1": "ECDSA", "ecdsa_secp384r1": "ECDSA", "ecdsa_secp521r1": "ECDSA"}
_SIGNATURES = {"RSA_WITH_": "{}WithRSAEncryption", "ECDSA_WITH_": "ecdsa-with-{}"}


def lists_of(source: str) -> dict[str, Any]:
    """Return the lists and numbers that a file of Python assigns to names in capitals, their members as the last word of what they are."""
    found: dict[str, Any] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if isinstance(node.value, ast.List):
                found[node.targets[0].id] = [_word(one) for one in node.value.elts]
            elif isinstance(node.value, ast.Constant):
                found[node.targets[0].id] = node.value.value
    return found


def _word(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    return ast.dump(node)


def ncsc(source: str) -> dict[str, Any]:
    """Return the policy of NCSC-NL by Internet.nl's lists."""
    lists = lists_of(source)
    keys = [f"RSA>={lists['CERT_RSA_MIN_GOOD_KEY_SIZE']}", *map(_curve, lists["CERT_EC_CURVES_GOOD"])]
    keys += [re.sub("PublicKey$", "", one) for one in lists["CERT_CURVES_GOOD"]]
    good = [*map(_curve, lists["FS_EC_GOOD"])]
    tls_1_3 = [f"{one}tls13" for one in good if one.startswith("brainpool")]
    primes = [one.lower().replace("_prime", "") for one in reversed(lists["FFDHE_PHASE_OUT_PRIMES"])]
    return filled(NCSC, {
        "tls_version": {
            "good": [*map(_version, lists["PROTOCOLS_GOOD"])],
            "sufficient": [*map(_version, lists["PROTOCOLS_SUFFICIENT"])],
            "phase_out": [*map(_version, lists["PROTOCOLS_PHASE_OUT"])],
        },
        "cipher_suites": {
            "good": lists["CIPHERS_GOOD"], "sufficient": lists["CIPHERS_SUFFICIENT"], "phase_out": lists["CIPHERS_PHASE_OUT"],
        },
        "key_exchange": {
            "good": [*NCSC["post_quantum"], *good, *tls_1_3],
            "phase_out": [*map(_curve, lists["FS_EC_PHASE_OUT"]), *primes],
        },
        "certificate_key": {
            "good": keys,
            "phase_out": [f"RSA>={lists['CERT_RSA_MIN_PHASE_OUT_KEY_SIZE']}", *map(_curve, lists["CERT_EC_CURVES_PHASE_OUT"])],
        },
        "certificate_signature": {
            "sufficient": [*map(_signature, lists["CERT_SIGALG_SUFFICIENT"])],
            "phase_out": [*map(_signature, lists["CERT_SIGALG_PHASE_OUT"])],
        },
    })  # fmt: skip


def _curve(name: str) -> str:
    return "brainpoolP" + name[len("brainpoolP") :].lower() if name.lower().startswith("brainpool") else name.lower()


def _version(name: str) -> str:
    return "TLSv" + name[len("TLS_") :].replace("_", ".")


def _signature(name: str) -> str:
    for begin, form in _SIGNATURES.items():
        if name.startswith(begin):
            digest = name[len(begin) :]
            return form.format(digest.lower() if begin == "RSA_WITH_" else digest)
    return name


def mozilla(source: str, name: str) -> dict[str, Any]:
    """Return one configuration of Mozilla's guideline, as far as it holds for mail."""
    guideline = json.loads(source)
    one = guideline["configurations"][name]
    keys = [*(_GROUPS.get(curve, curve) for curve in one["certificate_curves"])] if "ecdsa" in one["certificate_types"] else []
    if "rsa" in one["certificate_types"]:
        keys.append(f"RSA>={one['rsa_key_size']}")
    return filled({**MOZILLA[name], "items": MOZILLA["items"]}, {
        "tls_version": {"good": one["tls_versions"]},
        "cipher_suites": {"good": [*one["ciphersuites"], *one["ciphers"]["iana"]]},
        "key_exchange": {"good": [_GROUPS.get(curve, curve) for curve in one["tls_curves"]]},
        "certificate_key": {"good": keys},
        "certificate_signature": {"good": one["certificate_signatures"]},
        "certificate_lifetime": {"good": [f"days<={one['maximum_certificate_lifespan']}"]},
    })  # fmt: skip


def iana_suites(source: str) -> dict[int, tuple[str, str]]:
    """Return the registry of cipher suites: name and mark by number."""
    found = {}
    for row in csv.DictReader(source.splitlines()):
        value = re.fullmatch(r"0x([0-9A-F]{2}),0x([0-9A-F]{2})", row["Value"])
        if value and row["Description"].startswith("TLS_"):
            found[int(value[1] + value[2], 16)] = (row["Description"], row["Recommended"])
    return found


class FromSuites(str):
    """The names of the suites with a mark, which the policy takes from the registry in the other file."""


def iana(groups: str, schemes: str) -> dict[str, Any]:
    """Return the policy of IANA's marks."""
    named = [(row["Description"].split(" ")[0], row["Recommended"]) for row in csv.DictReader(groups.splitlines()) if row["Recommended"]]
    signed = [(_scheme(row["Description"]), row["Recommended"]) for row in csv.DictReader(schemes.splitlines()) if row["Recommended"]]
    marked = {"good": FromSuites("Y"), "sufficient": FromSuites("N"), "insufficient": FromSuites("D")}
    return filled(IANA, {
        "cipher_suites": marked,
        "key_exchange": by_mark([one for one in named if one[0] != "Reserved"]),
        "signature_schemes": by_mark([(name, mark) for name, mark in signed if name]),
    })  # fmt: skip


def _scheme(name: str) -> str:
    """Our name of a scheme, empty for those that no probe knows."""
    algorithm, found, digest = name.rpartition("_sha")
    if found and algorithm in _RSA and digest.isdigit():
        return f"{_RSA[algorithm]}-SHA{digest}"
    return {"ed25519": "Ed25519", "ed448": "Ed448", "rsa_pkcs1_sha1": "RSA-SHA1", "ecdsa_sha1": "ECDSA-SHA1"}.get(name, "")


def by_mark(rows: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Sort names by the mark that the registry has for them."""
    levels = {"Y": "good", "N": "sufficient", "D": "insufficient"}
    found: dict[str, list[str]] = {level: [] for level in levels.values()}
    for name, mark in rows:
        found[levels[mark]].append(name)
    return found


def filled(frame: Mapping[str, Any], lists: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, Any]:
    """Put lists of values into the items of a frame."""
    about = {name: frame[name] for name in ("id", "title", "version", "date", "source", "licence")}
    items = []
    for item in frame["items"]:
        values = {level: names for level, names in lists.get(item["id"], {}).items() if names}
        before = {name: item[name] for name in ("id", "title", "applies")}
        after = {name: item[name] for name in ("else", "mandatory", "fixable_by", "ref")}
        items.append({**before, **item.get("levels", {}), **values, **after})
    return {**about, "items": items}


def rendered(value: Any, indent: int = 0) -> str:
    """Return a literal of Python, with lists of texts in lines of a common width."""
    pad = " " * (indent + 4)
    if isinstance(value, FromSuites):
        return f"_marked({str(value)!r})"
    if isinstance(value, dict):
        inner = "".join(f"{pad}{name!r}: {rendered(one, indent + 4)},\n" for name, one in value.items())
        return "{\n" + inner + " " * indent + "}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + "".join(f"{pad}{rendered(one, indent + 4)},\n" for one in value) + " " * indent + "]"
    if isinstance(value, list):
        flat = "[" + ", ".join(map(repr, value)) + "]"
        return flat if len(flat) + indent < 110 else "[\n" + wrapped([f"{one!r}," for one in value], pad) + " " * indent + "]"
    return repr(value)


def wrapped(words: Sequence[str], pad: str) -> str:
    """Return words in lines that begin with *pad*."""
    lines, line = [], pad.rstrip("\n")
    for word in words:
        if len(line) + len(word) + 1 > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = pad
        line += word + " "
    return "".join(one + "\n" for one in [*lines, line.rstrip()])


def assigned(name: str, policy: Mapping[str, Any]) -> str:
    """Return the text of an assignment, in double quotes as all code has them."""
    text = f"{name}: Mapping[str, Any] = {rendered(dict(policy))}  # fmt: skip\n"
    return re.sub(r"'([^'\"\n]*)'", r'"\1"', text)


def suites_text(suites: Mapping[int, tuple[str, str]]) -> str:
    """Return the file with the registry of suites."""
    rows = [f'0x{number:04X}: ("{name}", "{mark}"),' for number, (name, mark) in sorted(suites.items())]
    return head("suites") + "IANA_SUITES: Mapping[int, tuple[str, str]] = {\n" + wrapped(rows, "    ") + "}  # fmt: skip\n"


def texts(folder: Path) -> dict[str, str]:
    """Return the text of each file that can be written."""

    def read(name: str) -> str | None:
        return (folder / name).read_text(encoding="utf-8") if (folder / name).exists() else None

    found = {}
    constants, guideline, groups, schemes = map(read, ("tls_constants.py", "6.0.json", "tls-parameters-8.csv", "tls-signaturescheme.csv"))
    registry = read("tls-parameters-4.csv")
    if constants is not None:
        found["policy_ncsc.py"] = head("ncsc") + assigned("NCSC_2025", ncsc(constants))
    if guideline is not None:
        both = [assigned(f"MOZILLA_{name.upper()}", mozilla(guideline, name)) for name in ("intermediate", "modern")]
        found["policy_mozilla.py"] = head("mozilla") + "".join(both)
    if registry is not None:
        found["iana_suites.py"] = suites_text(iana_suites(registry))
    if groups is not None and schemes is not None:
        found["policy_iana.py"] = head("iana") + assigned("IANA_RECOMMENDED", iana(groups, schemes))
    return found
