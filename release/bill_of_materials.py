# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bill of materials of a release, as CycloneDX: the collection, and the Python libraries that it uses where it probes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

LICENCES = {"cryptography": "Apache-2.0", "dnspython": "ISC", "pyopenssl": "Apache-2.0"}
_REQUIREMENT = re.compile(r"([A-Za-z0-9_.-]+)>=([0-9.]+)\s*$")
_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # RFC 9562, of URLs


def bill(manifest: Mapping[str, Any], requirements: str, digest: str, moment: int) -> str:
    """Return the bill as JSON.

    Args:
        manifest: that of the archive.
        requirements: the text of the file of required libraries, each with its lowest version.
        digest: SHA-256 of the archive, in hexadecimal.
        moment: when the commit was made, in seconds since 1970; nothing in the bill comes from the clock.
    """
    info = manifest["collection_info"]
    name = f"{info['namespace']}.{info['name']}"
    bom = Bom(serial_number=uuid.uuid5(_NAMESPACE, digest))
    bom.metadata.timestamp = datetime.fromtimestamp(moment, timezone.utc)
    collection = Component(
        name=name,
        version=info["version"],
        type=ComponentType.LIBRARY,
        bom_ref=name,
        description=info["description"],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
        licenses=[DisjunctiveLicense(id=one) for one in info["license"]],
        purl=PackageURL(type="generic", name=name, version=info["version"]),
    )
    bom.metadata.component = collection
    libraries = [_library(*found) for found in _required(requirements)]
    bom.components.update(libraries)
    bom.register_dependency(collection, libraries)
    text: str = JsonV1Dot6(bom).output_as_string(indent=1)
    return text + "\n"


def _library(name: str, version: str) -> Component:
    licence = DisjunctiveLicense(id=LICENCES[name.lower()])
    purl = PackageURL(type="pypi", name=name.lower())  # of no version: the machine that probes has its own
    return Component(
        name=name, type=ComponentType.LIBRARY, bom_ref=name, licenses=[licence], purl=purl, description=f"version {version} or newer"
    )


def _required(text: str) -> list[tuple[str, str]]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found = [_REQUIREMENT.match(line) for line in lines]
    return [(one.group(1), one.group(2)) for one in found if one is not None]
