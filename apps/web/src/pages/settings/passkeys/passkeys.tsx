import { useQuery } from "@tanstack/react-query";
import { queries, queryClient } from "../../../api/client.ts";
import { hasPasskeys } from "../../../api/passkeys.ts";
import { Loaded } from "../../../components/loaded.tsx";
import { TitledCard } from "../../../components/titled-card.tsx";
import { texts } from "../../../texts/index.ts";
import { AddPasskey } from "./add-passkey.tsx";
import { PasskeyList } from "./passkey-list.tsx";

const { passkeys: words } = texts;

/** What signs somebody in without a password. */
export function Passkeys() {
  const passkeys = useQuery(queries.auth.passkeys.queryOptions({ limit: 100 }));
  return (
    <TitledCard title={words.title} lead={words.lead}>
      <Loaded query={passkeys} height={120}>
        {({ items }) =>
          items.length === 0 ? (
            <p>{words.none}</p>
          ) : (
            <PasskeyList passkeys={items} onChanged={readPasskeysAgain} />
          )
        }
      </Loaded>
      {hasPasskeys ? (
        <AddPasskey onAdded={readPasskeysAgain} />
      ) : (
        <p className="muted small">{words.unavailable}</p>
      )}
    </TitledCard>
  );
}

async function readPasskeysAgain(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: queries.auth.passkeys.pathKey() });
  await queryClient.invalidateQueries({ queryKey: queries.users.audit_log.pathKey() });
}
