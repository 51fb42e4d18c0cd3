import type { CodeNeeded, SignIn } from "@obsqra/client";
import { useMutation } from "@tanstack/react-query";
import { CodeField } from "../../components/code-field.tsx";
import { focusFirst } from "../../components/focus-first.ts";
import { FormError, SubmitButton } from "../../components/form.tsx";
import { texts } from "../../texts/index.ts";

const { code: words } = texts.secondFactor;

interface CodeFormProps {
  readonly step: CodeNeeded;
  readonly onStep: (next: SignIn) => Promise<void> | void;
  /** Goes back to the password. */
  readonly onLeave: () => void;
}

/** Asks for the second factor, after the password. */
export function CodeForm({ step, onStep, onLeave }: CodeFormProps) {
  const answer = useMutation({ mutationFn: (code: string) => step.answer({ code }), onSuccess: onStep });
  return (
    <form
      ref={focusFirst}
      className="form-grid"
      onSubmit={(event) => {
        event.preventDefault();
        answer.mutate(String(new FormData(event.currentTarget).get("code")));
      }}
    >
      <p>{words.lead}</p>
      <CodeField />
      <FormError error={answer.error ?? step.refused ?? null} />
      <div className="actions">
        <SubmitButton isSending={answer.isPending}>{texts.account.signIn.submit}</SubmitButton>
        <button type="button" className="button" data-kind="quiet" onClick={onLeave}>
          {words.back}
        </button>
      </div>
    </form>
  );
}
