import type { Preferences, RiskTolerance, RunOptimizationInput } from "@obsqra/client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { queries, queryClient } from "../../api/client.ts";
import { FormError, SubmitButton, TextField } from "../../components/form.tsx";
import { Segments } from "../../components/segments.tsx";
import { texts } from "../../texts/index.ts";

const { form, ask, asking } = texts.allocation;

interface WishesFormProps {
  readonly preferences: Preferences;
  readonly isAsking: boolean;
  readonly error: unknown;
  readonly onAsk: (wishes: RunOptimizationInput) => void;
}

const tolerances: readonly RiskTolerance[] = ["low", "medium", "high"];

/** What a suggestion is to keep to; it begins with the preferences, and can become them. */
export function WishesForm({ preferences, isAsking, error, onAsk }: WishesFormProps) {
  const [tolerance, setTolerance] = useState(preferences.risk_tolerance);
  const save = useMutation({
    ...queries.users.update_preferences.mutationOptions(),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.users.pathKey() }),
  });
  const read = (element: HTMLFormElement) => readWishes(new FormData(element), tolerance);
  return (
    <section className="card">
      <form
        className="card-body form-grid"
        onSubmit={(event) => {
          event.preventDefault();
          onAsk(read(event.currentTarget));
        }}
      >
        <h2>{ask}</h2>
        <div className="field">
          <span>{form.tolerance}</span>
          <Segments
            label={form.tolerance}
            value={tolerance}
            options={tolerances.map((value) => ({ value, label: form.tolerances[value] }))}
            onChange={setTolerance}
          />
        </div>
        <TextField
          name="amount"
          label={form.amount}
          advice={form.amountAdvice}
          defaultValue={preferences.amount ?? "10000"}
          inputMode="decimal"
        />
        <TextField
          name="assets"
          label={form.assets}
          advice={form.assetsAdvice}
          defaultValue={preferences.assets.join(", ")}
          isOptional
        />
        <TextField
          name="horizon"
          type="number"
          label={form.horizon}
          defaultValue={preferences.horizon_days ?? 30}
          min={1}
          max={365}
          step={1}
        />
        <label className="check">
          <input type="checkbox" name="stable" defaultChecked={preferences.stable_only} /> {form.stable}
        </label>
        <label className="check">
          <input type="checkbox" name="single" defaultChecked={preferences.single_asset_only} /> {form.single}
        </label>
        <FormError error={error ?? save.error} />
        <div className="actions">
          <SubmitButton isSending={isAsking} sending={asking}>
            {ask}
          </SubmitButton>
          <button
            type="button"
            className="button"
            onClick={({ currentTarget }) => {
              if (currentTarget.form?.reportValidity() === true) save.mutate(read(currentTarget.form));
            }}
          >
            {form.save}
          </button>
          {save.isSuccess ? (
            <span role="status" className="muted">
              {form.saved}
            </span>
          ) : null}
        </div>
      </form>
    </section>
  );
}

function readWishes(data: FormData, tolerance: RiskTolerance) {
  const assets = String(data.get("assets"))
    .split(/[\s,]+/)
    .filter((asset) => asset !== "");
  return {
    risk_tolerance: tolerance,
    amount: String(data.get("amount")).trim().replaceAll(",", ""),
    assets,
    horizon_days: Number(data.get("horizon")),
    stable_only: data.get("stable") === "on",
    single_asset_only: data.get("single") === "on",
  };
}
