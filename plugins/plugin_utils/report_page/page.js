// Copyright (c) 2026, the mailops.tls authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// The page of one domain: everything that was found about it.

const SAFE_NAME = /^[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?$/;

function command(kind, name, result) {
  if (!SAFE_NAME.test(name)) return null;
  const level = list(result.endpoints).map((one) => text(thing(thing(one).verification).requested_level)).find((one) => /^[a-z-]+$/.test(one));
  if (kind === "destination") return "ansible-playbook mailops.tls.probe -e destinations=" + name + (level ? " -e security_level=" + level : "");
  if (kind === "domain") return "ansible-playbook mailops.tls.domain -e domains=" + name;
  if (kind === "mailbox" || kind === "delivery") return "ansible-playbook mailops.tls.diagnose -e host=" + name;
  return null;
}

function commandLine(shown) {
  const said = h("span", { role: "status" });
  const code = h("code", {}, shown);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(shown);
      said.textContent = "Copied.";
    } catch (error) {
      getSelection().selectAllChildren(code);
      said.textContent = "Selected: copy it with the keyboard.";
    }
  };
  return h("div", { class: "command" }, "Probe this again: ", code, h("button", { type: "button", class: "plain", click: copy }, "Copy the command"), said);
}

const errorText = (error) => (error ? [text(thing(error).kind), text(thing(error).text)].filter(Boolean).join(": ") : "");
const placeOf = (one) => text(one.host) + (one.address ? "[" + text(one.address) + "]" : "") + (one.port ? ":" + text(one.port) : "");

const wanted = (value) => (value === false ? h("span", { class: "no is-bad" }, "no") : value === true ? h("span", { class: "yes is-good" }, "yes") : "");

function endpointsTable(endpoints) {
  const rows = endpoints.map((one) => {
    const tls = thing(one.tls);
    const why = errorText(one.error) || text(thing(thing(one.verification).error).text);
    const open = !one.port_state || one.port_state === "open";
    return [[one.service ? text(one.service) + " " : "", bdi(placeOf(one))], open ? badge(text(one.status)) : text(one.port_state), open ? wanted(one.satisfied) : "", text(tls.protocol),
      text(tls.cipher), text(tls.group), text(tls.signature), [why ? bdi(why) : "", one.greeting ? h("div", { class: "is-plain" }, bdi(text(one.greeting))) : ""]];
  });
  return table("Servers", ["Server", "Verdict", "As wanted", "TLS", "Cipher", "Group", "Signature", "What was seen"], rows);
}

function certificatesTable(endpoints, moment) {
  const found = new Map();
  for (const one of endpoints) {
    for (const session of [one, ...list(one.key_algorithms).map(thing)]) {
      list(session.chain).map(thing).forEach((certificate, depth) => {
        const id = text(Object.values(thing(thing(certificate.fingerprints).certificate))[0]) || JSON.stringify(certificate);
        if (!found.has(id)) found.set(id, { certificate, depth, id, places: new Set() });
        found.get(id).places.add(placeOf(one));
      });
    }
  }
  const rows = [...found.values()].slice(0, 60).map(({ certificate, depth, id, places }) => {
    const key = thing(certificate.public_key);
    const days = Math.floor((Date.parse(text(certificate.not_after)) - Date.parse(moment)) / 86400000);
    const names = list(certificate.dns_names).map(text).slice(0, 12).join(", ");
    return [[bdi(text(certificate.subject) || "without subject"), names ? h("div", { class: "is-plain" }, bdi(names)) : ""], depth ? "issuer" : "server's own", bdi(text(certificate.issuer)),
      (text(key.type).toUpperCase() + " " + text(key.bits)).trim(), h("span", { class: days < 14 ? "is-bad" : "" }, text(certificate.not_after).slice(0, 10) + (Number.isFinite(days) ? " (" + number(days) + " days)" : "")),
      h("code", { title: id }, id.slice(0, 16)), [...places].slice(0, 4).join(", ")];
  });
  return table("Certificates", ["Subject", "Part", "Issuer", "Key", "Ends", "Fingerprint", "Served by"], rows);
}

