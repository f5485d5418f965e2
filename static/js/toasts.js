/** Short messages at the edge of the screen: from Django messages, from HX-Trigger, from failed requests. */
import { icon } from "./dom.js";

const LIFE_MS = 6000;
const tray = document.getElementById("toasts");

/** Show a message; `tone` is "ok", "bad", "warn" or "". Bad news stays until dismissed. */
export function toast(text, { tone = "", title = "" } = {}) {
  const box = document.createElement("div");
  box.className = `toast ${tone}`;
  const words = document.createElement("div");
  if (title) words.append(Object.assign(document.createElement("b"), { textContent: title }));
  words.append(Object.assign(document.createElement(title ? "p" : "span"), { textContent: text }));
  const close = document.createElement("button");
  Object.assign(close, { type: "button", className: "close" });
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", "Dismiss");
  close.append(icon("close", "s"));
  box.append(words, close);
  tray.append(box);
  while (tray.children.length > 4) tray.firstElementChild.remove();
  expire(box);
}

function expire(box) {
  if (!box.classList.contains("bad")) setTimeout(() => box.remove(), LIFE_MS);
}

function failureText(xhr) {
  if (!xhr.status) return "The server cannot be reached. Nothing was sent twice; try again.";
  try {
    const problem = JSON.parse(xhr.responseText);
    return problem.detail || problem.title;
  } catch {
    return { 403: "You may not do this.", 404: "This is not there any more.", 429: "Too many requests; wait a moment." }[xhr.status]
      || `The server answered ${xhr.status}.`;
  }
}

tray.querySelectorAll(".toast").forEach(expire);
tray.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast").remove());
document.addEventListener("toast", (event) => toast(event.detail.text, event.detail));
// What a page asks by itself fails quietly: the note on the connection says it once.
const BACKGROUND = "[data-refetch-on], [hx-trigger*=every], [hx-trigger=load]";
for (const name of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(name, ({ detail }) => {
    if (!detail.elt.matches(BACKGROUND)) toast(failureText(detail.xhr), { tone: "bad" });
  });
}
