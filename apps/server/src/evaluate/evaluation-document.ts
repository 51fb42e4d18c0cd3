import { access, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { UsageError } from "../commands/usage-error.ts";
import { evaluationIntroduction } from "./evaluation-introduction.ts";
import { evaluationTitle, formatFindings } from "./evaluation-text.ts";
import { isoDay } from "./iso-day.ts";
import type { Evaluation } from "./run-evaluation.ts";

const [firstLine = ""] = evaluationIntroduction.split("\n");

/**
 * The document that a report is to be written into, undefined when there is none yet.
 *
 * @throws UsageError when the file is not one of ours, or its folder does not exist
 */
export async function readEvaluationDocument(path: string): Promise<string | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text !== undefined && text !== "" && !text.startsWith(`${firstLine}\n`)) {
    throw new UsageError(
      `${path} was not written by this command and is left alone. Choose another --document.`,
    );
  }
  await access(dirname(path)).catch(() => {
    throw new UsageError(`There is no folder ${dirname(path)} for the document.`);
  });
  return text;
}

/**
 * The document with this evaluation's section added, or in place of the earlier one of the same file name, target,
 * column, cap and horizon. Sections are in alphabetical order, so that the order of runs does not matter.
 */
export function withEvaluation(document: string | undefined, evaluation: Evaluation): string {
  const sections = new Map(
    Array.from((document ?? "").matchAll(sectionPattern), ([, key = "", body = ""]) => [key, body]),
  );
  sections.set(keyOf(evaluation), sectionOf(evaluation));
  const sorted = [...sections].sort(([left], [right]) => byNumberAndName.compare(left, right));
  const blocks = sorted.map(
    ([key, body]) => `<!-- evaluation: ${key} -->\n\n${body.trim()}\n\n<!-- end of evaluation -->`,
  );
  return `${[evaluationIntroduction.trim(), ...blocks].join("\n\n")}\n`;
}

const sectionPattern = /<!-- evaluation: (.+?) -->\n([\s\S]*?)\n<!-- end of evaluation -->/g;
const byNumberAndName = new Intl.Collator("en", { numeric: true });

/** Without characters that could end the comment which it stands in. */
function keyOf(evaluation: Evaluation): string {
  return evaluationTitle(evaluation).replaceAll(/[<>]|--+/g, "_");
}

function sectionOf(evaluation: Evaluation): string {
  const title = evaluationTitle(evaluation);
  return `## ${title}\n\n\`${commandOf(evaluation)}\`\n\n${formatFindings(evaluation, "markdown")}`;
}

function commandOf(evaluation: Evaluation): string {
  const { file, target, column, days, until } = evaluation;
  const end = until === undefined ? "" : ` --until ${isoDay(until)}`;
  const command = `pnpm evaluate --data ${file.name} --target ${target} --column ${column} --days ${days}${end}`;
  if (target === "illiquidity") return command;
  const { report, others, cap } = evaluation;
  const horizon = others.length > 0 ? "" : ` --horizon ${report.horizon}`;
  return `${command} --cap ${cap}${horizon}${report.ablations.length > 0 ? " --ablations" : ""}`;
}
