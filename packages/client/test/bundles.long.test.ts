import { expect, it } from "vitest";
import { bundle } from "../bench/bundle.ts";
import { page, pages } from "../bench/pages.ts";

/** A text of each part, which minifying keeps, that is nowhere else. */
const marks = {
  "and follow": "text/event-stream",
  "and followTogether": "BroadcastChannel",
  "and renewTokens": "SHA-256",
  "and createQueries of react-query": "infiniteQueryKey",
  "and startLiveUpdates of react-query": "market_data.imported",
} as const;

it("leaves out of a page what it does not use, with Vite and with esbuild", async () => {
  const smallest = await bundle(page);
  for (const [name, mark] of Object.entries(marks) as [keyof typeof marks, string][]) {
    const with_ = await bundle(pages[name]);
    for (const bundler of ["vite", "esbuild"] as const) {
      expect([name, bundler, with_[bundler].includes(mark)]).toEqual([name, bundler, true]);
      // Opening a stream is a part of every client, reading it is not.
      const isKept = name !== "and follow" && smallest[bundler].includes(mark);
      expect([name, bundler, isKept]).toEqual([name, bundler, false]);
    }
  }
});
