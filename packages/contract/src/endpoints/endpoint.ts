import { z } from "zod";
import { isOperatorAccess, type Scope } from "../auth/scope.ts";
import type { ErrorCode } from "../errors/error-catalogue.ts";
import type { Permission } from "../organisations/permission.ts";

/**
 * Who may call an endpoint.
 *
 * - `public`: anyone; what is known of markets only as long as the operator has not closed it (`closedAccess`).
 * - a scope, such as `transactions:read`: a signed-in user, or an API key that was given this scope.
 * - a scope of `operations`: the same, of users who are operators.
 * - `session`: a user who has signed in; no API key.
 * - `recent_session`: the same, within `recentSessionMinutes` of signing in: with the password, or, where the account has one, with the second factor.
 */
export type Access = "public" | Scope | "session" | "recent_session";

/** How long after signing in a session may change what protects the account. */
export const recentSessionMinutes = 10;

/** An access in words, for documentation. */
export function describeAccess(access: Access): string {
  switch (access) {
    case "public":
      return "Open to everyone";
    case "session":
      return "For signed-in users, not for API keys";
    case "recent_session":
      return `For users who signed in, or did so again, within the last ${recentSessionMinutes} minutes, not for API keys`;
    default:
      if (isOperatorAccess(access)) {
        return `For operators who have signed in, and for their API keys with the scope ${access}`;
      }
      return `For signed-in users, and for API keys with the scope ${access}`;
  }
}

/** The same of an endpoint, with what an operator may make of it. */
export function describeEndpointAccess({
  access,
  closedAccess,
}: Pick<Endpoint, "access" | "closedAccess">): string {
  if (closedAccess === undefined) return describeAccess(access);
  return `${describeAccess(access)}, counted by address. Where the operator has set PUBLIC_READ=false: for signed-in users, and for API keys with the scope ${closedAccess}`;
}

/** Where the REST adapter mounts an endpoint, below `/api/v1`. `:name` in a path is a field of the input. */
export interface RestMapping {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: `/${string}`;
  /** Status of a successful response. */
  readonly status: 200 | 201 | 204;
}

/** What kind of call an endpoint takes. */
export type EndpointKind = "query" | "mutation" | "subscription";

/** When an endpoint was deprecated, and when it goes (RFC 9745, RFC 8594). */
export interface Deprecation {
  /** The day since which it is deprecated, as in `2026-11-23`. */
  readonly since: string;
  /** The day from which it may stop working, as in `2027-05-23`. */
  readonly sunset?: string;
  /** What to use in its place, as tRPC spells it: `feature.name`. */
  readonly successor?: string;
}

/**
 * One thing a caller can ask for. Everything that speaks about it comes from here: the tRPC procedure's schemas, the
 * REST route, the OpenAPI operation, the client's types and the documentation.
 */
export interface Endpoint<
  TKind extends EndpointKind = EndpointKind,
  TAccess extends Access = Access,
  TInput extends z.ZodType = z.ZodType,
  TOutput extends z.ZodType = z.ZodType,
> {
  /**
   * A query changes nothing and may be repeated or cached; a mutation changes something. A subscription changes nothing, too, and
   * gives its output again and again, as long as somebody reads.
   */
  readonly kind: TKind;
  readonly access: TAccess;
  /** Of a public endpoint: the access that it has where the operator has closed public reading. @default it stays public */
  readonly closedAccess?: Scope;
  /**
   * What the role of a member has to let them do, where the call is for an organisation.
   *
   * @default the scope of the access; without one, the endpoint is about the account of whoever calls, and refuses organisations
   */
  readonly permission?: Permission;
  /** Whether an endpoint with a scope is about the account of whoever calls, too. @default false */
  readonly isPersonal?: boolean;
  readonly rest: RestMapping;
  /** One line: what the caller gets. */
  readonly summary: string;
  /** Units, ordering, side effects: what the summary leaves out. */
  readonly description?: string;
  readonly input: TInput;
  readonly output: TOutput;
  /** The errors this endpoint can give, besides those that every endpoint shares. */
  readonly errors: readonly ErrorCode[];
  /** How much a call counts against rate limits and quotas. @default 1 */
  readonly weight?: number;
  /**
   * Whether the caller may keep responses and ask with `If-None-Match` whether they are still the same. For queries.
   * @default false
   */
  readonly revalidates?: boolean;
  /**
   * Whether a response has tokens or a key, with which its reader gets in. For mutations; such a response is replayed for an
   * idempotency key for a minute only.
   * @default false
   */
  readonly givesCredentials?: boolean;
  /**
   * Whether agents get it as a tool, if its access lets them: of mutations, those that change neither money nor credentials.
   * @default true for queries
   */
  readonly isTool?: boolean;
  readonly deprecation?: Deprecation;
}

/** Whether an endpoint gives a page of a list: its output has `items` and the `next_cursor`. */
export function isList({ output }: Endpoint): boolean {
  return output instanceof z.ZodObject && "items" in output.shape && "next_cursor" in output.shape;
}

/** Declares an endpoint and keeps its exact types. */
export function defineEndpoint<
  const TKind extends EndpointKind,
  const TAccess extends Access,
  TInput extends z.ZodType,
  TOutput extends z.ZodType,
>(endpoint: Endpoint<TKind, TAccess, TInput, TOutput>): Endpoint<TKind, TAccess, TInput, TOutput> {
  return endpoint;
}
