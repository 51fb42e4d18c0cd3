import { randomBytes } from "node:crypto";
import { hashToken } from "@obsqra/platform";
import { expect, it } from "vitest";
import { createRefreshToken } from "./new-session.ts";

it("has 256 random bits, all of them in the token, and is never the same twice", () => {
  const asked: Buffer[] = [];
  const tokens = Array.from({ length: 1000 }, () =>
    createRefreshToken((size) => {
      asked.push(randomBytes(size));
      return asked.at(-1) ?? Buffer.of();
    }),
  );
  expect(asked.map(({ length }) => length * 8)).toEqual(Array(1000).fill(256));
  expect(tokens.map(({ token }) => Buffer.from(token, "base64url"))).toEqual(asked);
  expect(new Set(tokens.map(({ token }) => token)).size).toBe(1000);
});

it("is stored as its SHA-256, from which it cannot be found", () => {
  const { token, hash } = createRefreshToken(randomBytes);
  expect(hash).toEqual(hashToken(token));
  expect([hash.length, Buffer.from(hash).toString("base64url") === token]).toEqual([32, false]);
});
