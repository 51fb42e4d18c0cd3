import type { EmailContent } from "./email-content.ts";

/** The plain text form, which is complete: nothing is said in HTML only. */
export function renderText({ subject, paragraphs, facts, action, otherwise }: EmailContent): string {
  const blocks = [subject, ...paragraphs];
  if (facts !== undefined) blocks.push(facts.map(([name, value]) => `${name}: ${value}`).join("\n"));
  if (action !== undefined) blocks.push(`${action.label}:\n${action.url}`, linkAdvice);
  blocks.push(otherwise, signature);
  return `${blocks.join("\n\n")}\n`;
}

export const linkAdvice = "The link works once and for a limited time. Give it to nobody.";
export const signature =
  "This mail was sent by Obsqra, about the security of an account. Nobody reads replies.";
