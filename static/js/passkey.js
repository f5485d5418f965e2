/**
 * Security keys and passkeys. A form with `data-passkey` is sent once the key has answered:
 * "create" and "get" take their options from the JSON element `js_data`, "log-in" fetches them, since only then
 * the challenge is fresh.
 */
const NOT_SUPPORTED = "This browser cannot use security keys. Use a code instead.";
const NO_ANSWER = "The key gave no answer. It may be unknown here, or the request was cancelled.";

async function options(form) {
  if (form.dataset.passkey !== "log-in") return JSON.parse(document.getElementById("js_data").textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`log-in options: ${answer.status}`);
  return answer.json();
}

async function create(publicKey, form) {
  if (form.elements.passwordless?.checked) {
    Object.assign(publicKey.authenticatorSelection, { residentKey: "required", requireResidentKey: true, userVerification: "required" });
  }
  return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) });
}

async function answer(form) {
  const { creation_options: creation, request_options: request } = await options(form);
  if (creation) return create(creation.publicKey, form);
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(request.publicKey) });
}

function tell(form, text) {
  const place = form.querySelector("[data-passkey-error]");
  place.textContent = text;
  place.hidden = false;
}

async function send(event) {
  event.preventDefault();
  const form = event.currentTarget;
  if (!globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    tell(form, NOT_SUPPORTED);
    return;
  }
  try {
    form.elements.credential.value = JSON.stringify(await answer(form));
  } catch {
    tell(form, NO_ANSWER);
    return;
  }
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) form.addEventListener("submit", send);
