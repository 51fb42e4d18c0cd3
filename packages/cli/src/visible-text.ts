/**
 * What comes from a service, as a terminal may have it: with a space for each character that could steer it (ESC, and those of C1, which some
 * terminals take for sequences), or turn the direction of text. Line breaks stay.
 */
export function visibleText(text: string): string {
  return text.replaceAll(steering, " ");
}

/** A value as JSON in which such characters are escapes, so that it says the same. JSON itself escapes only those before the space. */
export function visibleJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replaceAll(
    steering,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** All of them are one UTF-16 unit. */
const steering = /[^\P{Cc}\n]|\p{Bidi_Control}|[\u2028\u2029]/gu;
