import type { TransactionType } from "@obsqra/client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { queries, queryClient } from "../../api/client.ts";
import { FormError, SubmitButton, TextField } from "../../components/form.tsx";
import { Segments } from "../../components/segments.tsx";
import { texts } from "../../texts/index.ts";

const words = texts.transactions;
const types = ["deposit", "withdraw"] as const satisfies readonly TransactionType[];

/** Logs what was done. */
export function LogForm() {
  const [type, setType] = useState<(typeof types)[number]>("deposit");
  const log = useMutation({
    ...queries.transactions.create.mutationOptions(),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.transactions.pathKey() }),
  });
  return (
    <section className="card">
      <form
        className="card-body form-grid"
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const data = new FormData(form);
          const token = String(data.get("token")).trim();
          const input = {
            tx_hash: String(data.get("hash")).trim(),
            tx_type: type,
            amount: String(data.get("amount")).trim(),
            details: Object.fromEntries(token === "" ? [] : [["token", token]]),
          };
          log.mutate(input, { onSuccess: () => form.reset() });
        }}
      >
        <h2>{words.log}</h2>
        <Segments
          label={words.type}
          value={type}
          options={types.map((value) => ({ value, label: words.types[value] }))}
          onChange={setType}
        />
        <TextField name="hash" label={words.hash} advice={words.hashAdvice} maxLength={66} />
        <TextField name="amount" label={words.amount} inputMode="decimal" maxLength={80} />
        <TextField name="token" label={words.token} maxLength={32} isOptional />
        <FormError error={log.error} />
        <div className="actions">
          <SubmitButton isSending={log.isPending}>{words.submit}</SubmitButton>
          {log.isSuccess ? (
            <span role="status" className="muted">
              {words.logged}
            </span>
          ) : null}
        </div>
      </form>
    </section>
  );
}
