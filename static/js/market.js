/** The market overview between two answers of the server: shades and breadth follow the live quotes. */
import { latest } from "./live.js";

// As HEAT_STEPS of the server: per cent from which a change is a shade stronger.
const STEPS = [0.05, 0.75, 2];

const shade = (percent) => Math.sign(percent) * STEPS.filter((step) => Math.abs(percent) >= step).length;

function breadth() {
  const counts = { up: 0, down: 0, flat: 0 };
  for (const tile of document.querySelectorAll(".tile")) {
    const change = Number(latest(tile.dataset.symbol)?.change ?? tile.dataset.heat);
    counts[change > 0 ? "up" : change < 0 ? "down" : "flat"] += 1;
  }
  for (const [name, count] of Object.entries(counts)) {
    const node = document.querySelector(`[data-breadth="${name}"]`);
    if (node) node.textContent = count;
  }
}

document.addEventListener("desk:quotes", ({ detail }) => {
  for (const tile of document.querySelectorAll(".tile")) {
    if (detail.has(tile.dataset.symbol)) tile.dataset.heat = shade(Number(latest(tile.dataset.symbol).change_pct));
  }
  // A quote that is not known yet would be counted by its shade, which is rounded.
  if ([...document.querySelectorAll(".tile")].every((tile) => latest(tile.dataset.symbol))) breadth();
});
