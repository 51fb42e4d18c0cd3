import fc from "fast-check";
import type { TestApi } from "../../src/testing/index.ts";
import type { OpenList, PagedList } from "./paged-list.ts";

/** How somebody reads a list while others add to it. */
interface Reading {
  /** What is there before. */
  readonly first: readonly number[];
  readonly steps: readonly Step[];
}

/** One page, and what is added while it is read, and after it. */
interface Step {
  readonly limit: number;
  readonly meanwhile: readonly number[];
  readonly afterwards: readonly number[];
}

/** What was seen of a list, and what there was to see. */
interface Seen {
  readonly before: readonly string[];
  readonly pages: readonly { readonly limit: number; readonly keys: readonly string[] }[];
  readonly beforeLastPage: readonly string[];
  readonly after: readonly string[];
}

const choice = fc.nat({ max: 5 });
const step = fc.record({
  limit: fc.integer({ min: 1, max: 4 }),
  meanwhile: fc.array(choice, { maxLength: 2 }),
  afterwards: fc.array(choice, { maxLength: 2 }),
});

/** Any interleaving of additions and pages, of any sizes. */
export const readings: fc.Arbitrary<Reading> = fc.record({
  first: fc.array(choice, { maxLength: 8 }),
  steps: fc.array(step, { minLength: 1, maxLength: 5 }),
});

/** Larger than any list of a run. */
const everything = { limit: 100, cursor: undefined };

/** Reads a list page by page as `reading` says. @throws Error when it does not end */
export async function readWhileAdding(list: PagedList, api: TestApi, reading: Reading): Promise<Seen> {
  const opened = await list.open(api);
  for (const each of reading.first) await opened.add(each);
  const before = (await opened.read(everything)).keys;
  const pages: Seen["pages"][number][] = [];
  let beforeLastPage = before;
  let cursor: string | undefined;
  do {
    if (pages.length > 100) throw new Error(`${list.name} does not end.`);
    // Once the steps are over, nothing more is added, so that every list ends.
    const { limit, meanwhile, afterwards } = reading.steps[pages.length] ?? lastStep;
    beforeLastPage = (await opened.read(everything)).keys;
    const [page] = await Promise.all([opened.read({ limit, cursor }), addAll(opened, meanwhile)]);
    pages.push({ limit, keys: page.keys });
    await addAll(opened, afterwards);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return { before, pages, beforeLastPage, after: (await opened.read(everything)).keys };
}

const lastStep: Step = { limit: 3, meanwhile: [], afterwards: [] };

/** What is wrong with what was seen, in words; nothing, if all is well. */
export function findViolations(list: PagedList, { before, pages, beforeLastPage, after }: Seen): string[] {
  const seen = pages.flatMap(({ keys }) => keys);
  const known = new Set(seen);
  const violations: string[] = [];
  if (known.size !== seen.length) violations.push("a row came twice");
  if (before.some((key) => !known.has(key)))
    violations.push("a row that was there from the beginning is missing");
  if (!isOrderedLike(seen, before)) violations.push("the rows that were there are out of order");
  if (!isOrderedLike(seen, after)) violations.push("the rows are out of order");
  if (list.reachesWhatIsAdded === true && beforeLastPage.some((key) => !known.has(key))) {
    violations.push("a row that was added before the last page is missing");
  }
  if (pages.slice(0, -1).some(({ limit, keys }) => keys.length !== limit)) violations.push("a page is short");
  if (pages.some(({ limit, keys }) => keys.length > limit)) violations.push("a page is too long");
  return violations;
}

/** Whether the rows that both have are in the same order. */
function isOrderedLike(seen: readonly string[], whole: readonly string[]): boolean {
  const places = new Map(whole.map((key, place) => [key, place]));
  const found = seen.flatMap((key) => places.get(key) ?? []);
  return found.every((place, index) => index === 0 || place > (found[index - 1] ?? -1));
}

/** At once: Postgres runs them side by side. */
async function addAll(list: OpenList, choices: readonly number[]): Promise<void> {
  await Promise.all(choices.map((each) => list.add(each)));
}
