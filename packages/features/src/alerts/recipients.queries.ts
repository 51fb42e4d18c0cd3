import type { Database } from "@obsqra/db";
import { sql } from "kysely";
import { type LatestAllocation, latestAllocationColumn } from "../analytics/latest-allocation.fragments.ts";

/** Somebody who gets alerts, with what decides about which. */
export interface RecipientRow {
  readonly id: string;
  /** Of an organisation, that of its first owner who has confirmed one. */
  readonly email: string;
  /** Its name; null for a user. */
  readonly organisation: string | null;
  readonly preferences: unknown;
  /** What is held as far as logged; null when nothing was. */
  readonly latest_allocation: LatestAllocation | null;
  /** The figures of a source that the owner was told of, and that were not well back from the threshold since. */
  readonly told: readonly ToldThreshold[];
}

/** A figure of a protocol beyond a threshold, which an owner was told of. */
export interface ToldThreshold {
  readonly protocol: string;
  /** Observed or forecast are risks; the others are forecasts of themselves. */
  readonly basis: "observed" | "forecast" | "yield" | "illiquidity";
  readonly threshold: number;
}

/** Which of those who get alerts. */
export interface RecipientPage {
  readonly source: string;
  /** Only this one. */
  readonly ownerId: string | null;
  /** Only those who hold or prefer one of these. */
  readonly protocols: readonly string[] | undefined;
  /** Those after this one. */
  readonly after: string | null;
  readonly limit: number;
}

/**
 * Those who get alerts, in the order of their ids: with a confirmed address, alerts that are not switched off, and an account that
 * is not going to be deleted. An organisation is written to at the address of an owner.
 */
export async function listRecipients(db: Database, page: RecipientPage): Promise<RecipientRow[]> {
  const { source, ownerId, protocols, after, limit } = page;
  const concerned =
    protocols === undefined
      ? sql`true`
      : sql`(jsonb_exists_any(latest_allocation::jsonb -> 'allocation_bp', ${protocols})
          or jsonb_exists_any(preferences -> 'preferred_protocols', ${protocols}))`;
  const { rows } = await sql<RecipientRow>`
    select id, email, organisation, preferences, latest_allocation, (
      select coalesce(json_agg(json_build_object('protocol', protocol, 'basis', basis, 'threshold', threshold)), '[]')
      from risk_alerts where owner_id = recipient.id and source = ${source}
    ) as told
    from (
      select users.id, coalesce(contact.email, users.email) as email,
        case when users.is_organisation then users.full_name end as organisation, users.preferences,
        ${latestAllocationColumn(sql.ref("users.id"))}
      from users
      left join lateral (
        select account.email from organisation_members as member join users as account on account.id = member.user_id
        where users.is_organisation and member.organisation_id = users.id and member.role = 'owner'
          and account.email_verified_at is not null and account.erased_at is null and account.erase_after is null
        order by member.id limit 1
      ) as contact on true
      where (users.email_verified_at is not null or contact.email is not null)
        and users.erased_at is null and users.erase_after is null
        and not users.preferences @> '{"email_alerts_enabled": false}'
        and ${ownerId === null ? sql`true` : sql`users.id = ${ownerId}`}
        and ${after === null ? sql`true` : sql`users.id > ${after}`}
    ) as recipient
    where ${concerned}
    order by id limit ${limit}`.execute(db);
  return rows;
}
