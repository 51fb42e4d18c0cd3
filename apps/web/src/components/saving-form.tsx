import type { ReactNode } from "react";
import { FormError, SubmitButton } from "./form.tsx";

interface SavingFormProps {
  readonly title: string;
  readonly lead?: string;
  readonly submit: string;
  /** What is said once it is done. */
  readonly done: string;
  readonly state: { readonly isPending: boolean; readonly isSuccess: boolean; readonly error: unknown };
  /** What the form is emptied after is for the caller to say. */
  readonly onSubmit: (data: FormData, form: HTMLFormElement) => void;
  readonly children: ReactNode;
}

/** A form in a card of its own, which says what became of it. */
export function SavingForm({ title, lead, submit, done, state, onSubmit, children }: SavingFormProps) {
  return (
    <section className="card">
      <form
        className="card-body form-grid"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit(new FormData(event.currentTarget), event.currentTarget);
        }}
      >
        <h2>{title}</h2>
        {lead === undefined ? null : <p className="muted small">{lead}</p>}
        {children}
        <FormError error={state.error} />
        <div className="actions">
          <SubmitButton isSending={state.isPending}>{submit}</SubmitButton>
          {state.isSuccess ? (
            <span role="status" className="muted">
              {done}
            </span>
          ) : null}
        </div>
      </form>
    </section>
  );
}
