/** What the client keeps to stay signed in. */
export interface StoredTokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** Where the client keeps its tokens. Several clients, tabs or processes may share one. */
export interface TokenStorage {
  readonly read: () => StoredTokens | undefined | Promise<StoredTokens | undefined>;
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
