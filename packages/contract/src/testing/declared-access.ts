import { scope } from "../auth/scope.ts";
import type { NamedEndpoint } from "../contract.ts";

const accesses: ReadonlySet<unknown> = new Set(["public", "session", "recent_session", ...scope.options]);

/**
 * Expects that every endpoint says who may call it. The compiler does, too, unless somebody casts.
 *
 * @throws Error naming the endpoints that do not
 */
export function assertAccessDeclared(endpoints: readonly NamedEndpoint[]): void {
  const undeclared = endpoints.filter(({ endpoint }) => !accesses.has(endpoint.access));
  if (undeclared.length > 0) {
    throw new Error(`Declare who may call ${undeclared.map(({ path }) => path).join(", ")}.`);
  }
}
