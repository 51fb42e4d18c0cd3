import { parseCheckpoint } from "@obsqra/receipts";
import { expect, it } from "vitest";
import { createTestApi, createTestWitness, importLater, writeWholeLog } from "../../testing/index.ts";
import { rotateLogKey } from "../log/append-log.service.ts";
import { getLogFile } from "../log/log-files.service.ts";
import { collectCosignatures } from "./cosignatures.service.ts";

const { signal } = new AbortController();

it("a witness refuses the log under a new key until it is told of it, and then continues from what it knew", async () => {
  const told = new Set<string>();
  const witness = createTestWitness(
    () => api.deps.db,
    () => api.clock(),
    (key) => told.has(key),
  );
  const api = await createTestApi({ withForecasts: true, logWitnesses: [witness] });
  await using _ = api;
  const keys = async (): Promise<string[]> => {
    const file = await getLogFile(api.deps, "keys");
    return JSON.parse(String(file?.content)).map(
      ({ verifier_key }: { verifier_key: string }) => verifier_key,
    );
  };
  await writeWholeLog(api);
  for (const key of await keys()) told.add(key);
  expect(await collectCosignatures(api.deps, signal)).toBe(1);

  // The tree that announces the new key is signed by the old one, which the witness knows.
  const next = await rotateLogKey(api.deps);
  expect(await keys()).toContain(next);
  expect(await collectCosignatures(api.deps, signal)).toBe(1);
  await importLater(api, 1);
  await writeWholeLog(api);
  expect(await collectCosignatures(api.deps, signal)).toBe(0);
  expect(api.logged.at(-1)).toMatchObject({
    message: "A witness did not cosign the transparency log.",
    facts: { err: expect.objectContaining({ message: expect.stringContaining("403") }) },
  });
  told.add(next);
  expect(await collectCosignatures(api.deps, signal)).toBe(1);
  const checkpoint = parseCheckpoint(String((await getLogFile(api.deps, "checkpoint"))?.content));
  expect(checkpoint.note.signatures.map(({ name }) => name)).toContain("witness.example");
});
