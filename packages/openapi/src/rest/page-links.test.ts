import { expect, it } from "vitest";
import { createEchoApp } from "../../test/echo-app.ts";
import { pageLinks } from "./page-links.ts";

const path = "/api/v1/transactions";

it("links the next page and the first, with the query that was sent", () => {
  const query = { tx_type: "deposit", limit: 2, cursor: "before" };
  expect(pageLinks(path, query, { next_cursor: "after" })).toBe(
    '</api/v1/transactions?tx_type=deposit&limit=2&cursor=after>; rel="next", </api/v1/transactions?tx_type=deposit&limit=2>; rel="first"',
  );
});

it("links no next page on the last one", () => {
  expect(pageLinks(path, {}, { next_cursor: null })).toBe('</api/v1/transactions>; rel="first"');
});

it("writes whatever could end an address or a header as % and digits, so that it reads back as it was", () => {
  const hostile = '">, <evil>; rel="next\r\nset-cookie: a=b & c=d+e é';
  const header = pageLinks(path, { note: hostile }, { next_cursor: hostile });
  expect(header).toMatch(/^<[!-~]*>; rel="next", <[!-~]*>; rel="first"$/);
  expect(header.match(/[<>"]/g)?.join("")).toBe('<>""<>""');
  const [, next = ""] = header.match(/^<(.*?)>/) ?? [];
  expect([...new URL(next, "http://localhost").searchParams]).toEqual([
    ["note", hostile],
    ["cursor", hostile],
  ]);
});

it("repeats the name of a field that has several values", () => {
  expect(pageLinks(path, { kind: ["a", "b"] }, { next_cursor: null })).toBe(
    '</api/v1/transactions?kind=a&kind=b>; rel="first"',
  );
});

it("gives lists links, with and without a trailing slash, and nothing else", async () => {
  const app = await createEchoApp({ respond: () => ({ items: [], next_cursor: "after" }) });
  const linkOf = async (url: string) => (await app.inject({ url })).headers.link;
  const next = '</api/v1/transactions?limit=5&cursor=after>; rel="next"';
  const first = '</api/v1/transactions?limit=5>; rel="first"';
  expect(await linkOf("/api/v1/transactions?limit=5&utm_source=mail")).toBe(`${next}, ${first}`);
  expect(await linkOf("/api/v1/transactions/?limit=5")).toBe(`${next}, ${first}`);
  expect(await linkOf("/api/v1/transactions/0x1")).toBeUndefined();
  expect(await linkOf("/api/v1/analytics/dashboard")).toBeUndefined();
});

it("gives no links where a list is refused", async () => {
  const app = await createEchoApp({ respond: () => ({ items: [], next_cursor: null }) });
  const response = await app.inject({ url: "/api/v1/transactions?limit=0" });
  expect([response.statusCode, response.headers.link]).toEqual([400, undefined]);
});
