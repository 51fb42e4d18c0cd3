import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";

export type AlertTaskRow = Pick<Row<Tables["alert_tasks"]>, "id" | "owner_id" | "cause" | "after_owner_id">;

const columns = ["id", "owner_id", "cause", "after_owner_id"] as const;

export async function insertTasks(
  trx: DatabaseTransaction,
  rows: readonly NewRow<Tables["alert_tasks"]>[],
): Promise<void> {
  await trx.insertInto("alert_tasks").values(rows).execute();
}

/** The task that comes next: the oldest. */
export async function findNextTask(db: Database): Promise<AlertTaskRow | undefined> {
  return db.selectFrom("alert_tasks").select(columns).orderBy("id").limit(1).executeTakeFirst();
}

/** @returns the task as it is now; undefined when it is done, or another process works on it */
export async function lockTask(trx: DatabaseTransaction, id: string): Promise<AlertTaskRow | undefined> {
  return trx
    .selectFrom("alert_tasks")
    .select(columns)
    .where("id", "=", id)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
}

/** Notes up to which owner everybody is told. */
export async function advanceTask(
  trx: DatabaseTransaction,
  task: { readonly id: string; readonly after_owner_id: string },
): Promise<void> {
  await trx
    .updateTable("alert_tasks")
    .set({ after_owner_id: task.after_owner_id })
    .where("id", "=", task.id)
    .execute();
}

export async function deleteTask(trx: DatabaseTransaction, id: string): Promise<void> {
  await trx.deleteFrom("alert_tasks").where("id", "=", id).execute();
}
