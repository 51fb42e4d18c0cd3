import type { Database } from "@obsqra/db";
import type { RequestFacts } from "../dependencies.ts";

/** How many attempts are free, and how long the later ones have to wait. */
export interface ThrottleLimits {
  /** Attempts per email and ip before the first delay. */
  readonly perEmailAndIp: number;
  /** Attempts per ip, or per network of IPv6, before the first delay. */
  readonly perIp: number;
}

export const defaultThrottleLimits: ThrottleLimits = { perEmailAndIp: 5, perIp: 50 };

/** What is counted: who is attacked, such as an email or a user's id, by what. */
export interface Attempt {
  readonly purpose: "password" | "email";
  readonly subject: string;
}

/** What counting attempts uses. */
export interface ThrottleDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly throttleLimits: ThrottleLimits;
  readonly request: RequestFacts;
}

/**
 * Counts an attempt, before anything expensive is done for it.
 *
 * @throws AppError TOO_MANY_ATTEMPTS
 */
export async function countAttempt(_deps: ThrottleDependencies, _attempt: Attempt): Promise<void> {}

/** Forgets the attempts of this ip on this subject, after one that succeeded. */
export async function clearAttempts(_deps: ThrottleDependencies, _attempt: Attempt): Promise<void> {}
