import { getLogFile } from "@obsqra/features";
import { createTestApi, writeWholeLog } from "@obsqra/features/testing";
import { formatVerifierKey, parseEntryBundle, parseNote, witnessKeyOf } from "@obsqra/receipts";
import { type CheckName, type Verification, type VerifyOptions, verifyForecast } from "@obsqra/verify";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type Content,
  type Forgery,
  firstSecretKey,
  forgeLog,
  secondSecretKey,
  vkeyOf,
  withManifest,
} from "./forged-log.ts";

/** The forecasts that a real service has logged, in two batches, signed with a key of the test: what an attacker starts from. */
let honest: {
  readonly entries: Content[];
  readonly batches: [Content, Content[]][];
  readonly start: Content[];
};
const witnessSecret = new Uint8Array(32).fill(3);
const witness = (time: string) => ({
  name: "witness.example",
  secretKey: witnessSecret,
  time: new Date(time),
});
const witnessKey = formatVerifierKey(witnessKeyOf("witness.example", witnessSecret));

beforeAll(async () => {
  await using api = await createTestApi({ withForecasts: true });
  await writeWholeLog(api);
  const checkpoint = await getLogFile(api.deps, "checkpoint");
  const size = Number(String(checkpoint?.content).split("\n")[1]);
  const bundle = await getLogFile(api.deps, `tile/entries/000.p/${size}`);
  const [, ...logged] = parseEntryBundle(bundle?.content as Uint8Array).map(
    (entry): Content => JSON.parse(Buffer.from(entry).toString()),
  );
  const start = [
    {
      type: "log_key",
      verifier_key: vkeyOf(firstSecretKey),
      previous: null,
      logged_at: logged[0]?.logged_at,
    },
    ...logged.filter(({ type }) => type === "snapshot"),
  ];
  const batches = logged
    .filter(({ type }) => type === "batch")
    .map((manifest): [Content, Content[]] => [manifest, logged.filter(({ batch }) => batch === manifest.id)]);
  const entries = [...start, ...batches.flatMap(([manifest, forecasts]) => [manifest, ...forecasts])];
  honest = { start, batches: batches as [Content, Content[]][], entries };
});

const second = () => honest.batches[1]?.[1] ?? [];
const attacked = () => second()[4] ?? {};
const idOf = () => attacked().id;

/** An outcome of the attacked forecast. */
function outcomeEntry(entries: readonly Content[], value: number): Content {
  return {
    type: "outcome",
    forecast: idOf(),
    forecast_index: entries.findIndex(({ id }) => id === idOf()),
    value,
    recorded_at: "2026-01-22T12:00:00.000Z",
    logged_at: "2026-01-22T12:01:00.000Z",
  };
}

const failures = ({ checks }: Verification) => checks.filter(({ state }) => state === "failed");
const namesOf = (verification: Verification): CheckName[] => failures(verification).map(({ name }) => name);

async function verifyForged(forgery: Forgery, options: VerifyOptions = {}): Promise<Verification> {
  const log = await forgeLog(forgery);
  return verifyForecast(await log.receiptOf(idOf()), { fetch: log.fetch, ...options });
}

describe("an honest log", () => {
  it("passes, and says what is not checked and that nobody else vouches for the time", async () => {
    const entries = [...honest.entries, outcomeEntry(honest.entries, 5)];
    const verification = await verifyForged({ entries });
    expect(failures(verification)).toEqual([]);
    expect(verification.verdict).toBe("self_attested");
    const unchecked = verification.checks.filter(({ state }) => state === "not_checked");
    expect(unchecked.map(({ name }) => name)).toEqual(["answer", "history", "time", "re_execution"]);
  });

  it("passes with a witness, the key that is known, and a checkpoint that was kept", async () => {
    const { checkpoint } = await forgeLog({ entries: honest.start });
    const cosigned = { entries: honest.entries, witness: witness("2026-01-15T12:05:00Z") };
    const known = {
      witnesses: [witnessKey],
      trustedKey: vkeyOf(firstSecretKey),
      knownCheckpoint: checkpoint,
    };
    expect(await verifyForged(cosigned, known)).toMatchObject({ verdict: "witnessed" });
  });
});

