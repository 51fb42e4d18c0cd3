import type pg from "pg";

/** A statement as it is sent to Postgres. */
export interface WireStatement {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Under which a connection may keep its plan; the same name is always the same text. */
  readonly name?: string | undefined;
  /** Whether a transaction begins with it: `begin` goes out in the same message, and nothing of it happens unless that has. */
  readonly isFirst?: boolean | undefined;
  /** Whether a transaction ends with it: `commit` goes out in the same message, and does not happen unless it has. */
  readonly isLast?: boolean | undefined;
}

/** What is looked at of a result. */
export type WireResult = Pick<pg.QueryResult, "command" | "rowCount" | "rows">;

/** Sends statements on one connection. */
export type SendStatement = (statement: WireStatement) => Promise<WireResult>;

/** Sends statements on one connection, all in one message. */
export type SendStatements = (statements: readonly WireStatement[]) => Promise<readonly WireResult[]>;

/** Both ways of sending on one connection. */
export interface WaysToSend {
  readonly send: SendStatement;
  readonly sendTogether: SendStatements;
}
