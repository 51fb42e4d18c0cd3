// Runs in the browser, on each of the account pages. Nothing is sent before the person presses the button: programs that
// open every link in a mail use nothing up.

const form = document.querySelector("form");
const result = document.querySelector("#result");
const missing = document.querySelector("#missing");
const field = document.querySelector("#new-password");
const showPassword = document.querySelector("#show-password");

let token = "";
let isSending = false;

takeToken();
// Another link that is opened in the same tab changes the fragment only.
addEventListener("hashchange", takeToken);
form.addEventListener("submit", send);
showPassword?.addEventListener("click", togglePassword);

/** Takes the token out of the address, so that it stays neither in the history nor on the screen. */
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
  if (given !== null) token = given;
  form.hidden = token === "";
  missing.hidden = token !== "";
  result.textContent = "";
}

async function send(event) {
  event.preventDefault();
  if (isSending) return;
  isSending = true;
  form.setAttribute("aria-busy", "true");
  say("One moment…");
  try {
    const input = field === null ? { token } : { token, new_password: field.value };
    await finish(await post(input));
  } catch {
    say("The service cannot be reached. Check your connection and press the button again.", "failed");
  }
  form.removeAttribute("aria-busy");
  isSending = false;
}

function post(input) {
  return fetch(form.dataset.endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(input),
    credentials: "omit",
    referrerPolicy: "no-referrer",
  });
}

async function finish(response) {
  const text = await response.text();
  const body = text === "" ? {} : JSON.parse(text);
  if (!response.ok) {
    const issues = (body.details?.issues ?? []).map(({ message }) => message);
    say([body.detail, ...issues].join(" "), "failed");
    field?.focus();
    return;
  }
  form.hidden = true;
  token = "";
  if (field !== null) field.value = "";
  say(body.status === "waiting" ? form.dataset.waiting : form.dataset.done, "done");
  // The focus was in the form, which is gone.
  result.focus();
}

function say(text, outcome = "") {
  result.textContent = text;
  result.dataset.outcome = outcome;
}

function togglePassword() {
  const isShown = field.type === "password";
  field.type = isShown ? "text" : "password";
  showPassword.setAttribute("aria-pressed", String(isShown));
  field.focus();
}
