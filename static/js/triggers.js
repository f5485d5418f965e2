/** The trigger form's manners: only the fields of the chosen kind show, and each price says how far away it is. */
import { signed } from "./format.js";
import { latest } from "./live.js";

const forms = (root) => root.querySelectorAll?.("form[data-trigger-form]") ?? [];

function chosen(form, name) {
  const input = form.querySelector(`[name=${name}]:checked`) ?? form.querySelector(`select[name=${name}]`);
  return input?.value ?? "";
}

function matches(form, rule) {
  if (!rule) return true;
  const [name, values] = rule.split("=");
  return values.split(",").includes(chosen(form, name));
}

function follow(form) {
  const kind = form.elements.kind?.value;
  const fixed = form.querySelector("[name=trail_by][value='']");
  // A trailing stop has no fixed price; the choice it comes with is the first gap.
  if (kind === "TRAILING" && fixed?.checked) form.querySelector("[name=trail_by][value=POINTS]").checked = true;
  for (const part of form.querySelectorAll("[data-kinds], [data-when]")) {
    const ofKind = !part.dataset.kinds || part.dataset.kinds.split(" ").includes(kind);
    part.hidden = !ofKind || !matches(form, part.dataset.when);
  }
  const text = form.querySelector("[data-kind-text]");
  if (text) text.textContent = form.elements.kind.selectedOptions[0]?.dataset.text ?? "";
  measure(form);
}

function measure(form) {
  for (const input of form.querySelectorAll("[data-away]")) {
    const label = form.querySelector(`[data-away-for=${input.name}]`);
    const ltp = Number(latest(input.dataset.away)?.ltp);
    const at = Number(input.value);
    label.textContent = ltp && at ? `${signed(at - ltp, 2)} · ${signed((at / ltp - 1) * 100, 2, { unit: "%" })} from the price` : "";
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-trigger-form]");
  if (form) follow(form);
});
document.addEventListener("desk:quotes", () => forms(document).forEach(measure));
document.addEventListener("htmx:load", (event) => {
  forms(event.target).forEach(follow);
  if (event.target.matches?.("form[data-trigger-form]")) follow(event.target);
});
document.addEventListener("sheet:close", () => document.getElementById("sheet")?.close());
forms(document).forEach(follow);
