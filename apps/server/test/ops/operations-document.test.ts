import { globSync } from "node:fs";
import { listJobs } from "@obsqra/features";
import { expect, it } from "vitest";
import { readRepositoryFile, repository } from "./ops-files.ts";
import { findUnprovenPromises } from "./unproven-promises.ts";

it("names in docs/operations.md a test of each section and of each failure, and no test that is not there", () => {
  const tests = globSync(["{packages,apps}/*/{src,test}/**/*.test.ts", "scripts/**/*.test.ts"], {
    cwd: repository,
    exclude: ["**/node_modules/**"],
  });
  expect(findUnprovenPromises(readRepositoryFile("docs/operations.md"), tests)).toEqual([]);
});

it("says in docs/operations.md of every job what it does, and of no other", () => {
  const [, section = ""] = readRepositoryFile("docs/operations.md").split("\n## Jobs\n");
  const described = Array.from(
    section.split("\n## ")[0]?.matchAll(/^\| `([a-z_.]+)` +\|/gm) ?? [],
    ([, name]) => name,
  );
  const jobs = listJobs({ name: "defillama" }, { hasChain: true, hasRiskEngine: true, hasLogAnchor: true });
  expect(described.sort()).toEqual(jobs.map(({ name }) => name).sort());
});

const document = `# Operations

## What fails

| failure | tests |
| --- | --- |
| The port is taken | \`port.test.ts\` |
| The moon falls | Not tested |

## Stopping

Tests: \`server/stop.test.ts\`.
`;
const files = ["apps/server/port.test.ts", "apps/server/stop.test.ts", "apps/worker/stop.test.ts"];

it.each([
  ["nothing", "", "", []],
  ["a row without a test", "`port.test.ts`", "of course", ["The row “The port is taken” names no test."]],
  [
    "a section without a test",
    "Tests: `server/stop.test.ts`.",
    "It stops.",
    ["The section “Stopping” names no test."],
  ],
  ["a test that is not there", "port.test.ts", "ports.test.ts", ["There is no test ports.test.ts."]],
  ["a part of a name", "`port.test.ts`", "`ort.test.ts`", ["There is no test ort.test.ts."]],
])("finds %s", (_what, from, to, problems) => {
  expect(findUnprovenPromises(document.replace(from, to), files)).toEqual(problems);
});
