import type { Database, DatabaseTransaction, NewRow, Row, Tables } from "@obsqra/db";
import { latestMoment, type TimePage, timeOrders } from "@obsqra/platform";

export type NewRememberedDeviceRow = NewRow<Tables["remembered_devices"]>;
export type RememberedDeviceRow = Omit<Row<Tables["remembered_devices"]>, "user_id" | "token_hash">;

/** A user's devices that still count, by time. */
export async function listRememberedDevices(
  db: Database,
  page: TimePage & { readonly user_id: string; readonly now: Date },
): Promise<RememberedDeviceRow[]> {
  const { direction, beyond } = timeOrders[page.sort];
  let query = db
    .selectFrom("remembered_devices")
    .select(["id", "ip", "user_agent", "created_at", "last_used_at", "expires_at"])
    .where("user_id", "=", page.user_id)
    .where("expires_at", ">", page.now);
  if (page.after !== undefined) query = query.where("id", beyond, page.after);
  return query.orderBy("id", direction).limit(page.limit).execute();
}

/** A device of this user that still counts; one from later than now was made before the clock was set back. */
export async function findRememberedDevice(
  db: Database,
  device: { readonly user_id: string; readonly token_hash: Uint8Array; readonly now: Date },
): Promise<string | undefined> {
  const found = await db
    .selectFrom("remembered_devices")
    .select("id")
    .where("token_hash", "=", device.token_hash)
    .where("user_id", "=", device.user_id)
    .where("expires_at", ">", device.now)
    .where("created_at", "<=", latestMoment(device.now))
    .executeTakeFirst();
  return found?.id;
}

export async function insertRememberedDevice(
  trx: DatabaseTransaction,
  row: NewRememberedDeviceRow,
): Promise<void> {
  await trx.insertInto("remembered_devices").values(row).execute();
}

/** Says that a device stood in for the second factor. @returns whether it still may */
export async function useRememberedDevice(
  trx: DatabaseTransaction,
  device: { readonly id: string; readonly user_id: string; readonly now: Date },
): Promise<boolean> {
  const used = await trx
    .updateTable("remembered_devices")
    .set({ last_used_at: device.now })
    .where("id", "=", device.id)
    .where("user_id", "=", device.user_id)
    .returning("id")
    .executeTakeFirst();
  return used !== undefined;
}

/** @returns whether there was one */
export async function deleteRememberedDevice(
  trx: DatabaseTransaction,
  device: { readonly id: string; readonly user_id: string },
): Promise<boolean> {
  const deleted = await trx
    .deleteFrom("remembered_devices")
    .where("id", "=", device.id)
    .where("user_id", "=", device.user_id)
    .returning("id")
    .executeTakeFirst();
  return deleted !== undefined;
}

export async function deleteRememberedDevices(trx: DatabaseTransaction, userId: string): Promise<void> {
  await trx.deleteFrom("remembered_devices").where("user_id", "=", userId).execute();
}
