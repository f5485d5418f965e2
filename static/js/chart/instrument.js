/** The instrument that the chart page shows, and another one put in its place without a new page. */
import { collect } from "../live.js";

const root = document.getElementById("chart");
const desk = document.querySelector("[data-page-symbol]");
const watch = document.querySelector(".watch");
// What the server wrote of one instrument into the frame that all of them share.
const WORDS = ["#chart-name", "#chart-kind", "#chart-legend", "#chart-table-box caption"];

/** As the page says it now: read it when it is needed, for the page may come to show another. */
export const instrument = {
  get key() { return root.dataset.key; },
  get places() { return Number(root.dataset.places); },
  get tick() { return Number(root.dataset.tick); },
};

/** The address of an instrument's chart. */
export const addressOf = (key) => `/chart/${encodeURIComponent(key).replace("%3A", ":")}/`;

/** The instrument whose chart stands at an address; "" if it is another page. */
export function keyAt(address) {
  const { origin, pathname } = new URL(address, location.href);
  const found = origin === location.origin && pathname.match(/^\/chart\/([^/]+)\/$/);
  return found ? decodeURIComponent(found[1]) : "";
}

/** The page at an address, as the server writes it; null if it is none of a chart. */
export async function pageAt(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.getElementById("chart") ? page : null;
}

/** Write into this page what the other says of its instrument: names, quote, book, ticket, and the chart's terms. */
export function take(page) {
  document.title = page.title;
  desk.dataset.pageSymbol = page.querySelector("[data-page-symbol]").dataset.pageSymbol;
  for (const place of WORDS) document.querySelector(place).replaceChildren(...page.querySelector(place).childNodes);
  const other = page.getElementById("chart");
  Object.assign(root.dataset, other.dataset);
  root.setAttribute("aria-label", other.getAttribute("aria-label"));
  document.querySelector(".trade-bar")?.remove();
  const bar = page.querySelector(".trade-bar");
  if (bar) desk.append(bar);
  const side = page.querySelector(".side-column");
  document.querySelector(".side-column").replaceWith(side);
  window.htmx.process(side);
  collect();
  mark();
  document.dispatchEvent(new CustomEvent("desk:instrument", { detail: instrument.key }));
}

/** The watchlist beside the chart says which of its rows is shown. */
function mark() {
  for (const row of watch.querySelectorAll("li[data-symbol]")) {
    if (row.dataset.symbol === instrument.key) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

// Another of the lists comes marked for the instrument that the page began with.
watch.addEventListener("htmx:afterSwap", mark);
