import type { AuditEvent, ExportRecord, ExportStart } from "@obsqra/contract";
import fc from "fast-check";
import { defineCommand, pickUser, travel, travelling } from "./command.ts";
import { listAll } from "./list-all.ts";
import { assertEnded, logIn, recentSessionOf, tokenOf } from "./sessions.ts";
import { ask, askInVain, promise, wait } from "./world.ts";

const who = fc.nat(20);
const limit = fc.integer({ min: 1, max: 100 });
const minuteMs = 60_000;

/** What users do with what is known about them, until they leave; and the time that goes by meanwhile. */
export const leavingCommands = [
  defineCommand({
    name: "read the audit log to the end",
    parameters: fc.record({ who, limit, travel }),
    run: async (world, { who, limit, travel: { via } }) => {
      const user = pickUser(world, who);
      const bearer = await tokenOf(world, user);
      const events = await listAll<AuditEvent>(world, {
        path: "users.audit_log",
        input: { limit },
        bearer,
        via,
      });
      const positions = events.map(({ position }) => position);
      const isWhole = positions.every((position, index) => position === events.length - index);
      promise(isWhole, "the audit log has no gaps", positions);
      for (const [index, { previous_hash }] of events.entries()) {
        const before = events[index + 1]?.hash ?? "0".repeat(64);
        promise(previous_hash === before, "each event has the hash of the one before", previous_hash, before);
      }
    },
  }),
  defineCommand({
    name: "export everything",
    parameters: fc.record({ who, limit, travel }),
    run: async (world, { who, limit, travel: { via } }) => {
      const user = pickUser(world, who);
      const { access_token: bearer } = await recentSessionOf(world, user);
      const { cursor } = await ask<ExportStart>(world, { path: "users.start_export", bearer, via });
      const records = await listAll<ExportRecord>(world, {
        path: "users.export_records",
        input: { limit, cursor },
        bearer,
        via,
      });
      const counts = Object.fromEntries(
        Object.entries(Object.groupBy(records, ({ kind }) => kind)).map(([kind, items]) => [
          kind,
          items.length,
        ]),
      );
      const expected = {
        profile: 1,
        wallet: user.wallets.length,
        transaction: user.transactions.size,
        allocation: user.allocations.length,
        suggestion: user.suggestions.length,
      };
      for (const [kind, count] of Object.entries(expected)) {
        promise((counts[kind] ?? 0) === count, `an export has every ${kind} once`, counts, expected);
      }
    },
  }),
  defineCommand({
    name: "ask to be deleted",
    parameters: fc.record({ who, changesMind: fc.boolean(), travel }),
    run: async (world, { who, changesMind, travel }) => {
      const user = pickUser(world, who);
      const { access_token: bearer } = await recentSessionOf(world, user);
      await ask(world, { path: "users.schedule_deletion", bearer, via: travel.via });
      await assertEnded(world, user.sessions.splice(0));
      for (const { key } of user.keys.splice(0)) {
        await askInVain(world, { path: "auth.me", bearer: key }, "API_KEY_INVALID");
      }
      user.state = "leaving";
      if (!changesMind) return;
      const back = { path: "users.cancel_deletion", bearer: (await logIn(world, user)).access_token };
      await ask(world, { ...back, ...travelling(world, travel) });
      user.state = "active";
      await askInVain(world, { ...back, ...travelling(world, travel) }, "DELETION_NOT_SCHEDULED");
    },
  }),
  defineCommand({
    name: "wait",
    weight: 2,
    parameters: fc.integer({ min: 1, max: 20 * minuteMs }),
    run: wait,
  }),
];
