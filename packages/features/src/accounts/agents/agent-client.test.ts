import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { createTestApi } from "../../testing/index.ts";
import { readAgentClient, registerAgentClient } from "./agent-client.ts";

const dayMs = 86_400_000;
const redirect_uris = ["https://agent.example/callback"];

/** A host that says something of its agents. */
async function startHost(
  respond: (id: string, path: string) => { readonly status?: number; readonly body: string },
) {
  const asked: string[] = [];
  const host = createServer(({ url = "" }, response) => {
    asked.push(url);
    const { status = 200, body } = respond(`${origin}${url}`, url);
    response.writeHead(status, { location: `${origin}/elsewhere` }).end(body);
  });
  await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
  return {
    origin,
    asked,
    [Symbol.asyncDispose]: async () => {
      host.closeAllConnections();
      await new Promise((resolve) => host.close(resolve));
    },
  };
}

const refusal = (call: Promise<unknown>) => call.then(() => undefined, String);

it("reads what an agent's host says of it, and believes the host's own documents only", async () => {
  await using api = await createTestApi({ webhookTargets: "any" });
  const document = { client_name: "Claude\u202e \u0000gent", redirect_uris };
  await using host = await startHost((client_id, path) => {
    if (path === "/other")
      return { body: JSON.stringify({ ...document, client_id: "https://other.example/x" }) };
    if (path === "/moved") return { status: 302, body: JSON.stringify({ ...document, client_id }) };
    if (path === "/long")
      return { body: JSON.stringify({ ...document, client_id, more: "x".repeat(6_000) }) };
    if (path === "/unsafe")
      return { body: JSON.stringify({ client_id, client_name: "x", redirect_uris: ["javascript:1"] }) };
    if (path === "/text") return { body: "No document." };
    return { body: JSON.stringify({ ...document, client_id }) };
  });
  const client_id = `${host.origin}/agent.json`;
  expect(await readAgentClient(api.deps, client_id)).toEqual({
    client_id,
    client_name: "Claude gent",
    redirect_uris,
  });
  for (const path of ["/other", "/moved", "/long", "/unsafe", "/text"]) {
    expect([path, await refusal(readAgentClient(api.deps, host.origin + path))]).toEqual([
      path,
      expect.stringContaining("OAuthError"),
    ]);
  }
  expect(host.asked).not.toContain("/elsewhere");
});

it("asks nobody who is not public, and not for what is no document", async () => {
  await using api = await createTestApi();
  await using host = await startHost((client_id) => ({
    body: JSON.stringify({ client_id, client_name: "Agent", redirect_uris }),
  }));
  const ids = [
    `${host.origin}/agent.json`,
    `${host.origin.replace("http", "https")}/agent.json`,
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/agent.json",
    "https://agent.example/",
    "https://user@agent.example/agent.json",
    "https://agent.example/a/../agent.json",
    "https://agent.example/agent.json#x",
  ];
  for (const id of ids) {
    expect([id, await refusal(readAgentClient(api.deps, id))]).toEqual([
      id,
      expect.stringContaining("OAuthError"),
    ]);
  }
  expect(host.asked).toEqual([]);
});

it("registers an agent for 90 days without keeping anything, and knows its own registrations only", async () => {
  await using api = await createTestApi();
  const { client_id } = registerAgentClient(api.deps, { client_name: "Agent", redirect_uris, more: true });
  expect(await readAgentClient(api.deps, client_id)).toEqual({
    client_id,
    client_name: "Agent",
    redirect_uris,
  });
  const sealed = Buffer.from(api.deps.sealer.seal(JSON.stringify({ name: "x", redirect_uris }))).toString(
    "base64url",
  );
  for (const id of ["", "made-up", `${client_id.slice(0, -4)}AAAA`, sealed]) {
    expect(await refusal(readAgentClient(api.deps, id))).toContain("OAuthError");
  }
  api.clock.advance(90 * dayMs);
  expect(await refusal(readAgentClient(api.deps, client_id))).toContain("Register again");
});

it.each<[string, object]>([
  ["no address", { client_name: "Agent" }],
  ["too many addresses", { redirect_uris: Array(6).fill(redirect_uris[0]) }],
  ["an address without end", { redirect_uris: [`https://agent.example/${"x".repeat(200)}`] }],
  ["an address that is a script", { redirect_uris: ["javascript:alert(1)"] }],
  ["a secret", { redirect_uris, token_endpoint_auth_method: "client_secret_basic" }],
])("registers nobody with %s", async (_, metadata) => {
  await using api = await createTestApi();
  expect(() => registerAgentClient(api.deps, metadata)).toThrow("redirect_uris");
});
