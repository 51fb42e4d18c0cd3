import { createSimulatedSource } from "@obsqra/market";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { retrainModels } from "../predictions/models/retrain-models.service.ts";
import {
  createTestApi,
  forecastHere,
  importLater,
  promoteAlways,
  type TestApi,
  trainOnce,
} from "../testing/index.ts";
import { importDataset } from "./import.service.ts";
import { registerProtocols } from "./market.service.ts";
import {
  clearProtocolStatus,
  getProtocolStatuses,
  getStatusHistory,
  setProtocolStatus,
} from "./protocol-statuses.service.ts";

const evidenceUrl = "https://example.org/post-mortem";
const exploited = {
  protocol: "vesu",
  status: "exploited",
  since: new Date("2026-01-14"),
  evidenceUrl,
  reason: "drained",
} as const;
const decided = {
  name: "vesu",
  status: "exploited",
  status_since: new Date("2026-01-14"),
  evidence_url: evidenceUrl,
  status_decided_by: "operator",
};

async function statusOf({ deps }: TestApi, name = "vesu") {
  return (await getProtocolStatuses(deps)).find((protocol) => protocol.name === name);
}

async function importSimulated({ deps }: TestApi): Promise<void> {
  const dataset = await createSimulatedSource({ seed: 1, clock: deps.clock, days: 40 }).load();
  await importDataset(deps, dataset);
}

/** What a server older than migration 0009 writes at its start, word for word. */
async function upsertAsBefore({ deps: { db } }: TestApi, name: string, status: string): Promise<void> {
  await sql`insert into "protocols" ("name", "display_name", "kind", "status", "status_since", "evidence_url",
      "audit_score", "audit_evidence_url", "launched_at", "incidents")
    values (${name}, 'Vesu', 'lending', ${status}, null, null, 81, null, null, '[]')
    on conflict ("name") do update set "display_name" = "excluded"."display_name", "kind" = "excluded"."kind",
      "status" = "excluded"."status", "status_since" = "excluded"."status_since",
      "evidence_url" = "excluded"."evidence_url", "audit_score" = "excluded"."audit_score",
      "audit_evidence_url" = "excluded"."audit_evidence_url", "launched_at" = "excluded"."launched_at",
      "incidents" = "excluded"."incidents"`.execute(db);
}

it("is told of when a start or an import gives a protocol another status, and only then", async () => {
  await using api = await createTestApi();
  const told = async () =>
    (
      await api.deps.db
        .selectFrom("events")
        .select(["subject", "payload"])
        .where("type", "=", "protocol.status_set")
        .orderBy("id")
        .execute()
    ).map(({ subject, payload }) => Object.assign({ subject }, payload));
  await registerProtocols(api.deps);
  await importSimulated(api);
  expect(await told()).toEqual([]);
  await upsertAsBefore(api, "vesu", "paused");
  await registerProtocols(api.deps);
  await upsertAsBefore(api, "vesu", "exploited");
  api.clock.advance(86_400_000);
  await importSimulated(api);
  const active = { subject: "vesu", decided_by: "registry", status: "active" };
  const [back, , again] = (await getStatusHistory(api.deps, "vesu")).map(({ id }) => id);
  expect(await told()).toEqual([
    { ...active, status_before: "paused", decision_id: again },
    { ...active, status_before: "exploited", decision_id: back },
  ]);
  await setProtocolStatus(api.deps, exploited);
  await upsertAsBefore(api, "vesu", "paused");
  await registerProtocols(api.deps);
  expect((await told()).slice(2)).toMatchObject([{ decided_by: "operator", status: "exploited" }]);
});

