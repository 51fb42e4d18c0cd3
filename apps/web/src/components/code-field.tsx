import { texts } from "../texts/index.ts";
import { TextField } from "./form.tsx";

/** A code of the second factor. */
export function CodeField({ label, advice }: { readonly label?: string; readonly advice?: string }) {
  const words = texts.secondFactor.code;
  return (
    <TextField
      name="code"
      label={label ?? words.label}
      autoComplete="one-time-code"
      maxLength={64}
      advice={advice ?? words.advice}
    />
  );
}
