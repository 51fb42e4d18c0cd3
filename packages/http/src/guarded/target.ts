import { isIP } from "node:net";
import { isPublicAddress } from "./public-address.ts";

/** Whom requests may go to: `public` has the rules below, `any` none, for development. */
export type TargetRules = "public" | "any";

/** What is wrong with a URL. */
export type TargetRefusal = "scheme" | "port" | "address";

/** 443 is what `https:` has when a URL names none. */
const portsAllowed: readonly string[] = ["", "443", "8443"];

/**
 * What can be said of a URL without asking anybody: `https`, port 443 or 8443, and no address that is not public. The URL parser has
 * brought every spelling of an IPv4 address, such as `0x7f.1`, into its usual form.
 *
 * @returns undefined when there is nothing against it
 */
export function judgeTarget(url: URL, rules: TargetRules): TargetRefusal | undefined {
  if (url.protocol !== "https:" && !(rules === "any" && url.protocol === "http:")) return "scheme";
  if (rules === "any") return undefined;
  if (!portsAllowed.includes(url.port)) return "port";
  const host = hostOf(url);
  return isIP(host) !== 0 && !isPublicAddress(host) ? "address" : undefined;
}

/** The host of a URL, an IPv6 address without its brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}
