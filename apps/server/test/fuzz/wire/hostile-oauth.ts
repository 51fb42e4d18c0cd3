import { agentScopes } from "@obsqra/contract";
import { arbitraryHostileValue } from "@obsqra/contract/testing";
import fc from "fast-check";
import { oauthPaths } from "../../../src/oauth/oauth-metadata.ts";
import type { HostileContent } from "./hostile-request.ts";
import type { HostileTarget } from "./hostile-target.ts";

/** A request of OAuth, and what comes with it. */
export interface HostileOAuth {
  readonly target: HostileTarget;
  readonly content: HostileContent;
}

/** Requests for every path of OAuth, as agents make them, with values that none would send, and as other content than is asked for. */
export function hostileOAuth(): fc.Arbitrary<HostileOAuth> {
  return fc.oneof(
    { weight: 3, arbitrary: asked() },
    { weight: 4, arbitrary: sent() },
    { weight: 2, arbitrary: registered() },
    { weight: 1, arbitrary: odd() },
  );
}

/** Addresses that nothing outside of this machine is behind. */
const clientIds = [
  "https://client.invalid/agent.json",
  "https://127.0.0.1:1/agent.json",
  "https://[::1]/",
  "https://localhost/..",
  "https://user:secret@127.0.0.1/",
  "http://127.0.0.1/agent.json",
  "https://",
  "made.up",
  "",
];
const redirectUris = [
  "http://localhost:1/callback",
  "http://127.0.0.1/callback#fragment",
  "https://eve.invalid/\r\nset-cookie: a=b",
  "javascript:alert(1)",
  "//eve.invalid",
  "agent://callback",
  "",
];

/** What agents know from each other. */
const known: Readonly<Record<string, readonly string[]>> = {
  client_id: clientIds,
  redirect_uri: redirectUris,
  response_type: ["code", "token", "code token", ""],
  scope: [agentScopes().join(" "), "users:write", " ", "a".repeat(3_000)],
  state: ["", "<script>", "x".repeat(3_000), "\u0000"],
  resource: ["http://localhost:8000/mcp", "http://localhost:8000/mcp/", "http://eve.invalid/mcp", "mcp"],
  code_challenge: ["a".repeat(43), "a", ""],
  code_challenge_method: ["S256", "plain", ""],
  grant_type: ["authorization_code", "refresh_token", "password", "client_credentials", "__proto__"],
  code: ["a".repeat(43), "", "%00"],
  code_verifier: ["b".repeat(43), "b", "\u00e4".repeat(50)],
  refresh_token: ["c".repeat(43), "c".repeat(300)],
  token: ["obsqra_agent_unknown", "", "\u0000"],
  token_type_hint: ["access_token", "nonsense"],
  request: ["made.up", "a.b.c", ""],
};

function fields(): fc.Arbitrary<string> {
  const field = fc.constantFrom(...Object.keys(known)).chain((name) => {
    const value = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...(known[name] ?? [""])) },
      { weight: 1, arbitrary: arbitraryHostileValue().map((each) => String(JSON.stringify(each))) },
    );
    return value.map((text) => [name, text.toWellFormed()] as const);
  });
  const pairs = fc.array(field, { minLength: 1, maxLength: 9 });
  return fc.oneof(
    { weight: 6, arbitrary: pairs.map((list) => String(new URLSearchParams(Object.fromEntries(list)))) },
    {
      weight: 2,
      arbitrary: pairs.map((list) =>
        String(new URLSearchParams(list.map(([name, value]): [string, string] => [name, value]))),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom("%", "a=%zz", "&&&=", "client_id[]=1", "__proto__=1&constructor=2"),
    },
  );
}

const nothing: HostileContent = { bytes: new Uint8Array(), headers: [] };
const form = ["content-type", "application/x-www-form-urlencoded"] as const;
const json = ["content-type", "application/json"] as const;

function asked(): fc.Arbitrary<HostileOAuth> {
  return fc
    .tuple(fc.constantFrom(oauthPaths.authorize, oauthPaths.refuse), fields())
    .map(([path, query]) => ({ target: { method: "GET", target: `${path}?${query}` }, content: nothing }));
}

function sent(): fc.Arbitrary<HostileOAuth> {
  return fc
    .tuple(
      fc.constantFrom(oauthPaths.token, oauthPaths.revoke),
      fields(),
      fc.constantFrom(form, form, form, json),
    )
    .map(([path, text, type]) => ({
      target: { method: "POST", target: path },
      content: { bytes: Buffer.from(text), headers: [type] },
    }));
}

/** What a client says of itself. */
function registered(): fc.Arbitrary<HostileOAuth> {
  const uris = fc.array(fc.oneof(fc.constantFrom<unknown>(...redirectUris), arbitraryHostileValue()), {
    maxLength: 4,
  });
  const metadata = fc.record(
    {
      redirect_uris: fc.oneof(uris, arbitraryHostileValue()),
      client_name: fc.oneof(fc.constantFrom("\u202egnp.exe", "a".repeat(9_000)), arbitraryHostileValue()),
      client_uri: arbitraryHostileValue(),
      token_endpoint_auth_method: fc.constantFrom<unknown>("none", "client_secret_basic", 1),
      grant_types: arbitraryHostileValue(),
      scope: arbitraryHostileValue(),
    },
    { requiredKeys: [] },
  );
  const text = fc.oneof(
    { weight: 5, arbitrary: metadata.map((each) => JSON.stringify(each)) },
    { weight: 1, arbitrary: fc.constantFrom("", "{", "[]", "[".repeat(15_000), '{"redirect_uris":[1e400]}') },
  );
  return text.map((body) => ({
    target: { method: "POST", target: oauthPaths.register },
    content: { bytes: Buffer.from(body), headers: [json] },
  }));
}

function odd(): fc.Arbitrary<HostileOAuth> {
  const method = fc.constantFrom("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH");
  return fc
    .tuple(method, fc.constantFrom(...Object.values(oauthPaths)), fields())
    .map(([each, path, query]) => ({
      target: { method: each, target: `${path}/?${query}` },
      content: nothing,
    }));
}
