import type { Database } from "@obsqra/db";
import {
  answerAddCheckpoint,
  formatVerifierKey,
  parseVerifierKey,
  type TreeHead,
  witnessKeyOf,
} from "@obsqra/receipts";
import { listLogKeys } from "../receipts/log/log.queries.ts";
import type { LogWitness } from "../receipts/witnesses/cosignatures.service.ts";

/**
 * A witness in this process, which knows the log of a database.
 *
 * @param isTold whether it was told of a key of the log. @default of all of them
 */
export function createTestWitness(
  db: () => Database,
  clock: () => Date,
  isTold: (logKey: string) => boolean = () => true,
): LogWitness {
  const identity = { name: "witness.example", secretKey: new Uint8Array(32).fill(9), clock };
  let newest: TreeHead | undefined;
  return {
    key: formatVerifierKey(witnessKeyOf(identity.name, identity.secretKey)),
    addCheckpoint: async (body) => {
      const logKeys = (await listLogKeys(db())).map(({ verifier_key }) => verifier_key);
      const keys = logKeys.filter(isTold).map(parseVerifierKey);
      const { accepted, ...answer } = await answerAddCheckpoint(body, identity, async () => ({
        keys,
        newest,
      }));
      newest = accepted ?? newest;
      return answer;
    },
  };
}
