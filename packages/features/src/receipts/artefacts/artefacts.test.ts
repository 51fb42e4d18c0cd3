import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { createTestApi, recordStatements } from "../../testing/index.ts";
import { artefactPartBytes, getArtefact } from "./artefacts.service.ts";

it("reads a file in parts, so that none holds up the others for long, and gives all of it", async () => {
  await using api = await createTestApi();
  const { db, statements } = recordStatements(api.deps.db);
  for (const [size, parts] of [
    [1, 1],
    [artefactPartBytes, 1],
    [2 * artefactPartBytes + 1, 3],
  ] as const) {
    const gzip = Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 7919) % 251));
    const sha256 = createHash("sha256").update(gzip).digest("hex");
    await api.deps.db.insertInto("artefacts").values({ sha256, gzip, created_at: api.clock() }).execute();
    statements.length = 0;
    const artefact = await getArtefact({ db }, sha256);
    expect(statements).toHaveLength(parts);
    expect(artefact).toMatchObject({ isCompressed: true, type: "application/json" });
    expect(gzip.equals(artefact?.content ?? new Uint8Array())).toBe(true);
  }
});
