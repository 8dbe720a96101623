// The chat: what is in it, and what happens to it.

import { $, call, copy, el } from "./dom.js";
import { closeCommands, forget, heed, send, setCommands, setReply, startComposer } from "./composer.js";
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
let held = null;
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

// Menus on a message, by right click, long press, or keyboard

function openContext(message, x, y) {
  held = message;
  const menu = $("context");
  menu.hidden = false;
  menu.querySelector('[data-do="copy"]').hidden = !message.text;
  menu.style.left = `${Math.max(8, Math.min(x, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, innerHeight - menu.offsetHeight - 8))}px`;
  menu.querySelector("button").focus();
}

function closeContext() {
  if ($("context").hidden) return;
  $("context").hidden = true;
  if (held) nodes.get(held.message_id)?.focus({ preventScroll: true });
}

function messageAt(target) {
  const node = target.closest?.("li[data-id]");
  return node ? messages.get(Number(node.dataset.id)) : null;
}

function roving() {
  const all = [...nodes.values()];
  if (all.some((node) => node.tabIndex === 0 && node.isConnected)) return;
  const last = list.lastElementChild;
  if (last) last.tabIndex = 0;
}

function startMenus() {
  list.addEventListener("contextmenu", (event) => {
    const message = messageAt(event.target);
    if (!message || event.target.closest("a[href], img")) return;
    event.preventDefault();
    openContext(message, event.clientX, event.clientY);
  });
  list.addEventListener("dblclick", (event) => {
    const message = messageAt(event.target);
    if (message && !event.target.closest("button, a, code, pre")) {
      getSelection()?.removeAllRanges();
      setReply(message);
    }
  });
  list.addEventListener("keydown", (event) => {
    const node = event.target.closest("li[data-id]");
    if (!node || event.target !== node) return;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      const step = event.key === "ArrowUp" ? "previousElementSibling" : "nextElementSibling";
      let next = node[step];
      while (next && !next.dataset.id) next = next[step];
      if (!next) return;
      node.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    } else if (event.key === "Enter" || event.key === "r") {
      event.preventDefault();
      const box = node.querySelector(".bubble").getBoundingClientRect();
      if (event.key === "r") setReply(messages.get(Number(node.dataset.id)));
      else openContext(messages.get(Number(node.dataset.id)), box.left + 20, box.top + 20);
    }
  });
  $("context").addEventListener("click", (event) => {
    const chosen = event.target.closest("button")?.dataset.do;
    const message = held;
    $("context").hidden = true;
    if (chosen === "reply") setReply(message);
    if (chosen === "copy") void copy(message.text).then(() => toast("Copied"));
  });
  $("context").addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeContext();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? "nextElementSibling" : "previousElementSibling";
      document.activeElement[step]?.focus();
    }
  });
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest("#context")) $("context").hidden = true;
  });
  startSwiping();
}

// Swiping a message to the left replies to it; pressing long opens its menu.
function startSwiping() {
  let from = null;
  let press = 0;
  const reset = () => {
    clearTimeout(press);
    if (from?.node) from.node.style.transform = "";
    from = null;
  };
  list.addEventListener("touchstart", (event) => {
    const node = event.target.closest("li[data-id]");
    if (!node || event.touches.length > 1) return;
    const { clientX: x, clientY: y } = event.touches[0];
    from = { node, x, y, by: 0 };
    press = setTimeout(() => {
      if (from && !event.target.closest(".key, a")) openContext(messages.get(Number(node.dataset.id)), x, y);
      reset();
    }, 550);
  }, { passive: true });
  list.addEventListener("touchmove", (event) => {
    if (!from) return;
    const { clientX, clientY } = event.touches[0];
    from.by = from.x - clientX;
    if (Math.abs(clientY - from.y) > 12 && from.by < 20) reset();
    else if (from.by > 8) {
      clearTimeout(press);
      from.node.style.transform = `translateX(${-Math.min(from.by, 72)}px)`;
    }
  }, { passive: true });
  list.addEventListener("touchend", () => {
    if (from && from.by > 52) setReply(messages.get(Number(from.node.dataset.id)));
    reset();
  });
  list.addEventListener("touchcancel", reset);
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
startMenus();
status(null);
listen();
if (matchMedia("(hover: hover)").matches) $("text").focus();
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeCommands();
});
