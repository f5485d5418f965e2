/** Finding an instrument on the chart itself: another chart, or one to compare with. */
import { el } from "../dom.js";
import { collect } from "../live.js";

const DELAY_MS = 120;
const dialog = document.getElementById("chart-search");
const input = dialog.querySelector("input");
const list = dialog.querySelector("[role=listbox]");
let choose = () => {};
let timer = 0;
let asked = 0;

async function refresh() {
  const ticket = ++asked;
  const query = input.value.trim();
  const answer = query ? await fetch(`${document.body.dataset.searchUrl}?${new URLSearchParams({ q: query })}`, { headers: { "HX-Request": "true" } }) : null;
  if (ticket !== asked) return;
  const page = new DOMParser().parseFromString(answer?.ok ? await answer.text() : "", "text/html");
  const found = [...page.querySelectorAll("a[href]")];
  list.replaceChildren(...found.map((link, index) => {
    const node = el("div", { className: "option", id: `chart-found-${index}` }, ...link.cloneNode(true).childNodes);
    node.setAttribute("role", "option");
    node.setAttribute("aria-selected", String(index === 0));
    node.addEventListener("click", () => {
      dialog.close();
      choose(decodeURIComponent(new URL(link.href, location.href).pathname.split("/")[2]));
    });
    return node;
  }));
  if (query && !found.length) list.replaceChildren(el("p", { className: "empty" }, `Nothing matches “${query}”.`));
  collect();
}

/** Ask for an instrument; `then(key)` gets its key. */
export function findSymbol(title, then) {
  choose = then;
  dialog.setAttribute("aria-label", title);
  input.setAttribute("aria-label", title);
  input.placeholder = title;
  input.value = "";
  list.replaceChildren();
  dialog.showModal();
  input.focus();
}

input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(refresh, DELAY_MS);
});
input.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const options = [...list.querySelectorAll("[role=option]")];
  if (step && options.length) {
    event.preventDefault();
    const current = options.findIndex((node) => node.getAttribute("aria-selected") === "true");
    const next = options[(current + step + options.length) % options.length];
    options.forEach((node) => node.setAttribute("aria-selected", String(node === next)));
    input.setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter") {
    event.preventDefault();
    list.querySelector('[aria-selected="true"]')?.click();
  }
});
