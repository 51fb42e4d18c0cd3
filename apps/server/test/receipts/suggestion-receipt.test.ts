import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import type { RebalanceSuggestion, SuggestionReceipt } from "@obsqra/contract";
import { getArtefact, getLogFile } from "@obsqra/features";
import { codeOf, createTestApi, type TestApi, writeWholeLog } from "@obsqra/features/testing";
import { canonicalJson, parseEntryBundle } from "@obsqra/receipts";
import type { Verification } from "@obsqra/verify";
import { verifySuggestion } from "@obsqra/verify/suggestion";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Content, firstSecretKey, forgeLog, vkeyOf } from "./forged-log.ts";

/** Read only, but for its log: each test asks as a user of its own. */
let api: TestApi;

beforeAll(async () => {
  api = await createTestApi({ withForecasts: true });
});

afterAll(() => api[Symbol.asyncDispose]());

/** What a service of the test answers to whoever verifies. */
const serve = (from: TestApi) => async (url: string) => {
  const { pathname } = new URL(url);
  const [, folder, ...path] = pathname.split("/");
  const file =
    folder === "artefacts"
      ? await getArtefact(from.deps, path.join("/"))
      : await getLogFile(from.deps, path.join("/"));
  if (file === undefined) return new Response("", { status: 404 });
  const bytes = Buffer.from(file.content);
  return new Response("isCompressed" in file && file.isCompressed ? gunzipSync(bytes) : bytes);
};

/** What is known of all markets, as far as it is tampered with. */
interface Basis {
  readonly markets: readonly { readonly market_id: string; readonly apy: { value: number } | null }[];
}

const failures = ({ checks }: Verification) =>
  checks.filter(({ state }) => state === "failed").map(({ name, says }) => `${name}: ${says}`);

/** The published market data that a manifest names. */
const snapshotOf = ({ type, snapshot }: Content) =>
  type === "batch" ? [String(Object(snapshot).artefact_sha256)] : [];

/** A user who holds something, with a suggestion that is in the log. */
async function advise(from: TestApi) {
  const ada = await from.signUp();
  const given = await ada.predictions.run_optimization({
    current_allocation: { nostra: 60, unallocated: 40 },
    amount: "25000",
    max_market_share: 40,
  });
  await writeWholeLog(from);
  const receipt = await ada.receipts.suggestion({ suggestion_id: given.id });
  return { ada, given, receipt };
}

describe("an honest suggestion", () => {
  it("was committed to, rests on the forecasts of the log, and is the best mix to the last bit", async () => {
    const { given, receipt } = await advise(api);
    expect(given.receipt).toBe(`/api/v1/predictions/rebalance-suggestions/${given.id}/receipt`);
    const verification = await verifySuggestion(receipt, { fetch: serve(api), answer: given });
    expect(failures(verification)).toEqual([]);
    const open = verification.checks.filter(({ state }) => state !== "passed").map(({ name }) => name);
    expect(open).toEqual(["history", "time"]);
    expect(verification.verdict).toBe("self_attested");
  });

  it("is the best mix by the gas that was read, too, and not by another", async () => {
    const gas = [{ chain: "Starknet", usd: "0.012345", block: 7, read_at: "2026-01-14T23:50:00.000Z" }];
    await using other = await createTestApi({
      withForecasts: true,
      gasQuotes: { current: () => gas, refresh: async () => {} },
    });
    const { given, receipt } = await advise(other);
    expect(given.costs).toMatchObject({ gas_source: "chain" });
    expect(given.made_from?.gas).toEqual(gas);
    const verification = await verifySuggestion(receipt, { fetch: serve(other), answer: given });
    expect(failures(verification)).toEqual([]);
    expect(verification.checks.find(({ name }) => name === "figures")).toMatchObject({ state: "passed" });
  });

  it("is shown to its owner only, and nobody can tell from the log or the artefacts whose it is", async () => {
    const { given, receipt } = await advise(api);
    const eve = await api.signUp();
    expect(await codeOf(eve.receipts.suggestion({ suggestion_id: given.id }))).toBe("SUGGESTION_NOT_FOUND");
    const basis = await getArtefact(api.deps, given.made_from?.basis_sha256 ?? "");
    const text = gunzipSync(basis?.content ?? new Uint8Array()).toString();
    for (const own of [given.id, receipt.owner_id, "25000", "basis_points"]) {
      expect(text).not.toContain(own);
      expect(receipt.entry).not.toContain(own);
    }
    // Of all who ask at the same time the basis is the same.
    const other = await eve.predictions.run_optimization({ amount: "123" });
    expect(other.made_from?.basis_sha256).toBe(given.made_from?.basis_sha256);
  });
});