function loginsTable(endpoints) {
  const rows = endpoints.flatMap((one) => list(one.logins).map(thing).map((login) =>
    [bdi((one.service ? text(one.service) + " " : "") + placeOf(one)), text(login.mechanism), text(login.outcome), bdi(text(thing(login.reply).text) || errorText(login.error))]));
  return table("Logins", ["Server", "Mechanism", "Outcome", "What the server said"], rows);
}

function findingsList(findings) {
  if (!findings.length) return null;
  const rank = (one) => { const at = SEVERITIES.indexOf(text(one.severity)); return at < 0 ? 1 : at; };
  const sorted = [...findings].sort((a, b) => rank(a) - rank(b));
  return h("ul", { class: "findings" }, sorted.map((one) => h("li", { class: SEVERITIES[rank(one)] },
    h("p", {}, badge(text(one.severity) || "warning"), " ", h("b", {}, text(one.id)), one.subject ? [" ", bdi(text(one.subject))] : ""),
    h("p", {}, bdi(text(one.text))),
    one.why ? h("p", { class: "why" }, text(one.why)) : "",
    one.fix ? h("p", {}, h("b", {}, "What to do: "), text(one.fix)) : "",
    one.reference ? h("p", { class: "by" }, text(one.reference)) : "")));
}

const RECORDS = { spf: "SPF", dmarc: "DMARC", mta_sts: "MTA-STS", tlsrpt: "TLSRPT", bimi: "BIMI", autoconfig: "autoconfig", autodiscover: "autodiscover" };

function recordsTable(result) {
  const rows = [];
  const zone = thing(result.zone);
  if (result.zone) rows.push(["Zone", zone.secure === true ? badge("signed") : "not signed", bdi(text(zone.apex)), ""]);
  for (const [key, label] of Object.entries(RECORDS)) {
    const part = thing(result[key]);
    if (!part.status) continue;
    const record = text(part.record) || list(part.records).map(text).join(" ") || text(thing(part.policy).mode) || text(part.source);
    rows.push([label, badge(text(part.status)), record ? h("code", {}, record) : "", bdi(errorText(part.error))]);
  }
  for (const one of list(result.dkim).map(thing)) {
    rows.push(["DKIM " + text(one.selector), badge(text(one.status)), one.record ? h("code", {}, text(one.record)) : "", bdi(errorText(one.error))]);
  }
  for (const one of list(result.dane).map(thing)) {
    rows.push(["DANE of " + text(one.exchange), badge(text(one.lookup)), list(one.records).map(thing).map((record) => h("div", {}, h("code", {}, recordText(record)))), bdi(text(one.error))]);
  }
  for (const one of list(thing(result.caa).records).map(thing)) rows.push(["CAA", text(one.tag), h("code", {}, text(one.value)), ""]);
  for (const one of list(result.srv).map(thing)) {
    rows.push(["SRV " + text(one.service), badge(text(thing(one.probe).status)), one.not_offered ? "not offered" : bdi(text(one.target) + ":" + text(one.port)), bdi(errorText(one.error))]);
  }
  return table("What the domain publishes", ["Record", "State", "Content", "What is wrong"], rows);
}

function stepsTable(result) {
  const rows = list(result.steps).map(thing).map((one) => [text(one.step), yesNo(one.ok), text(one.seconds), bdi(text(thing(one.reply).text) || errorText(one.error))]);
  return table("Steps of the delivery", ["Step", "Done", "Seconds", "What the server said"], rows);
}

