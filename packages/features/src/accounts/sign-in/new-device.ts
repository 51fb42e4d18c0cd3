import { networkOf } from "@obsqra/platform";
import { type NewEmailRow, prepareEmail } from "../../mail/outbox.service.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { type Device, listDevices } from "./sign-in.queries.ts";

/** An address that was never confirmed may be somebody else's, who should not get a mail for every new device. */
const noticesToUnconfirmed = 3;

/** Makes the mail that tells a user of a login on a device that is new; undefined where it is known. */
export async function noticeOfNewDevice(
  deps: AuthDependencies,
  account: {
    readonly user_id: string;
    readonly email: string;
    readonly isConfirmed: boolean;
    /** @default the password */
    readonly method?: "passkey" | "identity";
  },
): Promise<NewEmailRow | undefined> {
  const { user_id, email, isConfirmed, method } = account;
  const device = { ip: deps.request.ip ?? null, user_agent: deps.request.user_agent ?? null };
  const known = new Set((await listDevices(deps.db, user_id)).map(recognitionKey));
  if (known.has(recognitionKey(device))) return undefined;
  if (!isConfirmed && known.size > noticesToUnconfirmed) return undefined;
  const at = deps.clock().toISOString();
  return prepareEmail(deps, user_id, {
    template: "new_device",
    to: email,
    at,
    ...device,
    ...(method !== undefined && { method }),
  });
}

/**
 * What a device is recognised by: the kind of program, whatever its version, and its network, the first 24 bits of IPv4 or
 * 64 of IPv6. Nothing is stored on the device itself.
 */
function recognitionKey({ ip, user_agent }: Device): string {
  // Programs update themselves.
  const program = user_agent?.replace(/\d+(?:[._]\d+)*/g, "");
  return JSON.stringify([networkOf(ip, 3), program]);
}
