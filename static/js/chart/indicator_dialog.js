/** Choosing an indicator from the server's catalogue, and its settings. */
import { el } from "../dom.js";
import { catalogue } from "./indicators.js";

const dialog = document.getElementById("chart-indicators");
const GROUPS = { trend: "Trend", momentum: "Momentum", volatility: "Volatility", volume: "Volume", levels: "Levels", statistics: "Statistics" };

function control(parameter, value) {
  const id = `indicator-${parameter.name}`;
  const label = el("label", { htmlFor: id }, parameter.title);
  let input;
  if (parameter.choices?.length) {
    input = el("select", { id, name: parameter.name, className: "text" }, ...parameter.choices.map((choice) => el("option", { value: choice, selected: choice === value }, choice.replaceAll("_", " "))));
  } else {
    const isNumber = parameter.type === "integer" || parameter.type === "number";
    input = el("input", { id, name: parameter.name, className: "text", value, required: true, type: isNumber ? "number" : "text" });
    if (isNumber) Object.assign(input, { min: parameter.min, max: parameter.max, step: parameter.step ?? "any" });
  }
  return el("div", { className: "field" }, label, input);
}

function colourControl(indicators, one, output) {
  const id = `colour-${output.name}`;
  const chosen = indicators.colourOf(one, output);
  const select = el("select", { id, name: id, className: "text" }, ...indicators.colours.map((name) => el("option", { value: name, selected: name === chosen }, name[0] + name.slice(1).toLowerCase())));
  return el("div", { className: "field" }, el("label", { htmlFor: id }, `Colour of ${output.name.replaceAll("_", " ")}`), select);
}

/** The picker: a search box over the catalogue; `choose(name)` is called for each one taken. */
export function pickIndicator(choose) {
  const title = dialog.querySelector("[data-title]");
  const body = dialog.querySelector("[data-body]");
  title.textContent = "Indicators";
  const search = el("input", { type: "search", className: "text", placeholder: "Find an indicator" });
  search.setAttribute("aria-label", "Find an indicator");
  const list = el("div", { className: "indicator-list" });
  const show = async () => {
    let all;
    try {
      all = [...(await catalogue()).values()];
    } catch (error) {
      list.replaceChildren(el("p", { className: "empty" }, `The indicators did not load: ${error.message}.`));
      return;
    }
    const wanted = search.value.trim().toLowerCase();
    const found = all.filter((one) => `${one.name} ${one.title}`.toLowerCase().includes(wanted));
    list.replaceChildren(...[...new Set(found.map((one) => one.group))].map((group) => el("section", {}, el("h2", {}, GROUPS[group] ?? group), ...found.filter((one) => one.group === group).map((one) => {
      const button = el("button", { type: "button", className: "item" }, el("span", { className: "clip" }, one.title), el("span", { className: "mute" }, one.pane === "overlay" ? "on the chart" : "own pane"));
      button.title = one.doc ?? "";
      button.addEventListener("click", () => {
        dialog.close();
        choose(one.name);
      });
      return button;
    }))));
    if (!found.length) list.replaceChildren(el("p", { className: "empty" }, `No indicator is called “${search.value}”.`));
  };
  search.addEventListener("input", show);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") list.querySelector("button")?.click();
  });
  body.replaceChildren(el("div", { className: "pad" }, search), list);
  show();
  if (!dialog.open) dialog.showModal();
  search.focus();
}

/** Settings of an indicator that is on the chart. */
export function editIndicator(indicators, id) {
  const one = indicators.get(id);
  dialog.querySelector("[data-title]").textContent = one.about.title;
  const form = el("form", { className: "form" });
  const drawn = indicators.drawn(one);
  form.append(
    ...(one.about.doc ? [el("p", { className: "sub" }, one.about.doc)] : []),
    ...one.about.parameters.map((parameter) => control(parameter, one.params[parameter.name] ?? parameter.default)),
    ...drawn.map((output) => colourControl(indicators, one, output)),
    el("div", { className: "row" }, el("button", { type: "submit", className: "btn accent" }, "Apply"), Object.assign(el("button", { type: "button", className: "btn" }, "Cancel"), { onclick: () => dialog.close() })),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(form);
    const params = {};
    for (const parameter of one.about.parameters) {
      const text = given.get(parameter.name);
      const value = parameter.type === "integer" || parameter.type === "number" ? Number(text) : text;
      if (value !== parameter.default || parameter.name in one.params) params[parameter.name] = value;
    }
    const colours = Object.fromEntries(drawn.map((output) => [output.name, given.get(`colour-${output.name}`)]));
    dialog.close();
    indicators.update(id, { params, colours });
  });
  dialog.querySelector("[data-body]").replaceChildren(form);
  dialog.showModal();
  form.querySelector("input, select")?.focus();
}
