import { gunzipSync } from "node:zlib";
import { getArtefact, getLogFile } from "@obsqra/features";
import { createTestApi, writeWholeLog } from "@obsqra/features/testing";
import { parseEntryBundle } from "@obsqra/receipts";
import { type Content, firstSecretKey, vkeyOf } from "./forged-log.ts";

/** The forecasts that a real service has logged, in two batches, signed with a key of the test: what an attacker starts from. */
export interface HonestLog {
  readonly entries: Content[];
  readonly batches: [Content, Content[]][];
  readonly start: Content[];
  /** The files that they were made from. */
  readonly artefacts: ReadonlyMap<string, Uint8Array>;
}

/** Makes forecasts, and reads what was logged of them. */
export async function makeHonestLog(): Promise<HonestLog> {
  await using api = await createTestApi({ withForecasts: true });
  await writeWholeLog(api);
  const checkpoint = await getLogFile(api.deps, "checkpoint");
  const size = Number(String(checkpoint?.content).split("\n")[1]);
  const bundle = await getLogFile(api.deps, `tile/entries/000.p/${size}`);
  const [, ...logged] = parseEntryBundle(bundle?.content as Uint8Array).map(
    (entry): Content => JSON.parse(Buffer.from(entry).toString()),
  );
  const start = [
    {
      type: "log_key",
      verifier_key: vkeyOf(firstSecretKey),
      previous: null,
      logged_at: logged[0]?.logged_at,
    },
    ...logged.filter(({ type }) => type === "snapshot"),
  ];
  const batches = logged
    .filter(({ type }) => type === "batch")
    .map((manifest): [Content, Content[]] => [manifest, logged.filter(({ batch }) => batch === manifest.id)]);
  const entries = [...start, ...batches.flatMap(([manifest, forecasts]) => [manifest, ...forecasts])];
  const artefacts = new Map<string, Uint8Array>();
  for (const [manifest] of batches) {
    for (const sha256 of hashesIn(manifest)) await addArtefact(api.deps, sha256, artefacts);
  }
  return { start, batches: batches as [Content, Content[]][], entries, artefacts };
}

/** Adds a published file, and those that it names. */
async function addArtefact(
  deps: Parameters<typeof getArtefact>[0],
  sha256: string,
  artefacts: Map<string, Uint8Array>,
): Promise<void> {
  const found = artefacts.has(sha256) ? undefined : await getArtefact(deps, sha256);
  if (found === undefined) return;
  const content = found.isCompressed ? gunzipSync(found.content) : found.content;
  artefacts.set(sha256, content);
  if (found.type !== "application/json") return;
  for (const named of hashesIn(JSON.parse(Buffer.from(content).toString()))) {
    await addArtefact(deps, named, artefacts);
  }
}

const hashesIn = (content: object) => JSON.stringify(content).match(/\b[0-9a-f]{64}\b/g) ?? [];
