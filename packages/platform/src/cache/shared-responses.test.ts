import { expect, it } from "vitest";
import { createSharedResponses, printedResponse } from "./shared-responses.ts";

/** Responses that end when the test says so. */
function createTestResponses(options?: Parameters<typeof createSharedResponses>[0]) {
  const responses = createSharedResponses(options);
  const made: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (key: string, caller = "ada", size = 10) =>
    responses.share(key, caller, async () => {
      made.push(key);
      await new Promise<void>((resolve) => ends.push(resolve));
      return { key, text: "x".repeat(size) };
    });
  const settle = async () => {
    for (let step = 0; step < 50; step += 1) await Promise.resolve();
  };
  const endAll = async () => {
    while (ends.length > 0) {
      ends.shift()?.();
      await settle();
    }
  };
  return { responses, made, ask, endAll, settle };
}

it("makes and prints a response once, however many ask at once and later", async () => {
  const { made, ask, endAll } = createTestResponses();
  const asked = [ask("page"), ask("page", "bob"), ask("page", "eve")];
  await endAll();
  const responses = await Promise.all([...asked, ask("page")]);
  expect(new Set(responses).size).toBe(1);
  expect(made).toEqual(["page"]);
  expect(printedResponse(responses[0])).toBe(JSON.stringify(responses[0]));
  expect(printedResponse({ ...(responses[0] as object) })).toBeUndefined();
});

it("makes few at a time, and lets callers take turns", async () => {
  const { made, ask, endAll } = createTestResponses({ atOnce: 2 });
  const asked = ["a1", "a2", "a3", "a4"].map((key) => ask(key, "ada"));
  asked.push(ask("b1", "bob"), ask("e1", "eve"));
  expect(made).toEqual(["a1", "b1"]);
  await endAll();
  await Promise.all(asked);
  expect(made.slice(0, 4).toSorted()).toEqual(["a1", "a2", "b1", "e1"]);
});

it("keeps those that were asked for last, up to so many bytes, and no failure", async () => {
  const { responses, made, ask, endAll } = createTestResponses({ bytesMax: 2_500 });
  for (const key of ["a", "b", "a", "c"]) {
    const asked = ask(key, "ada", 1_000);
    await endAll();
    await asked;
  }
  expect(made).toEqual(["a", "b", "c"]);
  await Promise.all([ask("a"), ask("c")]);
  const again = ask("b");
  await endAll();
  await again;
  expect(made).toEqual(["a", "b", "c", "b"]);
  const fail = () => responses.share("d", "ada", () => Promise.reject(new Error("no")));
  await expect(fail()).rejects.toThrow("no");
  expect(await responses.share("d", "ada", async () => "yes")).toBe("yes");
});
