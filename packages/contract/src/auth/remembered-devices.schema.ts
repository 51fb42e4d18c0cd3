import { z } from "zod";
import { nextCursor, timePageFields, timestamp } from "../common/common.schema.ts";
import { objectReference } from "../endpoints/object-reference.ts";

export const rememberedDevice = z
  .object({
    id: z.uuid(),
    ip: z.string().nullable().describe("Where the second factor was shown from"),
    user_agent: z.string().nullable().describe("The device, as it describes itself"),
    created_at: timestamp,
    last_used_at: timestamp.describe("When it last stood in for the second factor"),
    expires_at: timestamp.describe("30 days after the second factor was shown, however often it is used"),
  })
  .meta({ id: "RememberedDevice" });
export type RememberedDevice = z.output<typeof rememberedDevice>;

export const listRememberedDevicesInput = z
  .object(timePageFields)
  .meta({ id: "ListRememberedDevicesInput" })
  .prefault({});
export type ListRememberedDevicesInput = z.output<typeof listRememberedDevicesInput>;

export const rememberedDevices = z
  .object({ items: z.array(rememberedDevice), next_cursor: nextCursor })
  .meta({ id: "RememberedDevices" });
export type RememberedDevices = z.output<typeof rememberedDevices>;

export const forgetDeviceInput = z
  .object({ device_id: objectReference("remembered_device", z.uuid()) })
  .meta({ id: "ForgetDeviceInput" });
export type ForgetDeviceInput = z.output<typeof forgetDeviceInput>;
