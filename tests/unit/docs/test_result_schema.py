# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schemas of a file of results: real probes fit, what the documentation names is there, and what is no result does not fit."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.line_comparison import _CERTIFICATE
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import parse_header, parse_line
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import DestinationResult
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.tests.unit.docs.result_schema import closed, schema
from ansible_collections.mailops.tls.tests.unit.makers.audit_files import IDENTITY, NOON, header, lines
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, endpoint, failed, lost
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import key_record, mail_server, mx_zone, probe, serve

jsonschema = pytest.importorskip("jsonschema")
yaml = pytest.importorskip("yaml")

MODULE = Path(__file__).parents[3] / "plugins/modules/smtp_tls_probe.py"
LINE, HEADER = schema("result_line"), schema("result_header")
GOOD = audited("example.org", endpoint("mx.example.org"))


def mistakes(content: bytes, of: dict[str, Any] = LINE, *, open_to_more: bool = False) -> list[str]:
    """What is wrong with a line."""
    validator = jsonschema.Draft202012Validator(of if open_to_more else closed(of))
    return [f"{one.json_path}: {one.message}" for one in validator.iter_errors(json.loads(content))]


def line(result: Mapping[str, Any]) -> bytes:
    return lines(dict(result)).splitlines()[1]


@pytest.mark.parametrize("one", [LINE, HEADER], ids=["line", "header"])
def test_they_are_schemas(one: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(one)
    assert one["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def real(*kinds: str, algorithms: tuple[KeyRequest, ...] = (KeyRequest.ANY,), **changes: Any) -> DestinationResult:
    """What a probe of a real server with certificates of these kinds comes to."""
    first, second = leaf(kinds[0]), leaf(kinds[-1])
    tls = MemoryServer(first.pem, first.key.pem, second=(second.pem, second.key.pem) if len(kinds) > 1 else None)

    async def run(listening: ScriptedServer) -> DestinationResult:
        dns = mx_zone(listening.port, [key_record(first)])
        (found,) = await probe(dns, f"example.com:{listening.port}", tls=TlsParameters(key_algorithms=algorithms), **changes)
        return found

    return serve(run, ScriptedServer(mail_server(tls)))


@pytest.mark.parametrize("detail", [Detail(), Detail(include_pem=True, transcript=True, digest="sha512")])
@pytest.mark.parametrize("algorithms", [(KeyRequest.ANY,), (KeyRequest.RSA, KeyRequest.ECDSA, KeyRequest.ED25519)])
def test_results_of_probes_fit(detail: Detail, algorithms: tuple[KeyRequest, ...]) -> None:
    result = real("rsa", "ecdsa", algorithms=algorithms).as_facts(detail)
    assert result["endpoints"][0]["tls"] and mistakes(line({**result, "lint": []})) == []
    assert len(_CERTIFICATE.findall(line(result))) >= len(result["endpoints"][0]["chain"]) > 0


@pytest.mark.parametrize("result", [GOOD, failed("example.org"), audited("example.org", lost("mx.example.org", None))])
def test_results_of_audits_fit(result: dict[str, Any]) -> None:
    assert mistakes(line(result)) == []


def test_a_header_fits() -> None:
    assert mistakes(header(), HEADER) == [] and parse_header(header())
    assert mistakes(header(), LINE) and mistakes(line(GOOD), HEADER)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "fine"},
        {"satisfied": 1},
        {"destination": None},
        {"error": {"kind": "timeout"}},
        {"error": "timeout"},
        {"endpoints": [{**endpoint("mx.example.org"), "status": None}]},
        {"endpoints": [{**endpoint("mx.example.org"), "port": "25"}]},
        {"endpoints": {}},
        {"lint": [{"id": 7, "subject": "", "text": ""}]},
    ],
)
def test_what_is_no_result_does_not_fit(change: dict[str, Any]) -> None:
    assert mistakes(line({**GOOD, **change}), open_to_more=True)
    with pytest.raises(ValueError, match="is not the result of a probe"):
        parse_line(line({**GOOD, **change}), 2)


def test_what_comes_later_is_allowed() -> None:
    assert mistakes(line({**GOOD, "later": 1})) and not mistakes(line({**GOOD, "later": 1}), open_to_more=True)


def documented() -> dict[str, Any]:
    """The item of `results` as RETURN has it."""
    for node in ast.parse(MODULE.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "RETURN":
            contains: dict[str, Any] = yaml.safe_load(ast.literal_eval(node.value))["results"]["contains"]
            return contains
    raise AssertionError(f"{MODULE} has no RETURN")


TYPES = {"str": "string", "bool": "boolean", "int": "integer", "dict": "object", "list": "array", "float": "number"}


def unlike(contains: Mapping[str, Any], node: Mapping[str, Any], where: str = "") -> Iterator[str]:
    """Names of the documentation that the schema does not have, or has with another type."""
    for name, item in contains.items():
        there = node.get("properties", {}).get(name)
        if there is None:
            yield f"{where}{name} is not in the schema"
            continue
        forms = [resolved(one) for one in resolved(there).get("anyOf", [there])]
        types = {kind for one in forms for kind in _types(one)}
        if TYPES[item["type"]] not in types:
            yield f"{where}{name} is of type {item['type']}, in the schema {sorted(types)}"
        for one in forms:
            if "contains" in item and one.get("type") in ("array", "object"):
                yield from unlike(item["contains"], resolved(one.get("items", one)), f"{where}{name}.")


def _types(form: Mapping[str, Any]) -> list[str]:
    if "enum" in form:
        return ["string"]
    found = form["type"]
    return found if isinstance(found, list) else [found]


def resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = LINE["$defs"][node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else node
    return found


def test_whatever_the_documentation_names_is_in_the_schema() -> None:
    assert list(unlike(documented(), LINE)) == []


def test_every_sample_of_the_documentation_fits() -> None:
    contains = documented()["endpoints"]["contains"]
    samples = {name: item["sample"] for name, item in contains.items() if "sample" in item}
    scanned = {name: samples.pop(name) for name in ("scan", "chain", "key_algorithms") if name in samples}
    assert scanned and mistakes(line(audited("example.org", {**endpoint("mx.example.org"), **samples}))) == []


def test_lines_say_who_and_when() -> None:
    told = json.loads(line(GOOD))
    assert (told["run"], told["vantage"]) == (IDENTITY.run, IDENTITY.vantage) and told["probed_at"] == NOON.strftime("%Y-%m-%dT%H:%M:%SZ")
