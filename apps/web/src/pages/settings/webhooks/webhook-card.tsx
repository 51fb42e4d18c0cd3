import type { Webhook } from "@obsqra/client";
import { useMutation } from "@tanstack/react-query";
import { obsqra, queries, queryClient } from "../../../api/client.ts";
import { ConfirmButton } from "../../../components/confirm-button.tsx";
import { FormError } from "../../../components/form.tsx";
import { moment } from "../../../format/figures.ts";
import { texts } from "../../../texts/index.ts";

const { webhooks: words } = texts.settings;
const tones = { active: "good", paused: "warn", disabled: "bad" } as const;

interface WebhookCardProps {
  readonly webhook: Webhook;
  readonly onSecret: (secret: string) => void;
}

/** A webhook with what can be done to it. */
export function WebhookCard({ webhook, onSecret }: WebhookCardProps) {
  const { id, url, status, topics, disabled_reason, failing_since, last_success_at } = webhook;
  const { previous_secret_expires_at } = webhook;
  const act = useMutation({
    mutationFn: async (call: (input: { webhook_id: string }) => Promise<unknown>) => {
      await call({ webhook_id: id });
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: queries.webhooks.pathKey() }),
  });
  const { mutate, isPending } = act;
  return (
    <li>
      <div className="row-head">
        <code className="hash">{url}</code>
        <span className="tag" data-tone={tones[status]}>
          {words.statuses[status]}
        </span>
      </div>
      <p className="muted small">
        {topics.map((topic) => words.topicNames[topic]).join(" · ")}
        {" · "}
        {last_success_at === null ? words.never : words.last(moment(last_success_at))}
      </p>
      {disabled_reason === null ? null : <p className="small down">{words.disabled[disabled_reason]}</p>}
      {failing_since === null ? null : <p className="small down">{words.failing(moment(failing_since))}</p>}
      {previous_secret_expires_at === null ? null : (
        <p className="small muted">{words.overlap(moment(previous_secret_expires_at))}</p>
      )}
      <FormError error={act.error} />
      <div className="actions">
        <button
          type="button"
          className="button"
          data-size="small"
          disabled={isPending || status !== "active"}
          onClick={() => mutate(obsqra.webhooks.test.mutate)}
        >
          {words.test}
        </button>
        <button
          type="button"
          className="button"
          data-size="small"
          disabled={isPending}
          onClick={() =>
            mutate(status === "active" ? obsqra.webhooks.pause.mutate : obsqra.webhooks.resume.mutate)
          }
        >
          {status === "active" ? words.pause : words.resume}
        </button>
        <ConfirmButton
          label={words.rotate}
          title={words.rotateTitle}
          lead={words.rotateLong}
          isBusy={isPending}
          onConfirm={() =>
            mutate(async (input) => onSecret((await obsqra.webhooks.rotate_secret.mutate(input)).secret))
          }
        />
        <ConfirmButton
          label={words.delete}
          title={words.deleteTitle}
          lead={words.deleteLong(url)}
          isBusy={isPending}
          onConfirm={() => mutate(obsqra.webhooks.delete.mutate)}
        />
      </div>
    </li>
  );
}
