// What can be done with a message: by right click, long press, swipe, or keyboard.

import { $, copy } from "./dom.js";
import { setReply } from "./composer.js";

let held = null;
let list = null;
let messages = null;
let nodes = null;
let toast = null;

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

export function startMenus(chat) {
  ({ list, messages, nodes, toast } = chat);
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
