import { collectCosignatures, getLogFile, type LogWitness } from "@obsqra/features";
import { createTestApi, importLater, type TestApi, writeWholeLog } from "@obsqra/features/testing";
import { formatAddCheckpoint, parseCheckpoint } from "@obsqra/receipts";
import { type VerifyOptions, verifyForecast } from "@obsqra/verify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Content, firstSecretKey, forgeLog, vkeyOf, withManifest } from "./forged-log.ts";
import { type RunningWitness, startWitness } from "./start-witness.ts";

const numbers = [1, 2, 3];
const { signal } = new AbortController();
const inTime = "2026-01-15T13:00:00Z";

const endAll = (witnesses: readonly RunningWitness[]) =>
  Promise.all(witnesses.map((witness) => witness[Symbol.asyncDispose]()));

describe("a log with three witnesses", () => {
  const logWitnesses: LogWitness[] = [];
  let running: RunningWitness[] = [];
  let api: TestApi;
  let logKey: string;

  beforeAll(async () => {
    api = await createTestApi({ withForecasts: true, logWitnesses });
    await writeWholeLog(api);
    [{ verifier_key: logKey }] = JSON.parse(String((await getLogFile(api.deps, "keys"))?.content));
    running = await Promise.all(numbers.map((number) => startWitness(number, { logKey, now: inTime })));
    logWitnesses.push(...running);
  });

  afterAll(async () => {
    await endAll(running);
    await api[Symbol.asyncDispose]();
  });

  const signatures = async () => {
    const content = String((await getLogFile(api.deps, "checkpoint"))?.content);
    return parseCheckpoint(content).note.signatures.map(({ name }) => name);
  };

  async function verify(options: VerifyOptions) {
    const { items } = await api.caller().predictions.forecast_history({ granularity: "market" });
    const receipt = await api.caller().receipts.forecast({ forecast_id: items[0]?.id ?? "" });
    const fetch = async (url: string) => {
      const file = await getLogFile(api.deps, url.replace(/.*\/log\//, ""));
      return new Response(file === undefined ? "" : Buffer.from(file.content), {
        status: file === undefined ? 404 : 200,
      });
    };
    const { verdict, checks } = await verifyForecast(receipt, { fetch, reExecute: false, ...options });
    return { verdict, receipt, time: checks.find(({ name }) => name === "time") };
  }

  it("is cosigned by all of them once, and by those that are there where one is not", async () => {
    const before = await verify({});
    expect(before.receipt).toMatchObject({ attestation: "self_attested", witnessed_checkpoint: null });
    expect(await collectCosignatures(api.deps, signal)).toBe(3);
    expect(await collectCosignatures(api.deps, signal)).toBe(0);
    expect((await signatures()).toSorted()).toEqual([
      "localhost:8000/log",
      ...numbers.map((number) => `witness-${number}.example`),
    ]);
    const witnesses = running.map(({ key }) => key);
    const after = await verify({ witnesses });
    expect(after).toMatchObject({ verdict: "witnessed", receipt: { attestation: "witnessed" } });
    expect((await verify({})).time).toMatchObject({
      state: "not_checked",
      says: expect.stringContaining("3 witnesses have cosigned"),
    });

    // The log goes on; one witness is away, then comes back without what it knew.
    await importLater(api, 1);
    await writeWholeLog(api);
    await running[0]?.[Symbol.asyncDispose]();
    expect(await collectCosignatures(api.deps, signal)).toBe(2);
    expect(api.logged.map(({ message }) => message)).toContain(
      "A witness did not cosign the transparency log.",
    );
    const again = await startWitness(1, { logKey, now: inTime });
    running[0] = again;
    logWitnesses[0] = again;
    expect(await collectCosignatures(api.deps, signal)).toBe(1);
    // The receipt shows the first checkpoint that all know, which today's continues.
    const later = await verify({ witnesses });
    expect(later.verdict).toBe("witnessed");
    expect(later.receipt.witnessed_checkpoint).toBe(after.receipt.witnessed_checkpoint);
    expect(JSON.stringify(later.receipt).length).toBeLessThanOrEqual(4_096 - 15 * 46);
  });
});

describe("an operator with two views of the log", () => {
  const forecast: Content = {
    type: "forecast",
    id: "attacked",
    batch: "b",
    position: 0,
    value: 5,
    logged_at: "2026-01-15T12:00:00.000Z",
    target_at: "2026-01-22T00:00:00.000Z",
  };
  const viewWith = (value: number) => {
    const key = { type: "log_key", verifier_key: vkeyOf(firstSecretKey), previous: null };
    const manifest = { type: "batch", id: "b", logged_at: forecast.logged_at };
    const entries = [
      { ...key, logged_at: "2026-01-15T11:00:00.000Z" },
      ...withManifest(manifest, [{ ...forecast, value }]),
    ];
    return forgeLog({ entries });
  };

  it("cannot have both cosigned, and cannot show one with the cosignatures of the other", async () => {
    const logKey = vkeyOf(firstSecretKey);
    const running = await Promise.all(numbers.map((number) => startWitness(number, { logKey, now: inTime })));
    const witnesses = running.map(({ key }) => key);
    const [shown, hidden] = [await viewWith(5), await viewWith(9)];
    const ask = async (checkpoint: string, oldSize: number) => {
      const body = formatAddCheckpoint({ oldSize, proof: [], checkpoint });
      return Promise.all(running.map((witness) => witness.addCheckpoint(body, signal)));
    };
    const cosigned = await ask(shown.checkpoint, 0);
    expect(cosigned.map(({ status }) => status)).toEqual([200, 200, 200]);
    const witnessed_checkpoint = shown.checkpoint + cosigned.map(({ body }) => body).join("");
    for (const oldSize of [0, 3]) {
      const refused = await ask(hidden.checkpoint, oldSize);
      expect(refused.map(({ status }) => status)).toEqual([409, 409, 409]);
    }
    const timeOf = async (view: typeof shown, says: { witnessed_checkpoint: string | null }) => {
      const receipt = await view.receiptOf("attacked", says);
      const { checks } = await verifyForecast(receipt, { fetch: view.fetch, witnesses, reExecute: false });
      return checks.find(({ name }) => name === "time");
    };
    expect(await timeOf(shown, { witnessed_checkpoint })).toMatchObject({ state: "passed" });
    expect(await timeOf(hidden, { witnessed_checkpoint })).toMatchObject({
      state: "failed",
      says: expect.stringContaining("the log has two views"),
    });
    expect(await timeOf(hidden, { witnessed_checkpoint: null })).toMatchObject({
      state: "failed",
      says: expect.stringContaining("has not cosigned"),
    });
    await endAll(running);
  });

  it("cannot backdate a checkpoint: witnesses say when they came to know it", async () => {
    const late = await startWitness(1, { logKey: vkeyOf(firstSecretKey), now: "2026-01-23T00:00:00Z" });
    const view = await viewWith(5);
    const body = formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: view.checkpoint });
    const { body: line } = await late.addCheckpoint(body, signal);
    const receipt = await view.receiptOf("attacked", { witnessed_checkpoint: view.checkpoint + line });
    const options = { fetch: view.fetch, witnesses: [late.key], reExecute: false };
    const { checks } = await verifyForecast(receipt, options);
    expect(checks.find(({ name }) => name === "time")).toMatchObject({
      state: "failed",
      says: expect.stringContaining("only since 2026-01-23"),
    });
    await endAll([late]);
  });
});
