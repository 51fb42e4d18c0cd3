import { hashToken } from "@obsqra/platform";
import type { AuthDependencies } from "../auth-dependencies.ts";
import type { NewRememberedDeviceRow } from "./remembered-devices.queries.ts";

const lifetimeMs = 30 * 24 * 60 * 60 * 1000;

/** A device that is still to be stored, and the token by which it is known again. */
export interface NewRememberedDevice {
  /** For the device only; what is stored is its hash. */
  readonly token: string;
  readonly row: NewRememberedDeviceRow;
}

/** Makes a token of 256 random bits that stands in for the second factor of one user, for 30 days. */
export function prepareRememberedDevice(deps: AuthDependencies, user_id: string): NewRememberedDevice {
  const token = Buffer.from(deps.randomBytes(32)).toString("base64url");
  const now = deps.clock();
  return {
    token,
    row: {
      id: deps.createId(),
      user_id,
      token_hash: hashToken(token),
      ip: deps.request.ip ?? null,
      user_agent: deps.request.user_agent ?? null,
      created_at: now,
      last_used_at: now,
      expires_at: new Date(now.getTime() + lifetimeMs),
    },
  };
}
