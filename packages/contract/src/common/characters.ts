import { z } from "zod";

/*
 * Lengths count characters, as JSON Schema and people do, and not the units of UTF-16, of which an emoji has two: what the
 * published schema lets through is taken.
 */

/** Any text of so many characters, without halves of one. */
export function characters(min: number, max: number) {
  return z
    .string()
    .refine((text) => countCharacters(text) >= min, `use at least ${min} characters`)
    .refine((text) => countCharacters(text) <= max, `use at most ${max} characters`)
    .refine((text) => text.isWellFormed(), "leave out broken characters")
    .meta({ minLength: min, maxLength: max });
}

/**
 * One line of text in any script, without spaces around it. Published with a pattern that every dialect reads alike: none knows
 * the Unicode properties of all others.
 */
export function lineOfText(max: number) {
  return z
    .string()
    .trim()
    .min(1, "is empty")
    .refine((text) => countCharacters(text) <= max, `use at most ${max} characters`)
    .refine(
      (text) => controlFree.test(text) && text.isWellFormed(),
      "leave out control characters and broken ones",
    )
    .refine(
      (text) => !disguising.test(text),
      "leave out line separators and characters that turn the direction of text",
    )
    .meta({ maxLength: max, pattern: controlFree.source });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: to keep them out.
const controlFree = /^[^\x00-\x1f\x7f-\x9f]*$/;

/**
 * Line separators, and the characters that turn the direction of what follows them, also in the mail or on the page around a name
 * (Unicode Technical Report 36, 2.4). Names in scripts from right to left need none. Not in the published pattern, since dialects write them differently.
 */
const disguising = /[\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

function countCharacters(text: string): number {
  return [...text].length;
}
