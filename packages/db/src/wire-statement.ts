import type pg from "pg";

/** A statement as it is sent to Postgres. */
interface WireStatement {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Under which a connection may keep its plan; the same name is always the same text. */
  readonly name?: string | undefined;
}

/** Sends statements on one connection. */
export type SendStatement = (statement: WireStatement) => Promise<pg.QueryResult>;
