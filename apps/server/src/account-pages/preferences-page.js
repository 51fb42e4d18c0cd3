// Runs in the browser, on the page of preferences. The password and the token that it gives are in memory only, and the session ends
// with what is saved.

const signIn = document.querySelector("#sign-in");
const choices = document.querySelector("#choices");
const result = document.querySelector("#result");
const api = "../api/v1";

let token = "";
let isSending = false;

signIn.hidden = false;
signIn.addEventListener("submit", (event) => act(event, readChoices));
choices.addEventListener("submit", (event) => act(event, saveChoices));

async function act(event, step) {
  event.preventDefault();
  if (isSending) return;
  isSending = true;
  event.target.setAttribute("aria-busy", "true");
  say("One moment…");
  try {
    await step();
  } catch (error) {
    const unreachable = "The service cannot be reached. Check your connection and press the button again.";
    say(error instanceof Refusal ? error.message : unreachable, "failed");
  }
  event.target.removeAttribute("aria-busy");
  isSending = false;
}

async function readChoices() {
  const { email, password } = signIn.elements;
  const given = { email: email.value, password: password.value };
  token = (await call("POST", "/auth/login", given)).access_token;
  password.value = "";
  const { preferences } = await call("GET", "/users/profile");
  for (const field of fields()) {
    if (field.type === "checkbox") field.checked = preferences[field.name];
    else field.value = preferences[field.name];
  }
  signIn.hidden = true;
  choices.hidden = false;
  say("");
  fields()[0].focus();
}

async function saveChoices() {
  const chosen = fields().map((field) => [
    field.name,
    field.type === "checkbox" ? field.checked : Number(field.value),
  ]);
  await call("PUT", "/users/preferences", Object.fromEntries(chosen));
  await call("POST", "/auth/logout");
  token = "";
  choices.hidden = true;
  say("Your choice is saved, and you are signed out. You can close this page.", "done");
  // The focus was in the form, which is gone.
  result.focus();
}

function fields() {
  return [...choices.elements].filter(({ name }) => name !== "");
}

class Refusal extends Error {}

async function call(method, path, input) {
  const response = await fetch(api + path, {
    method,
    headers: {
      ...(token !== "" && { authorization: `Bearer ${token}` }),
      ...(input !== undefined && { "content-type": "application/json" }),
    },
    body: input && JSON.stringify(input),
    credentials: "omit",
    referrerPolicy: "no-referrer",
  });
  const text = await response.text();
  const body = text === "" ? {} : JSON.parse(text);
  if (response.ok) return body;
  const issues = (body.details?.issues ?? []).map(({ message }) => message);
  throw new Refusal([body.detail, ...issues].join(" "));
}

function say(text, outcome = "") {
  result.textContent = text;
  result.dataset.outcome = outcome;
}
