// The chat: what is in it, and what happens to it.

import { $, call, el } from "./dom.js";
import { closeCommands, forget, heed, send, setCommands, setReply, startComposer } from "./composer.js";
import { startMenus } from "./menus.js";
import { busy, renderMessage } from "./view.js";
import { renderWorld } from "./world.js";

const EXAMPLES = [
  "Invoice Northwind 2400 EUR for the brand workshop, net 14",
  "Remind me Thursday at 9 to call the printer",
  "What are Northwind's terms?",
];
const FIRST_LOAD = 120;
const ACTIONS = {
  typing: "typing…",
  upload_photo: "sending a photo…",
  upload_document: "sending a file…",
  record_voice: "recording…",
  upload_voice: "sending a voice note…",
};

const messages = new Map();
const nodes = new Map();
const tapping = new Set();
let profile = { name: "Factotum", commands: [] };
let connected = false;
let typingTimer = 0;
let unread = 0;
let stuck = true;
let older = true;
let loadingOlder = false;
let loaded = false;
let pinnedAt = 0;
let waiting = null;

const scroller = $("scroller");
const list = $("messages");

const actions = {
  botName: () => profile.name,
  reply: (message) => setReply(message),
  jump,
  zoom,
  toast,
  tap,
  send: (text) => void send(text),
  sent: () => toBottom(),
  settled: () => stuck && scrollDown(),
  isBusy: (id, data) => tapping.has(`${id} ${data}`),
};

// Messages

function put(message, live) {
  const known = messages.get(message.message_id);
  messages.set(message.message_id, message);
  let node = nodes.get(message.message_id);
  if (!node) {
    node = el("li", { id: `m${message.message_id}`, tabindex: "-1", data: { id: message.message_id } });
    nodes.set(message.message_id, node);
    insert(node, message);
    if (live) node.classList.add("new");
  }
  node.className = `${message.from === "operator" ? "out" : "in"}${node.classList.contains("new") ? " new" : ""}`;
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  node.replaceChildren(...renderMessage(message, actions));
  if (focused && focused !== node) (node.querySelector(".key") ?? node).focus({ preventScroll: true });
  if (known && live && known.edit_date !== message.edit_date) flash(node.querySelector(".bubble"), "edited");
  return !known;
}

function insert(node, message) {
  let after = list.lastElementChild;
  while (after && (after.dataset.id === undefined || Number(after.dataset.id) > message.message_id)) {
    after = after.previousElementSibling;
  }
  if (after) after.after(node);
  else list.prepend(node);
}

// Groups messages of one side, and parts the days.
function arrange() {
  for (const day of list.querySelectorAll(".day")) day.remove();
  let before = null;
  for (const node of [...list.children]) {
    const message = messages.get(Number(node.dataset.id));
    const day = new Date(message.date).toDateString();
    const newDay = !before || new Date(before.date).toDateString() !== day;
    if (newDay) node.before(el("li", { class: "day" }, el("span", {}, dayName(message.date))));
    const joined = !newDay && before.from === message.from && new Date(message.date) - new Date(before.date) < 300000;
    node.classList.toggle("joined", joined);
    if (before) nodes.get(before.message_id).classList.toggle("last", !joined);
    before = message;
  }
  if (before) nodes.get(before.message_id).classList.add("last");
  roving();
  pinned();
  hint();
}

function dayName(date) {
  const day = new Date(date);
  const today = new Date();
  const yesterday = new Date(today);
  yesterday.setDate(today.getDate() - 1);
  if (day.toDateString() === today.toDateString()) return "Today";
  if (day.toDateString() === yesterday.toDateString()) return "Yesterday";
  const options = { day: "numeric", month: "long" };
  if (day.getFullYear() !== today.getFullYear()) options.year = "numeric";
  return day.toLocaleDateString([], options);
}

function remove(id) {
  messages.delete(id);
  nodes.get(id)?.remove();
  nodes.delete(id);
  forget(id);
}

// What arrives while the list is fetched is newer than the list, and told after it.
async function reload() {
  waiting = [];
  try {
    await load();
  } finally {
    const late = waiting;
    waiting = null;
    for (const tell of late) tell();
  }
}

