import type {
  ForgetDeviceInput,
  ListRememberedDevicesInput,
  RememberedDevice,
  RememberedDevices,
} from "@obsqra/contract";
import { AppError, defineCommand, idKey, readCursor, type SessionActor, toPage } from "@obsqra/platform";
import { insertAuditEvent } from "../audit/audit.queries.ts";
import { prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import {
  deleteRememberedDevice,
  listRememberedDevices,
  type RememberedDeviceRow,
} from "./remembered-devices.queries.ts";

type SignedIn = AuthDependencies & { readonly actor: SessionActor };

/**
 * The user's devices that stand in for the second factor.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function getRememberedDevices(
  deps: SignedIn,
  input: ListRememberedDevicesInput,
): Promise<RememberedDevices> {
  const { user_id } = deps.actor;
  const view = { list: "remembered_devices", owner_id: user_id, input };
  const rows = await listRememberedDevices(deps.db, {
    user_id,
    sort: input.sort,
    after: readCursor(view, idKey)?.[0],
    limit: input.limit + 1,
    now: deps.clock(),
  });
  const page = toPage(view, rows, (row) => [row.id]);
  return { items: page.items.map(toDevice), next_cursor: page.next_cursor };
}

/**
 * Has the second factor asked for on a device again.
 *
 * @throws AppError DEVICE_NOT_FOUND, the same for another user's and one that never was
 */
export const forgetDevice = defineCommand({
  plan: async (deps: SignedIn, { device_id }: ForgetDeviceInput) => {
    const { user_id } = deps.actor;
    const event = prepareEvent(deps, { user_id, type: "device_forgotten", details: { device_id } });
    return { device: { id: device_id, user_id }, event };
  },
  write: async (trx, { device, event }) => {
    if (!(await deleteRememberedDevice(trx, device))) throw new AppError("DEVICE_NOT_FOUND", undefined);
    await insertAuditEvent(trx, event);
    return undefined;
  },
});

function toDevice(row: RememberedDeviceRow): RememberedDevice {
  return {
    id: row.id,
    ip: row.ip,
    user_agent: row.user_agent,
    created_at: row.created_at.toISOString(),
    last_used_at: row.last_used_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
  };
}
