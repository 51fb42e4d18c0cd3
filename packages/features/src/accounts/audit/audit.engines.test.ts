import { createHash } from "node:crypto";
import type { AuditEvent } from "@obsqra/contract";
import { withoutRules } from "@obsqra/db/testing";
import { sql } from "kysely";
import { expect, it } from "vitest";
import type { createCaller } from "../../root.ts";
import { codeOf, createTestApi, type TestApi } from "../../testing/index.ts";
import { recordEvent, verifyAuditChain } from "./audit.service.ts";

type Caller = Awaited<ReturnType<typeof createCaller>>;

interface User {
  readonly id: string;
  readonly caller: Caller;
}

async function signUp(api: TestApi, email: string): Promise<User> {
  const caller = await api.signUp(email);
  return { id: (await caller.auth.me()).id, caller };
}

const request = { ip: "192.0.2.7", user_agent: "Firefox" };

function record({ deps }: TestApi, userId: string, number: number): Promise<void> {
  const details = { number, "unusual name": "ünï “cödé”", of: ["a", "b"], none: null };
  return recordEvent({ ...deps, request }, { user_id: userId, type: "logged_in", details });
}

/** A user with five events, besides those of signing up. */
async function createLog(api: TestApi): Promise<User & { first: number }> {
  const user = await signUp(api, "ada@example.org");
  const { items } = await user.caller.users.audit_log();
  for (const number of [1, 2, 3, 4, 5]) await record(api, user.id, number);
  return { ...user, first: items.length + 1 };
}

async function readLog(caller: Caller): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  let cursor: string | undefined;
  do {
    const page = await caller.users.audit_log({ limit: 3, cursor });
    events.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return events;
}

it("lists a user's events newest first, page by page, and nobody else's", async () => {
  await using api = await createTestApi();
  const ada = await createLog(api);
  const eve = await signUp(api, "eve@example.org");
  await record(api, eve.id, 99);
  const events = await readLog(ada.caller);
  expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => events.length - index));
  expect(events[0]).toEqual({
    id: expect.any(String),
    position: ada.first + 4,
    type: "logged_in",
    occurred_at: "2026-01-15T12:00:00.000Z",
    ip: "192.0.2.7",
    user_agent: "Firefox",
    details: { number: 5, "unusual name": "ünï “cödé”", of: ["a", "b"], none: null },
    salt: expect.stringMatching(/^[0-9a-f]{32}$/),
    owner_id: ada.id,
    hash_version: 2,
    personal_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    content_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    previous_hash: events[1]?.hash,
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(events.at(-1)?.previous_hash).toBe("0".repeat(64));
  expect(events.filter(({ details }) => details.number === 99)).toEqual([]);
});

it("keeps the pages of an audit log stable while events are added", async () => {
  await using api = await createTestApi();
  const ada = await createLog(api);
  const before = await readLog(ada.caller);
  const first = await ada.caller.users.audit_log({ limit: 2 });
  await record(api, ada.id, 6);
  const rest = await ada.caller.users.audit_log({ limit: 100, cursor: first.next_cursor ?? undefined });
  expect([...first.items, ...rest.items]).toEqual(before);
});

it("lists the events of one type only when asked to", async () => {
  await using api = await createTestApi();
  const ada = await createLog(api);
  await recordEvent({ ...api.deps, request }, { user_id: ada.id, type: "data_exported" });
  await record(api, ada.id, 6);
  const { items, next_cursor } = await ada.caller.users.audit_log({ type: "data_exported" });
  expect(items).toMatchObject([{ type: "data_exported", position: ada.first + 5 }]);
  expect(next_cursor).toBeNull();
});

it("refuses a cursor of another list, and one that was made up", async () => {
  await using api = await createTestApi();
  const ada = await signUp(api, "ada@example.org");
  for (const key of [
    ["transactions", ada.id],
    ["audit_log", "0"],
    ["audit_log", "-1"],
    ["audit_log", "1e9"],
  ]) {
    const cursor = Buffer.from(JSON.stringify(key)).toString("base64url");
    expect(await codeOf(ada.caller.users.audit_log({ cursor })), cursor).toBe("CURSOR_INVALID");
  }
});

it("chains 50 parallel events of a user without a gap or a fork", async () => {
  await using api = await createTestApi();
  const ada = await createLog(api);
  await Promise.all(Array.from({ length: 50 }, (_, number) => record(api, ada.id, 100 + number)));
  const events = await readLog(ada.caller);
  expect(events).toHaveLength(ada.first + 4 + 50);
  expect(new Set(events.map(({ previous_hash }) => previous_hash)).size).toBe(events.length);
  expect(await verifyAuditChain(api.deps, { id: ada.id, erased_at: null })).toMatchObject({
    position: events.length,
  });
});

