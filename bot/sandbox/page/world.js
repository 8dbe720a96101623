// The outside world: what has left the house, newest first.

import { $, el, icon, size } from "./dom.js";

const SECTIONS = [
  { key: "mail", title: "Mail sent", icon: "mail", empty: "No mail has been sent.", id: (item) => item.id, render: mail },
  { key: "calendar", title: "Calendar", icon: "calendar", empty: "Nothing is planned.", id: (item) => item.uid, render: event },
  { key: "files", title: "Files", icon: "folder", empty: "No files yet.", id: (item) => item.url || item.name, render: file },
  { key: "invoices", title: "Ledger", icon: "ledger", empty: "No invoices yet.", id: (item) => item.number, render: invoice },
];
const SHOWN = 6;

const open = new Set();
const whole = new Set();
let seen = null;
let latest = null;

export function renderWorld(world) {
  const fresh = new Set();
  const now = new Map();
  for (const section of SECTIONS) {
    for (const item of world[section.key] ?? []) {
      const id = `${section.key}/${section.id(item)}`;
      now.set(id, JSON.stringify(item));
      if (seen !== null && seen.get(id) !== now.get(id)) fresh.add(id);
    }
  }
  const first = seen === null;
  seen = now;
  latest = world;
  draw(fresh);
  return !first && fresh.size > 0;
}

function draw(fresh) {
  const body = $("world-body");
  body.replaceChildren(...SECTIONS.map((section) => card(section, latest[section.key] ?? [], fresh)));
}

function card(section, items, fresh) {
  const shown = whole.has(section.key) ? items : items.slice(0, SHOWN);
  const list = el("ul", {}, shown.map((item) => {
    const id = `${section.key}/${section.id(item)}`;
    const entry = el("li", { class: fresh.has(id) ? "fresh" : null }, section.render(item, id));
    return entry;
  }));
  const more = items.length > shown.length
    ? el("button", { type: "button", class: "more", onclick: () => { whole.add(section.key); draw(new Set()); } }, `Show all ${items.length}`)
    : null;
  return el(
    "section",
    { class: `card ${section.key}`, "aria-label": section.title },
    el("h3", {}, icon(section.icon), section.title, el("span", { class: "count" }, items.length ? String(items.length) : "")),
    items.length ? list : el("p", { class: "empty" }, section.empty),
    more,
  );
}

function mail(item, id) {
  const details = el(
    "details",
    { open: open.has(id) },
    el("summary", {}, el("span", { class: "main" }, el("b", {}, item.subject || "(no subject)"), el("span", {}, `To ${[item.to].flat().join(", ")}`)), when(item.date)),
    el("div", { class: "letter", dir: "auto" }, item.text ?? ""),
    el("div", { class: "attachments" }, (item.attachments ?? []).map((each) => el("a", { href: each.url, target: "_blank", rel: "noopener" }, icon("doc"), el("span", {}, each.name), el("small", {}, size(each.size))))),
  );
  details.addEventListener("toggle", () => (details.open ? open.add(id) : open.delete(id)));
  return details;
}

function event(item) {
  const start = new Date(item.start);
  const time = (date) => new Date(date).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const whole = /^\d{4}-\d{2}-\d{2}$/.test(item.start);
  const hours = whole ? "All day" : `${time(item.start)}${item.end ? `–${time(item.end)}` : ""}`;
  return el(
    "div",
    { class: "row" },
    el("span", { class: "date", "aria-hidden": "true" }, el("b", {}, String(start.getDate())), start.toLocaleDateString([], { month: "short" })),
    el("span", { class: "main" }, el("b", {}, item.title), el("span", {}, `${start.toLocaleDateString([], { weekday: "long" })} · ${hours}${item.with?.length ? ` · ${[item.with].flat().join(", ")}` : ""}`)),
  );
}

function file(item) {
  const content = [icon("doc"), el("span", { class: "main" }, el("b", {}, item.name), el("span", {}, size(item.size)))];
  return item.url ? el("a", { class: "row", href: item.url, target: "_blank", rel: "noopener" }, content) : el("div", { class: "row" }, content);
}

function invoice(item) {
  const status = String(item.status ?? "");
  const due = item.due ? `due ${new Date(item.due).toLocaleDateString([], { day: "numeric", month: "short", year: "numeric" })}` : "";
  const content = [
    el("span", { class: "main" }, el("b", {}, item.client), el("span", {}, [item.number, due].filter(Boolean).join(" · "))),
    el("span", { class: "sum" }, el("b", {}, String(item.total)), el("span", { class: `state ${status.toLowerCase().replace(/\W+/g, "-")}` }, status)),
  ];
  return item.url ? el("a", { class: "row", href: item.url, target: "_blank", rel: "noopener" }, content) : el("div", { class: "row" }, content);
}

function when(date) {
  if (!date) return null;
  const moment = new Date(date);
  const today = moment.toDateString() === new Date().toDateString();
  const text = today
    ? moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
    : moment.toLocaleDateString([], { day: "numeric", month: "short" });
  return el("time", { datetime: date }, text);
}
