import type { MarketKind } from "./market-source.ts";

/** Projects that DefiLlama lists separately although one protocol runs them. */
const protocolOfProject: ReadonlyMap<string, string> = new Map([
  ["nostra-money-market", "nostra"],
  ["nostra-pools", "nostra"],
]);

/** Projects known to lend; what is not listed is taken for a DEX unless the data says otherwise. */
const lendingProjects: ReadonlySet<string> = new Set([
  "aave-v2",
  "aave-v3",
  "compound-v2",
  "compound-v3",
  "hashstack",
  "nostra",
  "nostra-money-market",
  "spark",
  "sparklend",
  "vesu",
  "zklend",
]);

/** The form of every protocol name. */
export const protocolSlugPattern = /^[a-z0-9][a-z0-9-]{0,63}$/;

/**
 * The protocol's slug for a project name: lower case, every run of other characters one hyphen, at most 64
 * characters; both of Nostra's projects become `nostra`. Undefined when nothing usable is left.
 */
export function protocolSlug(project: string): string | undefined {
  const slug = slugOf(project);
  return slug === "" ? undefined : (protocolOfProject.get(slug) ?? slug);
}

/** Whether a project lends, by a short list of names; otherwise it is taken for a DEX. */
export function marketKindOfProject(project: string): MarketKind {
  return lendingProjects.has(slugOf(project)) ? "lending" : "dex";
}

function slugOf(project: string): string {
  return project
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+/g, "")
    .slice(0, 64)
    .replaceAll(/-+$/g, "");
}