// A grade shows what keeps it from being good; the rest is counted.
function gradeTables(grades) {
  return grades.map(thing).map((one) => {
    const policy = text(one.title) || text(one.policy) || "Grade";
    const counts = Object.entries(thing(one.counts)).filter(([, count]) => count).map(([level, count]) => number(Number(count)) + " " + level.replace(/_/g, " ")).join(", ");
    const tested = text(one.tested_level);
    const [low, high] = list(one.total);
    const row = (check) => [[text(check.title) || text(check.id), check.ref ? h("div", { class: "is-plain" }, text(check.ref)) : ""],
      badge(text(check.level)), bdi(text(check.text)), bdi(list(check.connections).slice(0, 3).map(text).join(", ")), text(check.fixable_by)];
    const heads = ["Check", "Level", "What was seen", "Where", "Who can mend it"];
    const checks = list(one.checks).map(thing);
    const seen = checks.filter((check) => check.level !== "not_tested"), open = checks.filter((check) => check.level === "not_tested");
    return [
      h("p", {}, policy, ": ", badge(text(one.level) || text(one.grade)), tested && tested !== one.level ? [" what was tested is ", badge(tested)] : ""),
      h("p", { class: "facts" }, counts ? h("span", {}, counts) : "", high === undefined ? "" : h("span", {}, "Internet.nl's total: " + text(low) + (low === high ? "" : " to " + text(high)) + " %")),
      table("What keeps it from being good: " + policy, heads, seen.map(row)),
      open.length ? h("details", {}, h("summary", {}, "Not tested to the end: " + open.length), table("Not tested to the end: " + policy, heads, open.map(row))) : "",
    ];
  });
}

const scanned = (part) => (part.state === "not_tested" ? "not tested: " + text(part.why) : (part.complete === false ? "at least " : "") + scanValue(part.value));

function scanValue(value) {
  if (Array.isArray(value)) return value.map((one) => (one && typeof one === "object" ? text(one.name) || plain(one) : text(one))).join(", ") || "none";
  if (value && typeof value === "object") return Object.entries(value).map(([name, one]) => name + ": " + scanValue(one)).join("; ");
  return typeof value === "boolean" ? yesNo(value) : text(value) || "none";
}

function scanTables(endpoints) {
  return endpoints.filter((one) => one.scan).map((one) => {
    const scan = thing(one.scan);
    const rows = Object.entries(scan).filter(([, part]) => part && typeof part === "object" && "state" in part).map(([name, part]) => [name.replace(/_/g, " "), bdi(scanned(part))]);
    for (const [name, part] of Object.entries(thing(scan.versions))) rows.unshift([name, scanned(thing(part))]);
    return [h("h5", {}, bdi(placeOf(one))), scan.stopped ? h("p", { class: "is-poor" }, "It ended early: " + text(scan.stopped)) : "", table("What " + placeOf(one) + " accepts", ["What", "Accepted"], rows)];
  });
}

// Values whose shape is not known here, in words.
function plain(value) {
  if (Array.isArray(value)) return value.slice(0, 20).map(plain).filter(Boolean).join(", ");
  if (value && typeof value === "object") return Object.entries(value).slice(0, 20).map(([name, one]) => name + " " + plain(one)).join(", ");
  return typeof value === "boolean" ? yesNo(value) : text(value);
}

function changesTable(changes, kinds) {
  const rows = changes.map(thing).map((one) => [Object.hasOwn(kinds, text(one.kind)) ? kinds[one.kind] : text(one.kind), bdi(placeOf(one)), bdi(plain(one.before)), bdi(plain(one.after))]);
  return table("What changed", ["What", "Where", "Before", "Now"], rows);
}

const titled = (title, content, tag = "h4") => {
  const shown = [content].flat(3).filter(Boolean);
  return shown.length ? [h(tag, {}, title), ...shown] : [];
};

function endpointsOf(part) {
  const result = part.result;
  if (part.kind === "delivery") return [result.submit, result.retrieve].filter(Boolean).map(thing);
  if (part.kind === "domain") return list(thing(result.mx).exchanges).map(thing).flatMap((one) => [one.probe].flat()).filter(Boolean).map(thing);
  return list(result.endpoints).map(thing);
}

const TITLES = { destination: "As a sending server finds it", mailbox: "As a mail client finds it", domain: "In DNS and on the web", delivery: "A message on its way", rollover: "The rollover of its keys" };

