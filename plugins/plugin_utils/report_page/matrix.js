// Copyright (c) 2026, the mailops.tls authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// Which record matches which key: a row for each TLSA record, a column for each key that is served.

function servedKeys(endpoints) {
  const keys = new Map();
  const see = (endpoint, session, algorithm) => {
    const leaf = thing(list(session.chain)[0]);
    const digests = thing(thing(leaf.fingerprints).public_key);
    const digest = text(Object.values(digests)[0]);
    if (!digest) return;
    const id = text(endpoint.host) + " " + digest;
    const publicKey = thing(leaf.public_key);
    if (!keys.has(id)) {
      keys.set(id, { host: text(endpoint.host), kind: (text(publicKey.type).toUpperCase() + " " + text(publicKey.bits)).trim() || algorithm, digest, places: new Set(), records: new Map() });
    }
    const key = keys.get(id);
    if (endpoint.address) key.places.add(text(endpoint.address));
    for (const record of list(thing(session.tlsa).records).map(thing)) key.records.set(recordId(record), record);
  };
  for (const endpoint of endpoints) {
    const sessions = list(endpoint.key_algorithms).map(thing);
    if (sessions.length) for (const one of sessions) see(endpoint, one, text(one.algorithm));
    else see(endpoint, endpoint, "");
  }
  return [...keys.values()];
}

const recordId = (record) => [record.usage, record.selector, record.matching_type, record.data].map(text).join(" ");
const recordText = (record) => [record.usage, record.selector, record.matching_type].map(text).join(" ") + " " + shortened(text(record.data), 17);

function matchCell(record) {
  if (!record) return "";
  if (record.matched === true) return h("span", { class: "yes is-good" }, "matches" + (Number.isInteger(record.matched_depth) ? " at depth " + record.matched_depth : ""));
  if (record.usable === false) return h("span", { class: "is-poor" }, "not usable: " + text(record.reason));
  if (record.matched === false) return h("span", { class: "no is-bad" }, "does not match");
  return "not compared";
}

function matchMatrix(endpoints) {
  const tables = [];
  for (const host of new Set(endpoints.map((one) => text(one.host)))) {
    const own = endpoints.filter((one) => text(one.host) === host);
    const keys = servedKeys(own);
    const records = new Map(own.flatMap((one) => list(thing(one.tlsa).records).map(thing)).map((one) => [recordId(one), one]));
    if (!records.size) continue;
    const owner = text(thing(thing(own[0]).tlsa).owner) || host;
    const heads = ["TLSA record", ...keys.map((key) => [key.kind, " ", h("code", {}, key.digest.slice(0, 12)), " at " + [...key.places].slice(0, 3).join(", ")])];
    const rows = [...records].map(([id, record]) => [h("code", { title: text(record.data) }, recordText(record)), ...keys.map((key) => matchCell(key.records.get(id)))]);
    tables.push(h("h5", {}, bdi(owner)), table("TLSA records of " + owner + " and the keys that are served", heads, rows));
  }
  return tables;
}

// Who can deliver: a row for each kind of sender, a column for each exchange.

const SENDERS = {
  no_tls: "Without TLS", opportunistic: "Opportunistic TLS", mta_sts: "MTA-STS", dane: "DANE", dane_and_mta_sts: "DANE and MTA-STS", mandatory: "Verified TLS always",
};

function outcome(one) {
  if (!one) return "";
  const protection = text(one.protection) === "none" ? "unprotected" : text(one.protection);
  return [badge(text(one.outcome)), " ", protection, protection && one.fact ? ": " : "", bdi(text(one.fact))];
}

function sendersMatrix(senders) {
  const kinds = Object.keys(SENDERS).filter((kind) => senders[kind]);
  if (!kinds.length) return null;
  const id = (one) => text(one.exchange) + (one.address ? "[" + text(one.address) + "]" : "");
  const exchanges = [...new Set(kinds.flatMap((kind) => list(senders[kind].exchanges).map(thing).map(id)))].slice(0, 12);
  const rows = kinds.map((kind) => [SENDERS[kind], outcome(thing(senders[kind])), ...exchanges.map((one) =>
    outcome(list(senders[kind].exchanges).map(thing).find((each) => id(each) === one)))]);
  return table("Who can deliver", ["Sender", "In all", ...exchanges.map(bdi)], rows);
}
