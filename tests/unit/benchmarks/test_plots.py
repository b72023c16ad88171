# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plots of benchmarks are well-formed, inside their frame, and say in words what they show."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from ansible_collections.mailops.tls.tests.benchmarks.plots import Bar, bars, curve

SVG = "{http://www.w3.org/2000/svg}"
ROWS = [
    Bar("one process", 500.0, "500 / s", group="Half & <half>"),
    Bar("posttls-finger", 100.0, "100 / s", False, "Half & <half>"),
    Bar("nothing", 0.0, "0 / s", group="others"),
]
POINTS = [(1000, 60.0), (10_000, 75.0), (100_000, 82.0)]


def read(svg: str) -> ElementTree.Element:
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg" and root.get("role") == "img" and root.get("aria-labelledby") == "title description"
    assert "prefers-color-scheme: dark" in svg
    return root


def said(root: ElementTree.Element, name: str) -> str:
    return next(root.iter(f"{SVG}{name}")).text or ""


def test_bars_are_as_long_as_their_numbers() -> None:
    root = read(bars("Rates", ROWS))
    assert said(root, "title") == "Rates"
    assert said(root, "desc") == (
        "Rates. Half & <half>, one process: 500 / s; Half & <half>, posttls-finger: 100 / s; others, nothing: 0 / s."
    )
    lengths = [float(one.attrib["width"]) for one in root.iter(f"{SVG}rect")]
    assert lengths[0] == pytest.approx(5 * lengths[1]) and lengths[2] == 1
    height = float(root.attrib["height"])
    assert all(float(one.attrib["y"]) < height for one in root.iter(f"{SVG}text"))


def test_a_curve_goes_through_its_points_below_its_limit() -> None:
    root = read(curve("Memory", POINTS, "MB", "destinations", 150))
    assert said(root, "desc") == (
        "Memory. 1,000 destinations: 60 MB; 10,000 destinations: 75 MB; 100,000 destinations: 82 MB. The limit is 150 MB."
    )
    places = [(float(one.attrib["cx"]), float(one.attrib["cy"])) for one in root.iter(f"{SVG}circle")]
    steps = [later[0] - earlier[0] for earlier, later in zip(places, places[1:])]
    assert steps[0] == pytest.approx(steps[1], abs=0.2) and places[0][1] > places[1][1] > places[2][1]
    rule = next(one.attrib["d"] for one in root.iter(f"{SVG}path") if one.get("class") == "rule")
    assert float(re.split("[MH ]", rule)[2]) < places[2][1]
