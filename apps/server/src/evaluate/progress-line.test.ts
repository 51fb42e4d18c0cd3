import { expect, it } from "vitest";
import { createProgressLine } from "./progress-line.ts";

function show(isTTY: boolean): string {
  let text = "";
  const progress = createProgressLine({
    isTTY,
    write: (more) => {
      text += more;
    },
  });
  progress.update(0, "reading");
  progress.line("3 rows read");
  for (const fraction of [0.05, 0.101, 0.102, 0.09, 0.35]) progress.update(fraction, "fitting");
  progress.update(0.35, "scoring");
  progress.update(1, "scoring");
  progress.end();
  progress.end();
  return text;
}

it("writes a line per tenth into a log", () => {
  expect(show(false)).toBe("  0 %  reading\n3 rows read\n 10 %  fitting\n 30 %  fitting\n100 %  scoring\n");
});

it("keeps one line of a terminal up to date, never going back, and ends it once", () => {
  const clear = "\r\u001b[2K";
  expect(show(true)).toBe(
    [
      `${clear}  0 %  reading\n3 rows read\n`,
      `${clear}  5 %  fitting`,
      `${clear} 10 %  fitting`,
      `${clear} 35 %  fitting`,
      `${clear} 35 %  scoring`,
      `${clear}100 %  scoring\n`,
    ].join(""),
  );
});
