import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseCheck, runScript } from "./command-line.ts";
import { normaliseBill } from "./supply-chain/bill-of-materials.ts";
import { findUnpinnedImages } from "./supply-chain/images.ts";
import { findForeignLicences, type PackagesByLicence } from "./supply-chain/licences.ts";

const billPath = "sbom.cdx.json";
const help = `Writes the bill of materials (${billPath}, CycloneDX) of what the server and the client are passed on with, and checks
the licences of all packages and that every container image has a digest.

Usage: pnpm supply-chain [--check]

  --check  write nothing; exit with 1 if the bill of materials is not up to date
  --help   show this text
`;

process.exitCode = await runScript({ help, parse: parseCheck, run });

async function run({ isCheck }: { readonly isCheck: boolean }): Promise<number> {
  const served = listLicences("--prod");
  const bill = normaliseBill(
    pnpm("sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application", "--prod", "--lockfile-only"),
    served,
  );
  const isOutdated = readText(billPath) !== bill;
  if (isOutdated && !isCheck) {
    writeFileSync(locate(billPath), bill);
    process.stdout.write(`Written: ${billPath}\n`);
  }
  const problems = [
    ...(isOutdated && isCheck ? [`${billPath} is not up to date: run \`pnpm supply-chain\``] : []),
    ...findForeignLicences(served, "served"),
    ...findForeignLicences(listLicences("--dev"), "tools"),
    ...["Dockerfile", "docker-compose.yml"].flatMap((file) => findUnpinnedImages(file, readText(file) ?? "")),
  ];
  if (problems.length > 0) {
    process.stderr.write(`The supply chain does not hold:\n${problems.join("\n")}\n`);
    return 1;
  }
  process.stdout.write("Every package has a hash and a licence on the list; every image has a digest.\n");
  return 0;
}

function listLicences(use: "--prod" | "--dev"): PackagesByLicence {
  return JSON.parse(pnpm("licenses", "list", "--recursive", "--json", use)) as PackagesByLicence;
}

/** The pnpm that runs this script is on the path. */
function pnpm(...parameters: string[]): string {
  return execFileSync("pnpm", parameters, {
    cwd: locate("."),
    encoding: "utf8",
    shell: process.platform === "win32",
    maxBuffer: 1e8,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function readText(path: string): string | undefined {
  // Git may check files out with CRLF on Windows.
  return existsSync(locate(path)) ? readFileSync(locate(path), "utf8").replaceAll("\r\n", "\n") : undefined;
}

function locate(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
