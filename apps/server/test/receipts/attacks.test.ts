import { formatVerifierKey, parseNote, witnessKeyOf } from "@obsqra/receipts";
import {
  type Check,
  type CheckName,
  type Verification,
  type VerifyOptions,
  verifyForecast,
} from "@obsqra/verify";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type Content,
  type ForgedLog,
  type Forgery,
  firstSecretKey,
  forgeLog,
  secondSecretKey,
  vkeyOf,
  withManifest,
} from "./forged-log.ts";
import { type HonestLog, makeHonestLog } from "./honest-log.ts";

let honest: HonestLog;
const witnessSecret = new Uint8Array(32).fill(3);
const witness = (time: string) => ({
  name: "witness.example",
  secretKey: witnessSecret,
  time: new Date(time),
});
const witnessKey = formatVerifierKey(witnessKeyOf("witness.example", witnessSecret));

beforeAll(async () => {
  honest = await makeHonestLog();
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

/** All but making the forecast again. */
const quickly = ({ fetch }: ForgedLog) => ({ fetch, reExecute: false });

const failures = ({ checks }: Verification) => checks.filter(({ state }) => state === "failed");
const namesOf = (verification: Verification): CheckName[] => failures(verification).map(({ name }) => name);

async function verifyForged(forgery: Forgery, options: VerifyOptions = {}): Promise<Verification> {
  const log = await forgeLog(forgery);
  return verifyForecast(await log.receiptOf(idOf()), { fetch: log.fetch, reExecute: false, ...options });
}

/** The second batch with other forecasts, and a manifest that goes with them. */
function relogged(change: (forecast: Content) => Content, manifestSays: Content = {}): Content[] {
  const [manifest = {}, forecasts = []] = honest.batches[1] ?? [];
  const forged = withManifest({ ...manifest, ...manifestSays }, forecasts.map(change));
  return [...honest.start, ...(honest.batches[0]?.flat() ?? []), ...forged];
}

/** What making the attacked forecast again finds. */
async function execute(forgery: Partial<Forgery>): Promise<Check[]> {
  const { checks, verdict } = await verifyForged({ ...honest, ...forgery }, { reExecute: true });
  // What is not made again does not pass, whatever is said to be the reason.
  if (checks.some(({ state }) => state === "failed")) expect(verdict).toBe("failed");
  else expect(verdict === "self_attested").toBe(checks.slice(-4).every(({ state }) => state === "passed"));
  return checks.slice(-4);
}

const statesOf = (checks: readonly Check[]) => checks.map(({ name, state }) => `${name} ${state}`);

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
    const { checks } = await verifyForecast({ ...receipt, stored }, quickly(log));
    expect(checks.find(({ name }) => name === "stored")).toEqual({
      name: "stored",
      state: "failed",
      says: `The forecast was changed after it was committed: value was ${String(attacked().value)}, is 99.`,
    });
    const answer = { id: idOf(), apy: 99, lower: attacked().lower };
    const answered = await verifyForecast(receipt, { ...quickly(log), answer });
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
      const verification = await verifyForecast(await log.receiptOf("late"), quickly(log));
      expect(namesOf(verification)).toEqual(["batch", "order"]);
    }
    // With a manifest of its own.
    const [manifest = {}] = honest.batches[1] ?? [];
    const own = withManifest({ ...manifest, id: "own" }, [{ ...late, batch: "own", position: 0 }]);
    const log = await forgeLog({ entries: [...honest.entries, ...own] });
    const verification = await verifyForecast(await log.receiptOf("late"), quickly(log));
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
    const verification = await verifyForecast({ ...receipt, tlog_proof }, { ...quickly(log), ...options });
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
    const served = await verifyForecast({ ...receipt, outcome }, quickly(log));
    expect(failures(served)).toMatchObject([
      { name: "outcome", says: "The outcome was edited: 5 was committed, and 6 is served." },
    ]);
    const edited = [...honest.entries, outcomeEntry(honest.entries, 6)];
    const { checkpoint: knownCheckpoint } = log;
    expect(namesOf(await verifyForged({ entries: edited }, { knownCheckpoint }))).toEqual(["history"]);
    const missing = { ...outcome, leaf_index: null };
    expect(failures(await verifyForecast({ ...receipt, outcome: missing }, quickly(log)))).toEqual([]);
    const leftOut = { ...missing, recorded_at: "2026-01-22T01:00:00.000Z" };
    expect(failures(await verifyForecast({ ...receipt, outcome: leftOut }, quickly(log)))).toMatchObject([
      { name: "outcome", says: expect.stringContaining("left out") },
    ]);
    const other = { ...outcome, leaf_index: 4 };
    expect(namesOf(await verifyForecast({ ...receipt, outcome: other }, quickly(log)))).toEqual(["outcome"]);
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
    const swapped = await verifyForecast(receipt, quickly(other));
    expect(namesOf(swapped)).toEqual(["keys", "batch", "order"]);
    const gone = await verifyForecast(receipt, {
      ...quickly(log),
      fetch: async () => new Response("", { status: 404 }),
    });
    expect(namesOf(gone)).toEqual(["keys", "signature", "batch", "order"]);
    for (const nonsense of [null, {}, { ...receipt, tlog_proof: "" }, { ...receipt, entry: "{}" }]) {
      expect(await verifyForecast(nonsense, quickly(log))).toMatchObject({ verdict: "failed" });
    }
  });
});

