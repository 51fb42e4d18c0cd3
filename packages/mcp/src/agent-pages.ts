import { type AgentPage, agentPages } from "@obsqra/contract";
import { toMarkdown } from "./markdown.ts";

/** Calls an endpoint of the contract; `path` as tRPC spells it. */
export type CallEndpoint = (path: string, input: unknown) => Promise<unknown>;

/** A page with the fields that its address has. */
export interface FoundPage {
  readonly page: AgentPage;
  readonly fields: Readonly<Record<string, string>>;
}

/** Which page an address is of. */
export function findPage(uri: string): FoundPage | undefined {
  for (const page of agentPages) {
    const names = fieldsOf(page);
    // No address of ours has a character that a pattern reads otherwise.
    const pattern = page.uri.replaceAll(/\{\w+\}/g, "([^/?#]+)");
    const match = new RegExp(`^${pattern}$`).exec(uri);
    if (match === null) continue;
    const values = match.slice(1).map(decode);
    if (values.includes(undefined)) return undefined;
    return { page, fields: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""])) };
  }
  return undefined;
}

/** Whether an address has fields: then there are as many pages as values. */
export function isTemplate(page: AgentPage): boolean {
  return fieldsOf(page).length > 0;
}

/** A page's calls one after the other, under their headings. */
export async function readPage({ page, fields }: FoundPage, call: CallEndpoint): Promise<string> {
  const named = Object.values(fields).join(", ");
  const sections = [`# ${page.title}${named && `: ${JSON.stringify(named)}`}`, page.description];
  for (const { heading, path, input } of page.parts) {
    sections.push(`## ${heading}`, toMarkdown(await call(path, { ...input, ...fields })));
  }
  return `${sections.join("\n\n")}\n`;
}

function fieldsOf({ uri }: AgentPage): string[] {
  return [...uri.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
