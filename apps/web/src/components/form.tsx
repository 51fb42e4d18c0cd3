import { isObsqraError } from "@obsqra/client";
import { type HTMLInputAutoCompleteAttribute, type ReactNode, useId, useState } from "react";
import { texts } from "../texts/index.ts";
import { adviceFor } from "./states.tsx";

interface TextFieldProps {
  readonly name: string;
  readonly label: string;
  readonly type?: "text" | "email" | "number";
  readonly autoComplete?: HTMLInputAutoCompleteAttribute;
  readonly maxLength?: number;
  readonly advice?: string;
  readonly defaultValue?: string | number;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number | "any";
  readonly isOptional?: boolean;
  readonly inputMode?: "decimal";
}

/** A field with its label above. What was typed stays, whatever happens to the request. */
export function TextField({ label, advice, isOptional = false, type = "text", ...input }: TextFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type={type}
        className="field-input"
        required={!isOptional}
        aria-describedby={advice === undefined ? undefined : `${id}-advice`}
        {...input}
      />
      {advice === undefined ? null : (
        <p id={`${id}-advice`} className="muted small">
          {advice}
        </p>
      )}
    </div>
  );
}

type PasswordFieldProps = Pick<TextFieldProps, "name" | "label" | "autoComplete" | "advice" | "isOptional">;

/** A password, which may be looked at; pasting is nobody's business to forbid (NIST SP 800-63B, 3.1.1.2). */
export function PasswordField({ name, label, autoComplete, advice, isOptional = false }: PasswordFieldProps) {
  const id = useId();
  const [isShown, setIsShown] = useState(false);
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id}>{label}</label>
        <button
          type="button"
          className="button"
          data-kind="quiet"
          data-size="small"
          aria-pressed={isShown}
          aria-controls={id}
          onClick={() => setIsShown(!isShown)}
        >
          {texts.account.showPassword}
        </button>
      </div>
      <input
        id={id}
        name={name}
        type={isShown ? "text" : "password"}
        className="field-input"
        required={!isOptional}
        maxLength={256}
        autoComplete={autoComplete}
        autoCapitalize="none"
        spellCheck={false}
        aria-describedby={advice === undefined ? undefined : `${id}-advice`}
      />
      {advice === undefined ? null : (
        <p id={`${id}-advice`} className="muted small">
          {advice}
        </p>
      )}
    </div>
  );
}

interface FormErrorProps {
  readonly error: unknown;
  /** What is said of an error that is not the server's. */
  readonly otherwise?: string;
}

/** Why a form was refused, with what to change. */
export function FormError({ error, otherwise = texts.error.otherwise }: FormErrorProps) {
  if (error === null) return null;
  const known = isObsqraError(error) ? error : undefined;
  const all = isObsqraError(error, "VALIDATION_FAILED") ? error.details.issues : [];
  // The message names the first few already.
  const issues = all.filter(({ message }) => known?.message.includes(message) !== true);
  return (
    <div role="alert" className="form-error">
      <p>{adviceFor(known?.code) ?? known?.message ?? otherwise}</p>
      {issues.map(({ message }) => (
        <p key={message}>{message}</p>
      ))}
      {known?.request_id === undefined || (known.status ?? 0) < 500 ? null : (
        <code>{texts.error.requestId(known.request_id)}</code>
      )}
    </div>
  );
}

interface SubmitButtonProps {
  readonly isSending: boolean;
  /** Said while it is sent. */
  readonly sending?: string;
  readonly children: ReactNode;
}

/** Sends a form; pressed again while it is sent, it does nothing. */
export function SubmitButton({ isSending, sending = texts.account.sending, children }: SubmitButtonProps) {
  return (
    <button
      type="submit"
      className="button"
      data-kind="main"
      aria-disabled={isSending}
      onClick={(event) => {
        if (isSending) event.preventDefault();
      }}
    >
      {isSending ? sending : children}
    </button>
  );
}
