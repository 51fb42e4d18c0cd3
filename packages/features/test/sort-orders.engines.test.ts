import { isList, listEndpoints, type NamedEndpoint } from "@obsqra/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  addIdentityRow,
  addInvitationRow,
  addOrganisationRow,
  addPasskeyRow,
  addPastSuggestions,
  addRememberedDevice,
  addTestMember,
  addWebhookAttempt,
  callProcedure,
  createTestApi,
  importLater,
  isForOrganisationsOnly,
  type TestApi,
} from "../src/testing/index.ts";

type Item = Readonly<Record<string, unknown>>;

/** The lists that are ordered by time, by default the newest first. */
const byTime = listEndpoints().filter(
  ({ endpoint }) =>
    isList(endpoint) &&
    endpoint.input.safeParse({ sort: "oldest" }).success &&
    (endpoint.input.parse(undefined) as Item).sort === "newest",
);
const times = [
  "made_on",
  "created_at",
  "occurred_at",
  "observed_at",
  "decided_at",
  "as_of",
  "started_at",
  "joined_at",
];
const minuteMs = 60_000;

let api: TestApi;
let accessToken: string;
let owner: string | undefined;

beforeAll(async () => {
  api = await createTestApi({ withForecasts: true });
  const credentials = { email: "ada@example.org", password: "correct horse battery" };
  accessToken = (await api.caller().auth.register({ ...credentials, full_name: "Ada" })).access_token;
  const caller = api.caller(accessToken);
  for (const number of [1, 2, 3]) {
    const input = {
      tx_hash: `0x${number}`,
      tx_type: "allocate",
      amount: "1",
      allocation: { nostra: 100 },
    } as const;
    await caller.transactions.create(input);
    await addRememberedDevice(api, (await caller.auth.me()).id);
    const organisationId = await addOrganisationRow(api, (await caller.auth.me()).id);
    owner ??= organisationId;
    await addTestMember(api, owner, "viewer");
    await addInvitationRow(api, owner);
    await addPasskeyRow(api, (await caller.auth.me()).id);
    await addIdentityRow(api, (await caller.auth.me()).id);
    await caller.predictions.run_optimization();
    await caller.auth.create_api_key({ name: `Key ${number}`, scopes: ["users:read"] });
    const { id: webhookId } = await caller.webhooks.create({
      url: "https://example.org/",
      topics: ["transactions"],
    });
    const { id: deliveryId } = await caller.webhooks.test({ webhook_id: webhookId });
    await addWebhookAttempt(api, { userId: (await caller.auth.me()).id, webhookId, deliveryId });
    await api.caller().auth.login(credentials);
    api.clock.advance(minuteMs);
  }
  await importLater(api, 1);
  await addPastSuggestions(api, 3);
});
afterAll(() => api[Symbol.asyncDispose]());

async function read(named: NamedEndpoint, sort?: "newest" | "oldest"): Promise<Item[]> {
  const from = isForOrganisationsOnly(named) ? { owner } : {};
  const input = sort === undefined ? { limit: 100 } : { limit: 100, sort };
  return ((await callProcedure(api, accessToken, named.path, input, from)) as { items: Item[] }).items;
}

function timeOf(item: Item): string {
  const name = times.find((each) => each in item) ?? expect.fail(`There is no time in ${Object.keys(item)}.`);
  return String(item[name]);
}

it("lists the newest first by default, and the oldest first when asked to, in every list by time", async () => {
  expect(byTime.length).toBeGreaterThanOrEqual(8);
  for (const list of byTime) {
    const [byDefault, newest, oldest] = [
      await read(list),
      await read(list, "newest"),
      await read(list, "oldest"),
    ];
    expect([list.path, byDefault]).toEqual([list.path, newest]);
    expect([list.path, newest.map(timeOf)]).toEqual([list.path, newest.map(timeOf).toSorted().toReversed()]);
    expect([list.path, oldest.map(timeOf)]).toEqual([list.path, oldest.map(timeOf).toSorted()]);
    // A day's figures are by protocol in either order, and a page of them is not all there is.
    if (list.path === "analytics.risk_history") continue;
    expect([list.path, oldest]).toEqual([list.path, newest.toReversed()]);
    expect([list.path, newest.length > 1]).toEqual([list.path, true]);
  }
});
