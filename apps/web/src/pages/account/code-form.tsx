import type { CodeNeeded, FactorAnswer, PasskeyRequest, SignIn } from "@obsqra/client";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { askPasskey } from "../../api/passkeys.ts";
import { CodeField } from "../../components/code-field.tsx";
import { focusFirst } from "../../components/focus-first.ts";
import { FormError, SubmitButton } from "../../components/form.tsx";
import { PasskeyButton } from "../../components/passkey-button.tsx";
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
  const form = useRef<HTMLFormElement>(null);
  const show = useMutation({
    mutationFn: async (request: PasskeyRequest) => {
      const passkey = await askPasskey(request);
      const remember_device = new FormData(form.current ?? undefined).get("remember") === "on";
      return step.answer({ passkey, remember_device });
    },
    onSuccess: onStep,
  });
  useEffect(() => focusFirst(form.current), []);
  const { passkey: request } = step;
  return (
    <form
      ref={form}
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
      {request === null ? null : (
        <PasskeyButton label={texts.passkeys.instead} state={show} onAsk={() => show.mutate(request)} />
      )}
    </form>
  );
}
