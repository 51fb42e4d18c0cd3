import { useMutation } from "@tanstack/react-query";
import { obsqra } from "../../../api/client.ts";
import { CodeField } from "../../../components/code-field.tsx";
import { focusFirst } from "../../../components/focus-first.ts";
import { FormError, SubmitButton } from "../../../components/form.tsx";
import { texts } from "../../../texts/index.ts";
import { useConfirmed } from "../confirm-password.tsx";

const { setUp: words } = texts.secondFactor;

/** Gives an app the secret, and turns the second factor on by a code of it. */
export function TotpSetUp({
  onTurnedOn,
}: {
  readonly onTurnedOn: (codes: readonly string[]) => Promise<void>;
}) {
  const confirmed = useConfirmed();
  const setUp = useMutation({ mutationFn: () => confirmed(() => obsqra.auth.set_up_totp.mutate()) });
  const confirm = useMutation({
    mutationFn: (code: string) => confirmed(() => obsqra.auth.confirm_totp.mutate({ code })),
    onSuccess: ({ recovery_codes }) => onTurnedOn(recovery_codes),
  });
  if (setUp.data === undefined) {
    return (
      <>
        <FormError error={setUp.error} />
        <div>
          <button type="button" className="button" disabled={setUp.isPending} onClick={() => setUp.mutate()}>
            {words.begin}
          </button>
        </div>
      </>
    );
  }
  const { secret, otpauth_uri, qr_code_svg } = setUp.data;
  return (
    <form
      ref={focusFirst}
      className="form-grid"
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate(String(new FormData(event.currentTarget).get("code")));
      }}
    >
      <p>{words.lead}</p>
      <img
        className="qr-code"
        src={`data:image/svg+xml,${encodeURIComponent(qr_code_svg)}`}
        alt={words.picture}
        width={220}
        height={220}
      />
      <p>
        {words.secret}: <a href={otpauth_uri}>{secret}</a>
      </p>
      <CodeField label={words.code} advice={words.advice} />
      <FormError error={confirm.error} />
      <div>
        <SubmitButton isSending={confirm.isPending}>{words.submit}</SubmitButton>
      </div>
    </form>
  );
}
