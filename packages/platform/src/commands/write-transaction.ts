import { eventCatalogue } from "@obsqra/contract";
import type { Database, DatabaseTransaction } from "@obsqra/db";
import type { CreateId } from "../create-id.ts";
import type { Emit, NewEvent } from "../events/event.ts";
import { insertLastEvents, type NewEventRow } from "../events/events.queries.ts";

/** What changing data uses. */
export interface WriteDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly createId: CreateId;
}

/** A change of data: statements, and the events that tell of it. */
export type Write<TResult> = (trx: DatabaseTransaction, emit: Emit) => Promise<TResult>;

/**
 * Changes data in one transaction, at whose end the emitted events are stored: a crash leaves all or nothing. For changes
 * that no caller asks for, such as a job's; what callers ask for is a command. Nothing slow belongs into it: on the embedded
 * database everybody else waits meanwhile.
 *
 * @throws what `write` throws, and then nothing has changed
 */
export async function writeTransaction<TResult>(
  deps: WriteDependencies,
  write: Write<TResult>,
): Promise<TResult> {
  return deps.db.transaction().execute(async (trx) => {
    const events = collectEvents(deps);
    const result = await write(trx, events.emit);
    if (events.rows.length > 0) await insertLastEvents(trx, events.rows);
    return result;
  });
}

/** Collects what a transaction tells, as rows that are still to be stored. */
export function collectEvents({ clock, createId }: Pick<WriteDependencies, "clock" | "createId">): {
  readonly emit: Emit;
  readonly rows: readonly NewEventRow[];
} {
  const rows: NewEventRow[] = [];
  const emit = ({ type, subject, owner_id, payload }: NewEvent) => {
    const parsed = eventCatalogue[type].payload.parse(payload);
    rows.push({ id: createId(), type, subject, owner_id, payload: parsed, occurred_at: clock() });
  };
  return { emit, rows };
}
