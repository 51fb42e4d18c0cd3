import { AppError } from "@obsqra/platform";
import { expect, it } from "vitest";
import { secretsOf } from "../attempt-secrets.ts";
import { createGithubProvider } from "./github-provider.ts";

const publicUrl = "https://api.example.org";
const secrets = secretsOf("the secret of a browser");
const settings = {
  kind: "github",
  ...{ id: "github", name: "GitHub" },
  ...{ client_id: "Iv1.0123", client_secret: "a secret" },
} as const;

const emails = [
  { email: "old@example.org", primary: false, verified: true },
  { email: "Ada@Example.org", primary: true, verified: true },
  { email: "1+ada@users.noreply.github.com", primary: false, verified: true },
  { email: "victim@example.org", primary: false, verified: false },
];

/** GitHub, as far as signing in needs it. */
function openGithub(
  answers: { readonly token?: object; readonly user?: unknown; readonly emails?: unknown } = {},
) {
  const requests: { url: string; body: string; authorization: string | null }[] = [];
  const known: Record<string, unknown> = {
    "https://github.com/login/oauth/access_token": answers.token ?? {
      ...{ access_token: "gho_of_this_test", token_type: "bearer", scope: "read:user,user:email" },
    },
    "https://api.github.com/user": answers.user ?? { id: 583231, login: "ada", name: null },
    "https://api.github.com/user/emails?per_page=100": answers.emails ?? emails,
  };
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    const { authorization = null } = Object.fromEntries(new Headers(init.headers));
    requests.push({ url: String(url), body: String(init.body ?? ""), authorization });
    return Response.json(known[String(url)]);
  };
  const tools = { fetch, clock: () => new Date(), publicUrl, log: { warn: () => {} } };
  return { provider: createGithubProvider(settings, tools), requests };
}

const answer = (changed: Record<string, string> = {}) =>
  new URLSearchParams({
    ...{ code: "0123456789", state: secrets.state, iss: "https://github.com/login/oauth" },
    ...changed,
  }).toString();

it("says who somebody is, by an id that never changes and the addresses that are verified", async () => {
  const { provider, requests } = openGithub();
  const url = new URL(await provider.begin(secrets));
  expect(url.origin + url.pathname).toBe("https://github.com/login/oauth/authorize");
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    redirect_uri: `${publicUrl}/identity/github/callback`,
    scope: "read:user user:email",
    code_challenge_method: "S256",
  });
  expect(await provider.prove(answer(), secrets)).toEqual({
    subject: "583231",
    emails: ["ada@example.org", "old@example.org"],
    name: "ada",
    session: undefined,
  });
  const [exchange, ...reads] = requests;
  expect(Object.fromEntries(new URLSearchParams(exchange?.body))).toMatchObject({
    redirect_uri: `${publicUrl}/identity/github/callback`,
    code_verifier: secrets.codeVerifier,
  });
  expect(reads.map(({ authorization }) => authorization)).toEqual([
    "Bearer gho_of_this_test",
    "Bearer gho_of_this_test",
  ]);
});

it("next-auth#13409: takes the issuer that GitHub names in its answers, none, and no other", async () => {
  const { provider, requests } = openGithub();
  const codeWith = async (text: string) => {
    try {
      await provider.prove(text, secrets);
      return undefined;
    } catch (error) {
      return error instanceof AppError && error.code;
    }
  };
  expect(await codeWith(answer())).toBeUndefined();
  expect(await codeWith(answer().replace(/&iss=.*/, ""))).toBeUndefined();
  requests.length = 0;
  expect(await codeWith(answer({ iss: "https://github.com" }))).toBe("IDENTITY_REJECTED");
  expect(await codeWith(answer({ iss: "https://evil.example" }))).toBe("IDENTITY_REJECTED");
  expect(requests).toEqual([]);
});

it.each([
  ["an error in the place of a token", { token: { error: "bad_verification_code" } }],
  ["a user without an id", { user: { login: "ada" } }],
  ["addresses that are none", { emails: { message: "Not found" } }],
])("refuses %s", async (_name, answers) => {
  const { provider } = openGithub(answers);
  await expect(provider.prove(answer(), secrets)).rejects.toMatchObject({ code: "IDENTITY_REJECTED" });
});
