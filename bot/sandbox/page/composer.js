// Writing: the text field, replies, commands, attachments and reply keyboards.

import { $, call, el } from "./dom.js";

let replyTo = null;
let forced = null;
let commands = [];
let active = -1;
let environment = null;

const text = $("text");

export function startComposer(actions) {
  environment = actions;
  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    void submit();
  });
  text.addEventListener("input", () => {
    fit();
    suggest();
  });
  text.addEventListener("keydown", onKey);
  text.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) {
      event.preventDefault();
      for (const file of files) void upload(file);
    }
  });
  $("menu").addEventListener("click", () => {
    if ($("suggest").hidden) openCommands(commands, true);
    else closeCommands();
  });
  $("reply-cancel").addEventListener("click", () => {
    setReply(null);
    text.focus();
  });
  $("reply-open").addEventListener("click", () => replyTo && environment.jump(replyTo.message_id));
  startAttaching();
  fit();
}

export function setCommands(list) {
  commands = list;
  $("menu").hidden = list.length === 0;
}

export function setReply(message, placeholder = "") {
  replyTo = message;
  $("reply").hidden = message === null;
  text.placeholder = placeholder || "Message";
  if (message === null) {
    forced = null;
    return;
  }
  $("reply-who").textContent = message.from === "bot" ? environment.botName() : "You";
  $("reply-text").textContent = message.text || message.file?.name || "Message";
  text.focus();
}

// What the newest message of the bot asks of the client: a reply, a keyboard, or its removal.
export function heed(message) {
  const keyboard = message.keyboard;
  if (message.from !== "bot" || !keyboard) return;
  if (keyboard.force_reply) {
    forced = message.message_id;
    setReply(message, keyboard.input_field_placeholder);
  } else if (keyboard.remove_keyboard) {
    $("keyboard").hidden = true;
  } else if (keyboard.keyboard) {
    const press = (label) => {
      if (keyboard.one_time_keyboard) $("keyboard").hidden = true;
      void send(label);
    };
    $("keyboard").replaceChildren(
      ...keyboard.keyboard.map((line) => el("div", { class: "line" }, line.map((key) => {
        const label = typeof key === "string" ? key : key.text;
        return el("button", { type: "button", onclick: () => press(label) }, label);
      }))),
    );
    $("keyboard").hidden = false;
  }
}

export function forget(messageId) {
  if (replyTo?.message_id === messageId || forced === messageId) setReply(null);
}

export async function send(content) {
  const body = { text: content };
  if (replyTo) body.reply_to = replyTo.message_id;
  const before = replyTo;
  setReply(null);
  environment.sent();
  try {
    await call("/phone/messages", body);
    return true;
  } catch (error) {
    if (before) setReply(before);
    environment.toast(`Not sent: ${error.message}`);
    return false;
  }
}

async function submit() {
  const content = text.value;
  if (!content.trim()) return;
  text.value = "";
  fit();
  closeCommands();
  if (!(await send(content)) && !text.value) {
    text.value = content;
    fit();
  }
}

function fit() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 160)}px`;
  $("composer").classList.toggle("filled", text.value.trim() !== "");
  environment.settled();
}

function onKey(event) {
  const options = $("suggest").hidden ? [] : [...$("suggest").children];
  if (options.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    mark((active + step + options.length) % options.length);
  } else if (options.length && event.key === "Tab") {
    event.preventDefault();
    complete(options[Math.max(active, 0)].dataset.command);
  } else if (event.key === "Escape") {
    if (options.length) closeCommands();
    else setReply(null);
  } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (options.length && active >= 0) {
      text.value = `/${options[active].dataset.command}`;
      closeCommands();
    }
    void submit();
  }
}

function suggest() {
  const typed = /^\/([a-z0-9_]*)$/i.exec(text.value);
  if (!typed) {
    closeCommands();
    return;
  }
  openCommands(commands.filter((each) => each.command.startsWith(typed[1].toLowerCase())), false);
}

function openCommands(list, focus) {
  if (!list.length) {
    closeCommands();
    return;
  }
  const pick = (command) => {
    closeCommands();
    text.value = "";
    fit();
    void send(`/${command}`);
    text.focus();
  };
  $("suggest").replaceChildren(
    ...list.map((each, index) => el(
      "button",
      { type: "button", role: "option", id: `option-${index}`, "aria-selected": "false", tabindex: focus ? "0" : "-1", data: { command: each.command }, onclick: () => pick(each.command) },
      el("b", {}, `/${each.command}`),
      el("span", {}, each.description),
    )),
  );
  $("suggest").hidden = false;
  $("menu").setAttribute("aria-expanded", "true");
  active = -1;
  if (focus) {
    $("suggest").firstChild.focus();
    $("suggest").onkeydown = (event) => {
      if (event.key === "Escape") {
        closeCommands();
        $("menu").focus();
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? "nextElementSibling" : "previousElementSibling";
        document.activeElement[step]?.focus();
      }
    };
  }
}

export function closeCommands() {
  $("suggest").hidden = true;
  $("menu").setAttribute("aria-expanded", "false");
  text.removeAttribute("aria-activedescendant");
  active = -1;
}

function mark(index) {
  active = index;
  [...$("suggest").children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
  const option = $("suggest").children[index];
  option.scrollIntoView({ block: "nearest" });
  text.setAttribute("aria-activedescendant", option.id);
}

function complete(command) {
  text.value = `/${command} `;
  closeCommands();
  fit();
}

function startAttaching() {
  const menu = $("attach-menu");
  const button = $("attach");
  const show = (shown) => {
    menu.hidden = !shown;
    button.setAttribute("aria-expanded", String(shown));
    if (shown) menu.querySelector("button").focus();
  };
  button.addEventListener("click", () => show(menu.hidden));
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    show(false);
    button.focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!menu.hidden && !event.target.closest("#attach-menu, #attach")) show(false);
    if (!$("suggest").hidden && !event.target.closest("#suggest, #composer")) closeCommands();
  });
  const input = $("file");
  const accepted = { photo: "image/jpeg,image/png,image/webp", voice: "audio/*", document: "" };
  let kind = "document";
  for (const item of menu.querySelectorAll("button")) {
    item.addEventListener("click", () => {
      kind = item.dataset.kind;
      input.accept = accepted[kind];
      show(false);
      input.click();
    });
  }
  input.addEventListener("change", () => {
    if (input.files[0]) void upload(input.files[0], kind);
    input.value = "";
  });
  const chat = $("chat");
  chat.addEventListener("dragover", (event) => {
    event.preventDefault();
    $("drop").hidden = false;
  });
  chat.addEventListener("dragleave", (event) => {
    if (!chat.contains(event.relatedTarget)) $("drop").hidden = true;
  });
  chat.addEventListener("drop", (event) => {
    event.preventDefault();
    $("drop").hidden = true;
    for (const file of event.dataTransfer.files) void upload(file);
  });
}

async function upload(file, kind) {
  const form = new FormData();
  form.append("file", file);
  if (kind) form.append("kind", kind);
  const caption = text.value.trim();
  if (caption) form.append("caption", caption);
  if (replyTo) form.append("reply_to", replyTo.message_id);
  environment.sent();
  try {
    await call("/phone/files", form);
    text.value = "";
    setReply(null);
    fit();
  } catch (error) {
    environment.toast(`Not sent: ${error.message}`);
  }
}