describe("it is caught and named when", () => {
  it("a forecast is changed after the fact, in what is stored, answered, or logged", async () => {
    const log = await forgeLog(honest);
    const receipt = await log.receiptOf(idOf());
    const changedEntry = { ...attacked(), value: 99 };
    const stored = JSON.stringify(changedEntry);
    const { checks } = await verifyForecast({ ...receipt, stored }, log);
    expect(checks.find(({ name }) => name === "stored")).toEqual({
      name: "stored",
      state: "failed",
      says: `The forecast was changed after it was committed: value was ${String(attacked().value)}, is 99.`,
    });
    const answer = { id: idOf(), apy: 99, lower: attacked().lower };
    const answered = await verifyForecast(receipt, { fetch: log.fetch, answer });
    expect(failures(answered)).toMatchObject([
      { name: "answer", says: expect.stringMatching(/another forecast: value/) },
    ]);
    // In the log, so that receipt and log agree: it no longer goes with the manifest.
    const entries = honest.entries.map((entry) => (entry === attacked() ? changedEntry : entry));
    expect(failures(await verifyForged({ entries }))).toMatchObject([
      { name: "batch", says: expect.stringContaining("left out, put in or changed") },
    ]);
    // The manifest, too: everything is new, and whoever has kept a checkpoint sees it.
    const [manifest] = honest.batches[1] ?? [{}];
    const forged = withManifest(
      manifest,
      second().map((entry) => (entry === attacked() ? changedEntry : entry)),
    );
    const anew = [...honest.start, ...(honest.batches[0]?.flat() ?? []), ...forged];
    const { checkpoint: knownCheckpoint } = log;
    expect(failures(await verifyForged({ entries: anew }, { knownCheckpoint }))).toMatchObject([
      { name: "history", says: expect.stringContaining("written anew") },
    ]);
  });

  it("a forecast is left out of its batch", async () => {
    const entries = honest.entries.filter((entry) => entry !== second()[7]);
    expect(namesOf(await verifyForged({ entries }))).toEqual(["batch"]);
  });

  it("a forecast is inserted late, with or without saying so", async () => {
    const late = {
      ...attacked(),
      id: "late",
      position: second().length,
      logged_at: "2026-02-01T00:00:00.000Z",
    };
    for (const logged_at of [late.logged_at, attacked().logged_at]) {
      const inserted = { ...late, logged_at };
      const entries = [...honest.entries, outcomeEntry(honest.entries, 5), inserted];
      const log = await forgeLog({ entries });
      const verification = await verifyForecast(await log.receiptOf("late"), log);
      expect(namesOf(verification)).toEqual(["batch", "order"]);
    }
    // With a manifest of its own.
    const [manifest = {}] = honest.batches[1] ?? [];
    const own = withManifest({ ...manifest, id: "own" }, [{ ...late, batch: "own", position: 0 }]);
    const log = await forgeLog({ entries: [...honest.entries, ...own] });
    const verification = await verifyForecast(await log.receiptOf("late"), log);
    expect(failures(verification)).toMatchObject([
      { name: "order", says: expect.stringContaining("logged late") },
    ]);
  });

  it("a checkpoint is backdated: witnesses know it later, or not at all, or another one was kept", async () => {
    const options = { witnesses: [witnessKey] };
    const late = await verifyForged({ ...honest, witness: witness("2026-01-23T00:00:00Z") }, options);
    expect(failures(late)).toMatchObject([
      { name: "time", says: expect.stringContaining("only since 2026-01-23") },
    ]);
    expect(namesOf(await verifyForged(honest, options))).toEqual(["time"]);
    // A cosignature whose time was set back.
    const log = await forgeLog({ ...honest, witness: witness("2026-01-23T00:00:00Z") });
    const receipt = await log.receiptOf(idOf());
    const line = parseNote(log.checkpoint).signatures[1];
    const bytes = Buffer.concat([line?.keyId ?? Buffer.of(), line?.signature ?? Buffer.of()]);
    const before = bytes.toString("base64");
    bytes.writeBigUInt64BE(BigInt(Date.parse("2026-01-15T12:05:00Z") / 1_000), 4);
    const tlog_proof = receipt.tlog_proof.replace(before, bytes.toString("base64"));
    const verification = await verifyForecast({ ...receipt, tlog_proof }, { fetch: log.fetch, ...options });
    expect(failures(verification)).toMatchObject([
      { name: "time", says: expect.stringContaining("does not hold") },
    ]);
    const { checkpoint: knownCheckpoint } = await forgeLog({
      entries: honest.entries.slice(0, 3).toReversed(),
    });
    expect(namesOf(await verifyForged(honest, { knownCheckpoint }))).toEqual(["history"]);
  });

  it("an outcome is edited, where it is served or in the log, left out, or that of another forecast", async () => {
    const entries = [...honest.entries, outcomeEntry(honest.entries, 5)];
    const log = await forgeLog({ entries });
    const receipt = await log.receiptOf(idOf());
    const outcome = { leaf_index: entries.length - 1, value: 6, recorded_at: "2026-01-22T12:00:00.000Z" };
    const served = await verifyForecast({ ...receipt, outcome }, log);
    expect(failures(served)).toMatchObject([
      { name: "outcome", says: "The outcome was edited: 5 was committed, and 6 is served." },
    ]);
    const edited = [...honest.entries, outcomeEntry(honest.entries, 6)];
    const { checkpoint: knownCheckpoint } = log;
    expect(namesOf(await verifyForged({ entries: edited }, { knownCheckpoint }))).toEqual(["history"]);
    const missing = { ...outcome, leaf_index: null };
    expect(failures(await verifyForecast({ ...receipt, outcome: missing }, log))).toEqual([]);
    const leftOut = { ...missing, recorded_at: "2026-01-22T01:00:00.000Z" };
    expect(failures(await verifyForecast({ ...receipt, outcome: leftOut }, log))).toMatchObject([
      { name: "outcome", says: expect.stringContaining("left out") },
    ]);
    const other = { ...outcome, leaf_index: 4 };
    expect(namesOf(await verifyForecast({ ...receipt, outcome: other }, log))).toEqual(["outcome"]);
  });

  it("the key is rotated without a trace", async () => {
    const trustedKey = vkeyOf(firstSecretKey);
    const [first, next] = [firstSecretKey, secondSecretKey].map((key) => ({
      verifier_key: vkeyOf(key),
      announcement: null,
    }));
    if (first === undefined || next === undefined) throw new Error("There are two keys.");
    const secretKey = secondSecretKey;
    // Signed by a key that the log does not name.
    expect(namesOf(await verifyForged({ ...honest, secretKey }, { trustedKey }))).toEqual(["signature"]);
    // Named, and announced by nothing.
    const unannounced = await verifyForged({ ...honest, secretKey, keys: [first, next] }, { trustedKey });
    expect(failures(unannounced)).toMatchObject([
      { name: "keys", says: expect.stringContaining("without a trace") },
    ]);
    // The only key there is said to be, in a log that begins with it.
    const begun = { ...honest.entries[0], verifier_key: vkeyOf(secondSecretKey) };
    const entries = [begun, ...honest.entries.slice(1)];
    const replaced = await verifyForged({ entries, secretKey, keys: [next] }, { trustedKey });
    expect(failures(replaced)).toMatchObject([
      { name: "keys", says: expect.stringContaining("without a trace") },
    ]);
    // Announced by an entry that the old key did not sign.
    const announced = [...honest.entries, { ...begun, previous: vkeyOf(firstSecretKey) }];
    const own = await forgeLog({ entries: announced, secretKey });
    const announcement = await own.proofOf(announced.length - 1);
    const keys = [first, { ...next, announcement }];
    const unsigned = await verifyForged({ entries: announced, secretKey, keys }, { trustedKey });
    expect(failures(unsigned)).toMatchObject([
      { name: "keys", says: expect.stringContaining("not signed by the one before") },
    ]);
    // As it should be.
    const old = await forgeLog({ entries: announced });
    const rotated = [first, { ...next, announcement: await old.proofOf(announced.length - 1) }];
    const verification = await verifyForged({ entries: announced, secretKey, keys: rotated }, { trustedKey });
    expect(failures(verification)).toEqual([]);
  });

  it("the log serves something else than was signed, or nothing", async () => {
    const log = await forgeLog(honest);
    const receipt = await log.receiptOf(idOf());
    const other = await forgeLog({ entries: honest.entries.toReversed() });
    const swapped = await verifyForecast(receipt, { fetch: other.fetch });
    expect(namesOf(swapped)).toEqual(["keys", "batch", "order"]);
    const gone = await verifyForecast(receipt, { fetch: async () => new Response("", { status: 404 }) });
    expect(namesOf(gone)).toEqual(["keys", "signature", "batch", "order"]);
    for (const nonsense of [null, {}, { ...receipt, tlog_proof: "" }, { ...receipt, entry: "{}" }]) {
      expect(await verifyForecast(nonsense, log)).toMatchObject({ verdict: "failed" });
    }
  });
});
