/** Packages by the licence that they declare, as `pnpm licenses list --json` prints them. */
export type PackagesByLicence = Readonly<
  Record<string, readonly { readonly name: string; readonly versions: readonly string[] }[]>
>;

/** Licences that ask for notices at most, so that what is built with them can be passed on under MIT. */
const permissive = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "ISC",
  "Unlicense",
];
// The Open Font License lets fonts be bundled with software of any licence.
const served = new Set([...permissive, "MIT", "MIT-0", "OFL-1.1"]);

/** What only tests and tools use is not passed on: a copyleft by file, and Python's own licences, do no harm there. */
const tools = new Set([...served, "MPL-2.0", "PSF-2.0", "Python-2.0", "Zlib"]);

/**
 * Finds the packages whose licence is not on the list.
 *
 * @param use what is passed on with the server and the client, or what only tests and tools use
 * @returns a line for each
 */
export function findForeignLicences(packages: PackagesByLicence, use: "served" | "tools"): string[] {
  const allowed = use === "served" ? served : tools;
  return Object.entries(packages)
    .filter(([licence]) => !isAllowed(licence, allowed))
    .flatMap(([licence, group]) =>
      group.map(({ name, versions }) => `${name}@${versions.join(", ")} has the licence ${licence}`),
    );
}

/** An SPDX expression: `(MIT OR EUPL-1.1+)` leaves the choice, `(MIT AND Zlib)` asks for both; a mixture has to be on the list. */
function isAllowed(declared: string, allowed: ReadonlySet<string>): boolean {
  // Some write the operators in lower case.
  const expression = declared.replaceAll(/ (and|or) /g, (operator) => operator.toUpperCase());
  const licences = expression.replaceAll(/[()]/g, "").split(/\s+(?:OR|AND)\s+/);
  const isMixed = /\bAND\b/.test(expression) && /\bOR\b/.test(expression);
  if (isMixed) return allowed.has(expression);
  return /\bAND\b/.test(expression)
    ? licences.every((licence) => allowed.has(licence))
    : licences.some((licence) => allowed.has(licence));
}
