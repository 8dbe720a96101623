// One message as the chat shows it.

import { clock, copy, el, icon, size } from "./dom.js";

const JUMBO = /^(?:\p{Extended_Pictographic}(?:\ufe0f|\u200d\p{Extended_Pictographic})*){1,3}$/u;

export function renderMessage(message, actions) {
  const mine = message.from === "operator";
  const photo = message.file?.kind === "photo";
  const bubble = el("div", { class: "bubble" });
  if (photo) bubble.classList.add("with-photo");
  if (message.forwarded_from) {
    bubble.append(el("p", { class: "forwarded" }, "Forwarded from ", el("b", {}, message.forwarded_from)));
  }
  if (message.reply_to) bubble.append(quote(message.reply_to, actions));
  if (message.file) bubble.append(attachment(message.file, actions));
  const meta = el(
    "span",
    { class: "meta" },
    message.edit_date ? el("span", {}, "edited ") : null,
    el("time", { datetime: message.date }, clock(message.date)),
    mine ? icon("ticks") : null,
  );
  if (message.text) {
    const text = el("div", { class: "text", dir: "auto" });
    // The HTML comes from the sandbox's own renderer, which escapes everything but its tags.
    text.innerHTML = message.html;
    if (JUMBO.test(message.text.trim())) bubble.classList.add("jumbo");
    enliven(text, actions);
    text.append(meta);
    bubble.append(text);
  } else {
    bubble.classList.add("bare");
    bubble.append(meta);
  }
  if (message.reactions.length) {
    bubble.append(
      el("div", { class: "reactions" }, message.reactions.map((emoji) => el("span", { "aria-label": `Reaction ${emoji}` }, emoji))),
    );
  }
  const column = el("div", { class: "column" }, bubble);
  if (message.buttons.length) column.append(keyboard(message, actions));
  const reply = el("button", { type: "button", class: "icon quick", "aria-label": "Reply", title: "Reply", tabindex: "-1", onclick: () => actions.reply(message) }, icon("reply"));
  return [column, reply];
}

function quote(original, actions) {
  return el(
    "button",
    { type: "button", class: "quote", onclick: () => actions.jump(original.message_id) },
    el("b", {}, original.from === "bot" ? actions.botName() : "You"),
    el("span", { dir: "auto" }, original.text || "Message"),
  );
}

function attachment(file, actions) {
  if (file.kind === "photo") {
    const image = el("img", { src: file.url, alt: file.name, loading: "lazy" });
    const ratio = file.width / file.height || 1;
    image.style.aspectRatio = String(Math.min(Math.max(ratio, 0.5), 3));
    return el("button", { type: "button", class: "photo", "aria-label": `Open photo ${file.name}`, onclick: () => actions.zoom(file) }, image);
  }
  if (file.kind === "voice" || file.mime.startsWith("audio/")) {
    return el("div", { class: "voice" }, el("audio", { controls: true, preload: "none", src: file.url, "aria-label": file.name }), el("span", {}, `${file.name} · ${size(file.size)}`));
  }
  const suffix = file.name.includes(".") ? file.name.split(".").pop().slice(0, 4) : "";
  return el(
    "a",
    { class: "document", href: file.url, target: "_blank", rel: "noopener" },
    el("span", { class: `sheet ${suffix.toLowerCase() === "pdf" ? "pdf" : ""}`, "aria-hidden": "true" }, suffix ? suffix.toUpperCase() : icon("doc")),
    el("span", { class: "what" }, el("b", {}, file.name), el("span", {}, `${size(file.size)}${suffix ? ` · ${suffix.toUpperCase()}` : ""}`)),
  );
}

function keyboard(message, actions) {
  const rows = message.buttons.map((line) => el("div", { class: "line" }, line.map((button) => key(message, button, actions))));
  return el("div", { class: "keys", role: "group", "aria-label": "Buttons" }, rows);
}

