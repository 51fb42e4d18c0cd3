import type { ColumnType, GeneratedAlways, Insertable, Selectable } from "kysely";

/** `timestamptz`, always UTC: a Date when read, a Date when written. */
export type Timestamp = ColumnType<Date, Date, Date>;

/** Given by the database in the order of insertion; only to sort by, so that it is never read as a number. */
export type Sequence = GeneratedAlways<string>;

/** `jsonb`: parsed when read; written as text, because pg would turn a JavaScript array into a Postgres array. */
export type Json<T> = ColumnType<T, string, string>;

/** A row as it is read. */
export type Row<TTable> = Selectable<TTable>;

/** A row as it is written. */
export type NewRow<TTable> = Insertable<TTable>;
