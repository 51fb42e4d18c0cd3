import { createHash } from "node:crypto";
import { collectCosignatures, getLogFile } from "@obsqra/features";
import {
  createTestApi,
  createTestWitness,
  importLater,
  logSuggestionOutcomes,
  recordActuals,
  scoreSuggestions,
  writeWholeLog,
} from "@obsqra/features/testing";
import { canonicalJson, formatVerifierKey, parseEntryBundle, witnessKeyOf } from "@obsqra/receipts";
import { type Verification, verifyTrackRecord } from "@obsqra/verify";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type Content,
  firstSecretKey,
  forgeLog,
  secondSecretKey,
  vkeyOf,
  withManifest,
} from "./forged-log.ts";

const url = "https://service.example";
const inTime = new Date("2026-01-15T12:05:00Z");
const late = new Date("2026-01-16T00:00:00Z");

type Item = Content & { readonly id: string };
type Page = Content & { readonly items: readonly Item[] };
/** Every page of the public lists, by path, granularity and what they are counted by. */
type Pages = Readonly<Record<string, Page>>;

/** The log and the lists of a service with a witness and outcomes, signed with a key of the test: what an attacker starts from. */
let honest: { readonly entries: readonly Content[]; readonly pages: Pages };
let witnessKey: string;

beforeAll(async () => {
  const witness = createTestWitness(
    () => api.deps.db,
    () => inTime,
  );
  const api = await createTestApi({ withForecasts: true, logWitnesses: [witness] });
  await using _ = api;
  witnessKey = witness.key;
  await writeWholeLog(api);
  await collectCosignatures(api.deps, new AbortController().signal);
  const ada = await api.signUp();
  await ada.predictions.run_optimization({ assets: ["USDC"], amount: "20000" });
  await importLater(api, 8);
  await recordActuals(api.deps);
  await scoreSuggestions(api.deps, new AbortController().signal);
  await logSuggestionOutcomes(api.deps);
  await writeWholeLog(api);
  const checkpoint = await getLogFile(api.deps, "checkpoint");
  const size = Number(String(checkpoint?.content).split("\n")[1]);
  const bundle = await getLogFile(api.deps, `tile/entries/000.p/${size}`);
  const [key, ...entries] = parseEntryBundle(bundle?.content as Uint8Array).map(
    (entry): Content => JSON.parse(Buffer.from(entry).toString()),
  );
  const { predictions } = api.caller();
  const pages: Record<string, unknown> = {};
  for (const granularity of ["market", "protocol"] as const) {
    pages[`forecasts ${granularity}`] = await predictions.forecast_history({
      granularity,
      sort: "oldest",
      limit: 500,
    });
    pages[`track-record ${granularity}`] = await predictions.track_record({ granularity });
    for (const by of ["model", "month"] as const) {
      pages[`parts ${granularity} ${by}`] = await predictions.track_record_parts({ granularity, by });
    }
  }
  pages.suggestions = await predictions.suggestion_history({ sort: "oldest", limit: 500 });
  honest = {
    entries: [{ ...key, verifier_key: vkeyOf(firstSecretKey) }, ...entries],
    // The endpoints have given them.
    pages: pages as Pages,
  };
});

interface Attack {
  /** The lists when they are read for the second time. @default the same */
  readonly pagesAgain?: Pages;
  readonly entries?: readonly Content[];
  readonly pages?: Pages;
  readonly cosignedAt?: Date;
  readonly options?: Parameters<typeof verifyTrackRecord>[1];
  readonly range?: { readonly from?: string; readonly to?: string };
}

async function verify(attack: Attack = {}): Promise<Verification> {
  return verifyTrackRecord({ url, ...attack.range }, { fetch: await fetchOf(attack), ...attack.options });
}

