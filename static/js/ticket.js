/** The order ticket's manners: a changed form cannot be sent until the server has previewed it. */
import { latest } from "./live.js";

const form = (node) => node.closest?.("form[data-ticket]");

function stale(ticket) {
  const button = ticket.querySelector("button[type=submit]");
  if (button) {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
  }
}

/** Fields that the chosen type, validity or session has no use for are neither shown nor sent. */
function follow(ticket) {
  const type = ticket.querySelector("[name=order_type]:checked")?.value;
  const waits = ticket.querySelector("[name=after_market]")?.checked;
  const ioc = !waits && ticket.querySelector("[name=validity]:checked")?.value === "IOC";
  for (const field of ticket.querySelectorAll("[data-when], [data-unless]")) {
    const { when, unless } = field.dataset;
    show(field, (!when || when.split(" ").includes(type)) && !(unless === "IOC" ? ioc : unless && waits));
  }
  exits(ticket, { type, waits, ioc });
  suggest(ticket, type);
}

/** What cannot carry a target and a stop says so, and keeps what was typed for when it can again. */
function exits(ticket, { type, waits, ioc }) {
  const part = ticket.querySelector("[data-exits]");
  if (!part) return;
  const reason = ioc ? "An IOC order carries no exits." : waits ? "An after-market order carries no exits: guard the position once it is open."
    : type === "SL" || type === "SL_M" ? "An entry that waits for its own trigger carries no exits." : "";
  part.disabled = reason !== "";
  const text = part.querySelector("[data-exits-why]");
  text.hidden = !reason;
  const { target, stop } = ticket.elements;
  const typed = target.value !== "" || stop.value !== "";
  text.textContent = reason && typed ? `${reason} Yours are not sent.` : reason;
  text.classList.toggle("loss", typed);
  part.querySelector("[data-stop-as]").hidden = reason !== "" || stop.value === "";
  const guarded = !reason && typed;
  const disclosed = ticket.elements.disclosed_quantity?.closest(".field");
  if (guarded && disclosed) show(disclosed, false);
}

function show(field, wanted) {
  field.hidden = !wanted;
  field.querySelectorAll("input").forEach((input) => { input.disabled = !wanted; });
}

/** Prices that nobody has typed follow the side; the limit of a stop starts at its trigger. */
function suggest(ticket, type) {
  const side = ticket.querySelector("[name=side]:checked")?.value.toLowerCase();
  const { price, trigger_price: trigger } = ticket.elements;
  if (!side) return;
  for (const input of [price, trigger]) {
    if (input && !input.dataset.typed && input.dataset[side]) input.value = input.dataset[side];
  }
  if (type === "SL" && !price.dataset.typed) price.value = trigger.value;
}

// No answer, no order: what cannot be checked cannot be sent.
for (const name of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(name, ({ target }) => {
    if (!target.matches(".preview")) return;
    stale(form(target));
    const verdict = target.querySelector(".verdict");
    if (!verdict) return;
    verdict.className = "verdict warn";
    verdict.textContent = "The server does not answer: the order cannot be checked now.";
  });
}

document.addEventListener("input", (event) => {
  const ticket = form(event.target);
  if (!ticket) return;
  if (["price", "trigger_price"].includes(event.target.name)) event.target.dataset.typed = "yes";
  follow(ticket);
  stale(ticket);
});

/** An empty exit starts from the order's own price; the gap of a trailing stop from nothing. */
function startOf(ticket, input) {
  if (!("fromPrice" in input.dataset) || gapUnit(ticket, input)) return 0;
  const { price, symbol } = ticket.elements;
  return Number((!price.disabled && price.value) || latest(symbol.value)?.ltp || 0);
}

function gapUnit(ticket, input) {
  const unit = input.name === "stop" ? ticket.querySelector("[name=stop_as]:checked")?.value : "PRICE";
  return unit === "PRICE" ? "" : unit;
}

document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step]");
  const ticket = step && form(step);
  if (ticket) {
    const input = ticket.querySelector(`[name=${step.dataset.for}]`);
    const size = gapUnit(ticket, input) === "PERCENT" ? 0.1 : Number(input.dataset.size || 1);
    const next = Number(input.value || startOf(ticket, input)) + Number(step.dataset.step) * size;
    input.value = Math.max(size, next).toFixed(input.dataset.places ?? 0);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

/** The fields that a preview names are marked, for the eye and for a screen reader. */
function mark(preview) {
  const ticket = form(preview);
  const wrong = new Set((preview.querySelector("[data-wrong]")?.dataset.wrong ?? "").split(" "));
  ticket?.querySelectorAll("input:not([type=hidden])").forEach((input) => {
    if (wrong.has(input.name)) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  });
}

// The preview is swapped every few seconds: what the reader has opened in it stays open.
let opened = new Set();
document.addEventListener("htmx:beforeSwap", ({ target }) => {
  opened = new Set([...target.querySelectorAll("details[data-keep-open][open]")].map((box) => box.dataset.keepOpen));
});
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.matches(".preview")) mark(target);
  for (const name of opened) target.querySelector(`details[data-keep-open=${name}]`)?.setAttribute("open", "");
});

// A modification that went through closes its sheet.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && detail.elt.matches("form[data-modify]") && detail.xhr.status === 204) detail.elt.closest("dialog")?.close();
});

document.addEventListener("htmx:load", (event) => event.target.querySelectorAll?.("form[data-ticket]").forEach(follow));
document.querySelectorAll("form[data-ticket]").forEach(follow);
