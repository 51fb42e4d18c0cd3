import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { repository } from "./ops-files.ts";

const run = promisify(execFile);
const folder = `${repository}ops/prometheus`;

/** Of Debian's packages `prometheus` and `prometheus-alertmanager`. */
async function isInstalled(tool: string): Promise<boolean> {
  return run(tool, ["--version"]).then(
    () => true,
    () => false,
  );
}

it("has rules that fire when they should and only then, by promtool", async ({ skip }) => {
  if (!(await isInstalled("promtool"))) skip("promtool is missing: apt-get install prometheus");
  await run("promtool", ["check", "config", "prometheus.yml"], { cwd: folder });
  const { stdout, stderr } = await run("promtool", ["test", "rules", "rules.test.yml"], { cwd: folder });
  expect(`${stdout}${stderr}`).toContain("SUCCESS");
});

it("has a configuration of Alertmanager that amtool takes", async ({ skip }) => {
  if (!(await isInstalled("amtool"))) skip("amtool is missing: apt-get install prometheus-alertmanager");
  const { stdout } = await run("amtool", ["check-config", `${repository}ops/alertmanager/alertmanager.yml`]);
  expect(stdout).toContain("SUCCESS");
});
