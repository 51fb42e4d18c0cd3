import { digestTables, readRowTexts } from "@obsqra/db/testing";
import type { Email } from "@obsqra/features";
import { readMails } from "@obsqra/features/testing";
import type { Outcome } from "./outcome.ts";
import type { World } from "./world.ts";

/** Two worlds that should be the same, and are not. */
export class Difference extends Error {
  override readonly name = "Difference";

  constructor(what: string, sides: readonly (readonly [world: string, value: unknown])[]) {
    super([`${what} differs.`, ...sides.map(([world, value]) => `  ${world}: ${show(value)}`)].join("\n"));
  }
}

/** What came out in one world. */
export interface WorldOutcome {
  readonly world: Pick<World, "name">;
  readonly outcome: Outcome;
}

/**
 * Expects the same outcome of every world: status class, and the exact status of an error; output or error; headers.
 *
 * @throws Difference
 */
export function compareOutcomes([first, ...others]: readonly WorldOutcome[]): void {
  if (first === undefined) return;
  for (const other of others) {
    const compare = (what: string, read: (outcome: Outcome) => unknown) => {
      const [left, right] = [read(first.outcome), read(other.outcome)];
      if (JSON.stringify(left) === JSON.stringify(right)) return;
      throw new Difference(what, [
        [first.world.name, left],
        [other.world.name, right],
      ]);
    };
    // Success has a status of its own on REST, such as 201; an error has the same everywhere.
    compare("The status", ({ status }) => (status < 400 ? "success" : status));
    const tellsId = [first, other].every(({ outcome }) => outcome.error?.request_id !== undefined);
    compare("The error", ({ error }) => (error && !tellsId ? { ...error, request_id: "" } : (error ?? null)));
    // Whoever asks over GraphQL says which fields, in which order.
    const isByFields = [first, other].some(({ world }) => world.name === "GraphQL");
    const written = (output: string | undefined) => (isByFields ? byNames(output) : output);
    compare("The output", ({ output }) => written(output)?.replaceAll(eventIds, eventId) ?? null);
    const isBoth = first.outcome.headers !== undefined && other.outcome.headers !== undefined;
    // A response to POST is kept by no cache.
    const uncached = isByFields ? { "cache-control": "" } : {};
    if (isBoth) compare("A header", ({ headers }) => ({ ...headers, ...uncached }));
  }
}

/** An output whose fields are in the order of their names. */
function byNames(output: string | undefined): string | undefined {
  if (output === undefined) return undefined;
  return JSON.stringify(JSON.parse(output), (_key, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

/** Ids of events, in deliveries to webhooks: they count the transactions of a world's database, and not those of callers only. */
const eventIds = /"event_id":"\d+-\d+"/g;
const eventId = '"event_id":"…"';

/** Their times are the machine's: what is kept in a cache is no effect of a call, and the registry's entries are the database's own. */
const uncompared: ReadonlySet<string> = new Set(["analytics_cache", "protocol_statuses"]);

/**
 * Expects the same rows in every table of every world.
 *
 * @throws Difference
 */
export async function compareTables([first, ...others]: readonly World[]): Promise<void> {
  if (first === undefined) return;
  const expected = await digestTables(first.api.deps.db);
  for (const other of others) {
    const found = await digestTables(other.api.deps.db);
    for (const table of new Set([...expected.keys(), ...found.keys()])) {
      if (expected.get(table) === found.get(table) || uncompared.has(table)) continue;
      const left = await readRowTexts(first.api.deps.db, table);
      const right = await readRowTexts(other.api.deps.db, table);
      throw new Difference(`The table ${table}`, [
        [`only by ${first.name}`, left.filter((row) => !right.includes(row))],
        [`only by ${other.name}`, right.filter((row) => !left.includes(row))],
      ]);
    }
  }
}

/**
 * Takes all mails out of every world, as the delivery does, and expects them to be the same.
 *
 * @throws Difference
 */
export async function takeMails(worlds: readonly World[]): Promise<readonly Email[]> {
  const sides: [name: string, mails: Email[]][] = [];
  for (const { name, api } of worlds) {
    const mails = await readMails(api);
    if (mails.length > 0) await api.deps.db.deleteFrom("email_outbox").execute();
    sides.push([name, mails]);
  }
  const texts = sides.map(([, mails]) => JSON.stringify(mails));
  if (new Set(texts).size > 1) throw new Difference("The outbox", sides);
  return sides[0]?.[1] ?? [];
}

const shownLengthMax = 1_500;

function show(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}…` : text;
}
