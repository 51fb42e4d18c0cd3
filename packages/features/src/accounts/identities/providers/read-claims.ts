import { email, fullName } from "@obsqra/contract";

/** An address as accounts have it; undefined for what is none. */
export function emailOf(value: unknown): string | undefined {
  return email.safeParse(value).data;
}

/** A name as accounts have it; undefined for what is none. */
export function nameOf(value: unknown): string | undefined {
  return typeof value === "string" ? fullName.safeParse(value.trim()).data : undefined;
}
