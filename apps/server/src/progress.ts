/** Tells a person in the terminal what is going on. */
export interface Console {
  line(text: string): void;
  /** Starts a long step; the returned function is told the share of it that is done, 0 to 1. */
  step(name: string): (fraction: number) => void;
}

/** Writes a line per quarter of a step, which reads well in a terminal and in a log file. */
export function createConsole(write: (text: string) => void): Console {
  const line = (text: string) => write(`${text}\n`);
  return {
    line,
    step: (name) => {
      let shown = -1;
      const report = (fraction: number) => {
        const quarter = Math.floor(fraction * 4);
        if (quarter <= shown) return;
        shown = quarter;
        line(`${name} … ${quarter * 25} %`);
      };
      report(0);
      return report;
    },
  };
}
