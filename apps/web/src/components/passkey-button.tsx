import { hasPasskeys } from "../api/passkeys.ts";
import { texts } from "../texts/index.ts";
import { FormError } from "./form.tsx";

interface PasskeyButtonProps {
  readonly label: string;
  readonly state: { readonly isPending: boolean; readonly error: unknown };
  readonly onAsk: () => void;
}

/** Asks for a passkey, in browsers that have them. */
export function PasskeyButton({ label, state, onAsk }: PasskeyButtonProps) {
  if (!hasPasskeys) return null;
  return (
    <>
      <button
        type="button"
        className="button"
        aria-disabled={state.isPending}
        onClick={() => state.isPending || onAsk()}
      >
        {state.isPending ? texts.passkeys.waiting : label}
      </button>
      <PasskeyError error={state.error} />
    </>
  );
}

/** Why a passkey was not taken, by the server or by the browser. */
export function PasskeyError({ error }: { readonly error: unknown }) {
  const known: Readonly<Record<string, string>> = texts.passkeys.refused;
  const name = error instanceof Error ? error.name : "";
  return <FormError error={error} otherwise={known[name] ?? texts.passkeys.otherwise} />;
}
