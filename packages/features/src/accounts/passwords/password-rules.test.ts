import { AppError } from "@obsqra/platform";
import commonPasswords from "@zxcvbn-ts/language-common/src/passwords.json" with { type: "json" };
import { expect, it } from "vitest";
import { createTestApi, errorOf } from "../../testing/index.ts";
import { assertGoodPassword } from "./password-rules.ts";

const ada = { email: "ada.lovelace@analytical-engine.org", full_name: "Ada King, Countess of Lovelace" };

/** Why a password is refused; undefined when it is not. */
function reasonOf(password: string, owner = ada): string | undefined {
  try {
    assertGoodPassword(password, owner);
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "PASSWORD_REJECTED") throw error;
    return (error as AppError<"PASSWORD_REJECTED">).details.reason;
  }
}

it("refuses each of 17,950 common passwords that are long enough, in any case (at least 3,000: ASVS 6.2.4)", () => {
  const longEnough = commonPasswords.filter((password) => password.length >= 8);
  expect(longEnough).toHaveLength(17_950);
  expect(longEnough.filter((password) => reasonOf(password) !== "common")).toEqual([]);
  expect(longEnough.filter((password) => reasonOf(password.toUpperCase()) !== "common")).toEqual([]);
});

it.each([
  ["obsqra2024!", "service_name"],
  ["!!ObsQra!!", "service_name"],
  ["o-b-s-q-r-a-1", "service_name"],
  ["Starknet", "service_name"],
  ["obsqra starknet", "service_name"],
  ["ｏｂｓｑｒａ１２３４", "service_name"],
  ["lovelace1815", "personal"],
  ["AdaLovelace", "personal"],
  ["ada.lovelace@analytical-engine.org", "personal"],
  ["Ada King, Countess of Lovelace", "personal"],
  ["18Ada15Lovelace52", "personal"],
  ["analyticalengine", "personal"],
  ["obsqra-lovelace", "personal"],
  ["LÖVELACE 1815", "personal"],
] as const)("refuses %s: %s", (password, reason) => {
  expect(reasonOf(password)).toBe(reason);
});

it.each([
  "correct horse battery",
  "correct horse battery staple",
  "my obsqra passphrase",
  "lovelace likes looms",
  "4815162342108",
  "𝓪𝓫𝓬 no such word",
  "        ",
  "пароль от сейфа",
])("accepts %s", (password) => {
  expect(reasonOf(password)).toBeUndefined();
});

it("takes no notice of single letters in a name", () => {
  expect(reasonOf("aabbaabb", { email: "a.b@c.d", full_name: "A B" })).toBeUndefined();
});

it("decides at once, however a name is chosen (no exponential search)", () => {
  const owner = { email: `${"aa.".repeat(60)}aaa@example.org`, full_name: `${"a ".repeat(99)}aaaa aaaaa` };
  expect(reasonOf(`${"a".repeat(255)}!b`, owner)).toBeUndefined();
  expect(reasonOf("a".repeat(256), owner)).toBe("personal");
});

it("asks for no kinds of characters and changes none", async () => {
  await using api = await createTestApi();
  const password = "  spaces and ünïcode, no digits  ";
  await api.caller().auth.register({ ...ada, password });
  expect(await errorOf(api.caller().auth.login({ email: ada.email, password }))).toBeUndefined();
  const trimmed = await errorOf(api.caller().auth.login({ email: ada.email, password: password.trim() }));
  expect(trimmed?.code).toBe("CREDENTIALS_INVALID");
});

it("says why it refuses a password, without repeating it", async () => {
  await using api = await createTestApi();
  const error = await errorOf(api.caller().auth.register({ ...ada, password: "Password123" }));
  expect(error).toMatchObject({ code: "PASSWORD_REJECTED", details: { reason: "common" } });
  expect(error?.message).not.toContain("Password123");
});
