/**
 * The option chain: strikes that changed are patched in one animation frame, the strip follows the chain's head,
 * and chosen legs are gathered for the strategy builder. What hangs on all strikes (bars' scale, smile, the row at
 * the money) is asked of the server again when the strike at the money moves, and every half minute.
 */
import { el } from "./dom.js";
import { plain, signed, tone } from "./format.js";
import { on, subscribe } from "./socket.js";

const REFETCH_MS = 30_000;
const LAKH = 100_000;
const PLACES = { delta: 2, gamma: 5, theta: 1, vega: 2, rho: 2 };
const page = document.querySelector(".options");
const part = document.getElementById("chain-part");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const pending = new Map();
let head = null;
let frame = 0;

const units = (value) => (Math.abs(value) >= LAKH ? `${plain(value / LAKH, 1)}L` : plain(value, 0));
const HEAD = {
  price: (value) => plain(value, 2),
  whole: (value) => plain(value, 0),
  percent: (value) => `${plain(value, 2)}%`,
  points: (value) => signed(value, 2),
  ratio: (value) => plain(value, 2),
  units,
};

function legFigure(value, column) {
  if (column === "volume" || column === "oi") return units(value);
  if (column === "oi_change") return (value > 0 ? "+" : value < 0 ? "−" : "") + units(Math.abs(value));
  if (column === "change") return signed(value, 2);
  if (column === "iv") return plain(value, 1);
  return plain(value, PLACES[column] ?? 2);
}

function text(node, value) {
  if (node && node.textContent !== value) node.textContent = value;
}

function patchCell(cell, leg) {
  const column = cell.dataset.c;
  const value = leg?.[column];
  const number = value === null || value === undefined ? NaN : Number(value);
  const written = Number.isNaN(number) ? "–" : column === "ltp" ? plain(number, 2) : legFigure(number, column);
  const node = column === "ltp" ? cell.querySelector(".ltp") : cell.querySelector("span");
  if (!node) return;
  if (column === "ltp") {
    cell.classList.toggle("stale", leg.stale);
    const before = Number(cell.dataset.last ?? NaN);
    cell.dataset.last = number;
    if (before !== number && !Number.isNaN(before) && !calm.matches) {
      cell.animate([{ backgroundColor: `var(--${tone(number - before)}-soft)` }, { backgroundColor: "transparent" }], 300);
    }
  }
  if (column === "oi") cell.querySelector("rect")?.setAttribute("width", Math.min(100, (number / mostOi()) * 100));
  if (column === "change" || column === "oi_change") node.className = tone(number);
  text(node, written);
}

function mostOi() {
  const largest = document.querySelector(".chain-table")?.dataset.mostOi;
  return Number(largest) || 1;
}

function paint() {
  frame = 0;
  for (const [strike, row] of pending) {
    const line = part.querySelector(`tr[data-strike="${strike}"]`);
    for (const cell of line?.querySelectorAll("td[data-c]") ?? []) patchCell(cell, row[cell.dataset.side]);
  }
  pending.clear();
  if (head) paintHead(head);
  head = null;
}

function paintHead(item) {
  const figures = { ...item, ...item.summary };
  for (const node of part.querySelectorAll("[data-head]")) {
    const value = figures[node.dataset.head];
    const write = HEAD[node.dataset.kind];
    if (!write) text(node, value === null ? "–" : words(String(value)));
    else text(node, value === null || value === undefined ? "–" : write(Number(value)));
  }
  part.querySelector("[data-stale-stat]")?.classList.toggle("calm", !figures.stale_legs);
  const atm = part.querySelector("tr.atm")?.dataset.strike;
  if (item.atm_strike && atm !== item.atm_strike) refetch();
}

const words = (code) => code.charAt(0) + code.slice(1).toLowerCase().replaceAll("_", " ");
const refetch = () => part.dispatchEvent(new Event("refetch"));

function follow() {
  subscribe("chain", { underlying: page.dataset.underlying, expiry: page.dataset.expiry });
  on("chain", (items) => {
    for (const item of items) {
      if (item.underlying !== page.dataset.underlying || item.expiry !== page.dataset.expiry) continue;
      if (item.kind === "head") head = item;
      else pending.set(item.strike, item);
    }
    frame ||= requestAnimationFrame(paint);
  });
  setInterval(() => {
    if (document.visibilityState === "visible" && !part.contains(document.activeElement)) refetch();
  }, REFETCH_MS);
}

/* The row at the money in the middle, once: after that the reader scrolls. */
function centre() {
  const body = part.querySelector(".chain > .body");
  const row = part.querySelector("tr.atm");
  if (!body || !row || body.scrollHeight <= body.clientHeight) return;
  const above = [...row.parentElement.children].indexOf(row) * row.offsetHeight;
  body.scrollTop = above - body.clientHeight / 2 + row.offsetHeight;
}

const legs = new Map();
const tray = document.getElementById("legs-tray");

function drawTray() {
  tray.hidden = legs.size === 0;
  tray.querySelector(".tray-legs").replaceChildren(...[...legs.values()].map((leg) => {
    const lots = el("input", { type: "number", min: 1, max: 500, value: leg.lots, ariaLabel: `Lots of ${leg.key}` });
    lots.addEventListener("change", () => { leg.lots = Math.max(1, Math.floor(Number(lots.value) || 1)); link(); });
    const drop = el("button", { type: "button", ariaLabel: `Remove ${leg.key}` }, "×");
    drop.addEventListener("click", () => { legs.delete(leg.key); drawTray(); });
    return el("li", {}, el("span", { className: `tag ${leg.side.toLowerCase()}` }, leg.side), leg.key.replace(/^.*:/, ""), lots, "lot", drop);
  }));
  link();
}

function link() {
  const text = [...legs.values()].map((leg) => `${leg.key}:${leg.side}:${leg.lots}`).join(",");
  tray.querySelector("[data-build]").href = `${page.dataset.builderUrl}?legs=${encodeURIComponent(text)}`;
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-leg]");
  if (button) {
    const { key } = button.closest("td").dataset;
    const known = legs.get(key);
    const side = button.dataset.leg;
    legs.set(key, { key, side, lots: known?.side === side ? known.lots + 1 : 1 });
    drawTray();
  } else if (target.closest?.("[data-clear]")) {
    legs.clear();
    drawTray();
  }
});

if (page) {
  centre();
  if ("follow" in page.dataset) follow();
}
