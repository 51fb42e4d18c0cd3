import { FuzzFailure } from "../fuzz-failure.ts";
import type { Call } from "./caller.ts";
import { ask, type World } from "./world.ts";

interface Page {
  readonly items: readonly unknown[];
  readonly next_cursor: string | null;
}

/** No list of this model is longer. */
const pagesMax = 5_000;

/**
 * Follows a list from its first page to its last.
 *
 * @throws FuzzFailure
 */
export async function listAll<TItem>(
  world: World,
  call: Call & { readonly input: Readonly<Record<string, unknown>> },
): Promise<TItem[]> {
  const items: unknown[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const input: Readonly<Record<string, unknown>> = {
      ...call.input,
      ...(cursor === null ? {} : { cursor }),
    };
    const page: Page = await ask<Page>(world, { ...call, input });
    items.push(...page.items);
    cursor = page.next_cursor;
    // The output has been found to be as declared; which type that is, only the caller knows.
    if (cursor === null) return items as TItem[];
  }
  throw new FuzzFailure("hang", `${call.path} has no last page`);
}
