/** Ctrl/Cmd-K or `/`: instruments from the server's search, and the commands of the desk, in one list. */
import { el } from "./dom.js";
import { collect } from "./live.js";
import { openSheet, openTicket } from "./sheet.js";
import { theme } from "./theme.js";

const DELAY_MS = 120;
const dialog = document.getElementById("palette");
const input = document.getElementById("palette-input");
const list = document.getElementById("palette-results");
let timer = 0;
let asked = 0;

function commands() {
  const places = [...document.querySelectorAll(".rail a:not(.mark)")].map((link) => ({
    label: `Go to ${link.getAttribute("aria-label")}`,
    run: () => location.assign(link.href),
  }));
  const further = [...(document.getElementById("places")?.content.querySelectorAll("a") ?? [])].map((link) => ({
    label: link.textContent,
    run: () => (link.dataset.sheet ? openSheet(link.getAttribute("href"), link.dataset.sheet) : location.assign(link.getAttribute("href"))),
  }));
  const more = [...document.querySelectorAll("[data-command]")].map((node) => ({
    label: node.dataset.command,
    run: () => node.click(),
  }));
  const page = document.querySelector("[data-page-symbol]")?.dataset.pageSymbol;
  const orders = document.body.dataset.ticketUrl
    ? ["Buy", "Sell"].map((side) => ({ label: page ? `${side} ${page}` : `${side} …`, run: () => openTicket(page ?? "", side.toUpperCase()) }))
    : [];
  const look = { label: `Use ${theme() === "dark" ? "light" : "dark"} colours`, run: () => document.querySelector("[data-theme-switch]")?.click() };
  return [...orders, ...places, ...further, ...more, look];
}

function option(content, run) {
  const node = el("div", { className: "option", id: `palette-${list.childElementCount}` });
  node.setAttribute("role", "option");
  node.append(...content);
  node.addEventListener("click", () => {
    dialog.close();
    run();
  });
  list.append(node);
  return node;
}

async function instruments(query, ticket) {
  const url = document.body.dataset.searchUrl;
  if (!url || query.length < 1) return [];
  const answer = await fetch(`${url}?${new URLSearchParams({ q: query })}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok || ticket !== asked) return [];
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...page.querySelectorAll("a[href]")];
}

function choose(step) {
  const options = [...list.children];
  if (!options.length) return;
  const current = options.findIndex((node) => node.getAttribute("aria-selected") === "true");
  const next = options[(Math.max(current, -1) + step + options.length) % options.length];
  options.forEach((node) => node.setAttribute("aria-selected", String(node === next)));
  input.setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}

/** To another page, unless this one can show it in place. */
function go(address) {
  if (document.dispatchEvent(new CustomEvent("desk:go", { detail: address, cancelable: true }))) location.assign(address);
}

async function refresh() {
  const query = input.value.trim();
  const ticket = ++asked;
  const found = await instruments(query, ticket);
  if (ticket !== asked) return;
  list.replaceChildren();
  for (const link of found) option([...link.cloneNode(true).childNodes], () => go(link.getAttribute("href")));
  const wanted = query.toLowerCase();
  for (const command of commands()) {
    if (command.label.toLowerCase().includes(wanted)) option([command.label], command.run);
  }
  if (!list.childElementCount) list.append(el("p", { className: "empty" }, `Nothing matches “${query}”.`));
  else choose(1);
  collect();
}

/** Open the palette with an empty query. */
export function openPalette() {
  if (!dialog.open) dialog.showModal();
  input.value = "";
  refresh();
  input.focus();
}

input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(refresh, DELAY_MS);
});
input.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    choose(step);
  } else if (event.key === "Enter") {
    event.preventDefault();
    list.querySelector('[aria-selected="true"]')?.click();
  }
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-palette]")) return;
  event.preventDefault();
  openPalette();
});