function key(message, button, actions) {
  const style = button.style ? ` ${button.style}` : "";
  const label = el("span", { dir: "auto" }, button.text);
  if (button.url) {
    return el("a", { class: `key${style}`, href: button.url, target: "_blank", rel: "noopener noreferrer" }, label, icon("link"));
  }
  if (button.copy_text) {
    const copied = async () => {
      await copy(button.copy_text);
      actions.toast("Copied");
    };
    return el("button", { type: "button", class: `key${style}`, onclick: copied }, label, icon("copy"));
  }
  const node = el("button", { type: "button", class: `key${style}`, data: { key: button.data ?? "" } }, label);
  if (actions.isBusy(message.message_id, button.data)) busy(node);
  if (button.data === null) node.disabled = true;
  else node.addEventListener("click", () => actions.tap(message, button, node));
  return node;
}

export function busy(node) {
  node.classList.add("busy");
  node.setAttribute("aria-busy", "true");
}

// Gives the text what only a client can: links that open apart, spoilers, quotes that unfold.
function enliven(text, actions) {
  for (const link of text.querySelectorAll("a")) {
    if (link.dataset.command) {
      link.setAttribute("role", "button");
      link.tabIndex = 0;
      const send = () => actions.send(link.dataset.command);
      link.addEventListener("click", send);
      link.addEventListener("keydown", (event) => event.key === "Enter" && send());
    } else {
      link.target = "_blank";
      link.rel = "noopener noreferrer";
    }
  }
  for (const spoiler of text.querySelectorAll("tg-spoiler")) {
    spoiler.tabIndex = 0;
    spoiler.setAttribute("role", "button");
    spoiler.setAttribute("aria-label", "Hidden text, press to show");
    const reveal = () => {
      spoiler.classList.add("shown");
      spoiler.removeAttribute("aria-label");
      spoiler.removeAttribute("role");
    };
    spoiler.addEventListener("click", reveal);
    spoiler.addEventListener("keydown", (event) => event.key === "Enter" && reveal());
  }
  for (const block of text.querySelectorAll("blockquote[expandable]")) {
    block.tabIndex = 0;
    block.setAttribute("role", "button");
    block.setAttribute("aria-expanded", "false");
    const unfold = () => block.setAttribute("aria-expanded", String(block.classList.toggle("open")));
    block.addEventListener("click", (event) => event.target.closest("a, tg-spoiler") || unfold());
    block.addEventListener("keydown", (event) => event.key === "Enter" && event.target === block && unfold());
  }
  for (const block of text.querySelectorAll("blockquote, pre")) {
    // A block ends its line by itself; the line break after it would show as an empty line.
    const next = block.nextSibling;
    if (next?.nodeType === Node.TEXT_NODE && next.data.startsWith("\n")) next.data = next.data.slice(1);
  }
  for (const code of text.querySelectorAll("code, pre")) {
    if (code.closest("pre") && code.tagName === "CODE") continue;
    code.title = "Copy";
    code.addEventListener("click", async () => {
      if (String(getSelection())) return;
      await copy(code.textContent);
      actions.toast("Copied");
    });
  }
  for (const time of text.querySelectorAll("tg-time")) {
    const written = formatted(Number(time.getAttribute("unix")), time.getAttribute("format"));
    if (written) {
      time.title = time.textContent;
      time.textContent = written;
    }
  }
}

function formatted(unix, format) {
  const date = new Date(unix * 1000);
  if (!format) return null;
  if (/^r$/i.test(format)) {
    const minutes = Math.round((date - Date.now()) / 60000);
    const relative = new Intl.RelativeTimeFormat([], { numeric: "auto" });
    if (Math.abs(minutes) < 60) return relative.format(minutes, "minute");
    if (Math.abs(minutes) < 1440) return relative.format(Math.round(minutes / 60), "hour");
    return relative.format(Math.round(minutes / 1440), "day");
  }
  const options = {};
  if (/w/i.test(format)) options.weekday = format.includes("D") ? "long" : "short";
  if (format.includes("D")) options.dateStyle = "long";
  else if (format.includes("d")) options.dateStyle = "short";
  if (options.dateStyle) delete options.weekday;
  if (format.includes("T")) options.timeStyle = "medium";
  else if (format.includes("t")) options.timeStyle = "short";
  if (options.weekday && options.timeStyle) {
    return `${date.toLocaleDateString([], { weekday: "long" })} ${date.toLocaleTimeString([], { timeStyle: options.timeStyle })}`;
  }
  const written = date.toLocaleString([], options);
  return /w/i.test(format) && options.dateStyle ? `${date.toLocaleDateString([], { weekday: "long" })}, ${written}` : written;
}
