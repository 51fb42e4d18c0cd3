import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { register } from "../process/spawn-server.ts";
import { readStream } from "../streams/read-stream.ts";

/** Who asks and writes all the time, one request after the other, each until it has its response. */
export interface People extends AsyncDisposable {
  /** Changes that a server has acknowledged, over all people. */
  acknowledged(): number;
  /** Reads that were served. */
  served(): number;
  /** Responses 503, by the value of `Retry-After`. */
  readonly turnedAway: Map<string, number>;
  /** Ends all of it and gives what came of it. */
  stop(): Promise<Verdict>;
}

/** What went wrong, if anything did. */
interface Verdict {
  /** Responses that nobody may get. */
  readonly failed: readonly string[];
  /** Acknowledged, and not there. */
  readonly lost: readonly string[];
  /** There, and not acknowledged, or more than once. */
  readonly surplus: readonly string[];
  /** Whether who follows was told of each change once, in the order in which they were made. */
  readonly wasToldAll: boolean;
}

interface PeopleOptions {
  readonly url: string;
  readonly count: number;
  /** Whether 503 is a reason to try again, as a broken connection is. */
  readonly retriesUnavailable: boolean;
}

/** Begins with some people, each of whom logs transactions, reads, and follows what happens. */
export async function startPeople(options: PeopleOptions): Promise<People> {
  const failed: string[] = [];
  const turnedAway = new Map<string, number>();
  const stopping = new AbortController();
  const ask: Ask = async (path, { status, ...init }) => {
    while (true) {
      // Nothing else is tried again but a connection that is refused or breaks.
      const response = await fetch(`${options.url}${path}`, init)
        .then(async (got) => ({ status: got.status, headers: got.headers, text: await got.text() }))
        .catch(() => undefined);
      if (response?.status === status) return JSON.parse(response.text);
      if (response?.status === 503 && options.retriesUnavailable) {
        const after = response.headers.get("retry-after") ?? "none";
        turnedAway.set(after, (turnedAway.get(after) ?? 0) + 1);
      } else if (response !== undefined) {
        failed.push(`${init.method ?? "GET"} ${path}: ${response.status} ${response.text}`);
        return undefined;
      }
      await setTimeout(50);
    }
  };
  const people = await Promise.all(
    Array.from({ length: options.count }, (_, number) =>
      startPerson(`person-${number}`, options.url, ask, stopping.signal),
    ),
  );
  return {
    acknowledged: () => people.reduce((sum, { logged }) => sum + logged.length, 0),
    served: () => people.reduce((sum, { reads }) => sum + reads(), 0),
    turnedAway,
    stop: async () => {
      stopping.abort();
      const verdicts = await Promise.all(people.map(({ settle }) => settle()));
      return {
        failed,
        lost: verdicts.flatMap(({ lost }) => lost),
        surplus: verdicts.flatMap(({ surplus }) => surplus),
        wasToldAll: verdicts.every(({ wasToldAll }) => wasToldAll),
      };
    },
    [Symbol.asyncDispose]: async () => stopping.abort(),
  };
}

/** Asks until there is a response with this status, and reads it; undefined after another response that is not to be tried again. */
type Ask = (path: string, init: RequestInit & { readonly status: number }) => Promise<unknown>;

async function startPerson(name: string, url: string, ask: Ask, signal: AbortSignal) {
  const { access_token } = (await (await register(url, name)).json()) as { access_token: string };
  const authorization = `Bearer ${access_token}`;
  const logged: string[] = [];
  let readCount = 0;
  const told: string[] = [];
  const caughtUp = Promise.withResolvers<void>();
  let wanted = Number.POSITIVE_INFINITY;

  const write = async () => {
    for (let number = 1; !signal.aborted; number += 1) {
      const body = JSON.stringify({ tx_hash: `0x${number.toString(16)}`, tx_type: "deposit", amount: "1" });
      const headers = { authorization, "content-type": "application/json", "idempotency-key": randomUUID() };
      const created = await ask("/api/v1/transactions", { method: "POST", headers, body, status: 201 });
      if (created !== undefined) logged.push((created as { id: string }).id);
    }
  };
  const read = async () => {
    while (!signal.aborted) {
      await ask("/api/v1/auth/me", { headers: { authorization }, status: 200 });
      readCount += 1;
      await setTimeout(20);
    }
  };
  const follow = async () => {
    let lastId: string | undefined;
    while (told.length < wanted) {
      const path = `${url}/api/v1/events?topics=transactions`;
      using reader = await readStream(path, {
        authorization,
        ...(lastId === undefined ? {} : { "last-event-id": lastId }),
      }).catch(() => undefined);
      if (reader === undefined) {
        await setTimeout(50);
        continue;
      }
      for (let event = await reader.message(); event !== undefined; event = await reader.message()) {
        lastId = reader.lastId();
        if (event.type === "stream.opened") opened.resolve();
        if (event.type === "transaction.logged") told.push(event.subject);
        if (told.length >= wanted) break;
      }
      lastId = reader.lastId() ?? lastId;
    }
    caughtUp.resolve();
  };
  const opened = Promise.withResolvers<void>();
  void follow();
  await opened.promise;
  const work = Promise.all([write(), read()]);
  return {
    logged,
    reads: () => readCount,
    settle: async () => {
      await work;
      const stored = await listAll(ask, authorization);
      wanted = logged.length;
      // Somebody may wait in `message` although all has come.
      if (told.length < wanted) await caughtUp.promise;
      return {
        lost: logged.filter((id) => !stored.includes(id)),
        surplus: stored.filter((id, index) => !logged.includes(id) || stored.indexOf(id) !== index),
        wasToldAll: told.length === logged.length && told.every((id, index) => id === logged[index]),
      };
    },
  };
}

async function listAll(ask: Ask, authorization: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await ask(`/api/v1/transactions?limit=100${query}`, {
      headers: { authorization },
      status: 200,
    })) as {
      items: { id: string }[];
      next_cursor: string | null;
    };
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next_cursor;
  } while (cursor !== null);
  return ids;
}
