/** The candles as numbers, for who cannot see the chart and who wants to copy them. */
import { el } from "../dom.js";
import { plain } from "../format.js";
import { instrument } from "./instrument.js";
import { timeText } from "./times.js";

const ROWS = 60;

/** `draw(rows)` while the table is open. */
export function createTable({ interval }) {
  const box = document.getElementById("chart-table-box");
  const target = document.getElementById("chart-table");
  const button = document.getElementById("chart-table-switch");
  let latest = [];

  function draw(rows) {
    latest = rows;
    if (box.hidden) return;
    target.replaceChildren(...rows.slice(-ROWS).reverse().map((bar) => el("tr", {},
      Object.assign(el("th", {}, timeText(bar.time, interval())), { scope: "row" }),
      ...["open", "high", "low", "close"].map((part) => el("td", { className: "num" }, plain(bar[part], instrument.places))),
      el("td", { className: "num" }, plain(bar.volume, 0)))));
  }

  button.addEventListener("click", () => {
    box.hidden = !box.hidden;
    button.setAttribute("aria-pressed", String(!box.hidden));
    draw(latest);
  });
  return { draw };
}