const later = (handle) => (data) => (waiting ? waiting.push(() => handle(data)) : handle(data));

async function load() {
  const [listed, described, world] = await Promise.all([
    call(`/phone/messages?limit=${FIRST_LOAD}`),
    call("/phone/profile"),
    call("/phone/world").catch(() => null),
  ]);
  const first = !loaded;
  loaded = true;
  const present = new Set(listed.map((message) => message.message_id));
  const oldest = listed.length ? listed[0].message_id : Infinity;
  for (const id of [...messages.keys()]) if (id >= oldest && !present.has(id)) remove(id);
  if (first) older = listed.length === FIRST_LOAD;
  for (const message of listed) put(message, false);
  describe(described);
  arrange();
  if (world) renderWorld(world);
  const last = listed.at(-1);
  if (last) heed(last);
  if (stuck) scrollDown();
}

async function loadOlder() {
  if (!older || loadingOlder || !messages.size) return;
  loadingOlder = true;
  const oldest = Math.min(...messages.keys());
  try {
    const listed = await call(`/phone/messages?limit=${FIRST_LOAD}&before=${oldest}`);
    older = listed.length === FIRST_LOAD;
    const height = scroller.scrollHeight;
    for (const message of listed) put(message, false);
    arrange();
    scroller.scrollTop += scroller.scrollHeight - height;
  } finally {
    loadingOlder = false;
  }
}

function receive(message) {
  const isNew = put(message, true);
  arrange();
  if (message.from === "bot" && isNew) {
    status(null);
    heed(message);
    $("announce").textContent = `${profile.name}: ${message.text || message.file?.name || ""}`;
    if (!stuck) {
      unread += 1;
      counter();
    }
  }
  if (stuck) scrollDown();
}

// Head: name, status, pinned message

function describe(described) {
  profile = described;
  $("bot-name").textContent = profile.name;
  document.title = profile.name;
  document.querySelector(".avatar").textContent = profile.name.trim().slice(0, 1).toUpperCase();
  $("hint-title").textContent = `${profile.name} works from this chat.`;
  setCommands(profile.commands);
}

function status(action) {
  clearTimeout(typingTimer);
  const line = $("status");
  line.classList.toggle("busy", Boolean(action) || !connected);
  line.textContent = !connected ? "connecting…" : (action ? ACTIONS[action] ?? "working…" : "bot");
  if (action) typingTimer = setTimeout(() => status(null), 5000);
}

function pinned() {
  const all = [...messages.values()].filter((message) => message.pinned).reverse();
  $("pinned").hidden = all.length === 0;
  if (!all.length) return;
  pinnedAt %= all.length;
  const shown = all[pinnedAt];
  $("pinned-text").textContent = (shown.text || shown.file?.name || "Message").replaceAll("\n", " ");
  $("pinned").onclick = () => {
    jump(shown.message_id);
    pinnedAt = (pinnedAt + 1) % all.length;
    pinned();
  };
}

function hint() {
  const written = [...messages.values()].some((message) => message.from === "operator");
  $("hint").hidden = !loaded || written;
}

// Scrolling

function scrollDown() {
  scroller.scrollTop = scroller.scrollHeight;
}

function toBottom() {
  stuck = true;
  unread = 0;
  counter();
  scrollDown();
}

function counter() {
  $("bottom").hidden = stuck;
  $("unread").hidden = unread === 0;
  $("unread").textContent = String(unread);
  $("bottom").setAttribute("aria-label", unread ? `Scroll to the newest message, ${unread} unread` : "Scroll to the newest message");
}

function jump(id) {
  const node = nodes.get(id);
  if (!node) {
    toast("That message is further up");
    return;
  }
  node.scrollIntoView({ block: "center", behavior: calm() ? "auto" : "smooth" });
  flash(node, "found");
}

