import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deserialize, serialize } from "node:v8";
import { panelSha256, type TrainedModels, type TrainOptions, trainModels } from "@obsqra/ml";
import { riskScore } from "@obsqra/starknet";
import type { TrainModels } from "../predictions/models/model-work.ts";

const known = new Map<string, TrainedModels>();
const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** Trains for tests as {@link trainOnceWith} does: for 7 days ahead, tested on 30 days, from the seed 1. */
export const trainOnce: TrainModels = (panel) => trainOnceWith({})(panel);

/**
 * Trains on a panel the first time that any test process sees it. Training is deterministic, so the same panel, options and
 * sources always give the same models; they are kept beside the other caches of this checkout.
 */
export function trainOnceWith(
  options: Partial<Pick<TrainOptions, "horizonDays" | "backtestDays" | "seed">>,
): TrainModels {
  const { horizonDays = 7, backtestDays = 30, seed = 1 } = options;
  return async (panel) => {
    const name = [panelSha256(panel), horizonDays, backtestDays, seed].join("-");
    const models =
      known.get(name) ??
      readModels(name) ??
      trainModels(panel, { horizonDays, backtestDays, seed, scoreRisk: riskScore });
    if (!known.has(name)) keepModels(name, models);
    known.set(name, models);
    return models;
  };
}

function readModels(name: string): TrainedModels | undefined {
  try {
    return deserialize(readFileSync(`${findFolder()}/${name}`)) as TrainedModels;
  } catch {
    return undefined;
  }
}

function keepModels(name: string, models: TrainedModels): void {
  const part = `${findFolder()}/${name}.${process.pid}.part`;
  mkdirSync(findFolder(), { recursive: true });
  writeFileSync(part, serialize(models));
  renameSync(part, `${findFolder()}/${name}`);
}

let folder: string | undefined;

/** Another one as soon as anything changes that takes part in training. */
function findFolder(): string {
  folder ??= `${root}/node_modules/.cache/trained-for-tests/${hashOfSources()}`;
  return folder;
}

function hashOfSources(): string {
  const hash = createHash("sha256").update(process.version);
  const files = globSync("packages/{forest,ml,starknet}/src/**/*.ts", { cwd: root }).toSorted();
  for (const file of files) hash.update(file).update(readFileSync(`${root}/${file}`));
  return hash.digest("hex").slice(0, 16);
}
