import { listModelFiles } from "./models.queries.ts";
import { type ModelsDependencies, readArtefact } from "./models.service.ts";

/**
 * Reads the file of every model, and compares it with its hash.
 *
 * @returns how many there are
 * @throws Error when a file is not the one that was stored
 */
export async function verifyModelFiles(deps: Pick<ModelsDependencies, "db">): Promise<number> {
  const files = await listModelFiles(deps.db);
  for (const file of files) await readArtefact(deps, file);
  return files.length;
}