// Chains are told by numbers: each certificate is in the part once.
function withChains(session, certificates) {
  const sessions = list(session.key_algorithms).map(thing).map((one) => withChains(one, certificates));
  const chain = list(session.chain).map((one) => (Number.isInteger(one) ? thing(certificates[one]) : one));
  return { ...session, chain, key_algorithms: sessions };
}

function stateOf(kind, result) {
  if (kind === "delivery") return result.delivered === true ? "delivered" : "not delivered";
  if (kind === "domain") return ["error", "warning", "notice"].includes(result.worst) ? result.worst : "";
  if (kind === "rollover") return result.alarm === true || result.failed === true ? "alarm" : text(result.phase);
  return text(result.status);
}

function partSections(part, rows) {
  const result = thing(part.result);
  const endpoints = endpointsOf({ kind: part.kind, result }).map((one) => withChains(one, list(part.certificates)));
  const seen = [part.probed_at ? text(part.probed_at).replace("T", " ").replace("Z", " UTC") : "", part.vantage ? "from " + part.vantage : ""].filter(Boolean).join(" ");
  const why = errorText(result.error);
  const state = stateOf(part.kind, result);
  const again = command(part.kind, part.name, result);
  const route = part.kind === "destination" || part.kind === "domain" ? routeDrawing(routeOf(part.kind, part.name, result)) : null;
  return [
    h("h3", {}, endpoints.some((one) => list(one.logins).length) ? "Logins, as a mail client finds them" : TITLES[part.kind] || part.kind),
    h("p", { class: "facts" }, state && part.kind === "domain" ? h("span", {}, "worst finding: ", badge(state)) : badge(state), yesNo(result.satisfied) ? h("span", {}, "as wanted: ", wanted(result.satisfied)) : "", seen ? h("span", {}, seen) : ""),
    why ? h("p", { class: "is-bad" }, bdi(why)) : "",
    list(result.lines).length ? h("ul", {}, list(result.lines).map((one) => h("li", {}, bdi(text(one))))) : "",
    again ? commandLine(again) : "",
    titled("Route", route ? [route, h("p", { class: "note" }, "A solid line is signed by DNSSEC, a dashed one is not.")] : null),
    titled("Who can deliver", sendersMatrix(thing(result.senders))),
    titled("Findings", findingsList([...list(result.lint), ...list(result.findings)].map(thing))),
    titled("Servers", endpointsTable(endpoints)),
    titled("Records and keys", matchMatrix(endpoints)),
    titled("Certificates", certificatesTable(endpoints, rows.moment)),
    titled("What became of each login", loginsTable(endpoints)),
    titled("Steps", stepsTable(result)),
    titled("What the domain publishes", part.kind === "domain" ? recordsTable(result) : null),
    titled("Grades", gradeTables(list(part.grades))),
    titled("What the servers accept", scanTables(endpoints)),
  ];
}

async function openPage(rows, name) {
  const place = byId("page");
  const at = rows.find(name);
  const back = h("a", { class: "plain", href: withState({ page: "" }) }, "Back to all");
  const changes = rows.changesOf(name);
  const head = [h("div", { class: "top" }, rows.count > 1 ? back : ""), h("h2", { id: "page-title", tabindex: "-1" }, bdi(name))];
  const changed = titled("What changed", changesTable(changes, rows.kinds), "h3");
  if (at === undefined) {
    place.replaceChildren(...head, ...changed, h("p", {}, changes.length ? "Nothing else is known of it in this report." : "There is nothing about it in this report."));
    return;
  }
  place.replaceChildren(...head, h("p", {}, "Opening…"));
  const parts = await Promise.all(rows.columns.spots[at].map(async ([id, number]) => ({ ...thing((await pack(id))[number]), name: rows.columns.name[at] })));
  if (readState().get("page") !== name && rows.count > 1) return;
  place.replaceChildren(...head, ...changed, ...parts.flatMap((part) => partSections(part, rows)).flat(3).filter(Boolean));
}