describe("a status that an operator has set", () => {
  it("cannot begin in the future", async () => {
    await using api = await createTestApi();
    await registerProtocols(api.deps);
    const before = await statusOf(api);
    const at = (ms: number) => ({ ...exploited, since: new Date(api.clock().getTime() + ms) });
    await expect(setProtocolStatus(api.deps, at(1))).rejects.toThrow("is in the future");
    expect(await statusOf(api)).toEqual(before);
    await setProtocolStatus(api.deps, at(0));
    expect(await statusOf(api)).toMatchObject({ status: "exploited", status_since: api.clock() });
  });

  it("stays through every start, every import and the start of an earlier release", async () => {
    await using api = await createTestApi();
    await importSimulated(api);
    await setProtocolStatus(api.deps, exploited);
    const later: Record<string, () => Promise<void>> = {
      "a start": () => registerProtocols(api.deps),
      "an import": () => {
        api.clock.advance(86_400_000);
        return importSimulated(api);
      },
      "a start of an earlier release": () => upsertAsBefore(api, "vesu", "active"),
      "an earlier release whose registry knows of a pause": () => upsertAsBefore(api, "vesu", "paused"),
    };
    for (const [event, happen] of Object.entries(later)) {
      await happen();
      expect(await statusOf(api), event).toEqual(decided);
    }
    // Everything else is brought up to date as before.
    const score = api.deps.db.selectFrom("protocols").select("audit_score").where("name", "=", "vesu");
    expect(await score.executeTakeFirst()).toEqual({ audit_score: 81 });
  });

  it("is followed by a newer one", async () => {
    await using api = await createTestApi();
    await setProtocolStatus(api.deps, exploited);
    const change = await setProtocolStatus(api.deps, { ...exploited, status: "paused", since: undefined });
    expect(change).toEqual({
      before: decided,
      after: { ...decided, status: "paused", status_since: api.clock() },
    });
    await registerProtocols(api.deps);
    expect(await statusOf(api)).toEqual(change.after);
  });

  it("holds since it began when it is set once more, with other evidence", async () => {
    await using api = await createTestApi();
    await setProtocolStatus(api.deps, { ...exploited, since: undefined });
    const began = api.clock();
    api.clock.advance(60_000);
    const other = "https://example.org/second-post-mortem";
    const again = await setProtocolStatus(api.deps, { ...exploited, since: undefined, evidenceUrl: other });
    expect(again.after).toMatchObject({ status_since: began, evidence_url: other });
    expect(await getStatusHistory(api.deps, "vesu")).toMatchObject([
      { status_since: began, evidence_url: other, decided_at: api.clock() },
      { status_since: began, evidence_url: evidenceUrl, decided_at: began },
      {},
    ]);
    const { after } = await setProtocolStatus(api.deps, exploited);
    expect(after.status_since).toEqual(exploited.since);
  });

  it("goes back to what the registry said last, also to what it said meanwhile, when it is cleared", async () => {
    await using api = await createTestApi();
    const before = await statusOf(api);
    await setProtocolStatus(api.deps, exploited);
    const clear = { protocol: "vesu", evidenceUrl: undefined, reason: "recovered" };
    expect((await clearProtocolStatus(api.deps, clear)).after).toEqual(before);
    await setProtocolStatus(api.deps, exploited);
    await upsertAsBefore(api, "vesu", "deprecated");
    expect(await statusOf(api)).toEqual(decided);
    const { after } = await clearProtocolStatus(api.deps, clear);
    expect(after).toMatchObject({ status: "deprecated", status_decided_by: "registry" });
    await registerProtocols(api.deps);
    expect(await statusOf(api)).toEqual(before);
    await expect(clearProtocolStatus(api.deps, clear)).rejects.toThrow("the registry's already");
  });

  it("goes back to the registry's even when that has come to say exactly the same", async () => {
    await using api = await createTestApi();
    await setProtocolStatus(api.deps, exploited);
    const registry = {
      status: "exploited",
      status_since: exploited.since,
      evidence_url: evidenceUrl,
    } as const;
    await api.deps.db.updateTable("protocols").set(registry).where("name", "=", "vesu").execute();
    const { after } = await clearProtocolStatus(api.deps, { ...exploited, reason: undefined });
    expect(after).toEqual({ ...decided, status_decided_by: "registry" });
  });

  it("is set once by each of several operators and servers at once, and the last entry counts", async () => {
    await using api = await createTestApi();
    const statuses = ["paused", "deprecated", "exploited"] as const;
    await Promise.all([
      ...statuses.map((status) => setProtocolStatus(api.deps, { ...exploited, status })),
      registerProtocols(api.deps),
      registerProtocols(api.deps),
    ]);
    const history = await getStatusHistory(api.deps, "vesu");
    expect(history.map(({ decided_by }) => decided_by)).toEqual([
      "operator",
      "operator",
      "operator",
      "registry",
    ]);
    expect(await statusOf(api)).toMatchObject({ status: history[0]?.status, status_decided_by: "operator" });
  });
});

