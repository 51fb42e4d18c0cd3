import {
  canonicalJson,
  formatTlogProof,
  formatVerifierKey,
  parseTlogProof,
  witnessKeyOf,
} from "@obsqra/receipts";
import { type Verification, type VerifyOptions, verifyForecast } from "@obsqra/verify";
import { runCommand } from "@obsqra/verify/command";
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
import { type HonestLog, makeHonestLog } from "./honest-log.ts";

let honest: HonestLog;

beforeAll(async () => {
  honest = await makeHonestLog();
});

const batch = () => honest.batches[1] ?? expect.fail("There is no second batch.");
const attacked = () => batch()[1][4] ?? expect.fail("It has no fifth forecast.");

const failures = ({ checks }: Verification) =>
  checks.filter(({ state }) => state === "failed").map(({ name, says }) => `${name}: ${says}`);

async function verify(forgery: Forgery, options: VerifyOptions = {}, id: unknown = attacked().id) {
  const log = await forgeLog(forgery);
  return verifyForecast(await log.receiptOf(id), { fetch: log.fetch, reExecute: false, ...options });
}

/** The log with the second batch changed, whose manifest goes with it. */
function relogged(change: (forecast: Content) => Content): Content[] {
  const [manifest, forecasts] = batch();
  return [
    ...honest.start,
    ...(honest.batches[0]?.flat() ?? []),
    ...withManifest(manifest, forecasts.map(change)),
  ];
}

