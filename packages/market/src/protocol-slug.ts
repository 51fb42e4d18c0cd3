/** Projects that DefiLlama lists separately although one protocol runs them, and one that is nobody's name. */
const protocolOfProject: ReadonlyMap<string, string> = new Map([
  ["nostra-money-market", "nostra"],
  ["nostra-pools", "nostra"],
  // In allocations this is what is in no protocol.
  ["unallocated", "unallocated-protocol"],
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

function slugOf(project: string): string {
  return project
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+/g, "")
    .slice(0, 64)
    .replaceAll(/-+$/g, "");
}
