import type { Tokens } from "./router.ts";

/** What the client keeps to stay signed in. */
export interface StoredTokens {
  readonly access_token: string;
  readonly refresh_token: string;
  /**
   * Until when the access token lasts, in milliseconds since 1970, by the clock of whoever received it: right for that clock, however wrong
   * it is. Without it, what the token itself says counts, by the clock of the service.
   */
  readonly expires_at_ms?: number | undefined;
}

/** The tokens of a response, as they are kept. */
export function toStored({ access_token, refresh_token, expires_in }: Tokens, now = Date.now): StoredTokens {
  // A service that is older than this client may say nothing.
  if (typeof expires_in !== "number") return { access_token, refresh_token };
  return { access_token, refresh_token, expires_at_ms: now() + expires_in * 1_000 };
}

/** Where tokens can be read and not be written, as the cookies of a request while a page is rendered on a server. */
export interface ReadOnlyTokenStorage {
  readonly read: () => StoredTokens | undefined | Promise<StoredTokens | undefined>;
}

/** Where the client keeps its tokens. Several clients, tabs or processes may share one. */
export interface TokenStorage extends ReadOnlyTokenStorage {
  readonly write: (tokens: StoredTokens) => void | Promise<void>;
  readonly clear: () => void | Promise<void>;
}

/** A storage that can be read at once. */
export interface MemoryTokenStorage extends TokenStorage {
  readonly read: () => StoredTokens | undefined;
}

/** Keeps the tokens as long as the process or page lives. */
export function createMemoryTokenStorage(tokens?: StoredTokens): MemoryTokenStorage {
  let kept = tokens;
  return {
    read: () => kept,
    write: (written) => {
      kept = written;
    },
    clear: () => {
      kept = undefined;
    },
  };
}
