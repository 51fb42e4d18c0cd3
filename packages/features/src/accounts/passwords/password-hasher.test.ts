import { hash as bcryptHash } from "@node-rs/bcrypt";
import { expect, it } from "vitest";
import { createPasswordHasher } from "./password-hasher.ts";

const hasher = await createPasswordHasher();

it("tells passwords apart by every byte, however long they are", async () => {
  for (const length of [71, 72, 10_000]) {
    const password = "p".repeat(length);
    const hash = await hasher.hash(password);
    expect(await hasher.verify(hash, password)).toBe(true);
    expect(await hasher.verify(hash, `${password}p`)).toBe(false);
    expect(await hasher.verify(hash, password.slice(1))).toBe(false);
  }
});

it("never takes a password over 72 bytes for one of the original backend, which looked at 72 only", async () => {
  const password = "p".repeat(72);
  const legacy = await bcryptHash(password, { cost: 4 });
  expect(await hasher.verify(legacy, password)).toBe(true);
  expect(await hasher.verify(legacy, `${password}x`)).toBe(false);
  expect(await hasher.verify(legacy, password.padEnd(10_000, "x"))).toBe(false);
  const truncated = await bcryptHash("é".repeat(40), { cost: 4 });
  expect(await hasher.verify(truncated, "é".repeat(40))).toBe(false);
  expect(await hasher.verify(truncated, "é".repeat(36))).toBe(true);
});

it("takes every prefix of bcrypt for an old hash, and its own for none", async () => {
  const legacy = await bcryptHash("a password", { cost: 4 });
  for (const prefix of ["$2a$", "$2b$", "$2y$"]) {
    const hash = legacy.replace(/^\$2b\$/, prefix);
    expect([prefix, hasher.isStale(hash), await hasher.verify(hash, "a password")]).toEqual([
      prefix,
      true,
      true,
    ]);
  }
  expect(hasher.isStale(await hasher.hash("a password"))).toBe(false);
});

it.each(["", "garbage", "$argon2id$v=19$m=19456,t=2,p=1$AA", "$2b$12$short", "$scrypt$ln=16$aa$bb"])(
  "takes the unreadable hash '%s' for another password's, without an error",
  async (hash) => {
    expect(await hasher.verify(hash, "a password")).toBe(false);
  },
);

it("matches nothing for nobody", async () => {
  expect(await hasher.verify(undefined, "nobody has this password")).toBe(false);
});

it("lets so many passwords wait and tells the others that it is busy, until there is room again", async () => {
  const small = await createPasswordHasher({ atOnce: 1, waitingMax: 3 });
  const hashes = await Promise.allSettled(Array.from({ length: 10 }, () => small.hash("a password")));
  expect(hashes.map(({ status }) => status)).toEqual([
    ...Array.from({ length: 4 }, () => "fulfilled"),
    ...Array.from({ length: 6 }, () => "rejected"),
  ]);
  const refused = hashes.flatMap((result) => (result.status === "rejected" ? [result.reason.code] : []));
  expect(new Set(refused)).toEqual(new Set(["SERVER_BUSY"]));
  expect(await small.hash("a password")).toMatch(/^\$argon2id\$/);
});

it("goes on checking passwords, however many new ones wait", async () => {
  const small = await createPasswordHasher({ atOnce: 1, waitingMax: 3 });
  const hash = await small.hash("a password");
  const flood = Promise.allSettled(Array.from({ length: 10 }, () => small.hash("a new password")));
  expect(await small.verify(hash, "a password")).toBe(true);
  expect((await flood).filter(({ status }) => status === "fulfilled")).toHaveLength(4);
});

it("works on no more passwords at once than it may", async () => {
  for (const atOnce of [1, 2]) {
    const small = await createPasswordHasher({ atOnce, waitingMax: 0 });
    const hashes = await Promise.allSettled(Array.from({ length: 4 }, () => small.hash("a password")));
    expect(hashes.filter(({ status }) => status === "fulfilled")).toHaveLength(atOnce);
  }
});
