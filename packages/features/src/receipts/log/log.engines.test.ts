import { withoutRules } from "@obsqra/db/testing";
import {
  areEqual,
  checkSignature,
  hashLeaf,
  hashTree,
  isConsistent,
  openTileTree,
  parseCheckpoint,
  parseEntryBundle,
  parseVerifierKey,
  tilePath,
  toBase64,
} from "@obsqra/receipts";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { eraseDueAccounts } from "../../accounts/deletion/erasure.service.ts";
import { recordActuals } from "../../predictions/forecasts/actuals.service.ts";
import { createTestApi, importLater, type TestApi, writeWholeLog } from "../../testing/index.ts";
import { rotateLogKey } from "./append-log.service.ts";
import { assertLogContinues } from "./check-log.service.ts";
import { LogChangedError } from "./log-changed-error.ts";
import { getLogFile } from "./log-files.service.ts";
import { verifyLog } from "./verify-log.service.ts";

const { signal } = new AbortController();

/** The published files of the log, as somebody reads them who trusts nothing. */
async function readPublished({ deps }: TestApi) {
  const readBytes = async (path: string) => {
    const file = await getLogFile(deps, path);
    if (file === undefined) throw new Error(`${path} is not published.`);
    return typeof file.content === "string" ? Buffer.from(file.content) : file.content;
  };
  const checkpoint = parseCheckpoint((await readBytes("checkpoint")).toString());
  const tree = openTileTree(checkpoint.size, (tile) => readBytes(tilePath(tile)));
  const entries: Uint8Array[] = [];
  for (let index = 0; entries.length < checkpoint.size; index += 1) {
    const width = Math.min(256, checkpoint.size - entries.length);
    entries.push(...parseEntryBundle(await readBytes(tilePath({ level: "entries", index, width }))));
  }
  const contents = entries.map((entry) => JSON.parse(Buffer.from(entry).toString()));
  return { checkpoint, tree, entries, contents, keys: JSON.parse((await readBytes("keys")).toString()) };
}

