import type { Kysely, Transaction } from "kysely";
import type { Tables } from "./tables.ts";

/** Typed access to the database, on either engine. */
export type Database = Kysely<Tables>;

/** A handle that is only valid inside a transaction; a parameter of this type asks the caller to open one. */
export type DatabaseTransaction = Transaction<Tables>;