/** What a service answers. */
async function fetchOf(attack: Attack): Promise<(asked: string) => Promise<Response>> {
  const { entries = honest.entries, pages = honest.pages, cosignedAt = inTime } = attack;
  const witness = { name: "witness.example", secretKey: new Uint8Array(32).fill(9), time: cosignedAt };
  const log = await forgeLog({ entries, witness });
  let rounds = 0;
  return async (asked) => {
    const { pathname, searchParams } = new URL(asked);
    if (pathname === "/log/checkpoint") rounds += 1;
    if (!pathname.startsWith("/api/")) return log.fetch(asked);
    const served = rounds > 1 ? (attack.pagesAgain ?? pages) : pages;
    const asks = [pathname.split("/").at(-1), searchParams.get("granularity"), searchParams.get("by")];
    const page = served[asks.filter((part) => part !== null).join(" ")];
    return page === undefined ? new Response("", { status: 404 }) : Response.json(page);
  };
}

const failures = ({ checks }: Verification) =>
  checks.filter(({ state }) => state === "failed").map(({ name, says }) => `${name}: ${says}`);

/** The lists with other forecasts of markets. */
function listing(change: (items: readonly Item[]) => readonly Item[]): Pages {
  const name = "forecasts market";
  const page = honest.pages[name];
  return { ...honest.pages, ...(page && { [name]: { ...page, items: change(page.items) } }) };
}

const target = () => honest.pages["forecasts market"]?.items[3] ?? { id: "" };
const changing = (change: Content) =>
  listing((items) => items.map((item) => (item.id === target().id ? { ...item, ...change } : item)));

describe("an honest track record", () => {
  it("passes, to the last published figure, and says what was not checked", async () => {
    const { verdict, checks } = await verify();
    expect(checks.filter(({ state }) => state !== "passed").map(({ name }) => name)).toEqual([
      "history",
      "time",
    ]);
    expect(verdict).toBe("self_attested");
    expect(checks.at(-3)?.says).toMatch(
      /^\d{2,} figures of 2 lines by month follow from 6 forecasts of each protocol/,
    );
    expect(checks.at(-2)?.name).toBe("suggestions");
    expect(checks.at(-1)?.says).toBe("28 figures of 2 lines follow from 1 suggestions on record.");
    expect(checks.filter(({ name }) => name === "aggregates")).toHaveLength(7);
  });

  it("is witnessed for whoever knows the witness, and of a range all but the published figures are checked", async () => {
    const witnesses = [witnessKey];
    expect(await verify({ options: { witnesses } })).toMatchObject({ verdict: "witnessed" });
    const ranged = await verify({ range: { from: "2026-01-15" } });
    expect(failures(ranged)).toEqual([]);
    expect(ranged.checks.at(-1)).toMatchObject({ name: "aggregates", state: "not_checked" });
  });
});

describe("nobody is accused of", () => {
  it("what came while the lists were read: they are read again", async () => {
    const before = changing({ status: "unwitnessed" });
    const { verdict } = await verify({ pages: before, pagesAgain: honest.pages });
    expect(verdict).toBe("self_attested");
  });

  it("having no forecasts in a range, and nobody is told that they hold", async () => {
    const { verdict, checks } = await verify({
      range: { from: "2020-01-01", to: "2020-02-01" },
      options: { witnesses: [witnessKey] },
    });
    expect(verdict).toBe("not_checked");
    const unchecked = checks.filter(({ state }) => state === "not_checked").map(({ name }) => name);
    const ofRange = ["omissions", "forecasts", "outcomes", "counted", "time"];
    const figures = Array.from({ length: 6 }, () => "aggregates");
    expect(unchecked).toEqual(["history", ...ofRange, ...figures, "suggestions", "aggregates"]);
  });

  it("figures by month or model that an earlier version does not have", async () => {
    const pages = Object.fromEntries(
      Object.entries(honest.pages).filter(([name]) => !name.startsWith("parts")),
    );
    const { verdict, checks } = await verify({ pages });
    expect(verdict).toBe("self_attested");
    expect(checks.at(-3)).toEqual({
      name: "aggregates",
      state: "not_checked",
      says: "The service shows its track record by month to its users only, or has none.",
    });
  });

  it("an outage, wherever it is", async () => {
    const down = async (asked: string) => {
      if (asked.includes("track-record"))
        throw new TypeError("fetch failed", { cause: { code: "ECONNRESET" } });
      return honestFetch(asked);
    };
    const honestFetch = await fetchOf({});
    const { verdict, checks } = await verifyTrackRecord({ url }, { fetch: down });
    expect(verdict).toBe("not_checked");
    expect(checks.at(-1)).toEqual({
      name: "aggregates",
      state: "unreadable",
      says: expect.stringMatching(/^Could not read https:.*track-record.*: ECONNRESET\.$/),
    });
  });
});

