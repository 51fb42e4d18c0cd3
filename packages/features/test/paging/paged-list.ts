import type { TestApi } from "../../src/testing/index.ts";

/** What is asked of a list for one page. */
export interface PageInput {
  readonly limit: number;
  readonly cursor: string | undefined;
}

/** One page, its rows by what tells them apart. */
export interface ReadPage {
  readonly keys: string[];
  readonly next_cursor: string | null;
}

/** A list that belongs to nobody else, so that a run knows everything that is added to it. */
export interface OpenList {
  /** Adds something; which kind of thing is up to the list. */
  readonly add: (choice: number) => Promise<unknown>;
  readonly read: (page: PageInput) => Promise<ReadPage>;
}

/** A list, asked for with one order and filter. */
export interface PagedList {
  readonly name: string;
  /**
   * Whether reading reaches whatever was added before the last page was asked for: the oldest come first, and rows get
   * their places in the order in which they can be seen.
   */
  readonly reachesWhatIsAdded?: boolean;
  readonly open: (api: TestApi) => Promise<OpenList>;
}
