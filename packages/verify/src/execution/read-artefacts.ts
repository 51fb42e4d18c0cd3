import {
  type LoadedModel,
  loadModel,
  type MarketSeries,
  panelSha256,
  readPanel,
  sha256Hex,
} from "@obsqra/ml/forecast";
import { expectThat } from "../check.ts";
import { readBytes } from "../read-log.ts";
import type { Fetch } from "../verify-options.ts";

/** Where the files are that a forecast was made from. */
export interface ArtefactPlace {
  /** Below which each is at its hash. */
  readonly url: string;
  readonly fetch: Fetch;
}

/** Far more than a model or a month of market data has. */
const artefactBytesMax = 128 * 1_048_576;
const requestsAtOnce = 8;

/**
 * Reads a model's file, and compares it with its hash.
 *
 * @throws Mismatch when it cannot be read or is another; MlError when it is no model
 */
export async function readModel(
  { version, sha256 }: { readonly version: string; readonly sha256: string },
  place: ArtefactPlace,
): Promise<LoadedModel> {
  return loadModel({ version, artefact: await readArtefact(sha256, place) });
}

/**
 * Reads market data, and compares each part and the whole with their hashes.
 *
 * @throws Mismatch when it cannot be read or is another; MlError when it is none
 */
export async function readMarketData(
  { snapshot, panel }: { readonly snapshot: string; readonly panel: string },
  place: ArtefactPlace,
): Promise<MarketSeries[]> {
  const readText = async (sha256: string) => new TextDecoder().decode(await readArtefact(sha256, place));
  const markets = await readPanel(await readText(snapshot), readText, { atOnce: requestsAtOnce });
  const found = panelSha256(markets);
  expectThat(found === panel, `The published market data has the hash ${found}, and ${panel} was committed.`);
  return markets;
}

/** Reads a published file, and compares it with its hash. @throws Mismatch when it cannot be read or is another */
export async function readArtefact(sha256: string, { url, fetch }: ArtefactPlace): Promise<Uint8Array> {
  expectThat(/^[0-9a-f]{64}$/.test(sha256), `${sha256} is no hash.`);
  const bytes = await readBytes(`${url}/${sha256}`, artefactBytesMax, fetch);
  const found = sha256Hex(bytes);
  expectThat(found === sha256, `The file that is published as ${sha256} has the hash ${found}.`);
  return bytes;
}
