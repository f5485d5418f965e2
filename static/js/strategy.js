/** The strategy builder: legs in the form, figures from the server, the payoff drawn here, the address kept in step. */
import { el } from "./dom.js";
import { plain, signed, tone } from "./format.js";
import { draw, rows } from "./payoff.js";
import { toast } from "./toasts.js";

const page = document.querySelector(".strategy");
const form = document.getElementById("strategy");
const legs = document.getElementById("legs");
const chain = document.getElementById("chain");
const box = page.querySelector("[data-chart]");
const tableBox = page.querySelector("[data-table]");
const readOut = page.querySelector("[data-read-out]");
const moment = new Intl.DateTimeFormat("en-IN", { timeZone: "Asia/Kolkata", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const QUIET_MS = 160;
const SLIDERS = ["spot_pct", "iv_shift", "days"];
let found = null;
let reading = null;
let timer = 0;
let name = page.dataset.name;

const tell = (what) => form.dispatchEvent(new Event(`strategy:${what}`));
const legRows = () => [...legs.querySelectorAll("[data-leg]")];
const field = (row, part) => row.querySelector(`[name=leg_${part}]`);

/** The legs as an address carries them. */
function address() {
  const parts = legRows().map((row) => {
    const held = "held" in row.dataset ? "held" : "";
    return [row.dataset.leg, field(row, "side").value, field(row, "lots").value.trim(), field(row, "price").value.replaceAll(",", "").trim(), held]
      .join(":").replace(/:+$/, "");
  });
  const query = parts.length ? `legs=${parts.map(encodeURIComponent).join(",").replaceAll("%3A", ":")}` : `underlying=${encodeURIComponent(page.dataset.underlying)}`;
  return `${page.dataset.builderUrl}?${query}`;
}

/** After any change of the legs: numbers, address, figures soon, and no order until it has been looked at again. */
function changed({ soon = false } = {}) {
  const count = legRows().length;
  legRows().forEach((row) => { row.dataset.side = field(row, "side").value; });
  page.querySelector("[data-leg-count]").textContent = count || "";
  page.querySelector("[data-no-legs]").hidden = count > 0;
  page.querySelector("[data-leg-head]").hidden = count === 0;
  history.replaceState(null, "", address());
  stale();
  refresh(soon ? 0 : QUIET_MS, true);
}

/** Scrolls the strikes alone: scrollIntoView would move the page on a phone. */
function centre() {
  const atm = page.querySelector("#atm");
  if (atm) chain.scrollTop = atm.offsetTop - chain.clientHeight / 2;
}

function stale() {
  const button = document.getElementById("group-place");
  if (button) button.disabled = true;
}

function refresh(after, withOrder) {
  clearTimeout(timer);
  refresh.order ||= withOrder;
  timer = setTimeout(() => {
    tell("changed");
    if (refresh.order) tell("legs");
    refresh.order = false;
  }, after);
}

/** The same contract bought twice is one leg of two lots; a position added twice is still one position. */
function merge() {
  const seen = new Map();
  for (const row of legRows()) {
    if ("held" in row.dataset) {
      const key = `held ${row.dataset.leg} ${field(row, "side").value} ${field(row, "lots").value} ${field(row, "price").value}`;
      if (seen.has(key)) row.remove();
      seen.set(key, row);
      continue;
    }
    if (field(row, "price").value || field(row, "iv").value) continue;
    const key = `${row.dataset.leg} ${field(row, "side").value}`;
    const first = seen.get(key);
    if (!first) {
      seen.set(key, row);
      continue;
    }
    field(first, "lots").value = Number(field(first, "lots").value) + Number(field(row, "lots").value);
    row.remove();
  }
}

function outputs() {
  const value = Object.fromEntries(SLIDERS.map((slider) => [slider, Number(form.elements[slider].value)]));
  const says = {
    spot_pct: value.spot_pct ? signed(value.spot_pct, 1, { unit: "%" }) : "as it is",
    iv_shift: value.iv_shift ? `${signed(value.iv_shift, 1)} points` : "as it is",
    days: value.days && found ? moment.format(Date.parse(found.now.at) + value.days * 864e5) : "now",
  };
  for (const slider of SLIDERS) {
    const out = form.querySelector(`[data-out=${slider}]`);
    if (out.textContent !== says[slider]) out.textContent = says[slider];
    form.elements[slider].setAttribute("aria-valuetext", says[slider]);
  }
}

/** The date can be moved up to the last expiry. */
function limits() {
  const days = found?.last_expires_at ? (Date.parse(found.last_expires_at) - Date.parse(found.now.at)) / 864e5 : 0;
  const slider = form.elements.days;
  slider.disabled = days <= 0.05;
  const most = Math.floor(days * 20) / 20;
  if (Number(slider.max) !== most) slider.max = most || 1;
  if (Number(slider.value) > most) slider.value = most;
}

function put(row, part, text, colour = "") {
  const cell = row.querySelector(`[data-part=${part}]`);
  if (cell.textContent !== text) cell.textContent = text;
  cell.classList.remove("gain", "loss");
  if (colour) cell.classList.add(colour);
}

function legFigures() {
  legRows().forEach((row, index) => {
    const leg = found?.legs[index];
    if (!leg || leg.symbol !== row.dataset.leg) return;
    const price = field(row, "price");
    if (leg.price_source !== "GIVEN") price.placeholder = plain(Number(leg.price), 2);
    put(row, "iv", leg.iv === null ? "–" : plain(Number(leg.iv) * 100, 1));
    put(row, "delta", signed(Number(leg.greeks.delta), 1));
    put(row, "theta", signed(Number(leg.greeks.theta), 0));
    put(row, "vega", signed(Number(leg.greeks.vega), 0));
    put(row, "pnl", signed(Number(leg.pnl), 0, { currency: "₹" }), tone(Math.round(Number(leg.pnl))));
    row.querySelector(".ltp").classList.toggle("stale-cell", leg.stale);
  });
}

function picture() {
  reading = draw(box, found);
  page.querySelector("[data-chart-none]").hidden = Boolean(found);
  const moved = found && (found.what_if.at !== found.now.at || SLIDERS.some((slider) => Number(form.elements[slider].value)));
  page.querySelector("[data-key-target]").textContent = moved ? moment.format(Date.parse(found.what_if.at)) : "Now";
  page.querySelector("[data-key-expiry]").textContent = found?.expires_at ? `At expiry, ${moment.format(Date.parse(found.expires_at))}` : "At expiry";
  readOut.textContent = "";
  if (!tableBox.hidden) table();
}

function table() {
  const head = el("thead", {}, el("tr", {}, ...["Underlying", "At expiry", page.querySelector("[data-key-target]").textContent]
    .map((text) => el("th", { scope: "col", className: "num", textContent: text }))));
  const body = el("tbody", {}, ...(found ? rows(found) : []).map((row) => el(
    "tr", { className: row.isSpot ? "is-spot" : "" },
    el("th", { scope: "row", className: "num", textContent: plain(row.price, 2) }),
    ...["expiry", "what_if"].map((part) => el("td", { className: `num ${tone(Math.round(row[part]))}`, textContent: signed(row[part], 0, { currency: "₹" }) })),
  )));
  tableBox.replaceChildren(el("table", {}, el("caption", { className: "sr-only", textContent: "Profit and loss by the underlying's price" }), head, body));
}

legs.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-remove]");
  if (!button) return;
  button.closest("[data-leg]").remove();
  changed({ soon: true });
});
form.addEventListener("input", ({ target }) => {
  if (SLIDERS.includes(target.name)) {
    outputs();
    refresh(QUIET_MS, false);
  } else changed();
});
form.addEventListener("submit", (event) => event.preventDefault());
page.querySelector("[data-clear]").addEventListener("click", () => {
  legs.replaceChildren();
  name = "";
  changed({ soon: true });
});
page.querySelector("[data-reset]").addEventListener("click", () => {
  for (const slider of SLIDERS) form.elements[slider].value = 0;
  outputs();
  refresh(0, false);
});
page.querySelector("[data-place]").addEventListener("change", ({ currentTarget }) => currentTarget.submit());
page.querySelector("[data-table-switch]").addEventListener("click", ({ currentTarget }) => {
  tableBox.hidden = !tableBox.hidden;
  box.hidden = !tableBox.hidden;
  currentTarget.setAttribute("aria-pressed", String(!tableBox.hidden));
  picture();
});
page.querySelector("[data-share]").addEventListener("click", async () => {
  const url = new URL(address(), location.href).href;
  try {
    await navigator.clipboard.writeText(url);
    toast("The strategy's address is copied.", { tone: "ok" });
  } catch {
    // Without the permission, or on plain HTTP, the address bar has it.
    history.replaceState(null, "", url);
    toast("Copy the address from the browser's address bar: it holds the strategy.");
  }
});
page.addEventListener("click", ({ target }) => {
  const shape = target.closest("[data-shape]");
  if (!shape) return;
  name = shape.dataset.name;
  shape.closest("details").open = false;
});
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.elt.id !== "order") return;
  detail.parameters.name = name;
  // What was ticked stays ticked when the legs change.
  for (const promise of ["all_or_nothing", "autoslice"]) {
    const tick = detail.elt.querySelector(`[name=${promise}]`);
    if (tick) detail.parameters[promise] = tick.checked ? "1" : "0";
  }
});
document.addEventListener("htmx:beforeRequest", (event) => {
  // Nobody looks: the figures come again with the next round.
  if (event.detail.elt.id === "figures" && document.hidden && found) event.preventDefault();
});
document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
  if (target === legs) {
    merge();
    changed({ soon: true });
  } else if (target.id === "figures") {
    const data = document.getElementById("strategy-data");
    found = data ? JSON.parse(data.textContent) : null;
    limits();
    outputs();
    legFigures();
    picture();
  } else if (target === chain) centre();
});
box.addEventListener("pointermove", ({ clientX }) => {
  if (reading) readOut.textContent = reading.read(clientX - box.getBoundingClientRect().left);
});
box.addEventListener("pointerleave", () => {
  reading?.hide();
  readOut.textContent = "";
});
new ResizeObserver(() => { if (!box.hidden) reading = draw(box, found); }).observe(box);

centre();
if (legRows().length) history.replaceState(null, "", address());
