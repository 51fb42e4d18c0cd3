import { createPasswordHasher, type PasswordHasher } from "../accounts/passwords/password-hasher.ts";

/**
 * Hashes each password once and remembers the result, and that of each check: nearly every test registers somebody with the same
 * password, and a hash is made to be expensive.
 */
export async function createRememberingHasher(): Promise<PasswordHasher> {
  const hasher = await createPasswordHasher();
  const hashes = new Map<string, Promise<string>>();
  const checks = new Map<string, Promise<boolean>>();
  return {
    ...hasher,
    hash: (password) => remember(hashes, password, () => hasher.hash(password)),
    verify: (hash, password) => remember(checks, `${hash} ${password}`, () => hasher.verify(hash, password)),
  };
}

function remember<TValue>(
  known: Map<string, Promise<TValue>>,
  key: string,
  find: () => Promise<TValue>,
): Promise<TValue> {
  const value = known.get(key) ?? find();
  known.set(key, value);
  // Such as that too many wait.
  value.catch(() => known.delete(key));
  return value;
}
