import type { Database } from "@obsqra/db";
import { type Actor, idKey, readCursor, toPage } from "@obsqra/platform";
import type { Alert } from "../mail/alert.ts";
import { listAlerts } from "./alerts.queries.ts";

/** Something that somebody was told of, as an export has it. */
export type ToldAlert = Alert & {
  readonly created_at: string;
  /** Whether it waits for the mail of the day. */
  readonly waits: boolean;
};

/**
 * What the user was told of by mail, newest first.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getAlerts(
  deps: { readonly db: Database; readonly actor: Actor },
  input: { readonly limit: number; readonly cursor: string | undefined },
): Promise<{ items: ToldAlert[]; next_cursor: string | null }> {
  const { owner_id } = deps.actor;
  const view = { list: "alerts", owner_id, input };
  const rows = await listAlerts(deps.db, {
    owner_id,
    after: readCursor(view, idKey)?.[0],
    limit: input.limit + 1,
  });
  const page = toPage(view, rows, (row) => [row.id]);
  return {
    items: page.items.map(({ alert, created_at, waits }) => ({
      // Only what this service wrote is in the table.
      ...(alert as Alert),
      created_at: created_at.toISOString(),
      waits,
    })),
    next_cursor: page.next_cursor,
  };
}
