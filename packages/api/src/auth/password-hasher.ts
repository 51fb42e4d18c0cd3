import { hash as argon2Hash, verify as argon2Verify } from "@node-rs/argon2";
import { verify as bcryptVerify } from "@node-rs/bcrypt";

/** Hashes and checks passwords, away from the event loop. */
export interface PasswordHasher {
  /** Argon2id in the PHC string format, with the library's defaults: 19 MiB, two passes (OWASP's recommendation). */
  hash(password: string): Promise<string>;
  /**
   * Whether the password belongs to the hash. Without a hash (an unknown user) the same work is done for nothing, so
   * that the answer takes as long.
   */
  verify(hash: string | undefined, password: string): Promise<boolean>;
  /** Whether a hash is of an older kind and should be replaced at the next login. */
  isStale(hash: string): boolean;
}

/** Prepares the hasher; takes one hash's time. */
export async function createPasswordHasher(): Promise<PasswordHasher> {
  const hashOfNobody = await argon2Hash("nobody has this password");
  return {
    hash: (password) => argon2Hash(password),
    verify: async (hash, password) => {
      if (hash === undefined) {
        await argon2Verify(hashOfNobody, password);
        return false;
      }
      // argon2's verify throws on a foreign hash, so the prefix decides. The original backend wrote bcrypt.
      return isBcrypt(hash) ? bcryptVerify(password, hash) : argon2Verify(hash, password);
    },
    isStale: isBcrypt,
  };
}

function isBcrypt(hash: string): boolean {
  return /^\$2[aby]\$/.test(hash);
}
