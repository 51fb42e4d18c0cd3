import { createClient, type StoredTokens, type TokenStorage } from "@obsqra/client";

const key = "obsqra.tokens";
const tokens: TokenStorage = {
  read: () => (JSON.parse(localStorage.getItem(key) ?? "null") as StoredTokens | null) ?? undefined,
  write: (written) => localStorage.setItem(key, JSON.stringify(written)),
  clear: () => localStorage.removeItem(key),
};

const onSignedOut = () => console.log("Please sign in again.");
const obsqra = createClient({ url: "http://localhost:8000", tokens, onSignedOut });
console.log(await obsqra.auth.me.query());
