import { expect, it } from "vitest";
import { createClient, isObsqraError, type ListProcedure, type Page, paginate } from "./index.ts";

interface Input {
  readonly limit?: number;
  readonly cursor?: string | undefined;
  readonly parity?: "even";
}

interface Numbers extends Page<number> {
  readonly asked: number;
}

/** The numbers from 1 to `last` as a list, and what was asked of it. */
function listNumbers(last: number) {
  const inputs: Input[] = [];
  const list = {
    query: async (input: Input | undefined): Promise<Numbers> => {
      inputs.push(input ?? {});
      const { limit = 2, cursor = "0" } = input ?? {};
      const end = Math.min(Number(cursor) + limit, last);
      const items = Array.from({ length: end - Number(cursor) }, (_, index) => Number(cursor) + index + 1);
      return { items, next_cursor: end < last ? String(end) : null, asked: inputs.length };
    },
  } satisfies ListProcedure;
  return { list, inputs };
}

async function read<TItem>(items: AsyncIterable<TItem>): Promise<TItem[]> {
  const seen: TItem[] = [];
  for await (const item of items) seen.push(item);
  return seen;
}

it("gives the items of all pages in order, and asks for no page after the last", async () => {
  const { list, inputs } = listNumbers(5);
  expect(await read(paginate(list))).toEqual([1, 2, 3, 4, 5]);
  expect(inputs).toEqual([{ cursor: undefined }, { cursor: "2" }, { cursor: "4" }]);
});

it("gives nothing of an empty list", async () => {
  const { list, inputs } = listNumbers(0);
  expect(await read(paginate(list))).toEqual([]);
  expect(inputs).toHaveLength(1);
});

it("asks for each page with the input that it was given, and goes on from a cursor", async () => {
  const { list, inputs } = listNumbers(9);
  expect(await read(paginate(list, { limit: 3, parity: "even", cursor: "4" }))).toEqual([5, 6, 7, 8, 9]);
  expect(inputs).toEqual([
    { limit: 3, parity: "even", cursor: "4" },
    { limit: 3, parity: "even", cursor: "7" },
  ]);
});

it("gives whole pages, with what they say besides their items", async () => {
  const { list } = listNumbers(3);
  expect(await read(paginate(list).byPage())).toEqual([
    { items: [1, 2], next_cursor: "2", asked: 1 },
    { items: [3], next_cursor: null, asked: 2 },
  ]);
});

it("begins anew each time that it is read", async () => {
  const { list } = listNumbers(3);
  const numbers = paginate(list);
  expect(await read(numbers)).toEqual(await read(numbers));
});

it("asks for a page only when the previous one has been read", async () => {
  const { list, inputs } = listNumbers(100);
  for await (const number of paginate(list, { limit: 10 })) if (number === 20) break;
  expect(inputs).toHaveLength(2);
});

it("ends with REQUEST_ABORTED when its signal is aborted, also in the middle of a page", async () => {
  const { list, inputs } = listNumbers(100);
  const controller = new AbortController();
  const seen: number[] = [];
  const reading = async () => {
    for await (const number of paginate(list, { limit: 10 }, { signal: controller.signal })) {
      seen.push(number);
      if (number === 15) controller.abort();
    }
  };
  const error = await reading().catch((thrown: unknown) => thrown);
  expect(isObsqraError(error, "REQUEST_ABORTED")).toBe(true);
  expect(seen.at(-1)).toBe(15);
  expect(inputs).toHaveLength(2);
});

it("passes its signal on to the calls", async () => {
  const obsqra = createClient({ url: "http://127.0.0.1:9" });
  const pages = paginate(obsqra.transactions.list, {}, { signal: AbortSignal.abort() }).byPage();
  const error = await read(pages).catch((thrown: unknown) => thrown);
  expect(isObsqraError(error, "REQUEST_ABORTED")).toBe(true);
});

it("fails as the call of the page that cannot be read", async () => {
  const obsqra = createClient({ url: "http://127.0.0.1:9" });
  const error = await read(paginate(obsqra.transactions.list)).catch((thrown: unknown) => thrown);
  expect(isObsqraError(error, "CONNECTION_FAILED")).toBe(true);
});