it("keeps who decided what, when and on what evidence, once each", async () => {
  await using api = await createTestApi();
  await registerProtocols(api.deps);
  await setProtocolStatus(api.deps, exploited);
  await registerProtocols(api.deps);
  api.clock.advance(1_000);
  await clearProtocolStatus(api.deps, { protocol: "vesu", evidenceUrl: undefined, reason: undefined });
  const entry = { id: expect.any(String), protocol: "vesu", decided_at: expect.any(Date) };
  const operator = { ...entry, decided_by: "operator" };
  const noDetails = { status_since: null, evidence_url: null, reason: null };
  expect(await getStatusHistory(api.deps, "vesu")).toEqual([
    { ...operator, status: null, ...noDetails, decided_at: api.clock() },
    {
      ...operator,
      status: "exploited",
      status_since: exploited.since,
      evidence_url: evidenceUrl,
      reason: "drained",
    },
    {
      ...entry,
      decided_by: "registry",
      status: "active",
      ...noDetails,
      evidence_url: "https://docs.starknet.io/build/starkzap/lending",
    },
  ]);
});

it("emits an event for each decision of an operator, and for nothing else", async () => {
  await using api = await createTestApi();
  await expect(setProtocolStatus(api.deps, { ...exploited, evidenceUrl: "hearsay" })).rejects.toThrow();
  await setProtocolStatus(api.deps, exploited);
  await registerProtocols(api.deps);
  await clearProtocolStatus(api.deps, { protocol: "vesu", evidenceUrl: undefined, reason: undefined });
  const events = await api.deps.db
    .selectFrom("events")
    .select(["type", "subject", "owner_id", "payload"])
    .orderBy("sequence")
    .execute();
  const [cleared, set] = await getStatusHistory(api.deps, "vesu");
  const event = { type: "protocol.status_set", subject: "vesu", owner_id: null };
  expect(events).toEqual([
    {
      ...event,
      payload: {
        decision_id: set?.id,
        decided_by: "operator",
        status: "exploited",
        status_before: "active",
      },
    },
    {
      ...event,
      payload: {
        decision_id: cleared?.id,
        decided_by: "registry",
        status: "active",
        status_before: "exploited",
      },
    },
  ]);
});

it("keeps from the first day on what is said about a project that only a feed knows", async () => {
  await using api = await createTestApi();
  await upsertAsBefore(api, "fixture-lend", "active");
  await upsertAsBefore(api, "fixture-lend", "paused");
  const history = await getStatusHistory(api.deps, "fixture-lend");
  expect(history.map(({ status }) => status)).toEqual(["paused", "active"]);
});

it("knows no protocol by a typing mistake, and names the known ones", async () => {
  await using api = await createTestApi();
  const known = "There is no protocol vesuu. Known: ekubo, nostra, vesu, zklend.";
  await expect(setProtocolStatus(api.deps, { ...exploited, protocol: "vesuu" })).rejects.toThrow(known);
  await expect(getStatusHistory(api.deps, "vesuu")).rejects.toThrow(known);
  expect((await getProtocolStatuses(api.deps)).map(({ name }) => name)).not.toContain("vesuu");
});

it.each(["http://example.org", "hearsay", "https://"])("takes no evidence such as %s", async (url) => {
  await using api = await createTestApi();
  const set = setProtocolStatus(api.deps, { ...exploited, evidenceUrl: url });
  await expect(set).rejects.toMatchObject({ code: "23514" });
  expect(await statusOf(api)).toMatchObject({ status: "active", status_decided_by: "registry" });
});

it("lets no money be advised into a protocol that an operator marked, whatever comes after", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const ada = await api.signUp();
  const share = async () => {
    const suggestion = await ada.predictions.run_optimization({ risk_tolerance: "high" });
    return { allocation: suggestion.allocation, excluded: suggestion.excluded };
  };
  expect((await share()).allocation).toHaveProperty("vesu");
  // Filled before the decision: caches must not keep it.
  const read = async () =>
    (await ada.analytics.dashboard()).protocols.find(({ protocol }) => protocol === "vesu");
  expect(await read()).toMatchObject({ status: "active" });
  await setProtocolStatus(api.deps, exploited);
  const later: Record<string, () => Promise<unknown>> = {
    nothing: async () => {},
    "an import": () => importLater(api, 1),
    "a training": () =>
      retrainModels(api.deps, {
        horizonDays: 7,
        train: trainOnce,
        decide: promoteAlways,
        forecast: forecastHere,
      }),
    "a start of an earlier release": () => upsertAsBefore(api, "vesu", "active"),
  };
  for (const [event, happen] of Object.entries(later)) {
    await happen();
    const { allocation, excluded } = await share();
    expect(allocation, event).not.toHaveProperty("vesu");
    expect(excluded, event).toContainEqual({ protocol: "vesu", reason: "exploited" });
    expect(await read(), event).toMatchObject({ status: "exploited" });
  }
});
