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

const MOST_EXCHANGES = 20, MOST_ADDRESSES = 10;
const smallOf = (one) => (one.preference === undefined || one.preference === null ? "" : "preference " + one.preference + ", ") + "name " + signedText(one.secure);
const addressBox = (x, y, address) => box(x, y, address.name, [address.status, tlsaText(address.lookup)].filter(Boolean).join(", "), tone(address.status));

// From left to right, where there is room.
function wideRoute(route, exchanges) {
  const second = BOX.width + BOX.between, third = 2 * second, middle = BOX.height / 2;
  const lines = [], boxes = [];
  let y = 0;
  const places = exchanges.map((one) => {
    const top = y;
    y += Math.max(1, one.addresses.length) * (BOX.height + BOX.gap);
    return { one, top, at: top + (Math.max(1, one.addresses.length) - 1) * (BOX.height + BOX.gap) / 2 };
  });
  const height = y - BOX.gap;
  const start = (height - BOX.height) / 2;
  for (const { one, top, at } of places) {
    lines.push(line(BOX.width, start + middle, second, at + middle, route.secure));
    boxes.push(box(second, at, one.name, smallOf(one)));
    one.addresses.forEach((address, place) => {
      const to = top + place * (BOX.height + BOX.gap);
      lines.push(line(second + BOX.width, at + middle, third, to + middle, one.secure));
      boxes.push(addressBox(third, to, address));
    });
  }
  boxes.push(box(0, start, route.name, "MX " + signedText(route.secure)));
  return { lines, boxes, width: third + BOX.width, height };
}

// From top to bottom on a telephone: each thing stands below what leads to it, and further in.
function narrowRoute(route, exchanges) {
  const lines = [], boxes = [box(0, 0, route.name, "MX " + signedText(route.secure))];
  const step = BOX.height + BOX.gap, inset = 24, middle = BOX.height / 2;
  const elbow = (depth, from, to, secure) => {
    const x = (depth - 1) * inset + inset / 2;
    return svg("path", { d: "M" + x + " " + (from + BOX.height) + " V" + (to + middle) + " H" + depth * inset, class: secure === true ? "signed" : "unsigned" });
  };
  let y = step;
  for (const one of exchanges) {
    const at = y;
    lines.push(elbow(1, 0, at, route.secure));
    boxes.push(box(inset, at, one.name, smallOf(one)));
    y += step;
    for (const address of one.addresses) {
      lines.push(elbow(2, at, y, one.secure));
      boxes.push(addressBox(2 * inset, y, address));
      y += step;
    }
  }
  return { lines, boxes, width: 2 * inset + BOX.width, height: y - BOX.gap };
}

function routeDrawing(route) {
  if (!route.exchanges.length) return null;
  const exchanges = route.exchanges.slice(0, MOST_EXCHANGES).map((one) => ({ ...one, addresses: one.addresses.slice(0, MOST_ADDRESSES) }));
  const count = (all) => all.reduce((sum, one) => sum + Math.max(1, one.addresses.length), 0);
  const left = count(route.exchanges) - count(exchanges);
  const { lines, boxes, width, height } = (matchMedia("(max-width: 40rem)").matches ? narrowRoute : wideRoute)(route, exchanges);
  const label = "The route of mail to " + route.name + ": " + exchanges.map((one) =>
    one.name + " (" + signedText(one.secure) + ") at " + one.addresses.map((each) => each.name + " " + each.status).join(", ")).join("; ");
  return [h("div", { class: "scroll", role: "group", "aria-label": "Route", tabindex: "0" },
    svg("svg", { class: "route", viewBox: "-2 -2 " + (width + 4) + " " + (height + 4), role: "img", "aria-label": label, width, height: height + 4 }, lines, boxes)),
  left > 0 ? h("p", { class: "note" }, "And " + number(left) + " more, which the table of servers has.") : ""];
}
