import type { EmailContent } from "./email-content.ts";

/** The plain text form, which is complete: nothing is said in HTML only. */
export function renderText({ subject, paragraphs, facts, action, otherwise, choices }: EmailContent): string {
  const blocks = [subject, ...paragraphs];
  if (facts !== undefined) blocks.push(facts.map(([name, value]) => `${name}: ${value}`).join("\n"));
  if (action !== undefined) blocks.push(`${action.label}:\n${action.url}`, linkAdvice);
  blocks.push(otherwise);
  if (choices !== undefined) {
    blocks.push(`${preferencesLabel}:\n${choices.preferencesUrl}`);
    blocks.push(`${unsubscribeLabel}:\n${choices.unsubscribeUrl}`);
  }
  blocks.push(choices === undefined ? signature : alertSignature);
  return `${blocks.join("\n\n")}\n`;
}

export const linkAdvice = "The link works once and for a limited time. Give it to nobody.";
export const preferencesLabel = "Choose what you are told";
export const unsubscribeLabel = "Switch these mails off";
export const alertSignature =
  "This mail was sent by Obsqra, because alerts by email are switched on in your preferences. Nobody reads replies.";
export const signature =
  "This mail was sent by Obsqra, about the security of an account. Nobody reads replies.";
