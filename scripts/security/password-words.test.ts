import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { assertGoodPassword } from "../../packages/features/src/accounts/passwords/password-rules.ts";

const owner = { email: "ada@example.org", full_name: "Ada" };

/** The paragraph after the sentence that announces the list. */
function listWords(): string[] {
  const document = readFileSync(new URL("../../docs/security.md", import.meta.url), "utf8");
  const [, words = ""] = /with digits and punctuation:\s+([\s\S]*?)\n\n/.exec(document) ?? [];
  return words.split(",").map((word) => word.trim());
}

it("refuses passwords made of the words that docs/security.md lists", () => {
  const words = listWords();
  expect(words.length).toBeGreaterThan(5);
  for (const word of words) {
    for (const password of [`${word}-2026!`, `${word}${word.toUpperCase()}1234`, `12345${word}obsqra`]) {
      expect(() => assertGoodPassword(password, owner), password).toThrow(
        expect.objectContaining({ code: "PASSWORD_REJECTED", details: { reason: "service_name" } }),
      );
    }
  }
});
