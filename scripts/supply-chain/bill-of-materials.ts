import type { PackagesByLicence } from "./licences.ts";

/** What of a CycloneDX document is looked at here. */
interface Component {
  readonly "bom-ref": string;
  readonly name: string;
  readonly group?: string;
  readonly version: string;
  readonly externalReferences?: readonly { readonly hashes?: readonly { readonly alg: string }[] }[];
}
interface Dependency {
  readonly ref: string;
  readonly dependsOn?: readonly string[];
}
interface BillOfMaterials {
  readonly serialNumber?: string;
  readonly metadata: { readonly timestamp?: string; readonly tools?: unknown };
  readonly components: readonly Component[];
  readonly dependencies: readonly Dependency[];
}

/** The packages of this repository: what is in them is what is committed, under its licence. */
const ours = /^pkg:npm\/(%40obsqra\/|obsqra@)/;
const ourLicence = "MIT";

/**
 * Rewrites what `pnpm sbom` prints so that the same lockfile always gives the same bytes: without the moment, the version of pnpm, which is
 * whatever `npx` gives, and the random serial number (all optional in CycloneDX 1.7), and sorted; and adds each package's licence, which no lockfile has.
 *
 * @param licences what the packages that are installed declare
 * @throws Error naming the packages whose content has no hash: those could be replaced without a trace; or whose licence is not
 * known
 */
export function normaliseBill(printed: string, licences: PackagesByLicence): string {
  const { serialNumber: _, ...bill } = JSON.parse(printed) as BillOfMaterials;
  const { timestamp: __, tools: ___, ...metadata } = bill.metadata;
  const unpinned = bill.components
    .filter((component) => !hasHash(component))
    .map((c) => c["bom-ref"])
    .filter((ref) => !ours.test(ref));
  if (unpinned.length > 0) throw new Error(`The lockfile has no hash of ${unpinned.join(", ")}.`);
  const licenceOf = createLicenceReader(bill, licences);
  const components = bill.components
    .map((component) => ({ ...component, licenses: [toLicence(licenceOf(component))] }))
    .toSorted((a, b) => compare(a["bom-ref"], b["bom-ref"]));
  // What the packages of the workspace need comes out differently each time (pnpm 12.21.0); their package.json tell it.
  const dependencies = bill.dependencies
    .filter(({ ref }) => !ours.test(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.toSorted(compare) }))
    .toSorted((a, b) => compare(a.ref, b.ref));
  return `${JSON.stringify({ ...bill, metadata, components, dependencies }, undefined, 1)}\n`;
}

/**
 * Reads the licence of a package that is installed; builds for other platforms are not, and are passed on under that of the package
 * that chooses among them.
 */
function createLicenceReader({ components, dependencies }: BillOfMaterials, licences: PackagesByLicence) {
  const declared = new Map(
    Object.entries(licences).flatMap(([licence, group]) =>
      group.flatMap(({ name, versions }) =>
        versions.map((version) => [`${name}@${version}`, licence] as const),
      ),
    ),
  );
  const byRef = new Map(components.map((component) => [component["bom-ref"], component]));
  const own = ({ "bom-ref": ref, group, name, version }: Component) =>
    ours.test(ref) ? ourLicence : declared.get(`${group === undefined ? "" : `${group}/`}${name}@${version}`);
  return (component: Component): string => {
    const users = dependencies.filter(({ dependsOn = [] }) => dependsOn.includes(component["bom-ref"]));
    const theirs = users.flatMap(({ ref }) => byRef.get(ref) ?? []).flatMap((user) => own(user) ?? []);
    const licence = own(component) ?? (new Set(theirs).size === 1 ? theirs[0] : undefined);
    if (licence === undefined) throw new Error(`The licence of ${component["bom-ref"]} is not known.`);
    return licence;
  };
}

/** One licence by its name in SPDX, or an expression of several. */
function toLicence(licence: string): object {
  return /\s/.test(licence) ? { expression: licence } : { license: { id: licence } };
}

function hasHash({ externalReferences = [] }: Component): boolean {
  return externalReferences.some(({ hashes = [] }) => hashes.some(({ alg }) => alg === "SHA-512"));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
