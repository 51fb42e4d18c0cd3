import fc from "fast-check";
import { expect, it } from "vitest";
import { isWeakSecret } from "./secret-strength.ts";

it.each([
  undefined,
  "",
  "x",
  "4f1c9d27a8b3e650",
  "a".repeat(64),
  "ab".repeat(32),
  "0123456789abcdef".repeat(4),
  "12345678901234567890123456789012",
  "abcdefghijklmnopqrstuvwxyz012345",
  "zyxwvutsrqponmlkjihgfedcba987654",
  "qwertyuiopasdfghjklzxcvbnm123456",
  "correcthorsebatterystaplecorrecthorse",
  "the quick brown fox jumps over the lazy dog",
  "Obsqra Is A Service For Yield On Starknet",
  "hunter2hunter2hunter2hunter2hunter2hunter2",
  "change-me-before-you-go-to-production-7f3a",
  "deadbeefdeadbeefdeadbeefdeadbeef",
  "2024-01-01T00:00:00Z2024-01-01T00:00:00Z",
  "ObsqraProductionServerKey20261130",
  "my-super-long-jwt-signing-key-for-obsqra-2026",
  "ThisIsTheProductionKeyForObsqra!!1",
  "obsqra-prod-hmac-key-2026-11-30-v1",
  "Obsqra@2026Obsqra@2027Obsqra@2028Obsqra@2029",
])("%j is weak", (secret) => {
  expect(isWeakSecret(secret)).toBe(true);
});

it("takes whatever is random, as hexadecimal digits or base64, of 16 bytes and more", () => {
  const bytes = fc.uint8Array({ minLength: 24, maxLength: 48 });
  fc.assert(
    fc.property(bytes, fc.constantFrom("hex", "base64", "base64url"), (random, encoding) => {
      // What fast-check makes is not random: it likes runs and small numbers.
      const mixed = random.map((byte, at) => (byte * 167 + at * 89 + random.length * 31) % 256);
      const text = Buffer.from(mixed).toString(encoding as BufferEncoding);
      fc.pre(new Set(mixed).size > mixed.length / 2);
      expect(isWeakSecret(text)).toBe(false);
    }),
  );
});
