import { expect } from "vitest";

/** A refusal is a message for people: no stack, no file of ours. */
export function expectPlainMessage(output: string): void {
  expect(output).not.toMatch(/\n\s+at |\.ts\b|node:internal|ECONN|Error:/);
}
