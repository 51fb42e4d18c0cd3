import { contractSha256, type ServiceVersion } from "@obsqra/contract";
import manifest from "../../package.json" with { type: "json" };

/** What is running: the same from every process of a version. */
export async function getVersion(): Promise<ServiceVersion> {
  return { version: manifest.version, api: "v1", contract_sha256: contractSha256 };
}
