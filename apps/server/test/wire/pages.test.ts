import { createClient, type ObsqraClient, paginate } from "@obsqra/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { password, send, startTestServer, type TestServer } from "./start-test-server.ts";

let server: TestServer;
let headers: { authorization: string };
let obsqra: ObsqraClient;
/** The hashes of what is logged, oldest first. */
const hashes: string[] = [];

beforeAll(async () => {
  server = await startTestServer();
  headers = await server.signUp("ada@example.org");
  obsqra = createClient({ url: server.url });
  await obsqra.auth.login.mutate({ email: "ada@example.org", password });
  for (let number = 1; number <= 7; number += 1) {
    const tx_type = number === 4 ? "withdraw" : "deposit";
    const input = { tx_hash: `0x${number}`, tx_type, amount: String(number * 9) } as const;
    hashes.push((await obsqra.transactions.create.mutate(input)).tx_hash);
  }
});
afterAll(() => server[Symbol.asyncDispose]());

/** The address that a `Link` header gives for a relation, as any client of RFC 8288 reads it. */
function linked(header: string | null, relation: string): string | undefined {
  return header?.match(new RegExp(`<([^>]*)>; rel="${relation}"`))?.[1];
}

async function followLinks(path: string): Promise<{ tx_hash: string }[][]> {
  const pages: { tx_hash: string }[][] = [];
  let next: string | undefined = path;
  while (next !== undefined) {
    const response: Awaited<ReturnType<typeof send>> = await send(server.url, { path: next, headers });
    expect(response.status).toBe(200);
    pages.push((JSON.parse(response.body) as { items: { tx_hash: string }[] }).items);
    next = linked(response.headers.get("link"), "next");
  }
  return pages;
}

it("leads a REST client from the first page to the last by its links alone", async () => {
  const pages = await followLinks("/api/v1/transactions?limit=3");
  expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
  expect(pages.flat().map(({ tx_hash }) => tx_hash)).toEqual(hashes.toReversed());
});

it("keeps filters and order in its links", async () => {
  const path =
    "/api/v1/transactions?limit=2&tx_type=deposit&sort=lowest&created_from=2020-01-01T00:00:00.000Z";
  const pages = await followLinks(path);
  expect(pages.flat().map(({ tx_hash }) => tx_hash)).toEqual(hashes.toSpliced(3, 1));
  const response = await send(server.url, { path, headers });
  const second = await send(server.url, {
    path: linked(response.headers.get("link"), "next") ?? "",
    headers,
  });
  const first = await send(server.url, { path: linked(second.headers.get("link"), "first") ?? "", headers });
  expect(first.body).toBe(response.body);
});

it("lets the client read a list to its end, whatever the size of its pages", async () => {
  for (const limit of [1, 2, 7, 100]) {
    const seen: string[] = [];
    for await (const { tx_hash } of paginate(obsqra.transactions.list, { limit, sort: "oldest" })) {
      seen.push(tx_hash);
    }
    expect(seen).toEqual(hashes);
  }
});

it("lets the client read whole pages, and tells it the same as REST", async () => {
  const pages: string[][] = [];
  for await (const page of paginate(obsqra.transactions.list, { limit: 3 }).byPage()) {
    pages.push(page.items.map(({ tx_hash }) => tx_hash));
  }
  const byRest = await followLinks("/api/v1/transactions?limit=3");
  expect(pages).toEqual(byRest.map((page) => page.map(({ tx_hash }) => tx_hash)));
});

it("says nothing in tRPC's headers about pages", async () => {
  const response = await send(server.url, { path: "/trpc/transactions.list", headers });
  expect([response.status, response.headers.get("link")]).toEqual([200, null]);
});
