/** Keys. Nothing fires while the reader types, or with Ctrl, Alt or Meta held. */
import { openPalette } from "./palette.js";
import { openTicket } from "./sheet.js";

const SEQUENCE_MS = 900;
const PLACES = { d: "Dashboard", w: "Watchlist", c: "Chart", o: "Orders", p: "Positions", r: "Risk" };
let prefixUntil = 0;

const typing = (target) => target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");

/** The instrument meant: the row under the pointer or focus, else the page's. */
function currentSymbol() {
  const hovered = [...document.querySelectorAll("[data-symbol]:hover")].pop();
  return (hovered ?? document.activeElement?.closest("[data-symbol]") ?? document.querySelector("[data-page-symbol]"))
    ?.dataset.symbol ?? document.querySelector("[data-page-symbol]")?.dataset.pageSymbol ?? "";
}

const ACTIONS = {
  "/": () => openPalette(),
  "?": () => document.getElementById("keys").showModal(),
  b: () => trade("BUY"),
  s: () => trade("SELL"),
};

/** A ticket needs an instrument: where the page is about none, the palette asks for it. */
function trade(side) {
  const symbol = currentSymbol();
  if (symbol || document.querySelector("main form[data-ticket]")) openTicket(symbol, side);
  else if (document.body.dataset.ticketUrl) openPalette();
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "g") {
    prefixUntil = event.timeStamp + SEQUENCE_MS;
    return;
  }
  const further = event.timeStamp < prefixUntil && document.getElementById("places")?.content.querySelector(`a[data-key="${CSS.escape(event.key)}"]`);
  if (further) {
    location.assign(further.getAttribute("href"));
    return;
  }
  if (event.timeStamp < prefixUntil && event.key in PLACES) {
    prefixUntil = 0;
    document.querySelector(`.rail a[aria-label="${PLACES[event.key]}"]`)?.click();
    return;
  }
  if (event.key in ACTIONS) {
    event.preventDefault();
    ACTIONS[event.key]();
  }
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys]")) ACTIONS["?"]();
});
