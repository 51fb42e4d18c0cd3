import type { PasswordHasher } from "../../src/accounts/passwords/password-hasher.ts";

/** Hashes nothing: thousands of accounts are made here, and their passwords are not what is tested. */
export const quickHasher: PasswordHasher = {
  hash: async (password) => `plain:${password}`,
  verify: async (hash, password) => hash === `plain:${password}`,
  inTurn: (work) => work(),
  isStale: () => false,
};