describe("it is caught and named when", () => {
  it("a witness that you know has never cosigned", async () => {
    const other = formatVerifierKey(witnessKeyOf("other.example", new Uint8Array(32).fill(8)));
    const { checks } = await verify({ options: { witnesses: [witnessKey, other] } });
    expect(checks.find(({ name }) => name === "time")).toMatchObject({
      state: "failed",
      says: `1 of your witnesses have cosigned no checkpoint with a forecast: ${other}.`,
    });
  });

  it("a forecast is left out, of the list or of the log", async () => {
    const shorter = listing((items) => items.filter(({ id }) => id !== target().id));
    expect(failures(await verify({ pages: shorter }))).toEqual([
      `omissions: 1 forecasts of the log were left out of the list: ${target().id}.`,
      expect.stringMatching(/^aggregates: .*by protocol does not follow/),
      expect.stringMatching(/^aggregates: .*by model does not follow/),
      expect.stringMatching(/^aggregates: .*by month does not follow/),
    ]);
    const entries = honest.entries.filter(({ id }) => id !== target().id);
    const left = failures(await verify({ entries, pages: shorter }));
    expect(left[0]).toMatch(/^batch: .*one was left out/);
  });

  it("a forecast is inserted late, whatever it claims", async () => {
    const forecast = honest.entries.find(({ id }) => id === target().id) ?? {};
    const inserted = { ...forecast, id: "late", market_id: "simulated:late", position: 99 };
    const pages = listing((items) => [...items, { ...target(), id: "late", market_id: "simulated:late" }]);
    const listed = failures(await verify({ pages }));
    expect(listed[0]).toMatch(/^omissions: 1 forecasts are listed that the log does not have.*late/);
    const backdated = failures(await verify({ pages, entries: [...honest.entries, inserted] }));
    expect(backdated.slice(0, 2)).toEqual([
      expect.stringMatching(/^batch: .*late .* was put in/),
      expect.stringMatching(/^order: .*was added later/),
    ]);
    // With a manifest of its own, at the moment when it was.
    const logged_at = "2026-01-23T12:00:00.000Z";
    const manifest = { type: "batch", id: "own", logged_at };
    const own = withManifest(manifest, [{ ...inserted, logged_at, batch: "own", position: 0 }]);
    const openly = await verify({ pages, entries: [...honest.entries, ...own], cosignedAt: late });
    expect(failures(openly)[0]).toMatch(/^forecasts: .*late was inserted late: logged at 2026-01-23/);
  });

  it("a forecast or an outcome is edited, or has two outcomes", async () => {
    expect(failures(await verify({ pages: changing({ value: 1 }) }))[0]).toMatch(
      /^forecasts: .*was changed: value was/,
    );
    const outcome = { value: 1, recorded_at: Object(target().outcome).recorded_at };
    expect(failures(await verify({ pages: changing({ outcome }) }))[0]).toMatch(
      /^outcomes: .*was committed, and 1 is listed/,
    );
    const entry = honest.entries.find(({ forecast }) => forecast === target().id) ?? {};
    const entries = [...honest.entries, { ...entry, value: 1 }];
    expect(failures(await verify({ entries, pages: changing({ outcome }) }))[0]).toMatch(
      /^outcomes: .*has 2 outcomes in the log/,
    );
    const gone = changing({ outcome: null, status: "unobserved" });
    expect(failures(await verify({ pages: gone }))[0]).toMatch(/^outcomes: .*without its outcome/);
  });

  it("a forecast is said to be in a state in which it counts nowhere", async () => {
    const odd = await verify({ pages: changing({ as_of: { toString: 1 } }) });
    expect(odd.verdict).toBe("failed");
    for (const [change, says] of [
      [{ status: "ignored" }, /^outcomes: .*is ignored, with an outcome/],
      [{ status: "unobserved" }, /^outcomes: .*is unobserved, with an outcome/],
      [{ status: "pending", outcome: null }, /^outcomes: .*is pending, and there are data of the days after/],
    ] as const) {
      expect(failures(await verify({ pages: changing(change) }))[0]).toMatch(says);
    }
  });

  it("a forecast with an outcome is made up, and said to be of this moment or of a coming one", async () => {
    for (const created_at of ["2026-01-23T12:00:00.000Z", "2099-01-01T00:00:00.000Z"]) {
      const pages = listing((items) => [...items, { ...target(), id: "new", created_at }]);
      const { verdict, checks } = await verify({ pages });
      expect(verdict).not.toBe("self_attested");
      expect(checks.find(({ name }) => name === "omissions")).toMatchObject({
        state: "not_checked",
        says: expect.stringContaining("1 forecasts are listed with an outcome that are newer"),
      });
    }
  });

  it("the log announces a key that is not among those that it names", async () => {
    const announced = {
      type: "log_key",
      verifier_key: vkeyOf(secondSecretKey),
      previous: vkeyOf(firstSecretKey),
      logged_at: honest.entries.at(-1)?.logged_at,
    };
    expect(failures(await verify({ entries: [...honest.entries, announced] }))).toEqual([
      expect.stringMatching(/^keys: The log announces keys that it does not name/),
    ]);
  });

  it("what is published of suggestions is better than they are, or not about all of them", async () => {
    const record = honest.pages["track-record market"] ?? { items: [] };
    const [line] = Array.isArray(record.suggestions) ? record.suggestions : [];
    const list = honest.pages.suggestions ?? { items: [] };
    const months = honest.pages["parts market month"] ?? { items: [] };
    for (const pages of [
      {
        "track-record market": {
          ...record,
          suggestions: [{ ...line, beat_holding: 1, realised_improvement: 9 }],
        },
      },
      { "track-record market": { ...record, suggestions: [] } },
      { "parts market month": { ...months, suggestions: [{ ...line, month: "2026-01", n: 2 }] } },
      { suggestions: { ...list, items: [] } },
      { suggestions: { ...list, items: [...list.items, ...list.items] } },
    ]) {
      expect(failures(await verify({ pages: Object.assign({}, honest.pages, pages) })).at(-1)).toMatch(
        /^aggregates: (The record of suggestions does not follow|A suggestion is listed twice)/,
      );
    }
  });

  it("a suggestion on record is left out, put in, or shown otherwise than it came out", async () => {
    const list = honest.pages.suggestions ?? { items: [] };
    const [suggestion = { id: "" }] = list.items;
    const changed = { ...suggestion, realised: { ...Object(suggestion.realised), followed_apy: 99 } };
    const old = { ...suggestion, id: "other", realised: { ...Object(suggestion.realised) } };
    Object.assign(old.realised, { recorded_at: "2026-01-20T00:00:00.000Z" });
    for (const [items, says] of [
      [[], /^suggestions: .*was left out/],
      [[changed], /^suggestions: .*was changed: realised was/],
      [[suggestion, old], /^suggestions: .*other is listed, and the log does not have it/],
    ] as const) {
      const pages = { ...honest.pages, suggestions: { ...list, items } };
      expect(failures(await verify({ pages }))[0]).toMatch(says);
    }
    const entry = honest.entries.find(({ type }) => type === "suggestion_outcome") ?? {};
    expect(failures(await verify({ entries: [...honest.entries, entry] }))).toEqual([
      expect.stringMatching(/^suggestions: .*is in the log 2 times/),
    ]);
  });

  it("figures are said to be of other data than the list, so that nobody compares them", async () => {
    const name = "track-record market";
    const page = honest.pages[name] ?? { items: [] };
    const data_source = { ...Object(page.data_source), fetched_at: "2026-02-01T00:00:00.000Z" };
    const { verdict } = await verify({ pages: { ...honest.pages, [name]: { ...page, data_source } } });
    expect(verdict).toBe("not_checked");
  });

  it("simulated data are listed as real ones", async () => {
    const name = "forecasts market";
    const page = honest.pages[name] ?? { items: [] };
    const data_source = { ...Object(page.data_source), simulated: false };
    const listed = failures(await verify({ pages: { ...honest.pages, [name]: { ...page, data_source } } }));
    expect(listed[0]).toMatch(/^omissions: The data of simulated are simulated, by the log/);
  });

  it("says of which other sources the log has forecasts", async () => {
    const manifest = {
      type: "batch",
      id: "own",
      source: "other",
      logged_at: honest.entries.at(-1)?.logged_at,
    };
    const { checks } = await verify({ entries: [...honest.entries, ...withManifest(manifest, [])] });
    expect(checks.find(({ name }) => name === "omissions")?.says).toContain("of other sources, too");
  });

  it.each(["track-record market", "parts market model", "parts protocol month"])(
    "a score in %s is a little better than it is, or a line of it is not shown",
    async (name) => {
      const page = honest.pages[name] ?? { items: [] };
      const rounded = page.items.map((item) => ({ ...item, mae: Number(item.mae) - 0.001 }));
      const better = await verify({ pages: { ...honest.pages, [name]: { ...page, items: rounded } } });
      expect(failures(better)).toEqual([expect.stringMatching(/^aggregates: .*mae of .* is published as/)]);
      const hidden = await verify({
        pages: { ...honest.pages, [name]: { ...page, items: page.items.slice(1) } },
      });
      expect(failures(hidden)).toEqual([expect.stringMatching(/^aggregates: .*is not published/)]);
    },
  );

  it("forecasts count that were not witnessed in time, or do not count although they were", async () => {
    const backdated = failures(await verify({ cosignedAt: late, options: { witnesses: [witnessKey] } }));
    expect(backdated).toEqual([
      expect.stringMatching(/^counted: .*counts, and no witness knew it in time/),
      expect.stringMatching(/^time: 26 of 26 forecasts count that none of your witnesses knew in time/),
    ]);
    const disowned = await verify({ pages: changing({ status: "unwitnessed" }) });
    expect(failures(disowned)[0]).toMatch(/^counted: .*was witnessed in time, and does not count/);
  });

  it("the rules of scoring are changed under their version, or without saying so", async () => {
    const index = honest.entries.findIndex(({ type }) => type === "scoring_rules");
    const entry = honest.entries[index] ?? {};
    const rules = { ...Object(entry.rules), figures: { mae: "Of the better half." } };
    const sha256 = createHash("sha256").update(canonicalJson(rules)).digest("hex");
    for (const [changed, says] of [
      [{ ...entry, rules }, /^rules: The rules of entry \d+ do not have the hash/],
      [{ ...entry, rules, sha256 }, /^rules: The service has other rules under version 1/],
    ] as const) {
      expect(failures(await verify({ entries: honest.entries.with(index, changed) }))).toEqual([
        expect.stringMatching(says),
      ]);
    }
    const twice = await verify({
      entries: [...honest.entries, { ...entry, rules, sha256, logged_at: honest.entries.at(-1)?.logged_at }],
    });
    expect(failures(twice)).toEqual([expect.stringMatching(/^rules: .*changed without a new version/)]);
    const next = { ...rules, version: 2 };
    const hash = createHash("sha256").update(canonicalJson(next)).digest("hex");
    const other = { ...entry, rules: next, version: 2, sha256: hash };
    const newer = await verify({ entries: honest.entries.with(index, other) });
    expect(newer.checks.find(({ name }) => name === "rules")).toMatchObject({ state: "not_checked" });
  });

  it("witnesses know another log, or somebody has kept a checkpoint of another", async () => {
    const other = await forgeLog({ entries: honest.entries.slice(0, 5).toReversed() });
    const { checks } = await verify({ options: { knownCheckpoint: other.checkpoint } });
    expect(checks.find(({ name }) => name === "history")).toMatchObject({ state: "failed" });
  });
});
