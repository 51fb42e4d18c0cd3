/** What of a CycloneDX document is looked at here. */
interface Component {
  readonly "bom-ref": string;
  readonly externalReferences?: readonly { readonly hashes?: readonly { readonly alg: string }[] }[];
}
interface Dependency {
  readonly ref: string;
  readonly dependsOn?: readonly string[];
}
interface BillOfMaterials {
  readonly serialNumber?: string;
  readonly metadata: { readonly timestamp?: string };
  readonly components: readonly Component[];
  readonly dependencies: readonly Dependency[];
}

/** The packages of this repository: what is in them is what is committed. */
const ours = /^pkg:npm\/(%40obsqra\/|obsqra@)/;

/**
 * Rewrites what `pnpm sbom` prints so that the same lockfile always gives the same bytes: without the moment and the random
 * serial number (both optional in CycloneDX 1.7), and sorted.
 *
 * @throws Error naming the packages whose content has no hash: those could be replaced without a trace
 */
export function normaliseBill(printed: string): string {
  const { serialNumber: _, ...bill } = JSON.parse(printed) as BillOfMaterials;
  const { timestamp: __, ...metadata } = bill.metadata;
  const unpinned = bill.components
    .filter((component) => !hasHash(component))
    .map((c) => c["bom-ref"])
    .filter((ref) => !ours.test(ref));
  if (unpinned.length > 0) throw new Error(`The lockfile has no hash of ${unpinned.join(", ")}.`);
  const components = bill.components.toSorted((a, b) => compare(a["bom-ref"], b["bom-ref"]));
  // What the packages of the workspace need comes out differently each time (pnpm 12.21.0); their package.json tell it.
  const dependencies = bill.dependencies
    .filter(({ ref }) => !ours.test(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.toSorted(compare) }))
    .toSorted((a, b) => compare(a.ref, b.ref));
  return `${JSON.stringify({ ...bill, metadata, components, dependencies }, undefined, 1)}\n`;
}

function hasHash({ externalReferences = [] }: Component): boolean {
  return externalReferences.some(({ hashes = [] }) => hashes.some(({ alg }) => alg === "SHA-512"));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
