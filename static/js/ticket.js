/** The order ticket's manners: a changed form cannot be sent until the server has previewed it. */

const form = (node) => node.closest?.("form[data-ticket]");

function stale(ticket) {
  const button = ticket.querySelector("button[type=submit]");
  if (button) {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
  }
}

function follow(ticket) {
  const market = ticket.querySelector("[name=order_type]:checked")?.value === "MARKET";
  const price = ticket.querySelector("[name=price]");
  if (price) price.disabled = market;
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
  follow(ticket);
  stale(ticket);
});

document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step]");
  if (step) {
    const input = form(step).querySelector(`[name=${step.dataset.for}]`);
    const size = Number(input.dataset.size || 1);
    const next = Number(input.value || 0) + Number(step.dataset.step) * size;
    input.value = Math.max(size, next).toFixed(input.dataset.places ?? 0);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

// The preview is swapped every few seconds: what the reader has opened in it stays open.
let opened = new Set();
document.addEventListener("htmx:beforeSwap", ({ target }) => {
  opened = new Set([...target.querySelectorAll("details[data-keep-open][open]")].map((box) => box.dataset.keepOpen));
});
document.addEventListener("htmx:afterSwap", ({ target }) => {
  for (const name of opened) target.querySelector(`details[data-keep-open=${name}]`)?.setAttribute("open", "");
});

// A row's inline form: gone when it is done with, so that the list follows the news again.
function closeInline(node) {
  const row = node?.closest("[data-inline]");
  const list = row?.closest("[data-refetch-on]");
  row?.remove();
  if (list) window.htmx.trigger(list, "refetch");
}
document.addEventListener("click", (event) => closeInline(event.target.closest("[data-inline-close]")));
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && detail.requestConfig.verb === "post") closeInline(detail.elt.closest("[data-inline] form"));
});

document.addEventListener("htmx:load", (event) => event.target.querySelectorAll?.("form[data-ticket]").forEach(follow));
document.querySelectorAll("form[data-ticket]").forEach(follow);
