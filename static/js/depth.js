/** The five-level book: fetched when its instrument's quote moves, patched in place, clicked to take a price. */
import { plain, signed } from "./format.js";

const MIN_GAP_MS = 500;
const NOTES = {
  EMPTY: "No bids or offers are shown.",
  BIDS_ONLY: "Only bids: nobody offers.",
  ASKS_ONLY: "Only offers: nobody bids.",
  LOCKED: "Locked: bid and offer are the same price.",
  CROSSED: "Crossed: the bid is above the offer, so one of them is out of date.",
};
const WIDTH = 200;
const HEIGHT = 40;
let table = null;
let sum = null;
let asked = 0;
let pending = false;
let steps = null;

function write(row, part, text) {
  const cell = row.querySelector(`[data-part=${part}]`);
  if (cell.textContent !== text) cell.textContent = text;
}

function say(part, text) {
  const node = sum.querySelector(`[data-book-part=${part}]`);
  if (node.textContent !== text) node.textContent = text;
}

function side(row, name, level, deepest) {
  const places = Number(table.dataset.places);
  write(row, `${name}_price`, level ? plain(Number(level.price), places) : "");
  write(row, `${name}_quantity`, level ? plain(level.quantity, 0) : "");
  write(row, `${name}_orders`, level ? String(level.orders || "") : "");
  row.querySelector(`.${name}s rect`).setAttribute("width", level && deepest ? (level.quantity / deepest) * 100 : 0);
}

const figure = (text, places) => (text === null ? "–" : plain(Number(text), places));
const balance = (text) => (text === null ? "–" : signed(Number(text), 2));

function facts(book) {
  const places = Number(table.dataset.places);
  const note = sum.querySelector("[data-book-note]");
  const text = NOTES[book.state] ?? (book.stale ? "Stale: the feed has not confirmed this book lately." : "");
  if (note.textContent !== text) note.textContent = text;
  note.hidden = !text;
  say("spread", figure(book.spread, places));
  say("spread_bps", book.spread_bps ?? "–");
  say("microprice", figure(book.microprice, places));
  say("depth", balance(book.imbalance.depth));
  say("top", balance(book.imbalance.top));
  // Bids stand on the left of the book, so more of them pull the bar there.
  const lean = Number(book.imbalance.depth ?? 0) * 100;
  const bid = sum.querySelector("[data-balance=bid]");
  bid.setAttribute("x", 100 - Math.max(0, lean));
  bid.setAttribute("width", Math.max(0, lean));
  sum.querySelector("[data-balance=ask]").setAttribute("width", Math.max(0, -lean));
}

/** One side as a staircase that rises away from the middle of the book up to the `edge` of the chart. */
function staircase(levels, across, up, edge) {
  if (!levels.length) return "";
  const points = levels.map(({ cumulative_quantity: total }, index) => {
    const next = levels[index + 1];
    return `V${up(total)}H${next ? across(Number(next.price)) : edge}`;
  });
  return `M${across(Number(levels[0].price))} ${HEIGHT}${points.join("")}V${HEIGHT}Z`;
}

function chart({ cumulative: { bids, asks } }) {
  const prices = [...bids, ...asks].map(({ price }) => Number(price));
  const places = Number(table.dataset.places);
  // A little room outside, so that the last level of a side is seen as a step and not as an edge.
  const room = (Math.max(...prices) - Math.min(...prices)) / 12;
  const low = Math.min(...prices) - room;
  const high = Math.max(...prices) + room;
  const most = Math.max(bids.at(-1)?.cumulative_quantity ?? 0, asks.at(-1)?.cumulative_quantity ?? 0, 1);
  const across = (price) => (high > low ? ((price - low) / (high - low)) * WIDTH : WIDTH / 2);
  const up = (total) => HEIGHT - (total / most) * (HEIGHT - 2);
  sum.querySelector("[data-curve=bid]").setAttribute("d", staircase(bids, across, up, 0));
  sum.querySelector("[data-curve=ask]").setAttribute("d", staircase(asks, across, up, WIDTH));
  steps = prices.length ? { bids, asks, low, high } : null;
  say("lowest", bids.length ? plain(Number(bids.at(-1).price), places) : "");
  say("highest", asks.length ? plain(Number(asks.at(-1).price), places) : "");
  const label = prices.length
    ? `Depth chart: ${plain(bids.at(-1)?.cumulative_quantity ?? 0, 0)} bid, ${plain(asks.at(-1)?.cumulative_quantity ?? 0, 0)} offered, from ${plain(Math.min(...prices), places)} to ${plain(Math.max(...prices), places)}`
    : "Depth chart: the book is empty";
  sum.querySelector("[data-depth-chart]").setAttribute("aria-label", label);
}

/** What could be had at the price under the pointer. */
function point(event) {
  if (!steps) return;
  const box = event.currentTarget.getBoundingClientRect();
  const price = steps.low + ((event.clientX - box.left) / box.width) * (steps.high - steps.low);
  const bid = steps.bids.filter((level) => Number(level.price) >= price).at(-1);
  const ask = steps.asks.filter((level) => Number(level.price) <= price).at(-1);
  const found = bid ?? ask;
  if (found) say("pointed", `${plain(found.cumulative_quantity, 0)} ${bid ? "bid at" : "offered up to"} ${plain(Number(found.price), Number(table.dataset.places))}`);
}

async function refresh() {
  asked = performance.now();
  pending = false;
  if (!table) return;
  const asking = table;
  const answer = await fetch(asking.dataset.depthUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const book = await answer.json();
  if (asking !== table) return;
  const { bids, asks } = book;
  const deepest = Math.max(1, ...[...bids, ...asks].map((level) => level.quantity));
  [...table.tBodies[0].rows].forEach((row, index) => {
    side(row, "bid", bids[index], deepest);
    side(row, "ask", asks[index], deepest);
  });
  facts(book);
  chart(book);
}

/** A price of the book into the ticket beside it. */
function choose({ target }) {
  if (!target.dataset.part?.endsWith("_price") || !target.textContent) return;
  const form = document.querySelector("main form[data-ticket]");
  const price = form?.elements.price;
  if (!price) return;
  form.querySelector("[name=order_type][value=LIMIT]").checked = true;
  price.disabled = false;
  price.value = target.textContent.replaceAll(",", "");
  price.dispatchEvent(new Event("input", { bubbles: true }));
}

/** The book that the page shows; an index has none. */
function begin() {
  table = document.querySelector("[data-depth]");
  sum = document.querySelector("[data-book]");
  steps = null;
  if (!table) return;
  table.addEventListener("click", choose);
  const curve = sum.querySelector("[data-depth-chart]");
  curve.addEventListener("pointermove", point);
  curve.addEventListener("pointerleave", () => say("pointed", ""));
  refresh();
}

document.addEventListener("desk:quotes", ({ detail }) => {
  if (!table || pending || !detail.has(table.dataset.depth)) return;
  pending = true;
  setTimeout(refresh, Math.max(0, MIN_GAP_MS - (performance.now() - asked)));
});
document.addEventListener("desk:instrument", begin);
begin();
