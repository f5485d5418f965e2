/** The entry of every page of a signed-in reader: each module wires itself to the document. */
import "./theme.js";
import "./toasts.js";
import "./sheet.js";
import "./palette.js";
import "./keys.js";
import "./countdown.js";
import "./feed.js";
import "./live.js";
import "./refetch.js";
import "./steady.js";
import "./tabs.js";
import "./ticket.js";
import "./triggers.js";
