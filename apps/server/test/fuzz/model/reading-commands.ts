import { createHash } from "node:crypto";
import { contract, type NamedEndpoint, type TransactionEntry, type Usage } from "@obsqra/contract";
import { arbitraryInput, sampleInput } from "@obsqra/contract/testing";
import fc from "fast-check";
import { defineCommand, pickUser, travel, travelling } from "./command.ts";
import { listAll } from "./list-all.ts";
import { tokenOf } from "./sessions.ts";
import { ask, promise } from "./world.ts";

const who = fc.nat(20);
const limit = fc.integer({ min: 1, max: 100 });
/** Smaller pages would only take time: a history has thousands of points. */
const seriesLimit = fc.integer({ min: 200, max: 1_000 });
/** Of the simulated market. */
const protocol = fc.option(fc.constantFrom("nostra", "ekubo", "vesu", "zklend"), { nil: undefined });

const series = fc.oneof(
  seriesOf("analytics.risk_history", contract.analytics.risk_history, { protocol, limit: seriesLimit }),
  seriesOf("predictions.risk_forecast", contract.predictions.risk_forecast, { protocol, limit: seriesLimit }),
  seriesOf("predictions.yield_forecast", contract.predictions.yield_forecast, {
    protocol,
    limit: seriesLimit,
  }),
  seriesOf("predictions.track_record", contract.predictions.track_record, { protocol, limit: seriesLimit }),
  // Its lines are of all protocols together.
  seriesOf("predictions.track_record_parts", contract.predictions.track_record_parts, {
    protocol: fc.constant(undefined),
    limit: seriesLimit,
  }),
  seriesOf("predictions.forecast_history", contract.predictions.forecast_history, {
    protocol,
    limit: seriesLimit,
  }),
  seriesOf("predictions.suggestion_history", contract.predictions.suggestion_history, { limit: seriesLimit }),
  seriesOf("predictions.models", contract.predictions.models, { limit }),
);

/** What users ask and do not change: what is known about markets, their usage, and the chain of their log. */
export const readingCommands = [
  defineCommand({
    name: "list what is known about markets to the end",
    weight: 5,
    parameters: fc.record({ who, series, travel }),
    run: async (world, { who, series, travel: { via } }) => {
      const user = pickUser(world, who);
      const bearer = await tokenOf(world, user);
      const items = await listAll<{ protocol?: string }>(world, { ...series, bearer, via });
      const distinct = new Set(items.map((item) => JSON.stringify(item)));
      promise(distinct.size === items.length, "every item is listed once", series, items.length);
      const { protocol } = series.input;
      if (protocol === undefined) return;
      const others = items.filter((item) => item.protocol !== protocol);
      promise(others.length === 0, "only the protocol that was asked for is listed", series, others);
    },
  }),
  defineCommand({
    name: "ask what if",
    weight: 2,
    parameters: fc.record({ who, travel }),
    run: async (world, { who, travel }) => {
      const user = pickUser(world, who);
      const bearer = await tokenOf(world, user);
      const input = sampleInput(contract.predictions.what_if.input);
      await ask(world, { path: "predictions.what_if", input, bearer, ...travelling(world, travel) });
    },
  }),
  defineCommand({
    name: "read the usage",
    weight: 2,
    parameters: fc.record({ who, travel }),
    run: async (world, { who, travel: { via } }) => {
      const user = pickUser(world, who);
      const bearer = await tokenOf(world, user);
      const { plan, limits } = await ask<Usage>(world, { path: "users.usage", bearer, via });
      promise(plan === "free", "everybody begins on the free plan", plan);
      const isCounted = limits.every(({ remaining, quota }) => remaining < quota);
      promise(limits.length > 0 && isCounted, "this call is counted by every limit", limits);
    },
  }),
  defineCommand({
    name: "check the chain of the log",
    weight: 3,
    parameters: fc.record({ who, limit, sort: fc.constantFrom("newest", "oldest"), travel }),
    run: async (world, { who, limit, sort, travel: { via } }) => {
      const user = pickUser(world, who);
      const bearer = await tokenOf(world, user);
      const input = { limit, sort };
      const listed = await listAll<TransactionEntry>(world, {
        path: "transactions.entries",
        input,
        bearer,
        via,
      });
      const entries = sort === "oldest" ? listed : listed.toReversed();
      let before = "0".repeat(64);
      for (const [index, { position, content_hash, previous_hash, hash }] of entries.entries()) {
        promise(position === index + 1, "the log has no gaps", index, position);
        promise(previous_hash === before, "each entry has the hash of the one before", previous_hash, before);
        const bytes = Buffer.from(previous_hash + content_hash, "hex");
        const expected = createHash("sha256").update(bytes).digest("hex");
        promise(hash === expected, "a hash is of the one before and of its content", hash, expected);
        before = hash;
      }
      const hashes = entries.map(({ tx_hash }) => tx_hash);
      const expected = [...user.transactions.keys()];
      promise(
        JSON.stringify(hashes) === JSON.stringify(expected),
        "every transaction is entered once, in its order",
        hashes,
        expected,
      );
    },
  }),
];

interface Series {
  readonly path: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Any question with known names, from its first page. */
function seriesOf(
  path: string,
  { input }: NamedEndpoint["endpoint"],
  known: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<Series> {
  return fc.record({ given: arbitraryInput(input), known: fc.record(known) }).map(({ given, known }) => ({
    path,
    input: withoutAbsent({ ...(given as object), cursor: undefined, ...known }),
  }));
}

/** Without the fields that are not given, which no URL could carry. */
function withoutAbsent(fields: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
