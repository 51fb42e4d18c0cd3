/** Where progress is shown: standard error. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): void;
}

/** Shows how far a long piece of work has come. */
export interface ProgressLine {
  /** @param fraction the share of the work done, 0 to 1; what is smaller than before is taken for as much as before */
  update(fraction: number, step: string): void;
  /** Writes a line of text that stays. */
  line(text: string): void;
  /** Leaves the cursor at the start of a line. */
  end(): void;
}

/** In a terminal one line that changes; in a log file a line per tenth of the work. */
export function createProgressLine(output: ProgressOutput): ProgressLine {
  const isTerminal = output.isTTY === true;
  let furthest = 0;
  let shown = "";
  let isOpen = false;

  function end(): void {
    if (isOpen) output.write("\n");
    isOpen = false;
  }

  return {
    update(fraction, step) {
      furthest = Math.max(furthest, fraction);
      const percent = Math.floor(furthest * (isTerminal ? 100 : 10)) * (isTerminal ? 1 : 10);
      const text = `${String(percent).padStart(3)} %  ${step}`;
      if (text === shown || (!isTerminal && shown.startsWith(text.slice(0, 5)))) return;
      shown = text;
      // "\r" goes back to the start of the line, and the sequence clears what was there.
      output.write(isTerminal ? `\r\u001b[2K${text}` : `${text}\n`);
      isOpen = isTerminal;
    },
    line(text) {
      end();
      output.write(`${text}\n`);
    },
    end,
  };
}
