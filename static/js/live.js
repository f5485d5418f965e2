/**
 * Live cells. `data-live` names the instrument and `data-field` what to show; all cells that changed are
 * patched together in one animation frame. Money cells (`pnl`, `pnl_pct`, `value`) are worked out from
 * `data-quantity` and `data-average`; `data-live-total` sums the cells marked with its name in `data-total`;
 * with `data-worth` the sum is an amount held, written without a sign or a tone.
 */
import { plain, signed, tone } from "./format.js";
import { on, subscribe, unsubscribe } from "./socket.js";

const cells = new Map();
const quotes = new Map();
const values = new WeakMap();
const changed = new Set();
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let frame = 0;

const places = (cell) => Number(cell.dataset.places ?? 2);
const number = (text) => (text === undefined || text === null || text === "" ? NaN : Number(text));

const MONEY = {
  pnl: (quote, cell) => (number(quote.ltp) - number(cell.dataset.average)) * number(cell.dataset.quantity)
    + Number(cell.dataset.realised ?? 0),
  pnl_pct: (quote, cell) => (number(quote.ltp) / number(cell.dataset.average) - 1) * 100 * Math.sign(number(cell.dataset.quantity)),
  value: (quote, cell) => number(quote.ltp) * Math.abs(number(cell.dataset.quantity)),
  away_pct: (quote, cell) => (number(cell.dataset.from) / number(quote.ltp) - 1) * 100,
};
const WRITE = {
  change: (value, cell) => signed(value, places(cell)),
  change_pct: (value) => signed(value, 2, { unit: "%" }),
  pnl: (value, cell) => signed(value, 2, { currency: cell.dataset.currency ?? "" }),
  pnl_pct: (value) => signed(value, 2, { unit: "%" }),
  value: (value) => plain(value, 2),
  away_pct: (value) => signed(value, 2, { unit: "%" }),
  volume: (value) => plain(value, 0),
  oi: (value) => plain(value, 0),
  bid_quantity: (value) => plain(value, 0),
  ask_quantity: (value) => plain(value, 0),
};
const TONED = new Set(["change", "change_pct", "pnl", "pnl_pct"]);
const FLASHING = new Set(["ltp", "bid", "ask"]);

/** The latest quote seen for a key, with numbers as the socket sent them. */
export function latest(key) {
  return quotes.get(key);
}

function colourBy(cell, value) {
  cell.classList.toggle("gain", value > 0);
  cell.classList.toggle("loss", value < 0);
}

function flash(cell, direction) {
  if (calm.matches || !direction || cell.closest(".bar")) return;
  cell.animate([{ backgroundColor: `var(--${tone(direction)}-soft)` }, { backgroundColor: "transparent" }], 300);
}

function patch(cell, quote) {
  const { field } = cell.dataset;
  const value = field in MONEY ? MONEY[field](quote, cell) : number(quote[field]);
  if (Number.isNaN(value)) return;
  const before = values.get(cell);
  if (before === value) return;
  values.set(cell, value);
  const text = (WRITE[field] ?? plain)(value, WRITE[field] ? cell : places(cell));
  if (cell.textContent !== text) cell.textContent = text;
  cell.classList.remove("stale-cell");
  if (TONED.has(field)) colourBy(cell, value);
  else if ("tone" in cell.dataset) colourBy(cell, number(quote.change));
  if (FLASHING.has(field) && before !== undefined) flash(cell, value - before);
}

function total(node) {
  let sum = Number(node.dataset.base ?? 0);
  for (const cell of document.querySelectorAll(`[data-total="${node.dataset.liveTotal}"]`)) {
    sum += values.get(cell) ?? Number(cell.dataset.value ?? 0);
  }
  const currency = node.dataset.currency ?? "₹";
  if ("worth" in node.dataset) {
    node.textContent = currency + plain(sum, 2);
    return;
  }
  node.textContent = signed(sum, 2, { currency });
  colourBy(node, sum);
}

function flush() {
  frame = 0;
  for (const key of changed) {
    for (const cell of cells.get(key) ?? []) patch(cell, quotes.get(key));
  }
  document.querySelectorAll("[data-live-total]").forEach(total);
  document.dispatchEvent(new CustomEvent("desk:quotes", { detail: new Set(changed) }));
  changed.clear();
}

function receive(batch) {
  for (const quote of batch) {
    quotes.set(quote.symbol, quote);
    changed.add(quote.symbol);
  }
  if (!frame && !document.hidden) frame = requestAnimationFrame(flush);
}

/** Follow the cells that are in the document now; called after each swap. */
export function collect() {
  const before = new Set(cells.keys());
  cells.clear();
  for (const cell of document.querySelectorAll("[data-live]")) {
    if (!cells.has(cell.dataset.live)) cells.set(cell.dataset.live, []);
    cells.get(cell.dataset.live).push(cell);
    const quote = quotes.get(cell.dataset.live);
    if (quote) patch(cell, quote);
  }
  const added = [...cells.keys()].filter((key) => !before.has(key));
  const gone = [...before].filter((key) => !cells.has(key));
  if (added.length) subscribe("quotes", { symbols: added });
  if (gone.length) unsubscribe("quotes", { symbols: gone });
}

on("quotes", receive);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && changed.size && !frame) frame = requestAnimationFrame(flush);
});
document.addEventListener("htmx:afterSettle", collect);
collect();
