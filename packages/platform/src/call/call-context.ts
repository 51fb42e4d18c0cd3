import type { Access } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import type { AccessTokenSettings } from "../access/access-token.ts";
import type { Actor, SessionActor } from "../access/actor.ts";
import type { SharedResponses } from "../cache/shared-responses.ts";
import type { CreateId } from "../create-id.ts";
import type { CallLimiter } from "../limits/call-limiter.ts";
import type { CallTurns } from "../limits/call-turns.ts";
import type { SharedBill } from "../limits/count-call.ts";
import type { Logger } from "../logger.ts";
import type { ReadReplica } from "../replica/read-replica.ts";
import type { Sealer } from "../sealer.ts";
import type { EventStreams } from "../streams/event-streams.ts";
import type { CallMeter } from "./call-meter.ts";
import type { CheckOutput } from "./check-output.ts";
import type { RequestFacts } from "./request-facts.ts";
import type { ResponseFacts } from "./response-facts.ts";

/** What the platform itself uses for every call. */
export interface PlatformDependencies {
  readonly db: Database;
  /** A standby for those who read much. @default everything is read where it is written */
  readonly readReplica?: ReadReplica | undefined;
  /** The current time; the only source of it. */
  readonly clock: () => Date;
  readonly createId: CreateId;
  readonly log: Logger;
  readonly accessTokens: AccessTokenSettings;
  readonly sealer: Sealer;
  /** Undefined where calls are not counted. */
  readonly callLimiter: CallLimiter | undefined;
  readonly callTurns: CallTurns;
  /** How long a call waits for the one connection of an embedded database. @default until it comes */
  readonly connectionWaitMs?: number | undefined;
  /** @default calls are not measured */
  readonly callMeter?: CallMeter | undefined;
  /** Whether what is public may be read without an account also where an endpoint has a `closedAccess`. */
  readonly publicRead: boolean;
  /** Of queries; commands always check theirs, before they commit. */
  readonly checkOutput: CheckOutput;
  readonly eventStreams: EventStreams;
  /** Undefined where each response is made anew. */
  readonly sharedResponses: SharedResponses | undefined;
}

/** What every call has: the dependencies, and the request that it came with. */
export type CallContext<TDependencies> = TDependencies & {
  readonly request: RequestFacts;
  /** Where the host wants to be told about the response. @default it does not */
  readonly response?: ResponseFacts;
  /** Where the calls of a request are paid for together. @default each is by itself */
  readonly bill?: SharedBill | undefined;
};

/** What a service of an endpoint gets: where access is asked for, also who is asking. */
export type CallDependencies<TDependencies, TAccess extends Access> = CallContext<TDependencies> &
  ("public" extends TAccess
    ? unknown
    : { readonly actor: TAccess extends "session" | "recent_session" ? SessionActor : Actor });