describe("a forecast that is made again", () => {
  it("is the same to the last bit, from the files that were published", async () => {
    expect(statesOf(await execute({}))).toEqual([
      "model passed",
      "data passed",
      "re_execution passed",
      "calibration passed",
    ]);
  });

  it("tells a swapped model, in the file that is served or in the log", async () => {
    const { model_sha256 = "", ...others } = Object(attacked().made_from);
    const other = Object(honest.batches[0]?.[0].model);
    const artefacts = new Map(honest.artefacts).set(
      model_sha256,
      honest.artefacts.get(other.artefact_sha256) ?? new Uint8Array(),
    );
    const served = await execute({ artefacts });
    expect(statesOf(served)).toEqual([
      "model failed",
      "data passed",
      "re_execution not_checked",
      "calibration not_checked",
    ]);
    expect(served[0]?.says).toContain(`published as ${model_sha256} has the hash ${other.artefact_sha256}`);
    const made_from = { model_sha256: other.artefact_sha256, ...others };
    const unlike = await execute({ entries: relogged((forecast) => ({ ...forecast, made_from })) });
    expect(unlike[0]?.says).toContain("another model or other data than the manifest of its batch");
    const entries = relogged((forecast) => ({ ...forecast, made_from }), { model: other });
    expect(statesOf(await execute({ entries })).slice(2)).toEqual([
      "re_execution failed",
      "calibration failed",
    ]);
  });

  it("tells a tampered calibration, and a figure that was rounded in the operator's favour", async () => {
    const [confidence, value] = [Number(attacked().confidence), Number(attacked().value)];
    const tampered = await execute({ entries: relogged((forecast) => ({ ...forecast, confidence: 0.99 })) });
    expect(statesOf(tampered).slice(2)).toEqual(["re_execution passed", "calibration failed"]);
    expect(tampered[3]?.says).toContain(`confidence was 0.99, is ${confidence}`);
    const rounded = Number(value.toFixed(4));
    const improved = await execute({ entries: relogged((forecast) => ({ ...forecast, value: rounded })) });
    expect(statesOf(improved).slice(2)).toEqual(["re_execution failed", "calibration passed"]);
    expect(improved[2]?.says).toContain(`value was ${rounded}, is ${value}`);
  });

  it("tells changed data, and does not pass where data is withheld, gone or of another arithmetic", async () => {
    const { snapshot_sha256, ...others } = Object(attacked().made_from);
    const head = Buffer.from(honest.artefacts.get(snapshot_sha256) ?? []).toString();
    const [month = ""] = JSON.parse(head).months.map(({ sha256 }: { sha256: string }) => sha256);
    const text = Buffer.from(honest.artefacts.get(month) ?? []).toString();
    const changed = new Map(honest.artefacts).set(month, Buffer.from(text.replace(/\d(?=[,\]])/, "7")));
    const data = await execute({ artefacts: changed });
    expect(statesOf(data).slice(1)).toEqual([
      "data failed",
      "re_execution not_checked",
      "calibration not_checked",
    ]);
    expect(statesOf(await execute({ artefacts: new Map() })).slice(0, 2)).toEqual([
      "model failed",
      "data failed",
    ]);
    const withheld = relogged((forecast) => ({
      ...forecast,
      made_from: { ...others, snapshot_sha256: null },
    }));
    const unknown = await execute({ entries: withheld });
    expect(statesOf(unknown)).toEqual([
      "model passed",
      "data not_checked",
      "re_execution not_checked",
      "calibration not_checked",
    ]);
    expect(unknown[1]?.says).toContain("Data withheld");
    const later = relogged((forecast) => ({
      ...forecast,
      made_from: { ...others, snapshot_sha256, revision: 0 },
    }));
    expect((await execute({ entries: later })).every(({ state }) => state === "not_checked")).toBe(true);
    const early = relogged(({ made_from: _, ...forecast }) => forecast);
    expect((await execute({ entries: early })).every(({ state }) => state === "not_checked")).toBe(true);
  });
});
