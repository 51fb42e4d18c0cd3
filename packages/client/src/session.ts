import { isObsqraError } from "./obsqra-error.ts";
import type { Tokens } from "./router.ts";
import {
  type ReadOnlyTokenStorage,
  type StoredTokens,
  type TokenStorage,
  toStored,
} from "./token-storage.ts";
import { withLock } from "./with-lock.ts";

export interface SessionOptions {
  readonly storage: TokenStorage | ReadOnlyTokenStorage;
  /** Exchanges a refresh token for the next pair. */
  readonly exchange: (refreshToken: string) => Promise<Tokens>;
  readonly onSignedOut: (() => void) | undefined;
}

/** The tokens of a signed-in user over time. */
export interface Session {
  /** Whether its tokens cannot be written, so that there is nothing to start, to renew or to end. */
  readonly isReadOnly: boolean;
  readonly accessToken: () => Promise<string | undefined>;
  readonly start: (tokens: Tokens) => Promise<void>;
  readonly end: () => Promise<void>;
  /**
   * Makes sure that there is another access token than the refused one; false when there is none to get. Calls for the
   * same refused token share one exchange.
   */
  readonly renew: (refusedToken: string | undefined) => Promise<boolean>;
}

/** How long a refused refresh token may still turn out to have been spent by another tab. */
const replacementWaitMs = 2_000;
const pollMs = 50;

export function createSession(options: SessionOptions): Session {
  const { storage } = options;
  return "write" in storage
    ? createWritable(storage, options)
    : createFixedSession(() => storage.read(), true);
}

/** Stands for a session where there is nothing to keep or to renew. */
export function createFixedSession(
  read: () =>
    | Pick<StoredTokens, "access_token">
    | undefined
    | Promise<Pick<StoredTokens, "access_token"> | undefined>,
  isReadOnly = false,
): Session {
  return {
    isReadOnly,
    accessToken: async () => (await read())?.access_token,
    start: async () => {},
    end: async () => {},
    renew: async () => false,
  };
}

function createWritable(storage: TokenStorage, { exchange, onSignedOut }: SessionOptions): Session {
  const renewals = new Map<string | undefined, Promise<boolean>>();
  return {
    isReadOnly: false,
    accessToken: async () => (await storage.read())?.access_token,
    start: async (tokens) => storage.write(toStored(tokens)),
    end: async () => storage.clear(),
    renew(refusedToken) {
      const running = renewals.get(refusedToken);
      if (running !== undefined) return running;
      // Tabs that share the tokens wait for each other, and find them renewed.
      const renewal = withLock(`obsqra renewal ${refusedToken?.slice(-16) ?? ""}`, () =>
        renewNow(refusedToken),
      ).finally(() => renewals.delete(refusedToken));
      renewals.set(refusedToken, renewal);
      return renewal;
    },
  };

  async function renewNow(refusedToken: string | undefined): Promise<boolean> {
    const before = await storage.read();
    if (before === undefined) return false;
    // Another call, tab or process has renewed it since.
    if (before.access_token !== refusedToken) return true;
    let renewed: Tokens;
    try {
      renewed = await exchange(before.refresh_token);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return giveUp(before);
    }
    const now = await storage.read();
    // Whoever signed out or in during the exchange must not be overruled by it.
    if (now?.refresh_token === before.refresh_token) await storage.write(toStored(renewed));
    return now !== undefined;
  }

  /** The refresh token was refused: the session is over, unless someone else puts another one in its place. */
  async function giveUp(refused: StoredTokens): Promise<boolean> {
    const now = await readReplacement(refused);
    if (now !== undefined && now.refresh_token !== refused.refresh_token) return true;
    if (now !== undefined) {
      await storage.clear();
      onSignedOut?.();
    }
    return false;
  }

  /** Waits for another tab that has spent the token a moment ago and still has to receive and store the next one. */
  async function readReplacement(refused: StoredTokens): Promise<StoredTokens | undefined> {
    let now = await storage.read();
    for (let wait = 0; wait < replacementWaitMs; wait += pollMs) {
      if (now?.refresh_token !== refused.refresh_token) return now;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
      now = await storage.read();
    }
    return now;
  }
}

function isRefusal(error: unknown): boolean {
  return isObsqraError(error, "REFRESH_TOKEN_INVALID") || isObsqraError(error, "VALIDATION_FAILED");
}
