import { z } from "zod";
import { defineEndpoint } from "../endpoints/endpoint.ts";
import {
  forgetDeviceInput,
  listRememberedDevicesInput,
  rememberedDevices,
} from "./remembered-devices.schema.ts";

export const rememberedDevicesEndpoints = {
  remembered_devices: defineEndpoint({
    kind: "query",
    access: "session",
    rest: { method: "GET", path: "/auth/remembered-devices", status: 200 },
    summary: "Devices that stand in for the second factor",
    description: "Those that still do, newest first, unless sort says otherwise.",
    input: listRememberedDevicesInput,
    output: rememberedDevices,
    errors: ["CURSOR_INVALID"],
  }),
  forget_device: defineEndpoint({
    kind: "mutation",
    access: "session",
    weight: 5,
    rest: { method: "DELETE", path: "/auth/remembered-devices/:device_id", status: 204 },
    summary: "Ask for the second factor on a device again",
    description: "Sessions that go on there are not ended.",
    input: forgetDeviceInput,
    output: z.undefined(),
    errors: ["DEVICE_NOT_FOUND"],
  }),
} as const;
