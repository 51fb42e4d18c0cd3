import { expect, it } from "vitest";
import { readRepositoryFile } from "./ops-files.ts";

/** As forges make them of headings. */
function anchorsOf(markdown: string): Set<string> {
  const headings = markdown.match(/^#+ .*$/gm) ?? [];
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/^#+ /, "")
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
}

it("leads from every alert to a runbook that is there", () => {
  const rules = readRepositoryFile("ops/prometheus/rules.yml");
  const alerts = [...rules.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name]) => name);
  const links = [...rules.matchAll(/^ +runbook_url: docs\/operations\.md#(\S+)$/gm)].map(
    ([, anchor]) => anchor,
  );
  expect(links).toHaveLength(alerts.length);
  const anchors = anchorsOf(readRepositoryFile("docs/operations.md"));
  expect(links.filter((link) => link === undefined || !anchors.has(link))).toEqual([]);
});

it("has a test of every alert that it fires", () => {
  const rules = readRepositoryFile("ops/prometheus/rules.yml");
  const tests = readRepositoryFile("ops/prometheus/rules.test.yml");
  const alerts = [...rules.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name]) => name);
  const fired = alerts.filter((name) =>
    new RegExp(`alertname: ${name}\\n +eval_time: \\S+\\n +exp_alerts:\\n`).test(tests),
  );
  expect(fired).toEqual(alerts);
});
