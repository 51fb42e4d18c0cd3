import { type RawBuilder, sql } from "kysely";

/** What a risk score may rest on that is not known. */
export type UnknownInput = "liquidity" | "audit" | "age";

/**
 * Which inputs of the risk score of a protocol, or of one of its markets, are not known, as a column `unknown_inputs`. The registry's audit
 * score without evidence is a 0 that nobody has looked into, and without a launch the age counts from the first observation. Of a protocol that
 * is not in the registry neither is known.
 *
 * @param protocol the name of the protocol
 * @param hasNoTvl whether no TVL is known, as SQL
 */
export function unknownInputsColumn(
  protocol: RawBuilder<unknown>,
  hasNoTvl: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`coalesce((
    select array_to_json(array_remove(array[
      case when ${hasNoTvl} then 'liquidity' end,
      case when registered.audit_evidence_url is null then 'audit' end,
      case when registered.launched_at is null then 'age' end
    ], null)) from protocols as registered where registered.name = ${protocol}
  ), '["audit","age"]') as unknown_inputs`;
}
