/** The payoff of a strategy as an SVG, drawn at the size of its box: at expiry, and when and as the what-if says. */
import { plain, signed } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";
const ROOM = { top: 18, right: 12, bottom: 24, left: 58 };
const TICKS = 5;
// Labels above the chart closer than this would run into each other.
const LABEL = 54;

function node(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** "₹12.5k", "−₹1.2L": short enough for an axis. */
function short(rupees) {
  const size = Math.abs(rupees);
  const [value, unit] = size >= 1e7 ? [size / 1e7, "Cr"] : size >= 1e5 ? [size / 1e5, "L"] : size >= 1e3 ? [size / 1e3, "k"] : [size, ""];
  return `${rupees < 0 ? "−" : ""}₹${plain(value, value < 10 && unit ? 1 : 0)}${unit}`;
}

/** A round step that divides a range into about so many. */
function step(range, parts) {
  const raw = range / parts;
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each >= raw);
}

function numbers(curve) {
  return Object.fromEntries(Object.entries(curve).map(([name, column]) => [name, column.map(Number)]));
}

/** The value of a column at a price, straight between its points. */
function at(curve, name, price) {
  const { spot } = curve;
  const next = spot.findIndex((each) => each >= price);
  if (next <= 0) return curve[name][Math.max(next, 0)];
  const share = (price - spot[next - 1]) / (spot[next] - spot[next - 1]);
  return curve[name][next - 1] + share * (curve[name][next] - curve[name][next - 1]);
}

/** Draw into `box`; `found` is the API's analysis. Returns how to read the curve under a pointer. */
export function draw(box, found) {
  const svg = box.querySelector("svg");
  const { width, height } = box.getBoundingClientRect();
  svg.replaceChildren();
  if (!found || width < 40 || height < 60) return null;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const curve = numbers(found.curve);
  const scale = scales(curve, width, height);
  areas(svg, curve, scale);
  axes(svg, curve, scale, width, height);
  markers(svg, found, curve, scale, height);
  line(svg, "payoff-target", curve.spot, curve.what_if, scale);
  line(svg, "payoff-expiry", curve.spot, curve.expiry, scale);
  evens(svg, found, scale);
  return reader(svg, found, curve, scale, { width, height });
}

function scales(curve, width, height) {
  const low = curve.spot[0];
  const high = curve.spot.at(-1);
  const values = [...curve.expiry, ...curve.what_if, 0];
  const most = Math.max(...values);
  const least = Math.min(...values);
  const spare = (most - least || 1) * 0.06;
  const span = most - least + 2 * spare;
  return {
    low, high, most: most + spare, least: least - spare,
    x: (price) => ROOM.left + ((price - low) / (high - low)) * (width - ROOM.left - ROOM.right),
    price: (x) => low + ((x - ROOM.left) / (width - ROOM.left - ROOM.right)) * (high - low),
    y: (value) => ROOM.top + ((most + spare - value) / span) * (height - ROOM.top - ROOM.bottom),
  };
}

const points = (xs, ys, scale) => xs.map((each, index) => `${scale.x(each).toFixed(1)} ${scale.y(ys[index]).toFixed(1)}`);

function line(svg, name, xs, ys, scale) {
  svg.append(node("path", { class: name, d: `M${points(xs, ys, scale).join("L")}` }));
}

function areas(svg, curve, scale) {
  const floor = scale.y(0).toFixed(1);
  for (const [name, part] of [["payoff-gain", (value) => Math.max(value, 0)], ["payoff-loss", (value) => Math.min(value, 0)]]) {
    const top = points(curve.spot, curve.expiry.map(part), scale).join("L");
    svg.append(node("path", { class: name, d: `M${scale.x(scale.low).toFixed(1)} ${floor}L${top}L${scale.x(scale.high).toFixed(1)} ${floor}Z` }));
  }
}

function axes(svg, curve, scale, width, height) {
  const rise = step(scale.most - scale.least, TICKS - 1);
  for (let value = Math.ceil(scale.least / rise) * rise; value <= scale.most; value += rise) {
    const y = scale.y(value);
    svg.append(node("text", { x: ROOM.left - 8, y: y + 4, "text-anchor": "end" }, short(Math.round(value))));
  }
  svg.append(node("line", { class: "payoff-zero", x1: ROOM.left, x2: width - ROOM.right, y1: scale.y(0), y2: scale.y(0) }));
  const run = step(scale.high - scale.low, Math.max(2, Math.floor(width / 110)));
  const digits = run < 1 ? 2 : run < 10 ? 1 : 0;
  for (let price = Math.ceil(scale.low / run) * run; price <= scale.high; price += run) {
    const x = scale.x(price);
    if (x > ROOM.left + 14 && x < width - ROOM.right - 14) svg.append(node("text", { x, y: height - 7, "text-anchor": "middle" }, plain(price, digits)));
  }
}

