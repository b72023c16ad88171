// Copyright (c) 2026, the mailops.tls authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// Elements are made by hand, and text is only ever set as text. Nothing here turns a string into markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  for (const child of children.flat(9)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

const h = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
const byId = (id) => document.getElementById(id);

// Text of strangers stands by itself, so that its direction does not change that of its neighbours.
const bdi = (text) => h("bdi", {}, text);

const number = (count) => count.toLocaleString("en");
const list = (value) => (Array.isArray(value) ? value : []);
const thing = (value) => (value && typeof value === "object" && !Array.isArray(value) ? value : {});
const text = (value) => (typeof value === "string" || typeof value === "number" ? String(value) : "");
const yesNo = (value) => (value === true ? "yes" : value === false ? "no" : "");

function table(caption, heads, rows) {
  if (!rows.length) return null;
  const head = h("tr", {}, heads.map((one) => h("th", { scope: "col" }, one)));
  const body = rows.map((cells) => h("tr", {}, cells.map((cell, at) => (at ? h("td", {}, cell) : h("th", { scope: "row" }, cell)))));
  return h("div", { class: "scroll", role: "group", "aria-label": caption, tabindex: "0" },
    h("table", {}, h("caption", { class: "hear" }, caption), h("thead", {}, head), h("tbody", {}, body)));
}

const TONES = {
  verified: "good", trusted: "fair", untrusted: "poor", anonymous: "bad", plaintext: "bad", failed: "bad",
  error: "bad", warning: "poor", notice: "fair", delivered: "good", "not delivered": "bad", alarm: "bad", worse: "bad", partly: "poor", delayed: "bad", refused: "bad", unknown: "plain",
  good: "good", sufficient: "fair", phase_out: "poor", insufficient: "bad",
  valid: "good", found: "good", invalid: "bad", permerror: "bad", multiple: "bad", none: "plain",
};
const tone = (word) => "is-" + (Object.hasOwn(TONES, word) ? TONES[word] : "plain");
const badge = (word) => (word ? h("span", { class: "badge " + tone(word) }, word.replace(/_/g, " ")) : "");
