import { describe, expect, it } from "vitest";
import { UsageError } from "../commands/usage-error.ts";
import { evaluateUsage, parseEvaluateCommand } from "./parse-evaluate-command.ts";

const parse = (line: string) => parseEvaluateCommand(line.split(" ").filter((part) => part !== ""));

describe("a command line", () => {
  it("needs nothing but a file", () => {
    expect(parse("--data history.csv")).toEqual({
      data: "history.csv",
      target: "yield",
      advice: false,
      every: undefined,
      column: undefined,
      horizons: [7, 30],
      cap: 500,
      days: undefined,
      until: undefined,
      ablations: false,
      output: "text",
      document: undefined,
    });
  });

  it("says everything else, too, also after the -- of old habits", () => {
    const options =
      "--data h --target risk --column apyBase --horizon 14 --cap 99.5 --days 60 --until 2025-06-30 --ablations --json --document d.md";
    const command = {
      data: "h",
      target: "risk",
      advice: false,
      column: "apyBase",
      horizons: [14],
      cap: 99.5,
      days: 60,
      until: 20_269,
      ablations: true,
      output: "json",
      document: "d.md",
    };
    expect(parse(options)).toEqual(command);
    expect(parse(`-- ${options}`)).toEqual(command);
  });

  it("asks for one horizon when it names it, be it the usual one", () => {
    expect(parse("--data h --horizon 7")).toMatchObject({ horizons: [7] });
  });

  it("follows suggestions instead of forecasts when asked to", () => {
    expect(parse("--data h --advice --every 3 --hold 30 --json")).toMatchObject({
      advice: true,
      every: 3,
      hold: 30,
      output: "json",
    });
  });

  it("asks for help", () => {
    expect(parse("--help")).toBe("help");
    for (const option of evaluateUsage.matchAll(/^ +(--[\w-]+)/gm)) {
      // Refused for its value, or taken; not unknown.
      expect(() => parse(`${option[1]}=x --help`)).not.toThrow(/Unknown/);
    }
  });

  it.each([
    ["", "--data"],
    ["--data", "--data"],
    ["--data=", "--data"],
    ["history.csv", "history.csv"],
    ["--data h --target income", "yield or risk or illiquidity"],
    ["--data h --column tvlUsd", "apy or apyBase"],
    ["--data h --horizon 0", "1 to 365"],
    ["--data h --horizon 366", "1 to 365"],
    ["--data h --horizon 7.5", "whole number"],
    ["--data h --horizon week", "whole number"],
    ["--data h --days 13", "14 to 3650"],
    ["--data h --until 2025-02-30", "--until"],
    ["--data h --until tomorrow", "--until"],
    ["--data h --target illiquidity --ablations", "--ablations"],
    ["--data h --cap 0", "--cap"],
    ["--data h --cap=-5", "--cap"],
    ["--data h --cap Infinity", "--cap"],
    ["--data h --json --markdown", "one of"],
    ["--data h --target illiquidity --horizon 7", "14 days"],
    ["--data h --hold 30", "--every and --hold are of --advice"],
    ["--data h --advice --hold 0", "1 to 365"],
    ["--data h --verbose", "--verbose"],
  ])("is refused as %j", (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });
});
