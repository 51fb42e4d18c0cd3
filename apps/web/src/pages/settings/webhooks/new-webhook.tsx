import type { EventTopic } from "@obsqra/client";
import { useMutation } from "@tanstack/react-query";
import { useId } from "react";
import { queries, queryClient } from "../../../api/client.ts";
import { TextField } from "../../../components/form.tsx";
import { SavingForm } from "../../../components/saving-form.tsx";
import { texts } from "../../../texts/index.ts";

const { webhooks: words } = texts.settings;

const topics: readonly EventTopic[] = ["forecasts", "market", "suggestions", "transactions", "security"];

/** Has events sent to a URL. */
export function NewWebhook({ onSecret }: { readonly onSecret: (secret: string) => void }) {
  const id = useId();
  const create = useMutation({
    ...queries.webhooks.create.mutationOptions(),
    onSuccess: ({ secret }) => {
      onSecret(secret);
      return queryClient.invalidateQueries({ queryKey: queries.webhooks.pathKey() });
    },
  });
  return (
    <SavingForm
      title={words.create}
      submit={words.submit}
      done={words.created}
      state={create}
      onSubmit={(data, form) =>
        create.mutate(
          {
            url: String(data.get("url")).trim(),
            topics: topics.filter((topic) => data.get(topic) === "on"),
          },
          { onSuccess: () => form.reset() },
        )
      }
    >
      <TextField name="url" label={words.url} advice={words.urlAdvice} maxLength={2048} />
      <fieldset className="choices" data-columns="one" aria-labelledby={id}>
        <legend id={id}>{words.topics}</legend>
        {topics.map((topic) => (
          <label key={topic} className="check">
            <input type="checkbox" name={topic} defaultChecked={topic === "suggestions"} />{" "}
            {words.topicNames[topic]}
          </label>
        ))}
      </fieldset>
    </SavingForm>
  );
}
