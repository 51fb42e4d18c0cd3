import { contract, type Deprecation } from "@obsqra/contract";
import { buildOpenApiDocument } from "@obsqra/openapi/document";
import { beforeAll, expect, it } from "vitest";
import { printClientRouter } from "../../../../scripts/generate/client-router.ts";
import { send, startTestServer } from "./start-test-server.ts";

const deprecation: Deprecation = { since: "2026-01-01", sunset: "2026-01-02", successor: "auth.me" };

// Besides what is deprecated anyway. Modules are a test file's own, so that no other test sees this.
beforeAll(() => {
  Object.assign(contract.service.version, { deprecation });
});

it("serves a deprecated endpoint as before, after its sunset, too, and says so on REST and tRPC", async () => {
  await using server = await startTestServer();
  const rest = await send(server.url, { path: "/api/v1/version" });
  const trpc = await send(server.url, { path: "/trpc/service.version" });
  const batch = await send(server.url, { path: "/trpc/auth.me,service.version?batch=1" });
  expect([rest.status, trpc.status]).toEqual([200, 200]);
  for (const { headers } of [rest, trpc, batch]) {
    expect(headers.get("deprecation")).toBe("@1767225600");
    expect(headers.get("sunset")).toBe("Fri, 02 Jan 2026 00:00:00 GMT");
    expect(headers.get("link")).toContain('</api/v1/auth/me>; rel="successor-version"');
  }
  const other = await send(server.url, { path: "/api/v1/auth/me" });
  for (const name of ["deprecation", "sunset", "link"]) expect(other.headers.get(name)).toBeNull();
});

it("marks it in the OpenAPI document and in the client's types", () => {
  const { paths } = buildOpenApiDocument();
  expect(paths["/api/v1/version"]?.get).toMatchObject({ deprecated: true });
  expect(paths["/api/v1/auth/me"]?.get).not.toHaveProperty("deprecated");
  const router = printClientRouter();
  expect(router.match(/@deprecated .*/g)).toEqual([
    "@deprecated since 2026-11-29, and may go on 2027-05-29: use `users.start_export`",
    "@deprecated since 2026-01-01, and may go on 2026-01-02: use `auth.me`",
  ]);
});
