import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { email } from "../auth/auth.schema.ts";
import { connectWalletInput } from "../auth/wallets.schema.ts";
import "./describe-issue.ts";
import { lineOfText } from "./characters.ts";
import { felt, filterMoment } from "./common.schema.ts";

function outcome(schema: z.ZodType, input: unknown): unknown {
  const { success, data, error } = schema.safeParse(input);
  return success ? data : new Error(error.issues.map(({ message }) => message).join());
}

const refused = (message: string | RegExp) =>
  expect.objectContaining({ message: expect.stringMatching(message) });

describe("a moment", () => {
  it.each([
    ["2026-11-01T00:00:00Z", "2026-11-01T00:00:00.000Z"],
    ["2026-11-01t00:00:00z", "2026-11-01T00:00:00.000Z"],
    ["2026-11-01T02:30:00+02:30", "2026-11-01T00:00:00.000Z"],
    ["2026-10-31T16:00:00-08:00", "2026-11-01T00:00:00.000Z"],
    ["2026-11-01T00:00:00-00:00", "2026-11-01T00:00:00.000Z"],
    ["2026-11-01T00:00:00.5Z", "2026-11-01T00:00:00.500Z"],
    ["2026-11-01T00:00:00.123000Z", "2026-11-01T00:00:00.123Z"],
    ["2026-11-01T00:00:00.123456+00:00", "2026-11-01T00:00:00.124Z"],
    ["2026-12-31T23:59:59.999000000001Z", "2027-01-01T00:00:00.000Z"],
    ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"],
    ["2017-01-01T00:59:60.5+01:00", "2017-01-01T00:00:00.500Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
  ])("of RFC 3339 is read: %s", (text, moment) => {
    expect(outcome(filterMoment, text)).toBe(moment);
  });

  it.each([
    "2026-11-01",
    "2026-11-01T00:00:00",
    "2026-11-01 00:00:00Z",
    "2026-11-01T00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-11-01T24:00:00Z",
    "2026-11-01T00:00:61Z",
    "2026-11-01T00:00:00+2:00",
    "2026-11-01T00:00:00+24:00",
    "2026-11-01T00:00:00,5Z",
    "2026-11-01T00:00:00.Z",
    "0000-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "+2026-11-01T00:00:00Z",
    "1793491200",
  ])("of another form is refused: %s", (text) => {
    expect(outcome(filterMoment, text)).toEqual(refused("RFC 3339|from 1970 on"));
  });

  it("of any offset is the same moment, and never before what was written", () => {
    const dates = fc.date({ min: new Date("1971-01-01"), max: new Date("9998-01-01"), noInvalidDate: true });
    const property = fc.property(
      dates,
      fc.integer({ min: -1439, max: 1439 }),
      fc.nat(999),
      (date, minutes, micros) => {
        const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1);
        const size = Math.abs(minutes);
        const pad = (value: number, digits = 2) => String(value).padStart(digits, "0");
        const offset = `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
        const text = `${local}${pad(micros, 3)}${offset}`;
        const expected = new Date(date.getTime() + (micros > 0 ? 1 : 0)).toISOString();
        expect(outcome(filterMoment, text)).toBe(expected);
      },
    );
    fc.assert(property, { seed: 1 });
  });
});

describe("an email address", () => {
  it.each([
    ["Ada@Example.ORG ", "ada@example.org"],
    ["ada+tag@example.org", "ada+tag@example.org"],
    ["o'brien!#$%&*/=?^_`{|}~-@example.org", "o'brien!#$%&*/=?^_`{|}~-@example.org"],
    ["ada@bücher.example", "ada@xn--bcher-kva.example"],
    ["ada@BÜCHER.example", "ada@xn--bcher-kva.example"],
    ["ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"],
    ["ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"],
    ["ada@例え.テスト", "ada@xn--r8jz45g.xn--zckzah"],
    ["ada@пример。рф", "ada@xn--e1afmkfd.xn--p1ai"],
    ["ada@straße.example", "ada@xn--strae-oqa.example"],
    ["ａｄａ@example.org", "ada@example.org"],
  ])("has one spelling: %s", (text, address) => {
    expect(outcome(email, text)).toBe(address);
    expect(outcome(email, address)).toBe(address);
  });

  it.each([
    ["jürgen@example.org", "letters of ASCII before the @"],
    ['"ada lovelace"@example.org', "quotation marks"],
    ...[
      "ada",
      "ada@",
      "@example.org",
      "ada@example",
      "ada@@example.org",
      "ada@b@example.org",
      ".ada@example.org",
      "ada.@example.org",
      "a..b@example.org",
      "ada@[192.0.2.1]",
      "ada@192.0.2.1",
      "ada@１92.0.2.1",
      "ada@example..org",
      "ada@example.org.",
      "ada@-example.org",
      "ada@example-.org",
      "ada@bücher.example/path",
      "ada@bücher.example:25",
      "ada@ex%61mplé.org",
      "ada@b ü.org",
      "ada@bü\u202ecr.org",
      "a\u0000da@example.org",
      "ada@example.org\nbcc:eve@example.org",
      `ada@${"x".repeat(64)}.org`,
    ].map((text) => [text, "such as ada@example.org"]),
  ])("of another form is refused: %j", (text = "", message = "") => {
    expect(outcome(email, text)).toEqual(refused(message));
  });

  it("is refused when it is too long as DNS has it", () => {
    const label = "ü".repeat(50);
    expect(outcome(email, `ada@${Array(4).fill(label).join(".")}.org`)).toMatch(/^ada@xn--/);
    expect(outcome(email, `ada@${Array(5).fill(label).join(".")}.org`)).toEqual(expect.any(Error));
  });
});

describe("a felt", () => {
  it.each([
    ["0x5A1d", "0x5A1d"],
    ["0", "0x0"],
    ["23069", "0x5a1d"],
    [String(2n ** 251n), `0x8${"0".repeat(62)}`],
  ])("may be hexadecimal or decimal: %s", (text, hexadecimal) => {
    expect(outcome(felt, text)).toBe(hexadecimal);
  });

  it.each(["", "0x", "0X1", "01", "-1", "1.0", "1e3", " 1", "5a1d", `0x${"0".repeat(65)}`, "9".repeat(78)])(
    "of another form is refused: %j",
    (text) => {
      expect(outcome(felt, text)).toEqual(expect.any(Error));
    },
  );
});

describe("a wallet's signature and deployment", () => {
  // As wallet_deploymentData gives it.
  const given = {
    address: "0x0111fb83be44a70468d51cfcf8bccd4190cf119e4b2f83530ea13b5d35b9849d",
    class_hash: "0x03a5029a79d1849f58229e22f7f2b96bdd1dc8680e6cd5530a3122839f2ab878",
    salt: "0xd3d12fb38fcc210966bcecd2ed83ba44b67e794209b994d1bac08f37f78e8e",
    calldata: ["0xd3d12fb38fcc210966bcecd2ed83ba44b67e794209b994d1bac08f37f78e8e", "0x0"],
    version: 1,
  };
  const { class_hash, salt, calldata } = given;
  const link = (fields: object) =>
    outcome(connectWalletInput, {
      challenge_id: "01a2241f-b3ef-7000-8000-003ebba23f36",
      wallet_address: given.address,
      signature: ["0x1", "0x2"],
      ...fields,
    });

  it("are taken as wallets give them", () => {
    const read = { class_hash, salt, constructor_calldata: calldata, deployer_address: "0x0" };
    const own = { class_hash, salt, constructor_calldata: calldata };
    for (const deployment of [given, own, { ...given, ...own }]) {
      expect(link({ deployment })).toMatchObject({ deployment: read, signature: ["0x1", "0x2"] });
    }
    expect(link({ deployment: { ...given, salt: String(BigInt(salt)) } })).toMatchObject({
      deployment: read,
    });
    for (const signature of [["1", "2"], { r: "0x1", s: "2" }, { r: "1", s: "0x2", recovery: 0 }]) {
      expect(link({ signature })).toMatchObject({ signature: ["0x1", "0x2"] });
    }
  });

  it("are refused where something is missing, or said twice and not alike", () => {
    const { calldata: _, ...without } = given;
    expect(link({ deployment: without })).toEqual(refused("is missing"));
    const other = { ...given, constructor_calldata: ["0x0"] };
    expect(link({ deployment: other })).toEqual(refused("the same as constructor_calldata"));
    for (const signature of ["0x1", { r: "0x1" }, {}, [], ["x"], { r: "x", s: "0x1" }, null]) {
      expect(link({ signature })).toEqual(expect.any(Error));
    }
    expect(link({ signature: "0x1" })).toEqual(refused("a list of felts, or an object with r and s"));
  });
});

it("a line of text has at most so many characters, however many units they have", () => {
  expect(outcome(lineOfText(3), " 😀😀😀 ")).toBe("😀😀😀");
  expect(outcome(lineOfText(3), "😀😀😀😀")).toEqual(refused("at most 3 characters"));
  expect(outcome(lineOfText(3), "a\u009f")).toEqual(refused("control"));
  for (const character of ["\u2028", "\u202e", "\u2066"]) {
    expect(outcome(lineOfText(3), `a${character}b`)).toEqual(refused("direction"));
  }
  expect(outcome(lineOfText(9), "\u0639\u0644\u064a\u200f")).toBe("\u0639\u0644\u064a\u200f");
  expect(outcome(lineOfText(3), "\ud83d")).toEqual(refused("broken"));
});
