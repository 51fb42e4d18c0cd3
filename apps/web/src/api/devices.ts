import type { DeviceStorage } from "@obsqra/client";

const keyOf = (email: string) => `obsqra.device.${email.trim().toLowerCase()}`;

/** Tokens by which this browser stands in for the second factor; signing out leaves them. */
export const devices: DeviceStorage = {
  read: (email) => localStorage.getItem(keyOf(email)) ?? undefined,
  write: (email, token) => localStorage.setItem(keyOf(email), token),
};
