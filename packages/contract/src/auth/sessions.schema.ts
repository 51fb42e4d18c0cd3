import { z } from "zod";
import { nextCursor, timePageFields, timestamp } from "../common/common.schema.ts";
import { objectReference } from "../endpoints/object-reference.ts";

export const session = z
  .object({
    id: z.uuid(),
    is_current: z.boolean().describe("Whether it is the session that asks"),
    ip: z.string().nullable().describe("Where it was started from"),
    user_agent: z.string().nullable().describe("The device, as it describes itself"),
    created_at: timestamp,
    last_used_at: timestamp.describe("Exact to about a minute"),
    expires_at: timestamp.describe("The session ends then, however often it is used"),
  })
  .meta({ id: "Session" });
export type Session = z.output<typeof session>;

export const listSessionsInput = z.object(timePageFields).meta({ id: "ListSessionsInput" }).prefault({});
export type ListSessionsInput = z.output<typeof listSessionsInput>;

export const sessions = z
  .object({ items: z.array(session), next_cursor: nextCursor })
  .meta({ id: "Sessions" });
export type Sessions = z.output<typeof sessions>;

export const revokeSessionInput = z
  .object({ session_id: objectReference("session", z.uuid()) })
  .meta({ id: "RevokeSessionInput" });
export type RevokeSessionInput = z.output<typeof revokeSessionInput>;
