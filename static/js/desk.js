/** The entry of every page: each module wires itself to the document. */
import "./theme.js";
import "./toasts.js";
import "./sheet.js";
import "./countdown.js";
