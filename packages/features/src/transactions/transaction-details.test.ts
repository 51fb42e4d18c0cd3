import type { CreateTransactionInput } from "@obsqra/contract";
import { expect, it } from "vitest";
import { createTestApi, errorOf } from "../testing/index.ts";

type Details = CreateTransactionInput["details"];

/** A details object whose JSON has exactly so many bytes. */
function detailsOfBytes(bytes: number): { note: string } {
  const emptyBytes = JSON.stringify({ note: "" }).length;
  return { note: "x".repeat(bytes - emptyBytes) };
}

/** A details object of so many levels, itself included. */
function detailsOfLevels(levels: number): Details {
  let details: Details = {};
  for (let level = 1; level < levels; level += 1) details = { deeper: details };
  return details;
}

const input = { tx_hash: "0x1", tx_type: "deposit" as const, amount: "1" };

it("keeps details of 16 KiB and refuses a byte more", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  expect(
    await errorOf(ada.transactions.create({ ...input, details: detailsOfBytes(16 * 1024 + 1) })),
  ).toMatchObject({
    code: "VALIDATION_FAILED",
    details: { issues: [{ path: "details", message: "use at most 16 KiB of JSON" }] },
  });
  const details = detailsOfBytes(16 * 1024);
  await ada.transactions.create({ ...input, details });
  expect((await ada.transactions.get(input)).details).toEqual(details);
});

it("counts bytes, not characters", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const details = { note: "é".repeat(9 * 1024) };
  expect((await errorOf(ada.transactions.create({ ...input, details })))?.code).toBe("VALIDATION_FAILED");
});

it("keeps details of 32 levels", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const details = detailsOfLevels(32);
  await ada.transactions.create({ ...input, details });
  expect((await ada.transactions.get(input)).details).toEqual(details);
});

it("refuses deeper details as not valid, however deep", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  for (const levels of [33, 1_000, 20_000, 1_000_000]) {
    const details = detailsOfLevels(levels);
    expect(await errorOf(ada.transactions.create({ ...input, details }))).toMatchObject({
      code: "VALIDATION_FAILED",
      details: { issues: [{ path: "details", message: "nest at most 32 levels deep" }] },
    });
  }
  expect(api.logged).toEqual([]);
});

it("refuses text that the database cannot keep: NUL and halves of surrogate pairs", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const unstorable: Details[] = [{ note: "a\0b" }, { nested: [{ "a\0b": 1 }] }, { note: "\ud83d" }];
  for (const details of unstorable) {
    expect(await errorOf(ada.transactions.create({ ...input, details }))).toMatchObject({
      code: "VALIDATION_FAILED",
      details: { issues: [{ path: "details" }] },
    });
  }
});

it("takes no details for an empty object", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  expect(await ada.transactions.create(input)).toMatchObject({ details: {} });
});
