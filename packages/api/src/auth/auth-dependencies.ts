import type { Database } from "@obsqra/db";
import type { CreateId } from "../create-id.ts";
import type { RequestFacts } from "../dependencies.ts";
import type { Sealer } from "../sealer.ts";
import type { AccessTokenSettings } from "./access-token.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import type { ThrottleLimits } from "./throttle.service.ts";

/** What accounts and their credentials use. */
export interface AuthDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly createId: CreateId;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly passwordHasher: PasswordHasher;
  readonly accessTokens: AccessTokenSettings;
  readonly sealer: Sealer;
  readonly throttleLimits: ThrottleLimits;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly request: RequestFacts;
}
