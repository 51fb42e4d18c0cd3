import { type Endpoint, isOperatorAccess, recentSessionMinutes } from "@obsqra/contract";

/** How long a text beside a name may be before an editor is given its beginning only. */
const hoverLength = 80;

/** How a text begins that says what each value means: `lending: …`, `paused or exploited: …`. */
const valueByValue = /^\w+(?:(?:, | or | and )\w+)*: /;

/**
 * What an editor shows beside a name: the beginning of a text, up to the end of a sentence or of a part of one. `…` says that the
 * reference has more, which is the text as a whole. What values mean is not cut: some of them would seem to be all.
 */
export function printHoverText(text: string): string {
  if (text.length <= hoverLength || valueByValue.test(text)) return text;
  const [ends, colons] = [/[.;](?= )/g, /:(?= )/g].map((mark) =>
    [...text.matchAll(mark)].map(({ index }) => index),
  );
  const isShort = (index: number) => index <= hoverLength;
  // A first part that is longer than that stays whole: half of it would say something else.
  const end = ends?.findLast(isShort) ?? colons?.findLast(isShort) ?? ends?.[0];
  return end === undefined ? text : `${text.slice(0, end)} …`;
}

/** Who may call a procedure, in as few words as that takes. */
export function printHoverAccess({
  access,
  closedAccess,
}: Pick<Endpoint, "access" | "closedAccess">): string {
  switch (access) {
    case "public":
      return closedAccess === undefined
        ? "Open to everyone."
        : `Open to everyone; where PUBLIC_READ=false, signed in or by a key with ${closedAccess}.`;
    case "session":
      return "Signed in, not by a key.";
    case "recent_session":
      return `Signed in within ${recentSessionMinutes} minutes, not by a key.`;
    default:
      return `${isOperatorAccess(access) ? "Operators, signed" : "Signed"} in or by a key with ${access}.`;
  }
}
