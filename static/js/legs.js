/** The builders' list of legs: move, copy, remove and number them; a changed list is previewed before it is placed. */

const form = document.querySelector("form[data-builder]");
const list = form.querySelector("[data-legs]");

/** Number the legs, show or hide the empty state, and let the preview know. */
function changed() {
  const rows = [...list.querySelectorAll("[data-leg]")];
  rows.forEach((row, index) => {
    row.querySelector("[data-number]").textContent = index + 1;
    follow(row);
  });
  form.querySelector("[data-no-legs]").hidden = rows.length > 0;
  form.querySelector("[data-leg-head]").hidden = rows.length === 0;
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

const HAS = { price: ["LIMIT", "SL"], trigger_price: ["SL", "SL_M"] };

/** Prices that the type does not have stay in the form, empty, because the server reads the columns side by side. */
function follow(row) {
  const type = row.querySelector("[name=order_type]").value;
  for (const [name, types] of Object.entries(HAS)) {
    const input = row.querySelector(`[name=${name}]`);
    const idle = !types.includes(type);
    input.readOnly = idle;
    input.tabIndex = idle ? -1 : 0;
    input.parentElement.toggleAttribute("aria-disabled", idle);
    if (idle) input.value = "";
    if (name === "price") input.placeholder = idle ? "market" : "limit";
  }
  row.dataset.side = row.querySelector("[name=side]").value;
}

function stale() {
  const button = document.getElementById("group-place");
  if (!button) return;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
}

const acts = {
  up: (row) => row.previousElementSibling?.before(row),
  down: (row) => row.nextElementSibling?.after(row),
  remove: (row) => row.remove(),
  flip: (row) => {
    const side = row.querySelector("[name=side]");
    side.value = side.value === "BUY" ? "SELL" : "BUY";
  },
};

list.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (!button) return;
  const row = button.closest("[data-leg]");
  const next = row.nextElementSibling ?? row.previousElementSibling;
  acts[button.dataset.act](row);
  changed();
  (row.isConnected ? button : (next?.querySelector("[name=lots]") ?? form.querySelector("[data-first]")))?.focus();
});

list.addEventListener("input", (event) => {
  const row = event.target.closest("[data-leg]");
  if (row) follow(row);
});
form.addEventListener("input", stale);
form.addEventListener("keydown", (event) => {
  // Enter in a field must not place orders.
  if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
});
form.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== list) return;
  changed();
  const search = form.querySelector("[data-leg-search]");
  if (search) {
    search.value = "";
    form.querySelector("[data-suggestions]").replaceChildren();
    search.focus();
  }
});
for (const name of ["htmx:sendError", "htmx:responseError"]) {
  form.addEventListener(name, ({ target }) => {
    if (target.matches("[data-group-preview]")) stale();
  });
}
form.querySelectorAll("[data-leg]").forEach(follow);
