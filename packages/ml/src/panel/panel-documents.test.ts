import { expect, it } from "vitest";
import { canonicalJson, panelSha256, sha256Hex, utf8 } from "../model-format/content-hash.ts";
import { syntheticPanel } from "../test-support/synthetic-panel.ts";
import { lastDayOf, truncateSeries } from "./market-series.ts";
import { type PanelDocument, readPanel, writePanel } from "./panel-documents.ts";

const panel = syntheticPanel({ markets: 4, days: 90, seed: 3, gapShare: 0.1 });

/** All documents of a panel, the head last. */
function write(of: typeof panel): PanelDocument[] {
  const months = writePanel(of);
  const documents: PanelDocument[] = [];
  let next = months.next();
  for (; next.done !== true; next = months.next()) documents.push(next.value);
  return [...documents, next.value];
}

it("gives a panel back to the last bit, whatever its order and its values", async () => {
  const [first, ...others] = panel.toReversed();
  if (first === undefined) throw new Error("There is a market.");
  const odd = first.apy.map(
    (value, day) => [-0, Number.POSITIVE_INFINITY, 0.1 + 0.2, Number.NaN, 5e-324][day] ?? value,
  );
  const empty = { ...first, market_id: "none", days: new Int32Array() };
  for (const column of ["apy", "apy_base", "apy_reward", "tvl_usd", "utilization"] as const) {
    empty[column] = new Float64Array();
  }
  const written = [{ ...first, apy: odd }, ...others, { ...empty, frozen: new Uint8Array() }];
  const documents = write(written);
  const texts = new Map(documents.map(({ sha256, text }) => [sha256, text]));
  const read = await readPanel(documents.at(-1)?.text ?? "", async (sha256) => texts.get(sha256) ?? "");
  expect(panelSha256(read)).toBe(panelSha256(written));
  expect(write(read)).toEqual(documents);
  for (const { sha256, text } of documents) {
    expect(text).toBe(canonicalJson(JSON.parse(text)));
    expect(sha256).toBe(sha256Hex(utf8(text)));
  }
});

it("changes only the head and the months in which something is new", () => {
  const later = syntheticPanel({ markets: 4, days: 91, seed: 3, gapShare: 0.1 });
  const hashes = (of: typeof panel) => write(of).map(({ sha256 }) => sha256);
  const cut = later.map((series) => truncateSeries(series, lastDayOf(later) - 1));
  const [before, after] = [hashes(cut), hashes(later)];
  expect(after.filter((hash) => !before.includes(hash))).toHaveLength(2);
});

it("refuses documents of another kind", async () => {
  const head = write(panel).at(-1)?.text ?? "";
  const read = (text: string) => readPanel(head, async () => text);
  const refused = { code: "INVALID_SERIES" };
  await expect(read("{}")).rejects.toMatchObject(refused);
  await expect(read('{"format":"obsqra-market-month-1","markets":[{}]}')).rejects.toMatchObject(refused);
  await expect(readPanel('{"format":"obsqra-market-snapshot-1"}', async () => "")).rejects.toMatchObject(
    refused,
  );
});
