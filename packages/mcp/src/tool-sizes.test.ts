import { expect, it } from "vitest";
import { createAgentTools } from "./agent-tools.ts";

const tools = Array.from(createAgentTools().values(), ({ definition }) => definition);

it("lists tools so that a model has room for them: what it is asked to choose from takes some 10,000 tokens at most", () => {
  const chosenFrom = tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  expect(JSON.stringify(chosenFrom).length).toBeLessThan(40_000);
  expect(JSON.stringify(tools).length).toBeLessThan(190_000);
});

it("says what units figures have, and nothing about how they are rounded", () => {
  const text = JSON.stringify(tools.map(({ outputSchema }) => outputSchema));
  expect(text).toContain('"x-unit":"percent a year"');
  expect(text).not.toMatch(
    /"(?:x-decimals|x-figure|pattern|minimum|additionalProperties":false|default":null)/,
  );
});
