/**
 * A picture of the chart into the trade journal: of a new entry, or of one of the reader's own on this instrument. The
 * journal's API checks and keeps it. Links of trades and entries open the chart with `?at=` and what to write about.
 */
import { el } from "../dom.js";
import { toast } from "../toasts.js";
import { instrument } from "./instrument.js";
import { writeHeaders } from "./layout.js";
import { contentOf, packed, pictureOf } from "./picture.js";
import { onAxis } from "./times.js";

const API = "/api/v1/analytics/journal";
const NEW = "";

/** `seen()` gives what is shown as `{words, until}`. Null where the reader may not write. */
export function createJournal({ view, seen }) {
  const dialog = document.getElementById("chart-journal");
  if (!dialog) return null;
  const form = dialog.querySelector("form");
  const image = dialog.querySelector("img");
  const refusal = dialog.querySelector("[role=alert]");
  const send = form.querySelector("button[type=submit]");
  const { entry: choice, title, text, caption } = form.elements;
  // The address loses its query once another interval is chosen.
  const query = new URLSearchParams(location.search);
  const asked = { key: instrument.key, entry: query.get("entry") ?? NEW, account: query.get("account"), opened_by: query.get("opened_by"), closed_by: query.get("closed_by"), at: query.get("at") };
  let until = 0;
  const about = () => (asked.key === instrument.key ? asked : {});
  const account = () => about().account || dialog.dataset.account;

  async function open() {
    const now = seen();
    ({ until } = now);
    image.src = packed(pictureOf(view, now.words), Number(dialog.dataset.mostBytes));
    image.alt = now.words;
    refusal.hidden = true;
    title.value = "";
    text.value = "";
    caption.value = now.words.slice(0, caption.maxLength);
    choice.replaceChildren(el("option", { value: NEW }, about().closed_by ? "A new entry about this trade" : "A new entry"));
    chosen();
    dialog.showModal();
    await offerOwn();
  }

  /** Entries that the reader wrote on this instrument, newest first. */
  async function offerOwn() {
    const answer = await fetch(`${API}?${new URLSearchParams({ symbol: instrument.key, limit: 50 })}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    const own = (await answer.json()).results.filter((one) => one.author === dialog.dataset.author);
    choice.append(...own.map((one) => el("option", { value: one.id }, `${one.day} · ${one.title}`)));
    if (own.some((one) => one.id === about().entry)) choice.value = about().entry;
    chosen();
  }

  function chosen() {
    const isNew = choice.value === NEW;
    for (const node of form.querySelectorAll("[data-new-entry]")) node.hidden = !isNew;
    title.required = isNew;
  }

  async function post(address, body) {
    const answer = await fetch(address, { method: "POST", headers: writeHeaders(), body: JSON.stringify(body) }).catch(() => null);
    if (!answer) throw new Error("The server cannot be reached.");
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(Object.values(told.errors ?? {}).flat()[0] ?? told.detail ?? `The server answered ${answer.status}.`);
    return told;
  }

  /** The entry that takes the picture; one that was just written is chosen, so that a second try adds to it. */
  async function entryId() {
    if (choice.value !== NEW) return choice.value;
    const { opened_by = null, closed_by = null, at } = about();
    const day = dayOf(at ? onAxis(at) : until);
    const made = await post(API, { account: account(), symbol: instrument.key, day, title: title.value, text: text.value, opened_by, closed_by });
    choice.append(el("option", { value: made.id }, `${made.day} · ${made.title}`));
    choice.value = made.id;
    chosen();
    return made.id;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    refusal.hidden = true;
    try {
      const id = await entryId();
      await post(`${API}/${id}/pictures`, { content: contentOf(image.src), caption: caption.value });
      dialog.close();
      toast("The picture is in the journal.", { tone: "ok" });
    } catch (error) {
      refusal.textContent = error.message;
      refusal.hidden = false;
    } finally {
      send.disabled = false;
    }
  });
  choice.addEventListener("change", chosen);
  return { open, at: asked.at };
}

/** The Indian date of a place on the axis, which is moved to India's time already. */
const dayOf = (time) => new Date(time * 1000).toISOString().slice(0, 10);
