import type { EventPayload, EventType } from "@obsqra/contract";

/** Something that has happened, as whoever changed the data tells it. */
export type NewEvent = {
  [TType in EventType]: {
    readonly type: TType;
    /** What it happened to; the catalogue says what kind of id. */
    readonly subject: string;
    /** Whose data it is about; null for what everybody sees. */
    readonly owner_id: string | null;
    readonly payload: EventPayload<TType>;
  };
}[EventType];

/** An event as readers get it. */
export type Event = NewEvent & {
  readonly id: string;
  readonly occurred_at: Date;
  readonly position: EventPosition;
};

/**
 * Where an event stands among all others: by the transaction that wrote it, then in the order of that transaction. Both are
 * 64-bit integers as decimal text.
 */
export interface EventPosition {
  readonly transaction_id: string;
  readonly sequence: string;
}

/** Tells that something has happened, in the transaction that makes it true. */
export type Emit = (event: NewEvent) => void;
