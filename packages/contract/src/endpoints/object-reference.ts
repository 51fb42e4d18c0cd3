import { z } from "zod";

/** What belongs to one user and is named in inputs. To everybody else it is as if it did not exist. */
export type ObjectKind =
  | "session"
  | "api_key"
  | "remembered_device"
  | "passkey"
  | "identity"
  | "wallet"
  | "wallet_challenge"
  | "transaction"
  | "suggestion"
  | "webhook"
  | "webhook_delivery"
  | "member"
  | "invitation";

/** The schemas of input fields that name an object of a user. */
export const objectReferences = z.registry<{ readonly kind: ObjectKind }>();

/** Marks the schema of an input field as naming an object of a user, so that tests try it with foreign ones. */
export function objectReference<TSchema extends z.ZodType>(kind: ObjectKind, schema: TSchema): TSchema {
  const marked = schema.clone();
  objectReferences.add(marked, { kind });
  return marked;
}
