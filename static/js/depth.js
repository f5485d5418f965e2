/** The five-level book: fetched when its instrument's quote moves, patched in place, clicked to take a price. */
import { plain } from "./format.js";

const MIN_GAP_MS = 500;
const table = document.querySelector("[data-depth]");
let asked = 0;
let pending = false;

function write(row, part, text) {
  const cell = row.querySelector(`[data-part=${part}]`);
  if (cell.textContent !== text) cell.textContent = text;
}

function side(row, name, level, deepest) {
  const places = Number(table.dataset.places);
  write(row, `${name}_price`, level ? plain(Number(level.price), places) : "");
  write(row, `${name}_quantity`, level ? plain(level.quantity, 0) : "");
  write(row, `${name}_orders`, level ? String(level.orders || "") : "");
  row.querySelector(`.${name}s rect`).setAttribute("width", level && deepest ? (level.quantity / deepest) * 100 : 0);
}

async function refresh() {
  asked = performance.now();
  pending = false;
  const answer = await fetch(table.dataset.depthUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const { bids, asks } = await answer.json();
  const deepest = Math.max(1, ...[...bids, ...asks].map((level) => level.quantity));
  [...table.tBodies[0].rows].forEach((row, index) => {
    side(row, "bid", bids[index], deepest);
    side(row, "ask", asks[index], deepest);
  });
}

if (table) {
  document.addEventListener("desk:quotes", ({ detail }) => {
    if (pending || !detail.has(table.dataset.depth)) return;
    pending = true;
    setTimeout(refresh, Math.max(0, MIN_GAP_MS - (performance.now() - asked)));
  });
  table.addEventListener("click", ({ target }) => {
    if (!target.dataset.part?.endsWith("_price") || !target.textContent) return;
    const form = document.querySelector("main form[data-ticket]");
    const price = form?.elements.price;
    if (!price) return;
    form.querySelector("[name=order_type][value=LIMIT]").checked = true;
    price.disabled = false;
    price.value = target.textContent.replaceAll(",", "");
    price.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
