import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readEvaluationDocument, withEvaluation } from "./evaluation-document.ts";
import { testEvaluation } from "./test-evaluation.ts";

describe("the document", () => {
  const evaluations = [testEvaluation("b.csv"), testEvaluation("a.csv"), testEvaluation("a.csv", 14)];

  it("holds a section for each evaluation, whatever order they come in", () => {
    const write = (sequence: typeof evaluations) =>
      sequence.reduce<string | undefined>(withEvaluation, undefined) ?? "";
    const document = write(evaluations);
    expect(document.match(/^## [ab]\.csv.*$/gm)).toEqual([
      "## a.csv: mean apy over the next 7 days, capped at ± 500 %",
      "## a.csv: mean apy over the next 14 days, capped at ± 500 %",
      "## b.csv: mean apy over the next 7 days, capped at ± 500 %",
    ]);
    expect(write(evaluations.toReversed())).toBe(document);
    expect(write([...evaluations, ...evaluations])).toBe(document);
  });

  it("replaces the section of the same evaluation, and restores what was edited by hand", () => {
    const first = withEvaluation(undefined, testEvaluation());
    const changed = testEvaluation();
    const again = { ...changed, file: { ...changed.file, sha256: "cd".repeat(32) } };
    const second = withEvaluation(first.replace("How it is measured", "Lies"), again);
    expect(second).toBe(withEvaluation(undefined, again));
  });

  it("has sections of their own for other test periods, and for a file that is read up to a day", () => {
    const document = [{ days: 60 }, { until: 20_100 }, {}].reduce<string | undefined>(
      (written, changed) => withEvaluation(written, { ...testEvaluation(), ...changed }),
      undefined,
    );
    const title = "## history.csv: mean apy over the next 7 days, capped at ± 500 %";
    expect(document?.split("\n").filter((line) => line.startsWith("## history"))).toEqual([
      title,
      `${title}, the last 60 days`,
      `${title}, until 2025-01-12`,
    ]);
    expect(document).toContain("--days 90 --until 2025-01-12 --cap 500 --ablations`");
  });

  it("survives any file name", () => {
    const odd = testEvaluation("--> <!-- x --.csv");
    const document = withEvaluation(undefined, odd);
    expect(withEvaluation(document, odd)).toBe(document);
  });

  it("is not written over a file of another kind", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-evaluation-"));
    const path = join(folder.path, "evaluation.md");
    expect(await readEvaluationDocument(path)).toBeUndefined();
    await writeFile(path, "# My thesis\n");
    await expect(readEvaluationDocument(path)).rejects.toThrow("left alone");
    await writeFile(path, withEvaluation(undefined, testEvaluation()));
    expect(await readEvaluationDocument(path)).toContain("## history.csv");
    await expect(readEvaluationDocument(join(path, "nosuch", "x.md"))).rejects.toThrow("no folder");
  });
});
