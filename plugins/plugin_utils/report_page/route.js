// Copyright (c) 2026, the mailops.tls authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// The way of a message: the domain, its exchanges, their addresses. A solid line is signed by DNSSEC, a dashed one is not.

const BOX = { width: 200, height: 40, gap: 14, between: 110 };

function routeOf(kind, name, result) {
  const route = thing(result.route);
  if (kind === "destination") {
    const endpoints = list(result.endpoints).map(thing);
    const exchanges = list(route.exchanges).map(thing).map((one) => ({ name: text(one.exchange), secure: one.secure, preference: one.preference }));
    for (const one of endpoints) {
      if (!exchanges.some((each) => each.name === text(one.host))) exchanges.push({ name: text(one.host), secure: route.secure, preference: one.preference });
    }
    return {
      name, secure: route.secure, exchanges: exchanges.map((one) => ({
        ...one,
        addresses: endpoints.filter((each) => text(each.host) === one.name).map((each) => ({
          name: each.address ? text(each.address) + (each.port && each.port !== 25 ? ":" + each.port : "") : "no address",
          status: text(each.status), lookup: text(thing(each.tlsa).lookup),
        })),
      })),
    };
  }
  const mx = thing(result.mx);
  const dane = list(result.dane).map(thing);
  return {
    name, secure: mx.secure, exchanges: list(mx.exchanges).map(thing).map((one) => ({
      name: text(one.exchange), preference: one.preference, secure: mx.secure,
      addresses: list(one.addresses).map(thing).map((each) => ({
        name: text(each.address), status: text(thing(one.probe).status),
        lookup: text((dane.find((record) => text(record.exchange) === text(one.exchange)) || {}).lookup),
      })),
    })),
  };
}

const signedText = (secure) => (secure === true ? "signed" : secure === false ? "not signed" : "signed or not: not known");
const tlsaText = (lookup) => ({ found: "TLSA records", none: "no TLSA", insecure: "TLSA not signed", error: "TLSA lookup failed" })[lookup] || "";

function shortened(name, most) {
  return name.length > most ? name.slice(0, most - 1) + "…" : name;
}

function box(x, y, title, small, kind) {
  return svg("g", {}, svg("title", {}, title + (small ? ", " + small : "")),
    svg("rect", { x, y, width: BOX.width, height: BOX.height, rx: 6, class: kind || "" }),
    svg("text", { x: x + 10, y: y + 17 }, shortened(title, 29)),
    svg("text", { x: x + 10, y: y + 32, class: "small" }, shortened(small, 34)));
}

function line(x, y, toX, toY, secure) {
  const middle = (x + toX) / 2;
  return svg("path", { d: "M" + x + " " + y + " C" + middle + " " + y + " " + middle + " " + toY + " " + toX + " " + toY, class: secure === true ? "signed" : "unsigned" });
}

function routeDrawing(route) {
  if (!route.exchanges.length) return null;
  const exchanges = route.exchanges.slice(0, 20);
  const second = BOX.width + BOX.between, third = 2 * second, middle = BOX.height / 2;
  const lines = [], boxes = [];
  let y = 0;
  const places = exchanges.map((one) => {
    const addresses = one.addresses.slice(0, 10);
    const top = y;
    y += Math.max(1, addresses.length) * (BOX.height + BOX.gap);
    return { one, addresses, top, at: top + (Math.max(1, addresses.length) - 1) * (BOX.height + BOX.gap) / 2 };
  });
  const height = y - BOX.gap;
  const start = (height - BOX.height) / 2;
  for (const { one, addresses, top, at } of places) {
    lines.push(line(BOX.width, start + middle, second, at + middle, route.secure));
    const preference = one.preference === undefined || one.preference === null ? "" : "preference " + one.preference + ", ";
    boxes.push(box(second, at, one.name, preference + "name " + signedText(one.secure)));
    addresses.forEach((address, place) => {
      const to = top + place * (BOX.height + BOX.gap);
      lines.push(line(second + BOX.width, at + middle, third, to + middle, one.secure));
      boxes.push(box(third, to, address.name, [address.status, tlsaText(address.lookup)].filter(Boolean).join(", "), tone(address.status)));
    });
  }
  boxes.push(box(0, start, route.name, "MX " + signedText(route.secure)));
  const width = third + BOX.width;
  const label = "The route of mail to " + route.name + ": " + exchanges.map((one) =>
    one.name + " (" + signedText(one.secure) + ") at " + one.addresses.map((each) => each.name + " " + each.status).join(", ")).join("; ");
  return h("div", { class: "scroll", role: "group", "aria-label": "Route", tabindex: "0" },
    svg("svg", { class: "route", viewBox: "-2 -2 " + (width + 4) + " " + (height + 4), role: "img", "aria-label": label, style: null, width, height: height + 4 }, lines, boxes));
}
