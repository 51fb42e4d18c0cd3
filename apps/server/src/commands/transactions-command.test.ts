import { expect, it } from "vitest";
import { parseTransactionsCommand } from "./transactions-command.ts";
import { UsageError } from "./usage-error.ts";

const id = "019bc186-de00-7000-8000-a19af8b2bbf6";

it.each([
  ["verify", "all"],
  ["verify Ada@Example.org", { email: "ada@example.org" }],
  [`verify ${id}`, { id }],
])("understands %s", (line, selection) => {
  expect(parseTransactionsCommand(line.split(" "))).toEqual({ name: "verify", selection });
});

it.each(["--help", "-h", "verify --help"])("shows how it is used with %s", (line) => {
  expect(parseTransactionsCommand(line.split(" "))).toBe("help");
});

it.each([
  ["", "Say what to do"],
  ["delete", "There is no command delete"],
  ["verify ada", "ada is neither an email address nor the id of a user"],
  ["verify ada@example.org eve@example.org", "What is eve@example.org for?"],
  ["verify --all", "--all"],
])("refuses '%s' and says why", (line, message) => {
  const parse = () => parseTransactionsCommand(line.split(" ").filter((word) => word !== ""));
  expect(parse).toThrow(UsageError);
  expect(parse).toThrow(message);
});
