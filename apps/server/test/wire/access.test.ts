import { listEndpoints, type NamedEndpoint } from "@obsqra/contract";
import { callProcedure, createStrangers, errorOf } from "@obsqra/features/testing";
import { expect, it } from "vitest";
import { expectRefusal } from "./expect-refusal.ts";
import { send, sendJson, startTestServer, type TestServer, type WireResponse } from "./start-test-server.ts";

/** One endpoint of each access and kind: the matrix has tried them all in process. */
const sample = [
  ...new Map(
    listEndpoints().map((named) => [`${named.endpoint.access} ${named.endpoint.kind}`, named]),
  ).values(),
];

/** Calls an endpoint over REST and over tRPC, with a token and without input. */
async function callOverBoth(
  { url }: TestServer,
  { path, endpoint }: NamedEndpoint,
  headers: Record<string, string>,
): Promise<{ rest: WireResponse; trpc: WireResponse }> {
  const { method, path: template } = endpoint.rest;
  const restPath = `/api/v1${template.replaceAll(/:\w+/g, "0x5a1d")}`;
  const [rest, trpc] = await Promise.all([
    method === "GET"
      ? send(url, { path: restPath, headers })
      : sendJson(url, { method, path: restPath, headers, json: {} }),
    endpoint.kind !== "mutation"
      ? send(url, { path: `/trpc/${path}`, headers })
      : sendJson(url, { path: `/trpc/${path}`, headers, json: {} }),
  ]);
  return { rest, trpc };
}

it("refuses every stranger on REST and on tRPC alike, with the status of the code and a challenge on 401", async () => {
  await using server = await startTestServer();
  const strangers = await createStrangers(server.api);
  const statuses = new Set<number>();
  for (const named of sample) {
    const { access } = named.endpoint;
    if (access === "public") continue;
    for (const { accessToken, refusal } of strangers) {
      const code = refusal(access);
      if (code === undefined) continue;
      const headers: Record<string, string> =
        accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` };
      const { rest, trpc } = await callOverBoth(server, named, headers);
      const [overRest, overTrpc] = [expectRefusal(rest, code, "rest"), expectRefusal(trpc, code, "trpc")];
      expect({ ...overRest, request_id: "" }).toMatchObject({ ...overTrpc, request_id: "" });
      const challenges = [rest, trpc].map((response) => response.headers.get("www-authenticate"));
      const challenge = accessToken === undefined ? 'Bearer realm="obsqra"' : invalidToken;
      expect([code, challenges]).toEqual([code, Array(2).fill(rest.status === 401 ? challenge : null)]);
      statuses.add(rest.status);
    }
  }
  expect([...statuses].sort()).toEqual([401, 403]);
});

const invalidToken = 'Bearer realm="obsqra", error="invalid_token"';

it("takes an API key on REST and on tRPC as it does in process", async () => {
  await using server = await startTestServer();
  const { authorization } = await server.signUp("ada@example.org");
  const ada = server.api.caller(authorization.slice("Bearer ".length));
  const { key } = await ada.auth.create_api_key({ name: "Reader", scopes: ["users:read"] });
  const headers = { authorization: `Bearer ${key}` };
  const rest = await send(server.url, { path: "/api/v1/users/profile", headers });
  const trpc = await send(server.url, { path: "/trpc/users.profile", headers });
  expect([rest.status, trpc.status]).toEqual([200, 200]);
  const profile = await ada.users.profile();
  expect(JSON.parse(rest.body)).toEqual(profile);
  expect(JSON.parse(trpc.body)).toEqual({ result: { data: profile } });
  expect(await errorOf(callProcedure(server.api, key, "users.audit_log"))).toMatchObject({
    code: "SESSION_REQUIRED",
  });
});
