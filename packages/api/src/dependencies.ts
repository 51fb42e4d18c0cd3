import type { Database } from "@obsqra/db";
import type { AllocationOptimizer } from "@obsqra/ml";
import type { ChainReader } from "@obsqra/starknet";
import type { AccessTokenSettings } from "./auth/access-token.ts";
import type { PasswordHasher } from "./auth/password-hasher.ts";
import type { ThrottleLimits } from "./auth/throttle.service.ts";
import type { AnswerCache } from "./cache/answer-cache.ts";
import type { CreateId } from "./create-id.ts";
import type { CallLimiter } from "./limits/call-limiter.ts";
import type { Sealer } from "./sealer.ts";

/** The part of a logger that the API uses; pino fits. */
export interface Logger {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** What the host knows about a request. */
export interface RequestFacts {
  /** Shown with every error, so that a report can be found in the log. */
  readonly id: string;
  /** The bearer token as it came, unchecked. */
  readonly access_token: string | undefined;
  readonly ip: string | undefined;
  /** The device, as it describes itself: at most 512 whole characters, none of them a control character. */
  readonly user_agent: string | undefined;
  /** As it came, unchecked. Names what has to be done once, however often it is asked for. */
  readonly idempotency_key?: string | undefined;
}

/** Everything that varies. Each service asks only for what it uses. */
export interface ApiDependencies {
  readonly db: Database;
  /** The current time; the only source of it. */
  readonly clock: () => Date;
  /** Cryptographically strong random bytes; the only source of them. */
  readonly randomBytes: (size: number) => Uint8Array;
  readonly createId: CreateId;
  readonly log: Logger;
  readonly passwordHasher: PasswordHasher;
  readonly accessTokens: AccessTokenSettings;
  readonly sealer: Sealer;
  readonly throttleLimits: ThrottleLimits;
  /** Undefined where calls are not counted. */
  readonly callLimiter: CallLimiter | undefined;
  /** Waits; the only way to. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Undefined when no Starknet node is configured: wallets cannot be linked then. */
  readonly chain: ChainReader | undefined;
  /** The origin that users see, shown in messages that they sign. */
  readonly publicUrl: string;
  readonly optimizer: AllocationOptimizer;
  readonly cache: AnswerCache;
  /** Name of the market source whose figures are served, such as `defillama`. */
  readonly marketSource: string;
}
