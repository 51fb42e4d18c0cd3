import type { Benchmark, BenchmarkRow } from "../../../scripts/bench/benchmark.ts";
import { bundle, gzipSize } from "./bundle.ts";
import { page, pages } from "./pages.ts";

const barBytes = 11_000;

/** What the client adds to a page. */
export const sizeBenchmark: Benchmark = {
  name: "size",
  title: "Size of the client in a page",
  description: `Kilobytes (1,000 bytes) minified and compressed with gzip, of a module that imports what its line says and uses it; tRPC's client
is in them, React and TanStack Query are not. The first line is the bar; the others say what each extra adds to it. With @trpc/client
11.22.1, the oldest that the client takes, esbuild's was 10.5 kB: 11.25 is 0.8 kB larger, and esbuild keeps its WebSocket link, which the page never uses.`,
  run: measure,
};

async function measure(): Promise<readonly BenchmarkRow[]> {
  const smallest = await sizesOf(page);
  const rows = [row("a client and two calls", smallest, undefined)];
  for (const [what, source] of Object.entries(pages)) rows.push(row(what, await sizesOf(source), smallest));
  return rows;
}

interface Sizes {
  readonly esbuild: number;
  readonly vite: number;
}

async function sizesOf(source: string): Promise<Sizes> {
  const { esbuild, vite } = await bundle(source);
  return { esbuild: gzipSize(esbuild), vite: gzipSize(vite) };
}

function row(work: string, sizes: Sizes, smallest: Sizes | undefined): BenchmarkRow {
  const { esbuild, vite } = sizes;
  const added = smallest === undefined ? "" : `, ${kilobytes(vite - smallest.vite)} more`;
  const measured = `Vite ${kilobytes(vite)}, esbuild ${kilobytes(esbuild)}${added}`;
  const met = smallest !== undefined || Math.max(esbuild, vite) <= barBytes;
  return { work, measured, bar: smallest === undefined ? `≤ ${kilobytes(barBytes)}` : "none", met, peer: "" };
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
