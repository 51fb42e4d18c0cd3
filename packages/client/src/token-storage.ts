/** What the client keeps to stay signed in. */
export interface StoredTokens {
  readonly access_token: string;
  readonly refresh_token: string;
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
