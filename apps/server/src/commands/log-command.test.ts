import { expect, it } from "vitest";
import { logCommand, parseLogCommand } from "./log-command.ts";
import { UsageError } from "./usage-error.ts";

it.each(["verify", "rotate-key"] as const)("understands %s, and asks only before a change", (name) => {
  const command = parseLogCommand([name]);
  expect(command).toEqual({ name });
  expect(logCommand.isChange({ name })).toBe(name === "rotate-key");
});

it.each(["--help", "-h", "verify --help"])("shows how it is used with %s", (line) => {
  expect(parseLogCommand(line.split(" "))).toBe("help");
});

it.each([
  ["", "Say what to do"],
  ["delete", "There is no command delete"],
  ["verify all", "What is all for?"],
  ["verify --all", "--all"],
])("refuses '%s' and says why", (line, message) => {
  const parse = () => parseLogCommand(line.split(" ").filter((word) => word !== ""));
  expect(parse).toThrow(UsageError);
  expect(parse).toThrow(message);
});
