import { useEffect, useRef } from "react";
import { focusFirst } from "../../../components/focus-first.ts";
import { SubmitButton } from "../../../components/form.tsx";
import { texts } from "../../../texts/index.ts";

const { passkeys: words } = texts;

interface RenamePasskeyProps {
  readonly name: string;
  readonly isSending: boolean;
  readonly onSave: (name: string) => void;
  readonly onCancel: () => void;
}

/** Asks for another name, in the place of the present one. */
export function RenamePasskey({ name, isSending, onSave, onCancel }: RenamePasskeyProps) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => focusFirst(form.current), []);
  return (
    <form
      ref={form}
      className="form-grid"
      onSubmit={(event) => {
        event.preventDefault();
        onSave(String(new FormData(event.currentTarget).get("new-name")));
      }}
    >
      <input
        name="new-name"
        className="field-input"
        aria-label={words.name}
        defaultValue={name}
        required
        maxLength={100}
      />
      <div className="actions">
        <SubmitButton isSending={isSending}>{words.save}</SubmitButton>
        <button type="button" className="button" onClick={onCancel}>
          {words.cancel}
        </button>
      </div>
    </form>
  );
}
