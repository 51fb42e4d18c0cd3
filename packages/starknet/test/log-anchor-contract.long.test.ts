import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, it } from "vitest";
import { compileStarknetContract, initSync, runTests } from "wasm-cairo";

/** Compiled as Cairo 2.8 to Sierra; nothing here runs on Starknet. */
const read = (name: string) =>
  readFile(fileURLToPath(new URL(`../../../contracts/${name}`, import.meta.url)), "utf8");

beforeAll(async () => {
  const wasm = new URL("wasm-cairo_bg.wasm", import.meta.resolve("wasm-cairo"));
  initSync({ module: await readFile(wasm) });
});

it("compiles, with the entry points that are called and none that changes anything else", async () => {
  const compiled = JSON.parse(compileStarknetContract(await read("log_anchor.cairo"), false, true));
  expect(compiled.entry_points_by_type.EXTERNAL).toHaveLength(4);
  expect(compiled.entry_points_by_type.L1_HANDLER).toEqual([]);
  interface AbiItem {
    readonly type: string;
    readonly items?: readonly { readonly name: string; readonly state_mutability: string }[];
  }
  const functions = (compiled.abi as readonly AbiItem[]).flatMap(({ items = [] }) => items);
  expect(functions.map(({ name, state_mutability }) => [name, state_mutability])).toEqual([
    ["anchor", "external"],
    ["count", "view"],
    ["anchor_at", "view"],
    ["owner", "view"],
  ]);
});

it("keeps trees of growing size with the time of their block, for its owner only", async () => {
  const source = (await read("log_anchor.cairo")) + (await read("log_anchor_test.cairo"));
  const report = runTests(source, true, "", false, false, true, "", false, false);
  expect(report).toContain("test result: ok. 5 passed; 0 failed; 0 ignored;");
});
