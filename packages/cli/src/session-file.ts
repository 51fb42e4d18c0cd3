import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { StoredTokens, TokenStorage } from "@obsqra/client";

/** Where the tokens of a service are kept: a file of its own each, so that commands that run together do not lose any. */
export function sessionPath(
  service: string,
  { variables, home }: { readonly variables: Record<string, string | undefined>; readonly home: string },
): string {
  const folder = variables.XDG_CONFIG_HOME?.trim() || join(home, ".config");
  return join(folder, "obsqra", "sessions", `${encodeURIComponent(service)}.json`);
}

/** Keeps tokens in a file that only its owner can read (mode 0600). It is replaced as a whole, so that nobody reads half of it. */
export function createSessionFile(path: string): TokenStorage {
  return {
    read: async () => readTokens(await readFile(path, "utf8").catch(() => "")),
    async write({ access_token, refresh_token }) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const next = `${path}.${randomBytes(6).toString("hex")}`;
      await writeFile(next, `${JSON.stringify({ access_token, refresh_token })}\n`, {
        mode: 0o600,
        flag: "wx",
      });
      await rename(next, path);
    },
    clear: () => rm(path, { force: true }),
  };
}

function readTokens(text: string): StoredTokens | undefined {
  try {
    const { access_token, refresh_token } = JSON.parse(text) as Partial<Record<string, unknown>>;
    return typeof access_token === "string" && typeof refresh_token === "string"
      ? { access_token, refresh_token }
      : undefined;
  } catch {
    // There is none, or somebody has written something else there: signing in replaces it.
    return undefined;
  }
}
