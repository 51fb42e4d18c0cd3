import { expect, it } from "vitest";
import { codeAt } from "../../testing/second-factor-steps.ts";
import { createTotpSecret, otpauthUri, periodOfCode, qrCodeOf } from "./totp.ts";

/** "12345678901234567890", the secret of the test values of RFC 6238, appendix B. */
const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const at = (seconds: number) => new Date(seconds * 1000);

it.each([
  // The last six of the eight digits that the RFC has.
  [59, "287082"],
  [1111111109, "081804"],
  [1111111111, "050471"],
  [1234567890, "005924"],
  [2000000000, "279037"],
  [20000000000, "353130"],
])("takes the code of RFC 6238 for second %i", (seconds, code) => {
  expect(codeAt(secret, at(seconds))).toBe(code);
  expect(periodOfCode(secret, code, { now: at(seconds), lastPeriod: null })).toBe(Math.floor(seconds / 30));
});

it("takes the code of the period before and of the next, and of none beyond", () => {
  const now = at(1_700_000_003);
  const accepted = [-90, -60, -30, 0, 30, 60, 90].filter((seconds) => {
    const code = codeAt(secret, new Date(now.getTime() + seconds * 1000));
    return periodOfCode(secret, code, { now, lastPeriod: null }) !== undefined;
  });
  expect(accepted).toEqual([-30, 0, 30]);
});

it("takes no code of the period of the last one or before, and fails at no clock that was set back", () => {
  const now = at(1_700_000_003);
  const period = Math.floor(1_700_000_003 / 30);
  const taken = (lastPeriod: number) =>
    [-30, 0, 30].filter((seconds) => {
      const code = codeAt(secret, new Date(now.getTime() + seconds * 1000));
      return periodOfCode(secret, code, { now, lastPeriod }) !== undefined;
    });
  expect([period - 2, period - 1, period, period + 1, period + 1000].map(taken)).toEqual([
    [-30, 0, 30],
    [0, 30],
    [30],
    [],
    [],
  ]);
});

it.each(["", "12345", "1234567", "١٢٣٤٥٦", "12345a", "287082\n"])("takes %j for no code", (code) => {
  expect(periodOfCode(secret, code, { now: at(59), lastPeriod: null })).toBeUndefined();
});

it("makes secrets of 160 bits, which are in the link and the picture", () => {
  const made = createTotpSecret((size) => new Uint8Array(size).fill(7));
  expect(made).toMatch(/^[A-Z2-7]{32}$/);
  const uri = new URL(otpauthUri({ secret: made, email: "ada+1@example.org" }));
  expect(uri.protocol).toBe("otpauth:");
  expect(decodeURIComponent(uri.pathname)).toBe("/Obsqra:ada+1@example.org");
  expect(Object.fromEntries(uri.searchParams)).toEqual({ secret: made, issuer: "Obsqra" });
  expect(qrCodeOf(uri.href)).toMatch(
    /^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"><path d="[^"<>]+"\/><\/svg>$/,
  );
});
