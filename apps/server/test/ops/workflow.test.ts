import { globSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { readRepositoryFile, repository } from "./ops-files.ts";

const workflow = z.looseObject({
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.looseObject({
      container: z.string(),
      "timeout-minutes": z.int(),
      steps: z.array(z.looseObject({ uses: z.string().optional(), run: z.string().optional() })),
    }),
  ),
});
const files = globSync(".github/workflows/*.yml", { cwd: repository });

it.each(files)("%s runs what everybody runs, from hashes, and may only read", (file) => {
  const { on, permissions, jobs } = workflow.parse(parse(readRepositoryFile(file)));
  expect(permissions).toEqual({ contents: "read" });
  // It would run what strangers send, with the rights of the repository.
  expect(Object.keys(on)).not.toContain("pull_request_target");
  const image = /^FROM (node:\S+)/m.exec(readRepositoryFile("Dockerfile"))?.[1];
  for (const { container, steps } of Object.values(jobs)) {
    expect(container).toBe(image);
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^[\w/-]+@[0-9a-f]{40}$/);
    expect(steps.map(({ run }) => run)).toContain("bash .ci/run");
  }
});

it("has a workflow", () => {
  expect(files).toEqual([".github/workflows/check.yml"]);
});
