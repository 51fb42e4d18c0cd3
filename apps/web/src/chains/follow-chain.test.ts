import { createHash } from "node:crypto";
import type { AuditEvent, TransactionEntry } from "@obsqra/client";
import canonicalize from "canonicalize";
import { expect, it } from "vitest";
import { followAuditLog, followTransactions } from "./follow-chain.ts";

const sha256 = (bytes: string | Buffer) => createHash("sha256").update(bytes).digest("hex");
const hashJson = (value: unknown) => sha256(canonicalize(value) ?? "");

/** A log whose contents are given, chained as the service does. */
function chain<TContent extends object>(contents: readonly TContent[]) {
  let previous_hash = "0".repeat(64);
  return contents.map((content) => {
    const content_hash = hashJson(content);
    const hash = sha256(Buffer.from(previous_hash + content_hash, "hex"));
    const entry = { ...content, content_hash, previous_hash, hash };
    previous_hash = hash;
    return entry;
  });
}

// What a service answers has more fields, which are hashed as they are.
const transactions = chain(
  [1, 2, 3].map((position) => ({ hash_version: 2, id: `id ${position}`, position, amount: "1.50" })),
) as unknown as TransactionEntry[];

async function* each<TEntry>(entries: readonly TEntry[]) {
  yield* entries;
}

const follow = (entries: readonly TransactionEntry[]) => followTransactions(each(entries), () => undefined);

it("follows a log to its end", async () => {
  expect(await follow(transactions)).toEqual({
    end: { position: 3, hash: transactions[2]?.hash },
    brokenAt: undefined,
  });
  expect(await follow([])).toMatchObject({ end: { position: 0 }, brokenAt: undefined });
});

it("finds what was changed, left out, put in or exchanged", async () => {
  const [first, second, third] = transactions as [TransactionEntry, TransactionEntry, TransactionEntry];
  for (const [changed, brokenAt] of [
    [[first, { ...second, amount: "1.5" }, third], 2],
    [[first, third], 2],
    [[second, third], 1],
    [[first, first, second], 2],
    [[first, third, second], 2],
    [[first, { ...second, hash: third.hash }, third], 2],
  ] as const)
    expect((await follow(changed)).brokenAt).toBe(brokenAt);
});

it("checks what is personal in an audit log besides", async () => {
  const personal = { details: {}, ip: "192.0.2.1", salt: "5a17", user_agent: null };
  const event = { hash_version: 2, id: "1", occurred_at: "2026-12-01T00:00:00.000Z", owner_id: "2" };
  const hashed = { ...event, personal_hash: hashJson(personal), position: 1, type: "registered" };
  const [chained] = chain([hashed]);
  // It has what is hashed, and none of the types that an event may have.
  const shown = { ...chained, ...personal } as unknown as AuditEvent;
  const followEvents = (events: AuditEvent[]) => followAuditLog(each(events), () => undefined);
  expect((await followEvents([shown])).brokenAt).toBeUndefined();
  expect((await followEvents([{ ...shown, ip: "192.0.2.2" }])).brokenAt).toBe(1);
});
