import type { CodeNeeded, FactorAnswer, SignIn } from "@obsqra/client";
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
  const answer = useMutation({ mutationFn: (input: FactorAnswer) => step.answer(input), onSuccess: onStep });
  return (
    <form
      ref={focusFirst}
      className="form-grid"
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        answer.mutate({ code: String(data.get("code")), remember_device: data.get("remember") === "on" });
      }}
    >
      <p>{words.lead}</p>
      <CodeField />
      <label className="check">
        <input type="checkbox" name="remember" /> {words.remember}
      </label>
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
