import { createHash, randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { type Database, openDatabase } from "@obsqra/db";
import { type HeldTransaction, holdTransaction, startPostgres } from "@obsqra/db/testing";
import { callEndpoint, type Protocol, readOutput } from "../wire/call-endpoint.ts";
import { password, type StormMutation, type StormUser, stormMutations } from "./mutations.ts";
import { type ServerGroup, startServerGroup } from "./server-group.ts";

export interface StormOptions {
  /** Calls that are made at the same moment, once before each kill. */
  readonly duplicates: number;
  /** How often a server is killed in the middle of them. */
  readonly kills: number;
  /** Different keys among the calls of a moment, each with a user of its own. */
  readonly keys: number;
  readonly servers: number;
}

/** What became of one key. */
export interface KeyOutcome {
  readonly mutation: string;
  readonly calls: number;
  /** Different replies that the calls got; REST's and tRPC's wrappings do not count. */
  readonly replies: number;
  /** What the mutation has left behind in the database. */
  readonly effects: number;
}

export interface StormOutcome {
  readonly kills: number;
  /** Requests that were sent, the repeated ones included. */
  readonly requests: number;
  /** Requests that a kill has cut off, and that were sent again. */
  readonly cutOff: number;
  readonly keys: readonly KeyOutcome[];
}

interface StormKey {
  readonly key: string;
  readonly mutation: StormMutation;
  readonly user: StormUser;
  readonly replies: Set<string>;
  calls: number;
}

interface Counts {
  requests: number;
  cutOff: number;
}

/**
 * Sends duplicates of keyed mutations, over REST and tRPC and to several servers on one Postgres, and kills one of the servers
 * (SIGKILL) while they are under way. Each call is repeated until a reply comes.
 */
export async function runDuplicateStorm(
  options: StormOptions,
  report: (line: string) => void = () => {},
): Promise<StormOutcome> {
  await using postgres = await startPostgres();
  const url = postgres.url("postgres");
  await using servers = await startServerGroup(url, options.servers);
  const database = await openDatabase({ url, pool: { size: 2 } });
  await using _ = { [Symbol.asyncDispose]: () => database.close() };
  const counts: Counts = { requests: 0, cutOff: 0 };
  const outcomes: KeyOutcome[] = [];
  for (let round = 1; round <= options.kills; round += 1) {
    const keys = await Promise.all(
      Array.from({ length: options.keys }, (_, index) => prepareKey(servers, index)),
    );
    // One of the keys waits until the kill has come, so that a kill always meets calls that are under way.
    const heldIndex = findOwnedFrom(keys, round * stormMutations.length + 1);
    const held = await holdKey(database.db, keys[heldIndex]);
    const calls = Array.from({ length: options.duplicates }, (_, index) =>
      callUntilReply(servers, keys[index % keys.length], { index, counts }),
    );
    // From early, when most of them are still to be done, to late, when most are done and wait for their reply.
    const share = round / (options.kills + 1);
    const owned = keys.filter(({ mutation }) => mutation.isPublic !== true);
    const wanted = Math.min(owned.length - 1, Math.max(1, Math.floor(share * owned.length)));
    const committed = await waitForReplies(database.db, owned, wanted);
    await held.waitUntilWanted();
    const replied = keys.reduce((sum, key) => sum + key.calls, 0);
    report(
      `Kill ${round}: ${committed} of ${owned.length} keys of accounts committed, ${replied} of ${calls.length} calls with a reply`,
    );
    const restarted = servers.killAndRestart(firstServerOf(heldIndex));
    await held.release();
    await Promise.all([restarted, ...calls]);
    outcomes.push(...(await Promise.all(keys.map((key) => outcomeOf(database.db, key)))));
  }
  return { kills: options.kills, ...counts, keys: outcomes };
}

async function prepareKey(servers: ServerGroup, index: number): Promise<StormKey> {
  const mutation = stormMutations[index % stormMutations.length];
  if (mutation === undefined) throw new Error("There is at least one mutation.");
  const url = await servers.url(index);
  const email = `${randomUUID()}@example.org`;
  const input = { email, password, full_name: "Ada" };
  // In process the password hasher lets only so many wait; here they come again.
  const registered = await repeatedly(() =>
    callEndpoint(url, { protocol: "rest", path: "auth.register", input }),
  );
  const { access_token } = readOutput<{ access_token: string }>(registered, "rest");
  const me = await callEndpoint(url, { protocol: "rest", path: "auth.me", bearer: access_token });
  const { id } = readOutput<{ id: string }>(me, "rest");
  return {
    key: randomUUID(),
    mutation,
    user: { id, email, accessToken: access_token },
    replies: new Set(),
    calls: 0,
  };
}

async function callUntilReply(
  servers: ServerGroup,
  key: StormKey | undefined,
  { index, counts }: { readonly index: number; readonly counts: Counts },
): Promise<void> {
  if (key === undefined) throw new Error("A storm needs a key.");
  const { mutation, user } = key;
  const protocol: Protocol = index % 2 === 0 ? "rest" : "trpc";
  let attempt = firstServerOf(index);
  const reply = await repeatedly(async () => {
    // To the next server each time.
    const url = await servers.url(attempt);
    attempt += 1;
    counts.requests += 1;
    try {
      return await callEndpoint(url, {
        protocol,
        path: mutation.path,
        input: mutation.input(user),
        bearer: mutation.isPublic === true ? undefined : user.accessToken,
        idempotencyKey: key.key,
      });
    } catch {
      counts.cutOff += 1;
      return undefined;
    }
  });
  key.replies.add(reply.status < 300 ? JSON.stringify(readOutput(reply, protocol)) : reply.body);
  key.calls += 1;
}

/** Where a call, or all calls of a key, are sent first. */
function firstServerOf(index: number): number {
  return Math.floor(index / stormMutations.length);
}

/** The first key of somebody who is signed in, from a place on. One of nobody belongs to its input, too, and is not taken by itself. */
function findOwnedFrom(keys: readonly StormKey[], from: number): number {
  const places = keys.map((_, offset) => (from + offset) % keys.length);
  return places.find((place) => keys[place]?.mutation.isPublic !== true) ?? 0;
}

/** Takes a key in a transaction that stays open: whoever wants it waits. */
async function holdKey(db: Database, held: StormKey | undefined): Promise<HeldTransaction> {
  if (held === undefined) throw new Error("A storm needs a key.");
  const { key, user } = held;
  const now = new Date();
  const row = {
    owner_id: user.id,
    key_hash: createHash("sha256").update(key).digest(),
    sealed: null,
    created_at: now,
    expires_at: now,
  };
  return holdTransaction(db, (trx) => trx.insertInto("idempotency_keys").values(row).execute());
}

/** Until a reply comes that does not ask to wait. */
async function repeatedly<TOutput extends { readonly status: number }>(
  ask: () => Promise<TOutput | undefined>,
): Promise<TOutput> {
  while (true) {
    const reply = await ask();
    if (reply !== undefined && reply.status !== 503 && reply.status !== 429) return reply;
    await setTimeout(20);
  }
}

/** Waits until so many keys have their reply in the database; gives how many have. */
async function waitForReplies(db: Database, keys: readonly StormKey[], wanted: number): Promise<number> {
  const hashes = keys.map(({ key }) => createHash("sha256").update(key).digest());
  while (true) {
    const rows = await db
      .selectFrom("idempotency_keys")
      .select("owner_id")
      .where("key_hash", "in", hashes)
      .execute();
    if (rows.length >= wanted) return rows.length;
    // The servers share the machine with whoever asks.
    await setTimeout(5);
  }
}

async function outcomeOf(db: Database, key: StormKey): Promise<KeyOutcome> {
  const { mutation, user, replies, calls } = key;
  const effects = await mutation.listEffects(db, user);
  return { mutation: mutation.path, calls, replies: replies.size, effects: effects.length };
}