describe("nobody gets away with", () => {
  it("the receipt of another forecast than was asked about", async () => {
    const log = await forgeLog(honest);
    const other = await log.receiptOf(batch()[1][5]?.id);
    const asked = { fetch: log.fetch, reExecute: false, forecastId: String(attacked().id) };
    expect(failures(await verifyForecast(other, asked))).toEqual([
      expect.stringMatching(/^entry: The receipt is of another forecast than you asked about/),
    ]);
    let printed = "";
    const code = await runCommand(["https://service.example", "forecast", String(attacked().id), "--quick"], {
      fetch: async (url) => (url.includes("/receipt") ? Response.json(other) : log.fetch(url)),
      readFile: async () => "",
      write: (text) => {
        printed += text;
      },
      complain: () => {},
    });
    expect(code).toBe(1);
    expect(printed).toContain("FAIL  entry");
  });

  it.each([-1, -2, -5, 1e15, 0.5, "4", null])(
    "a forecast that claims place %s of a batch that it is none of",
    async (position) => {
      const [manifest] = batch();
      const index = honest.entries.findIndex(({ type, id }) => type === "batch" && id === manifest.id);
      const made = { ...attacked(), id: "made-up", position, logged_at: honest.entries[index]?.logged_at };
      for (const at of [index, index - 1, index + 1, honest.entries.length]) {
        const entries = honest.entries.toSpliced(at, 0, made);
        expect(
          failures(await verify({ entries }, {}, "made-up")).map((line) => line.split(":")[0]),
        ).toContain("batch");
      }
    },
  );

  it("a key that was replaced, and whoever has it now", async () => {
    const announced = [
      ...honest.entries,
      {
        type: "log_key",
        verifier_key: vkeyOf(secondSecretKey),
        previous: vkeyOf(firstSecretKey),
        logged_at: honest.entries.at(-1)?.logged_at,
      },
    ];
    const announcement = await (await forgeLog({ entries: announced })).proofOf(announced.length - 1);
    const keys = [
      { verifier_key: vkeyOf(firstSecretKey), announcement: null },
      { verifier_key: vkeyOf(secondSecretKey), announcement },
    ];
    const goesOn = [...announced, { type: "snapshot", logged_at: honest.entries.at(-1)?.logged_at }];
    const trustedKey = vkeyOf(secondSecretKey);
    expect(failures(await verify({ entries: goesOn, keys }, { trustedKey }))).toEqual([
      expect.stringMatching(/^signature: .*which was replaced at \d+/),
    ]);
    const rightly = { entries: goesOn, keys, secretKey: secondSecretKey };
    expect(failures(await verify(rightly, { trustedKey }))).toEqual([]);
  });

  it("an entry that could be read in two ways", async () => {
    const [manifest] = batch();
    const index = honest.entries.findIndex(({ type, id }) => type === "batch" && id === manifest.id);
    const text = canonicalJson(honest.entries[index]);
    for (const odd of [
      text.replace("{", '{"forecasts":1,'),
      ` ${text}`,
      `\uFEFF${text}`,
      text.replace('"batch"', '"b\\u0061tch"'),
      text.replace(/"forecasts":(\d+)/, '"forecasts":$1.0'),
    ]) {
      const says = failures(await verify({ ...honest, texts: new Map([[index, odd]]) }));
      expect(says[0], odd.slice(0, 40)).toMatch(/^batch: .*(not in canonical form|is not JSON)/);
    }
  });

  it.each([
    "2026-01-15",
    "Thu Jan 15 2026",
    "2026-01-15T12:00:00",
    "1768435200000",
    1_768_435_200_000,
    "2026-01-15T12:00:00+02:00",
    "",
    null,
  ])("%s as a moment, which readers take for different ones", async (logged_at) => {
    const says = failures(await verify({ entries: relogged((forecast) => ({ ...forecast, logged_at })) }));
    expect(says.length).toBeGreaterThan(0);
  });

  it("proofs of another place, or of a tree of another size", async () => {
    const log = await forgeLog(honest);
    const receipt = await log.receiptOf(attacked().id);
    const { index, proof, checkpoint } = parseTlogProof(receipt.tlog_proof);
    for (const forged of [
      { index: index + 1, proof },
      { index: index + honest.entries.length, proof },
      { index: 2 ** 52, proof },
      { index, proof: proof.slice(1) },
      { index, proof: [...proof, ...proof] },
    ]) {
      const tlog_proof = formatTlogProof({ ...forged, checkpoint });
      const verification = await verifyForecast(
        { ...receipt, tlog_proof },
        { fetch: log.fetch, reExecute: false },
      );
      expect(failures(verification).map((line) => line.split(":")[0])).toContain("inclusion");
    }
  });

  it("an answer in which there is nothing to compare", async () => {
    for (const answer of [{}, { symbol: "USDC" }, { id: attacked().id }]) {
      const { checks, verdict } = await verify(honest, { answer });
      expect(verdict).toBe("not_checked");
      expect(checks.find(({ name }) => name === "answer")).toMatchObject({ state: "not_checked" });
    }
  });

  it("a log that is nowhere", async () => {
    const log = await forgeLog(honest);
    for (const log_url of ["", "here", "\ud800", "9".repeat(400)]) {
      const receipt = { ...(await log.receiptOf(attacked().id)), log_url };
      expect(failures(await verifyForecast(receipt, { fetch: log.fetch }))).toEqual([
        expect.stringMatching(/^entry: .*which is no URL/),
      ]);
    }
  });

  it("what was not made again, whatever is said to be the reason", async () => {
    const withoutFiles = relogged(({ made_from: _, ...forecast }) => forecast);
    const ofOtherRevision = relogged(({ made_from, ...forecast }) => ({
      ...forecast,
      made_from: { ...Object(made_from), revision: 99 },
    }));
    for (const entries of [withoutFiles, ofOtherRevision]) {
      const asked = await verify({ ...honest, entries }, { reExecute: true });
      expect([failures(asked), asked.verdict]).toEqual([[], "not_checked"]);
    }
    expect((await verify({ ...honest, entries: withoutFiles })).verdict).toBe("self_attested");
  });

  it("the key of the log in place of a witness's, or a witness that nobody named", async () => {
    const other = formatVerifierKey(witnessKeyOf("witness.example", new Uint8Array(32).fill(7)));
    const witness = {
      name: "witness.example",
      secretKey: new Uint8Array(32).fill(3),
      time: new Date("2026-01-15T12:05:00Z"),
    };
    for (const named of [vkeyOf(firstSecretKey), other]) {
      const says = failures(await verify({ ...honest, witness }, { witnesses: [named] }));
      expect(says).toEqual([expect.stringMatching(/^time: /)]);
    }
  });
});

describe("nobody is accused of", () => {
  it("a receipt that is older than the checkpoint that was kept", async () => {
    const old = await forgeLog({ entries: honest.entries });
    const today = await forgeLog({ entries: [...honest.entries, ...honest.entries.slice(0, 1)] });
    const receipt = await old.receiptOf(attacked().id);
    const kept = { knownCheckpoint: today.checkpoint, reExecute: false };
    const verification = await verifyForecast(receipt, { ...kept, fetch: today.fetch });
    expect(failures(verification)).toEqual([]);
    expect(verification.checks.find(({ name }) => name === "history")).toMatchObject({ state: "passed" });
    // The log of today is as short as the receipt's.
    expect(failures(await verifyForecast(receipt, { ...kept, fetch: old.fetch }))).toEqual([
      expect.stringMatching(/^history: The log was cut off/),
    ]);
    // It goes on, and not from there.
    const anew = await forgeLog({ entries: [...honest.entries.toReversed(), ...honest.entries.slice(0, 1)] });
    const split = await verifyForecast(receipt, {
      ...kept,
      knownCheckpoint: anew.checkpoint,
      fetch: anew.fetch,
    });
    expect(failures(split).some((line) => line.startsWith("history: The log was written anew"))).toBe(true);
  });
});
