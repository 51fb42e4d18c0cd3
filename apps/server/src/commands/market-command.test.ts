import { marketFileColumnNames, marketFileColumns } from "@obsqra/market";
import { expect, it } from "vitest";
import { marketCommand, parseMarketCommand } from "./market-command.ts";
import { UsageError } from "./usage-error.ts";

it("understands check FILE, and shows how it is used", () => {
  expect(parseMarketCommand(["check", "history.csv"])).toEqual({ name: "check", path: "history.csv" });
  expect(parseMarketCommand(["check", "--help"])).toBe("help");
});

it.each([
  ["", "Say what to do"],
  ["verify history.csv", "There is no command verify"],
  ["check", "check needs a FILE"],
  ["check one.csv two.csv", "What is two.csv for?"],
  ["check history.csv --data", "--data"],
])("refuses %j", (line, reason) => {
  const parameters = line.split(" ").filter((word) => word !== "");
  expect(() => parseMarketCommand(parameters)).toThrow(UsageError);
  expect(() => parseMarketCommand(parameters)).toThrow(reason);
});

it("says in its help of each column what it is, and whether a file can do without", () => {
  for (const column of marketFileColumnNames) {
    const { meaning, without } = marketFileColumns[column];
    expect(marketCommand.usage).toContain(meaning);
    expect(marketCommand.usage).toContain(without ?? "Required.");
  }
});
