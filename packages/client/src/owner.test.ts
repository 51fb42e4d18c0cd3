import { expect, it } from "vitest";
import { createClient, createMemoryTokenStorage } from "./index.ts";

/** A client whose requests are noted, with the owner that each names. */
function openClient(owner: string | (() => string | undefined) | undefined) {
  const sent: { readonly path: string; readonly owner: string | undefined }[] = [];
  const tokens = createMemoryTokenStorage({ access_token: "access-1", refresh_token: "refresh-1" });
  const client = createClient({
    url: "http://service.example",
    tokens,
    owner,
    maxRetries: 0,
    fetch: async (url, { headers = {}, method } = {}) => {
      const { pathname, searchParams } = new URL(String(url));
      const path = pathname.replace("/trpc/", "");
      sent.push({ path, owner: (headers as Record<string, string>)["obsqra-owner"] });
      const calls = path.split(",").map(() => ({ result: { data: { method } } }));
      return Response.json(searchParams.has("batch") ? calls : calls[0]);
    },
  });
  return { client, sent };
}

it("sends its owner with what may be for an organisation, alone and together", async () => {
  const { client, sent } = openClient("organisation-1");
  await Promise.all([client.transactions.list.query(), client.users.preferences.query()]);
  await client.users.update_preferences.mutate({}, { context: { idempotencyKey: "one" } });
  expect(sent).toEqual([
    { path: "transactions.list,users.preferences", owner: "organisation-1" },
    { path: "users.update_preferences", owner: "organisation-1" },
  ]);
});

it("sends none with what is about the account of whoever calls, also in the same tick", async () => {
  const { client, sent } = openClient("organisation-1");
  await Promise.all([
    client.auth.me.query(),
    client.transactions.list.query(),
    client.organisations.list.query(),
    client.organisations.members.query(),
  ]);
  await client.auth.logout.mutate();
  expect(sent.toSorted((one, other) => (one.path < other.path ? -1 : 1))).toEqual([
    { path: "auth.logout", owner: undefined },
    { path: "auth.me,organisations.list", owner: undefined },
    { path: "transactions.list,organisations.members", owner: "organisation-1" },
  ]);
});

it("asks with each call who the owner is, and sends everything together where there is none", async () => {
  let owner: string | undefined;
  const { client, sent } = openClient(() => owner);
  await Promise.all([client.auth.me.query(), client.transactions.list.query()]);
  owner = "organisation-2";
  await client.transactions.list.query();
  expect(sent).toEqual([
    { path: "auth.me,transactions.list", owner: undefined },
    { path: "transactions.list", owner: "organisation-2" },
  ]);
});
