import { lookup, Resolver } from "node:dns/promises";
import type { TargetRules } from "./target.ts";

/**
 * All addresses of a name.
 *
 * @throws Error when it has none, or nobody says
 */
export type Resolve = (name: string) => Promise<readonly string[]>;

const attempt = { timeout: 1_500, tries: 2 } as const;

/**
 * Asks the name servers of the system. For public targets without the system's resolver: that takes a thread of the few that
 * password hashes and files have, for as long as somebody's name server likes. For any target with it, since it knows
 * `localhost` and the hosts file.
 */
export function createResolve(rules: TargetRules): Resolve {
  if (rules === "any") {
    return async (name) => (await lookup(name, { all: true })).map(({ address }) => address);
  }
  return async (name) => {
    const resolver = new Resolver(attempt);
    const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const addresses = found.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    if (addresses.length > 0) return addresses;
    throw new Error(`The name ${name} has no address.`, { cause: found });
  };
}
