/**
 * The page's one socket, `/ws/stream`, logged in by the session cookie.
 *
 *   on(topic, handler)             quotes: handler([quote, …]); other topics: handler(frame) for each event and
 *                                  for `reset`, after which what was shown should be fetched again.
 *   on("chain", handler)            handler([item, …]): the chain's head and the strikes that changed.
 *   on("<topic>.snapshot", handler)  the state at subscription: handler(frame).
 *   subscribe(topic, params), unsubscribe(topic, params)   symbols are counted, so that modules may share them.
 *   state()                        "idle" | "connecting" | "live" | "stale" | "off"; each change is announced by a
 *                                  `desk:socket` event on the document with {state, code}.
 *
 * After a drop it comes back by itself, subscribes again, and resumes each stream behind the last (epoch, seq) it
 * saw, so that nothing is missed and nothing arrives twice.
 */

const RETRY_BASE_MS = 500;
const RETRY_MAX_MS = 30_000;
// The server sends something at least every 25 s.
const DEAD_AFTER_MS = 40_000;
const QUIET_AFTER_MS = 15_000;
const FINAL_CODES = new Set([4401, 4403]);
const TOO_MANY = 4429;

const handlers = new Map();
const symbols = new Map();
const streams = new Map();

let socket = null;
let current = "idle";
let failures = 0;
let retryTimer = 0;
let lastFrameAt = 0;
let lastQuoteAt = 0;
let ended = false;

/** What the connection is worth right now. */
export function state() {
  return current;
}

/** Call `handler` for each event of a topic; returns a function that ends it. */
export function on(topic, handler) {
  if (!handlers.has(topic)) handlers.set(topic, new Set());
  handlers.get(topic).add(handler);
  return () => handlers.get(topic).delete(handler);
}

/**
 * Ask for a topic: `{symbols: […]}` for quotes, `{account}` for orders and positions, nothing for notifications,
 * `{symbols, interval}` for candles, `{symbol, interval, indicator, params}` for an indicator.
 */
export function subscribe(topic, params = {}) {
  if (topic === "quotes") addSymbols(params.symbols ?? []);
  else addStream(topic, params);
  if (!socket && !retryTimer) connect();
}

/** Take back one `subscribe` with the same arguments. */
export function unsubscribe(topic, params = {}) {
  if (topic === "quotes") {
    dropSymbols(params.symbols ?? []);
    return;
  }
  const stream = streams.get(streamKey(topic, params));
  if (!stream || --stream.holders > 0) return;
  streams.delete(streamKey(topic, params));
  send({ action: "unsubscribe", topic, ...params });
}

function streamKey(topic, { account, ...further }) {
  return `${topic}:${account ?? JSON.stringify(further)}`;
}

function addSymbols(wanted) {
  const added = wanted.filter((symbol) => !symbols.has(symbol));
  for (const symbol of wanted) symbols.set(symbol, (symbols.get(symbol) ?? 0) + 1);
  if (added.length) send({ action: "subscribe", topic: "quotes", symbols: added, batch: true });
}

function dropSymbols(unwanted) {
  const gone = [];
  for (const symbol of unwanted) {
    const holders = (symbols.get(symbol) ?? 0) - 1;
    if (holders > 0) symbols.set(symbol, holders);
    else if (symbols.delete(symbol)) gone.push(symbol);
  }
  if (gone.length) send({ action: "unsubscribe", topic: "quotes", symbols: gone });
}

function addStream(topic, params) {
  const key = streamKey(topic, params);
  const known = streams.get(key);
  if (known) {
    known.holders += 1;
    return;
  }
  streams.set(key, { topic, params, holders: 1, epoch: null, seq: 0 });
  send({ action: "subscribe", topic, ...params });
}

function send(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function connect() {
  retryTimer = 0;
  if (ended) return;
  announce("connecting");
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}/ws/stream`);
  socket.addEventListener("open", opened);
  socket.addEventListener("message", received);
  socket.addEventListener("close", closed);
}

function opened() {
  lastFrameAt = lastQuoteAt = performance.now();
  if (symbols.size) send({ action: "subscribe", topic: "quotes", symbols: [...symbols.keys()], batch: true });
  for (const { topic, params, epoch, seq } of streams.values()) {
    if (epoch === null) send({ action: "subscribe", topic, ...params });
    else send({ action: "resume", topic, ...params, epoch, seq });
  }
  announce("live");
}

function received({ data }) {
  const frame = JSON.parse(data);
  lastFrameAt = performance.now();
  // Not at `open`: a server that accepts and then refuses must still be retried ever more slowly.
  failures = 0;
  if (frame.event === "quotes") quotesReceived(frame.data);
  else if (frame.event === "quote_update") quotesReceived([frame.data]);
  else if (frame.event === "chain") emit("chain", frame.data);
  else if (frame.event === "candle_update") emit("candles", frame.data);
  else if (frame.event === "indicator_update") emit("indicators", frame.data);
  else if (frame.event === "ping") send({ action: "pong" });
  else if (frame.event === "error") failed(frame);
  else if (frame.topic) streamReceived(frame);
}

function quotesReceived(quotes) {
  lastQuoteAt = lastFrameAt;
  if (current === "stale") announce("live");
  emit("quotes", quotes);
}

function streamReceived(frame) {
  const stream = streams.get(streamKey(frame.topic, { account: frame.account }));
  if (stream && frame.epoch !== undefined) {
    if (frame.event !== "snapshot" && frame.epoch === stream.epoch && frame.seq <= stream.seq) return;
    stream.epoch = frame.epoch;
    stream.seq = frame.seq;
  }
  emit(frame.event === "snapshot" ? `${frame.topic}.snapshot` : frame.topic, frame);
}

function failed(frame) {
  console.warn(`socket: ${frame.code}: ${frame.detail}`);
  emit("error", frame);
}

function emit(topic, value) {
  for (const handler of handlers.get(topic) ?? []) handler(value);
}

function closed({ code }) {
  socket = null;
  if (FINAL_CODES.has(code)) {
    ended = true;
    announce("off", code);
    return;
  }
  announce("off", code);
  failures = code === TOO_MANY ? 10 : failures + 1;
  const ceiling = Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** failures);
  retryTimer = setTimeout(connect, Math.random() * ceiling);
}

function connectNow() {
  if (socket || !retryTimer) return;
  clearTimeout(retryTimer);
  connect();
}

function watch() {
  if (socket?.readyState !== WebSocket.OPEN) return;
  const now = performance.now();
  if (now - lastFrameAt > DEAD_AFTER_MS) socket.close(4000, "silent");
  else if (symbols.size && now - lastQuoteAt > QUIET_AFTER_MS) announce("stale");
}

function announce(next, code = 0) {
  if (next === current) return;
  current = next;
  document.dispatchEvent(new CustomEvent("desk:socket", { detail: { state: next, code } }));
}

setInterval(watch, 1_000);
window.addEventListener("online", connectNow);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) connectNow();
});