it("lets a client check its own log with nothing but the response", async () => {
  await using api = await createTestApi();
  const ada = await createLog(api);
  const events = (await readLog(ada.caller)).toReversed();
  expect(verify(events)).toBeUndefined();
  const [, second, third] = events;
  if (second === undefined || third === undefined) throw new Error("There are more events.");
  expect(verify(events.with(1, { ...second, ip: "192.0.2.8" }))).toBe(2);
  expect(verify(events.toSpliced(1, 1))).toBe(3);
  expect(verify(events.with(1, third).with(2, second))).toBe(3);

  function sha256(bytes: string | Uint8Array): string {
    return createHash("sha256").update(bytes).digest("hex");
  }
  function verify(oldestFirst: readonly AuditEvent[]): number | undefined {
    let latest = "0".repeat(64);
    for (const { content_hash, previous_hash, hash, ...event } of oldestFirst) {
      const { ip, user_agent, details, salt, ...content } = event;
      const { position, personal_hash } = content;
      const link = sha256(Buffer.from(previous_hash + content_hash, "hex"));
      const isWhole =
        sha256(canonicalJson({ ip, user_agent, details, salt })) === personal_hash &&
        sha256(canonicalJson(content)) === content_hash &&
        link === hash;
      if (!isWhole || previous_hash !== latest) return position;
      latest = hash;
    }
    return undefined;
  }
  function canonicalJson(value: object): string {
    return JSON.stringify(value, (_name, part) =>
      part === null || typeof part !== "object" || Array.isArray(part)
        ? part
        : Object.fromEntries(
            Object.keys(part)
              .sort()
              .map((name) => [name, part[name]]),
          ),
    );
  }
});

/** What somebody with all rights on the database could do. Check constraints hold even then. */
const tamperings: { name: string; statements: string[]; found: { at: number; fault: string } | undefined }[] =
  [
    {
      name: "a changed detail",
      statements: [`update audit_events set details = '{"number": 7}' where position = $third`],
      found: { at: 3, fault: "content" },
    },
    {
      name: "a changed time",
      statements: [
        "update audit_events set occurred_at = occurred_at - interval '1 hour' where position = $third",
      ],
      found: { at: 3, fault: "content" },
    },
    {
      name: "a content that was erased although the account was not",
      statements: [
        "update audit_events set ip = null, user_agent = null, details = '{}', salt = null where position = $third",
      ],
      found: { at: 3, fault: "content" },
    },
    {
      name: "a changed event with its hashes made to fit",
      statements: [
        "update audit_events set content_hash = sha256('x'), hash = sha256(previous_hash || sha256('x')) where position = $third",
      ],
      found: { at: 3, fault: "content" },
    },
    {
      name: "an event of another user in the place of one",
      statements: [
        "delete from audit_events where position = $third and user_id = $user",
        "update audit_events set user_id = $user where position = $third",
      ],
      found: { at: 3, fault: "link" },
    },
    {
      name: "two events that have changed places",
      statements: [
        "update audit_events set position = 1000 where position = $third and user_id = $user",
        "update audit_events set position = $third where position = $fourth and user_id = $user",
        "update audit_events set position = $fourth where position = 1000 and user_id = $user",
      ],
      found: { at: 3, fault: "link" },
    },
    {
      name: "a removed event",
      statements: ["delete from audit_events where position = $third"],
      found: { at: 3, fault: "order" },
    },
    {
      name: "a removed event whose gap was closed",
      statements: [
        "delete from audit_events where position = $third",
        "update audit_events set position = $third where position = $fourth",
        "update audit_events set position = $fourth where position = $fifth",
      ],
      found: { at: 3, fault: "link" },
    },
  ];

it.each(tamperings)("finds $name, and where", async ({ statements, found }) => {
  await using api = await createTestApi();
  const { db } = api.deps;
  const ada = await createLog(api);
  const eve = await signUp(api, "eve@example.org");
  for (let number = 1; number <= ada.first + 4; number += 1) await record(api, eve.id, number);
  await withoutRules(db, async (trx) => {
    for (const statement of statements) {
      const filled = statement
        .replaceAll("$user", `'${ada.id}'`)
        .replaceAll("$third", String(ada.first + 2))
        .replaceAll("$fourth", String(ada.first + 3))
        .replaceAll("$fifth", String(ada.first + 4));
      await sql.raw(filled).execute(trx);
    }
  });
  expect(await verifyAuditChain(api.deps, { id: ada.id, erased_at: null })).toEqual(
    found && { position: ada.first - 1 + found.at, fault: found.fault },
  );
});

it("finds that the newest events are cut off, and a hash that was kept elsewhere tells it, too", async () => {
  await using api = await createTestApi();
  const { db } = api.deps;
  const ada = await createLog(api);
  const user = { id: ada.id, erased_at: null };
  const kept = await verifyAuditChain(api.deps, user);
  await withoutRules(db, async (trx) => {
    const newest = String(ada.first + 4);
    await trx.deleteFrom("audit_events").where("position", "=", newest).execute();
  });
  const found = await verifyAuditChain(api.deps, user);
  expect(kept).toMatchObject({ position: ada.first + 4 });
  expect(found).toEqual({ position: ada.first + 4, fault: "order" });
});

it("follows a chain that is longer than what it reads at once", async () => {
  await using api = await createTestApi();
  const ada = await signUp(api, "ada@example.org");
  const { position } = (await ada.caller.users.audit_log({ limit: 1 })).items[0] ?? { position: 0 };
  for (let batch = 0; batch < 11; batch += 1) {
    await Promise.all(Array.from({ length: 100 }, (_, number) => record(api, ada.id, number)));
  }
  const user = { id: ada.id, erased_at: null };
  expect(await verifyAuditChain(api.deps, user)).toMatchObject({ position: position + 1100 });
  await withoutRules(api.deps.db, async (trx) => {
    await sql`update audit_events set ip = '192.0.2.9' where position = 1050`.execute(trx);
  });
  expect(await verifyAuditChain(api.deps, user)).toEqual({ position: 1050, fault: "content" });
});
