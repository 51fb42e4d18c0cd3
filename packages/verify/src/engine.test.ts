import { afterEach, beforeEach, expect, it } from "vitest";
import { UnsupportedEngineError } from "./engine.ts";
import { verifyTrackRecord } from "./record/verify-track-record.ts";
import { exitCodes, runCommand } from "./run-command.ts";
import { verifyForecast } from "./verify-forecast.ts";

const { groupBy } = Map;
beforeEach(() => void Reflect.deleteProperty(Map, "groupBy"));
afterEach(() => void Object.assign(Map, { groupBy }));

it("accuses nobody in an engine that is too old", async () => {
  await expect(verifyForecast({})).rejects.toThrow(UnsupportedEngineError);
  await expect(verifyTrackRecord({ url: "https://service.example" })).rejects.toThrow(UnsupportedEngineError);
});

it("ends the command with what to use instead", async () => {
  const written: string[] = [];
  const code = await runCommand(["https://service.example", "record"], {
    fetch: () => expect.fail("It was asked."),
    readFile: () => expect.fail("It was read."),
    write: () => expect.fail("It was answered."),
    complain: (text) => void written.push(text),
  });
  expect([code, written.join("")]).toEqual([exitCodes.notChecked, expect.stringContaining("Use Node 22")]);
});
