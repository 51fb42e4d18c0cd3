import { contractSha256, type ServiceVersion } from "@obsqra/contract";
import manifest from "../../package.json" with { type: "json" };

/** What is running: the same answer from every process of a version. */
export function getVersion(): ServiceVersion {
  return { version: manifest.version, api: "v1", contract_sha256: contractSha256 };
}
