/** What the account has in this instrument: its fills as arrows, its orders and triggers as lines, its average price. */
import { LineStyle, createSeriesMarkers } from "../../vendor/lightweight-charts.mjs";
import { orderLines } from "../chart_orders.js";
import { plain } from "../format.js";
import { barStart, onAxis } from "./times.js";

/** `load()` asks the server anew; `hide(true)` takes all of it off the chart. */
export function createMarks({ view, bars, root }) {
  const { chart, price } = view;
  const markers = createSeriesMarkers(price, []);
  const working = orderLines({ chart, series: price, root, reload: () => load() });
  let averages = [];
  let hidden = false;
  let until = Infinity;
  let fills = [];

  function drawFills() {
    const first = bars.rows[0]?.time ?? Infinity;
    markers.setMarkers(fills
      .map((fill) => ({ ...fill, moment: onAxis(fill.at), time: barStart(onAxis(fill.at), bars.interval) }))
      .filter((fill) => fill.time >= first && fill.moment < until)
      .sort((a, b) => a.time - b.time)
      .map((fill) => ({
        time: fill.time, position: fill.side === "BUY" ? "belowBar" : "aboveBar", shape: fill.side === "BUY" ? "arrowUp" : "arrowDown",
        color: view.palette[fill.side.toLowerCase()], text: plain(fill.quantity, 0),
      })));
  }

  async function load() {
    const { marksUrl } = root.dataset;
    if (!marksUrl) return;
    const answer = await fetch(marksUrl, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const marks = await answer.json();
    if (marksUrl === root.dataset.marksUrl) draw(marks);
  }

  function draw(marks) {
    fills = marks.fills;
    drawFills();
    averages.forEach((line) => price.removePriceLine(line));
    working.show(hidden ? [] : marks.orders, hidden ? [] : marks.triggers, view.palette);
    averages = (hidden ? [] : marks.positions).map((position) => price.createPriceLine({
      price: Number(position.average_price), color: view.palette[position.quantity > 0 ? "buy" : "sell"], lineStyle: LineStyle.Dotted,
      lineWidth: 1, axisLabelVisible: true, title: `Avg · ${plain(position.quantity, 0)}`,
    }));
  }

  return {
    load, drawFills,
    clear: () => draw({ fills: [], orders: [], triggers: [], positions: [] }),
    hide: (next, end = Infinity) => {
      hidden = next;
      until = end;
      return load();
    },
  };
}
