/** The order ticket in a side sheet: a native dialog, so focus stays inside and the page behind is inert. */
const sheet = document.getElementById("sheet");
const body = document.getElementById("sheet-body");

/** Open a page's partial in the sheet. */
export async function openSheet(url, title = "") {
  if (title) document.getElementById("sheet-title").textContent = title;
  body.replaceChildren(...["", "short", "", ""].map((size) => Object.assign(document.createElement("span"), { className: `skeleton ${size}` })));
  if (!sheet.open) sheet.showModal();
  await window.htmx.ajax("GET", url, { target: body, swap: "innerHTML" });
  (body.querySelector("[data-first]") ?? body.querySelector("input, select, button"))?.focus();
}

/** Open the order ticket, from anywhere. Where the page carries a ticket for the instrument, that one is used. */
export function openTicket(symbol, side) {
  const url = document.body.dataset.ticketUrl;
  if (!url) return;
  if (useTicketOfPage(symbol, side)) return;
  const query = new URLSearchParams({ side });
  if (symbol) query.set("symbol", symbol);
  openSheet(`${url}?${query}`, "New order");
}

function useTicketOfPage(symbol, side) {
  const form = document.querySelector("main form[data-ticket]");
  if (!form || (symbol && form.elements.symbol.value !== symbol)) return false;
  const choice = form.querySelector(`[name=side][value=${side}]`);
  choice.checked = true;
  choice.dispatchEvent(new Event("input", { bubbles: true }));
  form.elements.quantity.focus();
  form.elements.quantity.select();
  return true;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-sheet]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    openSheet(link.href, link.dataset.sheet || "New order");
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target.matches("dialog[open]") && outside(event)) event.target.close();
  closeMenus(event.target);
});

function outside(event) {
  const box = event.target.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

function closeMenus(target) {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(target)) menu.open = false;
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("sheet:close", () => sheet.close());
sheet.addEventListener("close", () => body.replaceChildren());
