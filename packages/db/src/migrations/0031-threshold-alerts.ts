// Compatible: an older server tells of risks only, and leaves what there is to tell of yields to newer ones.

import { type Kysely, sql } from "kysely";

/** Lets owners be told of forecast yields and of probabilities of illiquidity beyond thresholds of theirs, too. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // One statement at a time: PGlite prepares each, and a prepared statement is a single one.
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table risk_alerts drop constraint risk_alerts_basis_check`,
  `alter table risk_alerts add constraint risk_alerts_basis_check
    check (basis in ('observed', 'forecast', 'yield', 'illiquidity'))`,
  // Yields are told from each other by less than a percentage point.
  `alter table risk_alerts alter column threshold type double precision`,
];