function flash(node, name) {
  node.classList.remove(name);
  void node.offsetWidth;
  node.classList.add(name);
  setTimeout(() => node.classList.remove(name), 1600);
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// Buttons and their answers

async function tap(message, button, node) {
  const key = `${message.message_id} ${button.data}`;
  if (tapping.has(key)) return;
  tapping.add(key);
  busy(node);
  try {
    await call("/phone/taps", { message_id: message.message_id, button: button.data });
  } catch (error) {
    toast(error.message);
  } finally {
    tapping.delete(key);
    for (const each of nodes.get(message.message_id)?.querySelectorAll(".key.busy") ?? []) {
      if (each.dataset.key === button.data) {
        each.classList.remove("busy");
        each.removeAttribute("aria-busy");
      }
    }
  }
}

function answered(answer) {
  if (!answer.text) return;
  if (answer.show_alert) {
    $("alert").querySelector("p").textContent = answer.text;
    if (!$("alert").open) $("alert").showModal();
  } else toast(answer.text);
}

function toast(text) {
  const node = el("div", { class: "toast", dir: "auto" }, text);
  $("toasts").replaceChildren(node);
  setTimeout(() => node.classList.add("going"), 3200);
  setTimeout(() => node.remove(), 3600);
}

function zoom(file) {
  const image = $("zoom").querySelector("img");
  image.src = file.url;
  image.alt = file.name;
  image.classList.remove("large");
  $("zoom").showModal();
}

function roving() {
  const all = [...nodes.values()];
  if (all.some((node) => node.tabIndex === 0 && node.isConnected)) return;
  const last = list.lastElementChild;
  if (last) last.tabIndex = 0;
}

// Theme and the second view

function startChrome() {
  const dark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const label = () => {
    $("theme").setAttribute("aria-label", dark() ? "Switch to light" : "Switch to dark");
    $("theme").querySelector("use").setAttribute("href", dark() ? "#i-sun" : "#i-moon");
  };
  $("theme").addEventListener("click", () => {
    const next = dark() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem("theme", next);
    } catch {
      // The choice then lasts until the page closes.
    }
    label();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
  label();
  const view = (world) => {
    document.body.classList.toggle("world-open", world);
    $("to-world").querySelector(".dot").hidden = true;
    (world ? $("to-chat") : $("to-world")).focus();
    if (!world && stuck) scrollDown();
  };
  $("to-world").addEventListener("click", () => view(true));
  $("to-chat").addEventListener("click", () => view(false));
  let still = 0;
  scroller.addEventListener("scroll", () => {
    scroller.classList.add("moving");
    clearTimeout(still);
    still = setTimeout(() => scroller.classList.remove("moving"), 900);
    stuck = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
    if (stuck) unread = 0;
    counter();
    if (scroller.scrollTop < 200) void loadOlder();
  }, { passive: true });
  new ResizeObserver(() => stuck && scrollDown()).observe(scroller);
  list.addEventListener("load", () => stuck && scrollDown(), true);
  $("bottom").addEventListener("click", () => {
    unread = 0;
    scroller.scrollTo({ top: scroller.scrollHeight, behavior: calm() ? "auto" : "smooth" });
  });
  $("zoom").addEventListener("click", (event) => {
    if (event.target.tagName === "IMG") event.target.classList.toggle("large");
    else $("zoom").close();
  });
  $("examples").replaceChildren(...EXAMPLES.map((example) => el("button", { type: "button", onclick: () => void send(example) }, example)));
}

// The event stream

function listen() {
  const stream = new EventSource("/phone/events");
  const on = (name, handle) => stream.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  on("hello", async () => {
    try {
      await reload();
      connected = true;
      status(null);
    } catch {
      stream.close();
      setTimeout(listen, 1000);
    }
  });
  on("message", later(receive));
  on("deleted", later(({ message_id }) => {
    remove(message_id);
    arrange();
  }));
  on("typing", ({ action }) => status(action));
  on("answer", answered);
  on("profile", describe);
  on("world", (world) => {
    if (renderWorld(world) && !document.body.classList.contains("world-open")) {
      $("to-world").querySelector(".dot").hidden = false;
    }
  });
  stream.addEventListener("error", () => {
    connected = false;
    status(null);
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 1000);
  });
}

startChrome();
startComposer(actions);
startMenus({ list, messages, nodes, toast });
status(null);
listen();
if (matchMedia("(hover: hover)").matches) $("text").focus();
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeCommands();
});
