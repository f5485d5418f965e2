/** The form of a run: strategies are taken out again, and what is wrong stands at its box as well as in the verdict. */

const form = document.querySelector("form.asking");

function clear() {
  for (const line of form.querySelectorAll("[data-box-error]")) line.remove();
  for (const box of form.querySelectorAll("[aria-invalid]")) {
    box.removeAttribute("aria-invalid");
    box.removeAttribute("aria-describedby");
  }
}

/** The sentences of the verdict, each after the box that it names. The verdict announces them; these do not. */
function mark() {
  clear();
  for (const item of document.querySelectorAll("#verdict [data-box]")) {
    const box = item.dataset.box && form.elements.namedItem(item.dataset.box);
    if (!(box instanceof HTMLElement)) continue;
    const line = document.createElement("p");
    line.className = "error";
    line.dataset.boxError = "";
    line.id = `${box.id || box.name}-error`;
    line.textContent = item.querySelector("span").textContent;
    box.setAttribute("aria-invalid", "true");
    box.setAttribute("aria-describedby", line.id);
    (box.closest(".field") ?? box.parentElement).append(line);
  }
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-remove-strategy]");
  if (!button) return;
  button.closest("[data-strategy]").remove();
  form.querySelector("[name='strategy']").focus();
  document.body.dispatchEvent(new Event("backtests:changed"));
});
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "verdict" || event.detail.elt.id === "verdict") mark();
});
mark();