function upright(svg, name, x, height, text) {
  svg.append(node("line", { class: name, x1: x, x2: x, y1: ROOM.top - 4, y2: height - ROOM.bottom }));
  if (text) svg.append(node("text", { class: "strong", x, y: ROOM.top - 7, "text-anchor": "middle" }, text));
}

function markers(svg, found, curve, scale, height) {
  const inside = (price) => price >= scale.low && price <= scale.high;
  const spot = Number(found.spot);
  if (found.assumption) {
    const deviation = Number(found.assumption.volatility) * Math.sqrt(Number(found.assumption.days) / 365);
    for (const [sign, text] of [[-1, "−1σ"], [1, "+1σ"]]) {
      const price = Number(found.assumption.forward) * Math.exp(sign * deviation);
      const crowded = [found.spot, found.what_if.spot].some((other) => Math.abs(scale.x(Number(other)) - scale.x(price)) < LABEL);
      if (inside(price)) upright(svg, "payoff-sigma", scale.x(price), height, crowded ? "" : text);
    }
  }
  for (const leg of found.legs) {
    if (leg.strike === null || !inside(Number(leg.strike))) continue;
    const x = scale.x(Number(leg.strike));
    svg.append(node("line", { class: `payoff-strike ${leg.side.toLowerCase()}`, x1: x, x2: x, y1: height - ROOM.bottom, y2: height - ROOM.bottom + 6 }));
  }
  upright(svg, "payoff-spot", scale.x(spot), height, plain(spot, spot < 1000 ? 2 : 0));
  const moved = Number(found.what_if.spot);
  if (Math.abs(moved - spot) > 0.005 && inside(moved)) {
    upright(svg, "payoff-what", scale.x(moved), height, Math.abs(scale.x(moved) - scale.x(spot)) > LABEL ? plain(moved, 0) : "");
  }
  svg.append(node("circle", { class: "payoff-dot", cx: scale.x(Math.min(Math.max(moved, scale.low), scale.high)), cy: scale.y(at(curve, "what_if", moved)), r: 3.5 }));
}

function evens(svg, found, scale) {
  for (const text of found.break_evens) {
    const price = Number(text);
    if (price < scale.low || price > scale.high) continue;
    svg.append(node("circle", { class: "payoff-even", cx: scale.x(price), cy: scale.y(0), r: 3.5 }));
  }
}

function reader(svg, found, curve, scale, { width, height }) {
  const cross = node("line", { class: "payoff-cross", y1: ROOM.top, y2: height - ROOM.bottom, visibility: "hidden" });
  svg.append(cross);
  return {
    hide: () => cross.setAttribute("visibility", "hidden"),
    /** What is gained under this place, in words; "" outside the curve. */
    read: (x) => {
      if (x < ROOM.left || x > width - ROOM.right) return "";
      const price = scale.price(x);
      for (const end of ["x1", "x2"]) cross.setAttribute(end, x);
      cross.setAttribute("visibility", "visible");
      const away = (price / Number(found.spot) - 1) * 100;
      return `${plain(price, price < 1000 ? 2 : 0)} (${signed(away, 1, { unit: "%" })})  expiry ${signed(at(curve, "expiry", price), 0, { currency: "₹" })} · ${signed(at(curve, "what_if", price), 0, { currency: "₹" })}`;
    },
  };
}

/** Rows for readers of the table: the corners, the spot and round steps between, with what is gained at each. */
export function rows(found) {
  const curve = numbers(found.curve);
  const low = curve.spot[0];
  const high = curve.spot.at(-1);
  const run = step(high - low, 12);
  const chosen = new Set([...found.break_evens, found.spot, found.what_if.spot, ...found.legs.map((leg) => leg.strike).filter(Boolean)].map(Number));
  for (let price = Math.ceil(low / run) * run; price <= high; price += run) chosen.add(price);
  return [...chosen].filter((price) => price >= low && price <= high).sort((a, b) => a - b)
    .map((price) => ({ price, expiry: at(curve, "expiry", price), what_if: at(curve, "what_if", price), isSpot: price === Number(found.spot) }));
}
