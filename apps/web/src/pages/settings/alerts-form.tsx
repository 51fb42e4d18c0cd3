import type { Preferences } from "@obsqra/client";
import { useMutation } from "@tanstack/react-query";
import { queries, queryClient } from "../../api/client.ts";
import { FormError, SubmitButton, TextField } from "../../components/form.tsx";
import { texts } from "../../texts/index.ts";

const { alerts: words } = texts.settings;

/** What somebody is told, and when. */
export function AlertsForm({ preferences }: { readonly preferences: Preferences }) {
  const save = useMutation({
    ...queries.users.update_preferences.mutationOptions(),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.users.pathKey() }),
  });
  const submit = (data: FormData) =>
    save.mutate({
      email_alerts_enabled: data.get("email") === "on",
      email_digest_enabled: data.get("digest") === "on",
      auto_rebalance_enabled: data.get("auto") === "on",
      risk_alert_threshold: Number(data.get("risk")),
      yield_alert_threshold: Number(data.get("yield")),
      illiquidity_alert_threshold: Number(data.get("illiquidity")),
    });
  return (
    <section className="card">
      <form
        className="card-body form-grid"
        onSubmit={(event) => {
          event.preventDefault();
          submit(new FormData(event.currentTarget));
        }}
      >
        <h2>{words.title}</h2>
        <label className="check">
          <input type="checkbox" name="email" defaultChecked={preferences.email_alerts_enabled} />{" "}
          {words.email}
        </label>
        <label className="check">
          <input type="checkbox" name="digest" defaultChecked={preferences.email_digest_enabled} />{" "}
          {words.digest}
        </label>
        <label className="check">
          <input type="checkbox" name="auto" defaultChecked={preferences.auto_rebalance_enabled} />{" "}
          {words.auto}
        </label>
        <TextField
          name="risk"
          type="number"
          label={words.risk}
          advice={words.riskAdvice}
          defaultValue={preferences.risk_alert_threshold}
          min={0}
          max={100}
          step={1}
        />
        <TextField
          name="yield"
          type="number"
          label={words.yield}
          advice={words.yieldAdvice}
          defaultValue={preferences.yield_alert_threshold}
          min={0}
          max={100}
          step="any"
        />
        <TextField
          name="illiquidity"
          type="number"
          label={words.illiquidity}
          advice={words.riskAdvice}
          defaultValue={preferences.illiquidity_alert_threshold}
          min={0}
          max={100}
          step={1}
        />
        <FormError error={save.error} />
        <div className="actions">
          <SubmitButton isSending={save.isPending}>{words.save}</SubmitButton>
          {save.isSuccess ? (
            <span role="status" className="muted">
              {words.saved}
            </span>
          ) : null}
        </div>
      </form>
    </section>
  );
}