describe("it is caught and named when", () => {
  let honest: { receipt: SuggestionReceipt; entries: Content[]; artefacts: Map<string, Uint8Array> };

  beforeAll(async () => {
    const { receipt, given } = await advise(api);
    const fetch = serve(api);
    const checkpoint = await (await fetch("https://service.example/log/checkpoint")).text();
    const size = Number(checkpoint.split("\n")[1]);
    const entries: Content[] = [];
    const bundle = await getLogFile(api.deps, `tile/entries/000.p/${size}`);
    for (const entry of parseEntryBundle(bundle?.content as Uint8Array)) {
      entries.push(JSON.parse(Buffer.from(entry).toString()));
    }
    const sha256 = given.made_from?.basis_sha256 ?? "";
    const artefacts = new Map<string, Uint8Array>();
    // The basis first; then the market data, whose head names a document for each month.
    for (const named of [sha256, ...new Set(entries.flatMap(snapshotOf))]) {
      const content = await (await fetch(`https://service.example/artefacts/${named}`)).bytes();
      artefacts.set(named, content);
      if (named === sha256) continue;
      for (const month of Buffer.from(content)
        .toString()
        .match(/\b[0-9a-f]{64}\b/g) ?? []) {
        artefacts.set(month, await (await fetch(`https://service.example/artefacts/${month}`)).bytes());
      }
    }
    honest = {
      receipt,
      entries: [{ ...entries[0], verifier_key: vkeyOf(firstSecretKey) }, ...entries.slice(1)],
      artefacts,
    };
  });

  /** An operator commits to another suggestion, from the same inputs or from others, and has a valid proof of it. */
  async function forge(
    change: (suggestion: RebalanceSuggestion) => unknown,
    changeBasis?: (basis: Basis) => unknown,
  ): Promise<Verification> {
    const suggestion: RebalanceSuggestion = JSON.parse(honest.receipt.suggestion);
    const artefacts = new Map(honest.artefacts);
    if (changeBasis !== undefined) {
      const basis = JSON.parse(Buffer.from([...artefacts.values()][0] ?? []).toString());
      changeBasis(basis);
      const text = Buffer.from(JSON.stringify(basis));
      const sha256 = createHash("sha256").update(text).digest("hex");
      artefacts.set(sha256, text);
      if (suggestion.made_from !== null) suggestion.made_from.basis_sha256 = sha256;
    }
    change(suggestion);
    const text = canonicalJson(suggestion);
    const salted = createHash("sha256")
      .update(Buffer.from(honest.receipt.salt, "hex"))
      .update(text)
      .digest("hex");
    const own = JSON.parse(honest.receipt.entry);
    const index = honest.entries.findIndex((entry) => entry.suggestion_sha256 === own.suggestion_sha256);
    const entry = { ...own, suggestion_sha256: salted };
    const log = await forgeLog({ entries: honest.entries.with(index, entry), artefacts });
    const receipt = {
      ...honest.receipt,
      log_url: "https://service.example/log",
      entry: canonicalJson(entry),
      suggestion: text,
      tlog_proof: await log.proofOf(index),
    };
    return verifySuggestion(receipt, { fetch: log.fetch });
  }

  it("is forged without a change: nothing", async () => {
    expect(failures(await forge(() => {}))).toEqual([]);
  });

  it("data is withheld: nothing, and nothing passes", async () => {
    const { checks, verdict } = await forge(({ made_from }) => {
      if (made_from !== null) made_from.basis_published = false;
    });
    expect(verdict).toBe("not_checked");
    for (const name of ["inputs", "forecasts", "sizes", "optimum", "figures"]) {
      const says = expect.stringContaining("Data withheld");
      expect(checks.find((check) => check.name === name)).toMatchObject({ state: "not_checked", says });
    }
  });

  it("its optimum was not optimal", async () => {
    const other = await forge((suggestion) => {
      const markets = suggestion.shares.flatMap(({ markets }) => markets);
      const [from, to] = markets.filter(({ basis_points }) => basis_points > 500);
      if (from === undefined || to === undefined) return expect.fail("It has one market only.");
      for (const [market, change] of [
        [from, -500],
        [to, 500],
      ] as const) {
        market.basis_points += change;
        market.target_percent = (market.target_percent ?? 0) + change / 100;
      }
    });
    expect(failures(other)).toEqual([
      expect.stringMatching(
        /^optimum: It is not the best mix by what it was made from: .* and the best mix has/,
      ),
      expect.stringMatching(/^figures: It shows another mix/),
    ]);
    const held = await forge((suggestion) => {
      suggestion.outcome = suggestion.outcome === "hold" ? "rebalance" : "hold";
    });
    expect(failures(held)[0]).toMatch(/^optimum: .*was advised, and the advice is/);
  });

  it("gas is said to have cost something else, or to have been read where it was not", async () => {
    const gas = [{ chain: "Starknet", usd: "0.000123", block: 7, read_at: "2026-01-14T23:50:00.000Z" }];
    const cheaper = await forge(({ made_from }) => {
      if (made_from !== null) made_from.gas = gas;
    });
    expect(failures(cheaper)).toEqual([expect.stringMatching(/^figures: .*gas/)]);
    const read = await forge(({ costs }) => {
      if (costs !== null) costs.gas_source = "chain";
    });
    expect(failures(read)).toEqual([expect.stringMatching(/^figures: .*gas_source/)]);
  });

  it("it is of an arithmetic that is not here, which is said and no fault of it", async () => {
    const older = await forge(({ made_from }) => {
      if (made_from !== null) made_from.revision -= 1;
    });
    expect(failures(older)).toEqual([]);
    expect(older.checks.find(({ name }) => name === "optimum")).toMatchObject({
      state: "not_checked",
      says: expect.stringContaining("use the one of then"),
    });
  });

  it.each<[string, (suggestion: RebalanceSuggestion) => unknown, RegExp]>([
    [
      "in its short form",
      ({ allocation }) => Object.assign(allocation, { nostra: 99, ekubo: 1 }),
      /another mix than it commits to: .*allocation was/,
    ],
    [
      "in the share of a protocol",
      ({ shares }) => Object.assign(shares[0] ?? {}, { percent: 99 }),
      /another mix than it commits to: .*percent was 99/,
    ],
    [
      "in US dollars",
      ({ shares }) => Object.assign(shares[0]?.markets[0] ?? {}, { amount: "24000.00" }),
      /another mix than it commits to: .*amount was 24000/,
    ],
    [
      "in what is forecast of a market",
      ({ shares }) => Object.assign(shares[0]?.markets[0] ?? {}, { apy: 99 }),
      /another mix than it commits to: .*apy was 99/,
    ],
    [
      "by a market that is there twice",
      ({ shares }) => shares[0]?.markets.push(...(shares[0]?.markets ?? [])),
      /another mix than it commits to: .*is there twice/,
    ],
  ])("it shows another mix than it commits to %s", async (_, change, says) => {
    expect(failures(await forge(change))).toEqual([expect.stringMatching(says)]);
  });

  it("a market is left out of what it rests on, or said to be of no use", async () => {
    const best = JSON.parse(honest.receipt.suggestion).shares.flatMap(
      ({ markets }: RebalanceSuggestion["shares"][number]) => markets,
    )[0]?.market_id;
    for (const [change, says] of [
      [undefined, "was left out"],
      [{ stale: true }, "is said to be stale"],
      [{ apy: null }, "is said to have no yield"],
      [{ risk_score: null }, "is said to have no risk"],
    ] as const) {
      const forged = await forge(
        () => {},
        (basis) => {
          const others = basis.markets.flatMap((market) =>
            market.market_id !== best ? [market] : change === undefined ? [] : [{ ...market, ...change }],
          );
          Object.assign(basis, { markets: others });
        },
      );
      expect(failures(forged)[0]).toMatch(new RegExp(`^forecasts: It rests on other.*${best} ${says}`));
    }
  });

  it("the forecasts that it rests on are not named: it does not pass", async () => {
    const verification = await verifySuggestion({ ...honest.receipt, batches: [] }, { fetch: serve(api) });
    expect([failures(verification), verification.verdict]).toEqual([[], "not_checked"]);
  });

  it("it promises more than follows", async () => {
    const promising = await forge((suggestion) => {
      suggestion.expected_improvement += 0.01;
    });
    expect(failures(promising)).toEqual([
      expect.stringMatching(/^figures: It promises other figures than follow: expected_improvement was/),
    ]);
  });

  it("it rests on other forecasts than were committed, so that another mix is the best", async () => {
    const biased = await forge(
      () => {},
      (basis) => {
        for (const market of basis.markets) if (market.apy !== null) market.apy.value += 1;
      },
    );
    expect(failures(biased)[0]).toMatch(
      /^forecasts: It rests on other forecasts than were committed: the APY of/,
    );
    expect(failures(biased)[1]).toMatch(/^(optimum|figures): /);
  });

  it.each([
    ["tvl_usd", 1e9, "TVL"],
    ["utilization", 0.01, "utilisation"],
    ["apy_reward", 50, "rewards"],
    ["frozen", true, "frozen"],
  ])("%s of a market is another one than was published", async (field, value, name) => {
    const forged = await forge(
      () => {},
      (basis) => {
        const [market] = basis.markets;
        if (market !== undefined) Object.assign(market, { [field]: value });
      },
    );
    expect(failures(forged)[0]).toMatch(
      new RegExp(`^sizes: It rests on other sizes of markets than the published.*: the ${name} of `),
    );
  });

  it("the published inputs are others, or gone", async () => {
    const sha256 = [...honest.artefacts.keys()][0] ?? "";
    const log = (artefacts: Map<string, Uint8Array>) => forgeLog({ entries: honest.entries, artefacts });
    for (const [artefacts, says] of [
      [new Map([[sha256, gzipSync("{}")]]), /^inputs: The file that is published as/],
      [new Map(), /^inputs: .*status 404/],
    ] as const) {
      const { fetch, proofOf } = await log(artefacts);
      const own = JSON.parse(honest.receipt.entry);
      const index = honest.entries.findIndex((entry) => entry.suggestion_sha256 === own.suggestion_sha256);
      const receipt = {
        ...honest.receipt,
        log_url: "https://service.example/log",
        tlog_proof: await proofOf(index),
      };
      expect(failures(await verifySuggestion(receipt, { fetch }))[0]).toMatch(says);
    }
  });

  it("what is shown is not what was committed, or of another owner", async () => {
    const { receipt } = honest;
    const changed = { ...JSON.parse(receipt.suggestion), confidence: 1 };
    for (const [shown, says] of [
      [{ ...receipt, suggestion: canonicalJson(changed) }, "was changed after it was committed"],
      [{ ...receipt, owner_id: api.deps.createId() }, "is of somebody else"],
      [{ ...receipt, suggestion: JSON.stringify(changed, undefined, 1) }, "could be read in two ways"],
    ] as const) {
      const failed = failures(await verifySuggestion(shown, { fetch: serve(api) }));
      expect(failed[0]).toContain(says);
    }
  });
});
