import { useMutation } from "@tanstack/react-query";
import { obsqra } from "../../../api/client.ts";
import { CodeField } from "../../../components/code-field.tsx";
import { FormError, SubmitButton } from "../../../components/form.tsx";
import { texts } from "../../../texts/index.ts";

const words = texts.secondFactor;

/** Makes new recovery codes, by a code. */
export function RenewCodes({ onMade }: { readonly onMade: (codes: readonly string[]) => Promise<void> }) {
  const renew = useMutation({
    mutationFn: (code: string) => obsqra.auth.renew_recovery_codes.mutate({ code }),
    onSuccess: ({ recovery_codes }) => onMade(recovery_codes),
  });
  return <ChangeByCode words={words.renew} state={renew} onCode={renew.mutate} />;
}

/** Turns the second factor off, by a code. */
export function TurnOff({ onDone }: { readonly onDone: () => Promise<void> }) {
  const turnOff = useMutation({
    mutationFn: (code: string) => obsqra.auth.turn_off_second_factor.mutate({ code }),
    onSuccess: onDone,
  });
  return <ChangeByCode words={words.turnOff} state={turnOff} onCode={turnOff.mutate} />;
}

interface ChangeByCodeProps {
  readonly words: { readonly title: string; readonly lead: string; readonly submit: string };
  readonly state: { readonly isPending: boolean; readonly error: unknown };
  readonly onCode: (code: string) => void;
}

/** No code is taken twice, so that the field is emptied. */
function ChangeByCode({ words: own, state, onCode }: ChangeByCodeProps) {
  return (
    <details className="change">
      <summary>{own.title}</summary>
      <form
        className="form-grid"
        onSubmit={(event) => {
          event.preventDefault();
          onCode(String(new FormData(event.currentTarget).get("code")));
          event.currentTarget.reset();
        }}
      >
        <p className="muted small">{own.lead}</p>
        <CodeField />
        <FormError error={state.error} />
        <div>
          <SubmitButton isSending={state.isPending}>{own.submit}</SubmitButton>
        </div>
      </form>
    </details>
  );
}
