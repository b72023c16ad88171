// Copyright (c) 2026, the mailops.tls authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// Data of the page: compressed JSON, opened when it is asked for, each pack once.

const opened = new Map();

async function unpack(id) {
  const bytes = Uint8Array.from(atob(byId("data-" + id).textContent), (one) => one.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

function pack(id) {
  if (!opened.has(id)) opened.set(id, unpack(id));
  return opened.get(id);
}

// The state of the page is what stands behind # in its address: filters, order, and the domain whose page is open.

const FILTERS = ["q", "satisfied", "status", "worst", "grade", "protocol", "key", "issuer", "expiry", "error", "finding", "change", "changed", "sort"];

// Whatever else stands there is a place in the page, or somebody's joke.
function readState() {
  const state = new URLSearchParams(location.hash.slice(1));
  for (const name of [...state.keys()]) if (name !== "page" && !FILTERS.includes(name)) state.delete(name);
  return state;
}

function hashOf(state) {
  return "#" + state.toString().replace(/\+/g, "%20");
}

function withState(changes) {
  const state = readState();
  for (const [name, value] of Object.entries(changes)) {
    if (value) state.set(name, value);
    else state.delete(name);
  }
  return hashOf(state);
}

class Rows {
  constructor(data) {
    this.count = data.count;
    this.moment = data.moment;
    this.changes = data.changes;
    this.kinds = data.kinds;
    this.columns = data.columns;
    this.words = data.words;
    this.haystack = this.columns.name.map((name, at) =>
      [name, this.columns.hosts[at], this.word("issuer", at), this.columns.reason[at]].join(" ").toLowerCase());
    this.places = new Map(this.columns.name.map((name, at) => [name.toLowerCase(), at]));
    this.ranks = new Map();
  }

  word(name, at) {
    const found = this.columns[name][at];
    return Array.isArray(found) ? found.map((one) => this.words[name][one]).join(", ") : this.words[name][found];
  }

  find(name) {
    return this.places.get(name.toLowerCase());
  }

  changesOf(name) {
    const key = name.toLowerCase();
    return Object.hasOwn(this.changes, key) ? list(this.changes[key]) : [];
  }

  // For each row where its word stands among all words of a column, in the order in which people would sort them.
  rank(name, order) {
    if (!this.ranks.has(name)) {
      const shown = this.columns[name].map((unused, at) => this.word(name, at));
      const words = [...new Set(shown)];
      const sorted = order ? words.map((word) => [word, order.indexOf(word)]) : words.sort().map((word, at) => [word, at]);
      const found = new Map(sorted.map(([word, at]) => [word, word === "" ? Infinity : at]));
      this.ranks.set(name, shown.map((one) => found.get(one)));
    }
    return this.ranks.get(name);
  }
}