describe("the log", () => {
  it("has every forecast, its manifest and its data, in a signed tree, once", async () => {
    await using api = await createTestApi({ withForecasts: true });
    const { entries: added } = await writeWholeLog(api);
    const { checkpoint, tree, entries, contents, keys } = await readPublished(api);
    expect(added).toBe(entries.length - 1);
    expect(checkpoint.origin).toBe("localhost:8000/log");
    expect(checkSignature(checkpoint.note, parseVerifierKey(keys[0].verifier_key))).toBe("valid");
    expect(areEqual(hashTree(entries.map(hashLeaf)), checkpoint.root)).toBe(true);
    expect(areEqual(await tree.root(), checkpoint.root)).toBe(true);
    expect(contents[0]).toMatchObject({
      type: "log_key",
      verifier_key: keys[0].verifier_key,
      previous: null,
    });

    const stored = await api.deps.db.selectFrom("predictions").select("id").execute();
    const forecasts = contents.filter(({ type }) => type === "forecast");
    expect(forecasts.map(({ id }) => id).toSorted()).toEqual(stored.map(({ id }) => id).toSorted());
    const snapshot = contents.find(({ type }) => type === "snapshot");
    for (const [index, batch] of contents.entries()) {
      if (batch.type !== "batch") continue;
      expect(batch.snapshot).toMatchObject({
        import_id: snapshot.import_id,
        content_sha256: snapshot.content_sha256,
      });
      const range = await tree.rootOfRange(index + 1, index + 1 + batch.forecasts);
      expect(toBase64(range)).toBe(batch.forecasts_root);
      expect(contents[index + 1]).toMatchObject({ type: "forecast", batch: batch.id, position: 0 });
    }
    expect(await writeWholeLog(api)).toEqual({ events: 0, entries: 0 });
  });

  it("has what came true, from which data, and what a feed has corrected, and the receipts say so", async () => {
    await using api = await createTestApi({ withForecasts: true });
    await writeWholeLog(api);
    const known = await readPublished(api);
    await importLater(api, 8);
    const { recorded } = await recordActuals(api.deps);
    await writeWholeLog(api);
    const { contents } = await readPublished(api);
    const added = contents.slice(known.contents.length);
    const outcomes = added.filter(({ type }) => type === "outcome");
    expect([outcomes.length, recorded > 0]).toEqual([recorded, true]);
    const snapshot = added.find(({ type }) => type === "snapshot");
    for (const { forecast, forecast_index, snapshot: data, value } of outcomes) {
      expect(contents[forecast_index]).toMatchObject({ type: "forecast", id: forecast });
      expect(data).toEqual({ import_id: snapshot.import_id, content_sha256: snapshot.content_sha256 });
      expect(value).toEqual(expect.any(Number));
    }
    const [{ forecast: forecast_id, value, recorded_at }] = outcomes;
    const { outcome } = await api.caller().receipts.forecast({ forecast_id });
    expect(outcome).toEqual({ leaf_index: contents.indexOf(outcomes[0]), value, recorded_at });
  });

  it("grows in a way that its own past can be shown in, by several processes at once", async () => {
    await using api = await createTestApi({ withForecasts: true });
    await writeWholeLog(api);
    const earlier = await readPublished(api);
    const ada = await api.signUp();
    await ada.predictions.run_optimization();
    await ada.predictions.run_optimization();
    await Promise.all([1, 2, 3].map(() => writeWholeLog(api)));
    const { checkpoint, tree, contents } = await readPublished(api);
    const proof = await tree.proveConsistency(earlier.checkpoint.size);
    expect(isConsistent(earlier.checkpoint, checkpoint, proof)).toBe(true);
    expect(contents.slice(earlier.contents.length).map(({ type }) => type)).toEqual([
      "suggestion",
      "suggestion",
    ]);
  });

  it("has of a suggestion hashes only, whose salts go with the account", async () => {
    await using api = await createTestApi({ withForecasts: true });
    const ada = await api.signUp();
    const { id: owner } = await ada.auth.me();
    const suggestion = await ada.predictions.run_optimization();
    await writeWholeLog(api);
    const { contents } = await readPublished(api);
    const entry = contents.at(-1);
    expect(Object.keys(entry).toSorted()).toEqual([
      "logged_at",
      "made_at",
      "owner_sha256",
      "suggestion_sha256",
      "type",
    ]);
    const text = JSON.stringify(contents);
    for (const personal of [owner, suggestion.id]) expect(text).not.toContain(personal);
    expect(await api.deps.db.selectFrom("log_salts").select("owner_id").execute()).toEqual([
      { owner_id: owner },
    ]);
    await ada.users.schedule_deletion();
    api.clock.advance(14 * 86_400_000);
    await eraseDueAccounts(api.deps, signal);
    expect(await api.deps.db.selectFrom("log_salts").selectAll().execute()).toEqual([]);
    await assertLogContinues(api.deps);
  });

  it("announces a new key by an entry that the key before has signed", async () => {
    await using api = await createTestApi();
    const second = await rotateLogKey(api.deps);
    const { checkpoint, contents, keys } = await readPublished(api);
    const [first] = keys;
    expect(contents).toMatchObject([
      { type: "log_key", previous: null },
      { type: "log_key", previous: first.verifier_key, verifier_key: second },
    ]);
    expect(checkSignature(checkpoint.note, parseVerifierKey(first.verifier_key))).toBe("valid");
    await assertLogContinues(api.deps);
    api.clock.advance(-3_600_000);
    await rotateLogKey(api.deps);
    const later = await readPublished(api);
    // Whatever the clock says, nothing is logged before what is there.
    const moments = later.contents.map(({ logged_at }) => logged_at);
    expect(moments).toEqual(moments.toSorted());
    expect(checkSignature(later.checkpoint.note, parseVerifierKey(second))).toBe("valid");
  });

  it("publishes nothing that no checkpoint covers, and nothing else of the database", async () => {
    await using api = await createTestApi();
    for (const path of ["checkpoint", "tile/0/000.p/1"])
      expect(await getLogFile(api.deps, path)).toBeUndefined();
    await rotateLogKey(api.deps);
    expect(await getLogFile(api.deps, "tile/0/000.p/2")).toMatchObject({ isImmutable: true });
    for (const path of [
      "tile/0/000",
      "tile/0/000.p/3",
      "tile/1/000",
      "tile/entries/001.p/1",
      "users",
      "../keys",
    ]) {
      expect(await getLogFile(api.deps, path), path).toBeUndefined();
    }
  });

  it("is refused at a start when it does not continue what was signed", async () => {
    await using api = await createTestApi();
    const { db } = api.deps;
    await rotateLogKey(api.deps);
    await assertLogContinues(api.deps);
    for (const [statement, complaint] of [
      ["update log_entries set entry = '{}' where leaf_index = 0", "not those that it has signed"],
      ["delete from log_entries where leaf_index = 1", "has signed 2"],
      [
        "update log_checkpoints set note = replace(note, E'\\n2\\n', E'\\n1\\n')",
        "signed by none of its keys",
      ],
      ["delete from log_checkpoints", "no checkpoint"],
    ] as const) {
      await expect(sql.raw(statement).execute(db), statement).rejects.toMatchObject({ code: "23001" });
      const trx = await db.startTransaction().execute();
      for (const table of ["log_entries", "log_checkpoints"]) {
        await sql.raw(`alter table ${table} disable trigger ${table}_append_only`).execute(trx);
      }
      await sql`alter table log_keys drop constraint log_keys_leaf_index_fkey`.execute(trx);
      await sql.raw(statement).execute(trx);
      const start = assertLogContinues({ db: trx });
      await expect(start, statement).rejects.toThrow(complaint);
      await expect(start, statement).rejects.toBeInstanceOf(LogChangedError);
      await trx.rollback().execute();
    }
    await assertLogContinues(api.deps);
  });

  it("is compared entry by entry with all that was ever signed", async () => {
    await using api = await createTestApi({ withForecasts: true });
    const { db } = api.deps;
    expect(await verifyLog(api.deps)).toMatchObject({ entries: 0, checkpoints: 0, newest: undefined });
    await writeWholeLog(api);
    await rotateLogKey(api.deps);
    const { contents } = await readPublished(api);
    expect(await verifyLog(api.deps)).toMatchObject({ entries: contents.length, checkpoints: 2 });
    // What a start, which looks at the newest only, does not see.
    await withoutRules(db, async (trx) => {
      await sql`update log_checkpoints set note = replace(note, '— ', '— x') where size < ${contents.length}`.execute(
        trx,
      );
    });
    await assertLogContinues(api.deps);
    await expect(verifyLog(api.deps)).rejects.toThrow("is signed by none of its keys");
  });
});
