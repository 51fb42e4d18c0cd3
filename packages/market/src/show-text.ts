/**
 * The start of a text from outside, as a message shows it: in quotes, at most 40 characters, and with escapes for all that
 * cannot be seen or would take effect where it is shown.
 */
export function showText(text: string): string {
  const characters = [...text];
  const shown = characters.length > 40 ? `${characters.slice(0, 40).join("")}…` : text;
  return JSON.stringify(shown).replaceAll(
    hidden,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Controls, formats such as marks of direction, halves of characters, and separators of lines. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
