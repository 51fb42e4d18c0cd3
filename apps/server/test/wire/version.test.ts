import { createClient } from "@obsqra/client";
import { expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { send, startTestServer } from "./start-test-server.ts";

it("tells anybody its version and that of its contract, the same on REST and tRPC", async () => {
  await using server = await startTestServer();
  const { status, body, headers } = await send(server.url, { path: "/api/v1/version" });
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    version: manifest.version,
    api: "v1",
    contract_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(await createClient({ url: server.url }).service.version.query()).toEqual(JSON.parse(body));
  const etag = headers.get("etag") ?? "";
  const again = await send(server.url, { path: "/api/v1/version", headers: { "if-none-match": etag } });
  expect([again.status, again.body]).toEqual([304, ""]);
});
