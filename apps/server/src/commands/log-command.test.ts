import { expect, it } from "vitest";
import { anchorCalldata, logCommand, parseLogCommand } from "./log-command.ts";
import { UsageError } from "./usage-error.ts";

it.each(["verify", "anchor", "rotate-key"] as const)(
  "understands %s, and asks only before a change",
  (name) => {
    const command = parseLogCommand([name]);
    expect(command).toEqual({ name });
    expect(logCommand.isChange({ name })).toBe(name === "rotate-key");
  },
);

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

it("writes a checkpoint as the contract takes it: how many entries, and the lower half of the root first", () => {
  const root = Buffer.concat([Buffer.alloc(15), Buffer.of(1), Buffer.alloc(15), Buffer.of(0xab)]);
  const note = `localhost:8000/log\n258\n${root.toString("base64")}\n\n\u2014 localhost:8000/log AAAAAAAA\n`;
  expect(anchorCalldata(note)).toEqual(["0x102", "0xab", "0x1"]);
});
