import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { hash as argon2Hash, verify as argon2Verify } from "@node-rs/argon2";
import { verify as bcryptVerify } from "@node-rs/bcrypt";
import { AppError } from "@obsqra/platform";
import pLimit from "p-limit";

/** Hashes and checks passwords, away from the event loop, a few at a time. */
export interface PasswordHasher {
  /**
   * Argon2id in the PHC string format, with the library's defaults: 19 MiB, two passes (OWASP's recommendation).
   *
   * @throws AppError SERVER_BUSY when too many passwords wait already
   */
  hash(password: string): Promise<string>;
  /**
   * Whether the password belongs to the hash. Without a hash (an unknown user), and with one that cannot be read, the same
   * work is done for nothing, so that the caller waits as long.
   *
   * @throws AppError SERVER_BUSY when too many passwords wait already
   */
  verify(hash: string | undefined, password: string): Promise<boolean>;
  /**
   * Does work around the check of a password, such as looking up its hash: one piece more at a time than passwords. In a
   * storm of logins the others wait here, or are sent away, instead of in front of everybody else's statements. The work
   * must not take a turn itself, nor wait for anything but the database and a password.
   *
   * @throws AppError SERVER_BUSY when too much work waits already
   */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Whether a hash is of an older kind and should be replaced at the next login. */
  isStale(hash: string): boolean;
}

/** How much hashing a process takes on. */
export interface PasswordHasherOptions {
  /**
   * Passwords at a time. They share libuv's threads with files and signatures, and the cores with the event loop, so that
   * one core is left free.
   * @default as many as there are cores but one, at least 1
   */
  readonly atOnce?: number;
  /** Passwords that may wait, and as much work around them; beyond, the caller is told to come back. @default 64, about a second's work of one core */
  readonly waitingMax?: number;
}

/** Bcrypt hashes the first 72 bytes only. */
const bcryptBytes = 72;

/** Prepares the hasher; takes one hash's time. */
export async function createPasswordHasher(options: PasswordHasherOptions = {}): Promise<PasswordHasher> {
  const { atOnce = Math.max(1, availableParallelism() - 1), waitingMax = 64 } = options;
  const hashOfNobody = await argon2Hash("nobody has this password");
  const hashInTurn = createQueue(atOnce, waitingMax);
  // New passwords wait apart, or a flood of registrations, which nobody counts, would keep everybody from signing in.
  const makeInTurn = createQueue(atOnce, waitingMax);
  const inTurn = createQueue(atOnce + 1, waitingMax);

  async function verifyOf(hash: string, password: string): Promise<boolean> {
    if (isBcrypt(hash)) {
      const matches = await bcryptVerify(password, hash);
      // A longer password would be taken for any other with the same beginning (OWASP ASVS 5.0, 6.2.8).
      return matches && Buffer.byteLength(password) <= bcryptBytes;
    }
    try {
      return await argon2Verify(hash, password);
    } catch {
      await argon2Verify(hashOfNobody, password);
      return false;
    }
  }

  return {
    hash: (password) => makeInTurn(() => hashInTurn(() => argon2Hash(password))),
    verify: async (hash, password) => {
      const matches = await hashInTurn(() => verifyOf(hash ?? hashOfNobody, password));
      return matches && hash !== undefined;
    },
    inTurn,
    isStale: isBcrypt,
  };
}

/** Runs so many pieces of work at once; lets so many wait, and refuses the others. */
function createQueue(atOnce: number, waitingMax: number): PasswordHasher["inTurn"] {
  const limit = pLimit(atOnce);
  let latestRefusal: Promise<void> = Promise.resolve();
  return async (work) => {
    const isFull = limit.activeCount + limit.pendingCount >= atOnce + waitingMax;
    if (!isFull) {
      return limit(async () => {
        // The embedded database returns rows within the same turn of the event loop, so that without this a whole queue of
        // work could be done in one.
        await setImmediate();
        return work();
      });
    }
    // One refusal per turn of the event loop: hundreds at once would hold up everybody else while they are written.
    latestRefusal = latestRefusal.then(() => setImmediate());
    await latestRefusal;
    throw new AppError("SERVER_BUSY", undefined);
  };
}

function isBcrypt(hash: string): boolean {
  return /^\$2[aby]\$/.test(hash);
}
