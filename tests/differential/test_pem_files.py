# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PEM files of every shape through our loaders and through Postfix: chain, certificate and key files, CA files, trust anchors.

Server files are served by a real smtpd(8), a service for each shape. What it answers to STARTTLS and which certificates it shows is held
against ``postfix_tls_info`` on the same instance. The three kinds of server files stand for all that tls_certkey.c loads: clients
(``-k -K -H``) and SNI values go through the same functions. CA files and trust anchors go through the real posttls-finger and through
our probe, against one good service. ``openssl`` reads all of them to their end (``crl2pkcs7``) and verifies with the CA files (``verify``).
"""

from __future__ import annotations

import hashlib
import os
import ssl
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_info.arguments import info_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_info.run import run_postfix_info
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import command_runner
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import PemError, pem_blocks
from ansible_collections.mailops.tls.tests.differential import engine_side, own_postfix
from ansible_collections.mailops.tls.tests.differential.own_postfix import Served
from ansible_collections.mailops.tls.tests.differential.pem_shapes import Shape, shapes
from ansible_collections.mailops.tls.tests.lab import check, posttls_finger
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make
from cryptography.hazmat.primitives.serialization import pkcs7

NAME = "mx.example.org"
AT_A_TIME = 4
ALL = list(shapes())
SERVED = [one for one in ALL if one.use not in ("trust anchors", "CA file")]
TRUSTED = [one for one in ALL if one.use in ("trust anchors", "CA file")]
GOOD, TRAILING = "good", "trailing"


@dataclass(frozen=True)
class World:
    """The running Postfix: ports by shape, files by shape, and where it is configured."""

    folder: Path
    ports: Mapping[str, int]
    files: Mapping[str, Path]
    plain: Mapping[str, Path]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """All files written, and a Postfix that serves those of servers. Its user could not enter a folder of pytest's."""
    with tempfile.TemporaryDirectory(prefix="pem-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield from _world(folder)


def _world(folder: Path) -> Iterator[World]:
    chain, other = make.hierarchy([NAME]), make.hierarchy([NAME])
    blocks = {
        "key": chain.leaf.key.pem, "leaf": chain.leaf.pem, "issuer": chain.intermediate.pem, "root": chain.root.pem,
        "other root": other.root.pem, "other key": other.leaf.key.pem,
        "issuer key": make.pem("PUBLIC KEY", chain.intermediate.key.spki),
    }  # fmt: skip
    files = {}
    for number, shape in enumerate(ALL):
        files[shape.name] = folder / f"{number:03}.pem"
        files[shape.name].write_bytes(shape.content(blocks))
    plain = {name: folder / f"{name}.pem" for name in ("key", "leaf")}
    for name, path in plain.items():
        path.write_bytes(blocks[name])
    good = folder / "good.pem"
    good.write_bytes(chain.leaf.key.pem + chain.served_pem)
    trailing = folder / "trailing.pem"
    names = make.sequence(make.tlv(0x82, NAME.encode())) + b"\x05\0"
    own = make.issue("leaf", extensions=[make.extension("2.5.29.17", names)])
    trailing.write_bytes(own.key.pem + own.pem)
    services = {GOOD: {"smtpd_tls_chain_files": str(good)}, TRAILING: {"smtpd_tls_chain_files": str(trailing)}}
    services.update({shape.name: _parameters(shape, files[shape.name], plain) for shape in SERVED})
    services.update(_pairs_of_pairs(folder))
    with own_postfix.running(folder / "postfix", services) as ports:
        yield World(folder, ports, files, {**plain, GOOD: good, TRAILING: trailing})


def _parameters(shape: Shape, path: Path, plain: Mapping[str, Path]) -> dict[str, str]:
    if shape.use == "chain file":
        return {"smtpd_tls_chain_files": str(path)}
    if shape.use == "file of both":
        return {"smtpd_tls_cert_file": str(path)}
    key = shape.use == "key file"
    return {"smtpd_tls_cert_file": str(plain["leaf"] if key else path), "smtpd_tls_key_file": str(path if key else plain["key"])}


def _pairs_of_pairs(folder: Path) -> dict[str, dict[str, str]]:
    """Two keys of one kind, or of two kinds, in the older parameters, in one file each or in two."""
    kinds = {"ec": "ecdsa", "ec384": "ecdsa-p384", "rsa": "rsa"}
    for name, kind in kinds.items():
        own = make.issue(name, key=make.Key.generate(kind), dns_names=[NAME])
        (folder / f"{name}.key").write_bytes(own.key.pem)
        (folder / f"{name}.crt").write_bytes(own.pem)
        (folder / f"{name}.all").write_bytes(own.key.pem + own.pem)

    def pair(name: str, prefix: str, one_file: bool) -> dict[str, str]:
        files = (f"{name}.all",) if one_file else (f"{name}.crt", f"{name}.key")
        return {f"smtpd_tls_{prefix}{what}_file": str(folder / file) for what, file in zip(("cert", "key"), files)}

    found = {}
    for first, second in (("ec", "ec384"), ("ec", "rsa"), ("ec384", "ec")):
        for ways in ((True, True), (True, False), (False, True), (False, False)):
            name = f"{second} beside {first}, one file: {ways}"
            found[name] = {**pair(first, "", ways[0]), **pair(second, "ec", ways[1])}
    return found


@pytest.fixture(scope="module")
def served(world: World) -> dict[str, Served]:
    """What smtpd serves, by the name of the service."""
    return dict(zip(world.ports, own_postfix.ask_all(list(world.ports.values()))))


@pytest.fixture(scope="module")
def told(world: World) -> dict[str, set[tuple[str, ...]] | None]:
    """What postfix_tls_info tells: the chains that each service may show, None when TLS is broken."""
    parameters: dict[str, Any] = {name: one.get("default") for name, one in info_arguments().items()}
    parameters.update(config_directories=[str(world.folder / "postfix/etc")], include_pem=True, names=[NAME])
    instances: Any = run_postfix_info(parameters, command_runner(_run)).facts["instances"]
    instance: Any = instances[0]
    broken = {one["subject"] for one in instance["lint"] if one["id"] == "tls_broken"}
    found: dict[str, set[tuple[str, ...]] | None] = {}
    for name, port in world.ports.items():
        service = f"{own_postfix.ADDRESS}:{port}/inet"
        items = [item for item in instance["deployed"] if service in item["services"]]
        found[name] = None if service in broken else {tuple(_digest(one["pem"]) for one in item["chain"]) for item in items}
    return found


def _run(command: list[str]) -> tuple[int, str, str]:
    done = subprocess.run(command, capture_output=True, check=False, text=True, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def _digest(pem: str) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


def test_what_smtpd_serves_is_what_we_tell(served: Mapping[str, Served], told: Mapping[str, set[tuple[str, ...]] | None]) -> None:
    differing = {}
    for name, seen in served.items():
        ours = told[name]
        if (seen.reply != 220 or seen.chain not in (ours or ())) if ours is not None else seen.reply != 454:
            differing[name] = (seen, ours)
    assert not differing
    assert len(served) > 200
    assert sum(one.reply == 454 for one in served.values()) > 50 < sum(one.reply == 220 for one in served.values())


@pytest.mark.parametrize("use", ["trust anchors", "CA file"])
def test_what_posttls_finger_verifies_we_verify(world: World, use: str) -> None:
    wanted = [shape for shape in TRUSTED if shape.use == use]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        option = "-F" if use == "CA file" else "-A"
        finger = list(pool.map(lambda shape: _finger(world, GOOD, option, world.files[shape.name]), wanted))
    ours = [_ours(world, GOOD, _trusted(world, shape)) for shape in wanted]
    differing = {shape.name: pair for shape, *pair in zip(wanted, finger, ours) if not _agree(*pair)}
    assert not differing
    assert {"verified", "refused"} <= set(finger)


def test_names_with_bytes_behind_their_sequence(world: World) -> None:
    seen = _finger(world, TRAILING, "-F", world.plain[TRAILING]), _ours(world, TRAILING, {"ca_file": str(world.plain[TRAILING])})
    assert seen == ("verified", "verified")


def _agree(finger: str, ours: str) -> bool:
    """We may refuse what posttls-finger calls untrusted: a file without anything to trust is a mistake of the user's."""
    return finger == ours or (finger == "untrusted" and ours == "refused")


def _finger(world: World, service: str, option: str, path: Path) -> str:
    destination = f"[{own_postfix.ADDRESS}]:{world.ports[service]}"
    command = [check.PROGRAM, "-c", "-l", "secure", option, str(path), destination, NAME]
    environment = {**os.environ, "MAIL_CONFIG": str(world.folder / "postfix/etc")}
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False, env=environment)
    return posttls_finger.parse((done.stdout + done.stderr).decode("utf-8", "replace")).status or "refused"


def _ours(world: World, service: str, trusted: Mapping[str, Any]) -> str:
    destination = f"[{own_postfix.ADDRESS}]:{world.ports[service]}"
    try:
        result = engine_side.probe({"security_level": "secure", "match": [NAME], **trusted}, [destination])[destination]
    except OptionError:
        return "refused"
    return str(result["status"])


def test_openssl_reads_to_the_end_only_what_we_read_to_the_end(world: World) -> None:
    """``openssl crl2pkcs7`` reads whole files of certificates, and keys among them that it can decode (PEM_X509_INFO_read_bio)."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        counted = list(pool.map(lambda shape: _certificates(world.files[shape.name]), ALL))
    differing = {shape.name for shape, number in zip(ALL, counted) if number is not None and number != _our_certificates(world, shape)}
    assert not differing
    assert sum(number is None for number in counted) > 100 < sum(number is not None for number in counted)


def test_openssl_verifies_with_the_ca_files_that_we_can_use(world: World) -> None:
    wanted = [shape for shape in TRUSTED if shape.use == "CA file"]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        verified = list(pool.map(lambda shape: _verifies(world, shape), wanted))
    assert [_ours(world, GOOD, _trusted(world, shape)) == "verified" for shape in wanted] == verified
    assert True in verified and False in verified


def _trusted(world: World, shape: Shape) -> dict[str, Any]:
    path = str(world.files[shape.name])
    return {"ca_file": path} if shape.use == "CA file" else {"trust_anchor_files": [path]}


def _certificates(path: Path) -> int | None:
    """How many certificates ``openssl`` finds in a file; None when it refuses the file."""
    command = ["openssl", "crl2pkcs7", "-nocrl", "-certfile", str(path), "-outform", "DER"]
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        return None
    return len(pkcs7.load_der_pkcs7_certificates(done.stdout))


def _our_certificates(world: World, shape: Shape) -> int | str:
    try:
        blocks = list(pem_blocks(world.files[shape.name].read_bytes()))
    except PemError as problem:
        return str(problem)
    return sum(block.label in ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE") for block in blocks)


def _verifies(world: World, shape: Shape) -> bool:
    command = ["openssl", "verify", "-CAfile", str(world.files[shape.name]), "-no-CApath", "-no-CAstore"]
    command += ["-untrusted", str(world.plain["good"]), str(world.plain["leaf"])]
    return not subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False).returncode
