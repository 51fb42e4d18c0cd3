import type { Wallet } from "@obsqra/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { obsqra, queries, queryClient } from "../../../api/client.ts";
import { ConfirmButton } from "../../../components/confirm-button.tsx";
import { FormError } from "../../../components/form.tsx";
import { Loaded } from "../../../components/loaded.tsx";
import { Empty } from "../../../components/states.tsx";
import { moment } from "../../../format/figures.ts";
import { texts } from "../../../texts/index.ts";
import { useConfirmed } from "../confirm-password.tsx";
import { SettingsFrame } from "../settings-frame.tsx";
import { LinkWallet } from "./link-wallet.tsx";

const { wallets: words } = texts.settings;

/** The wallets of an account. */
export function WalletsPage() {
  const wallets = useQuery(queries.auth.wallets.queryOptions({ limit: 100 }));
  return (
    <SettingsFrame part="wallets">
      <div className="sides">
        <LinkWallet />
        <section className="card">
          <div className="card-head">
            <h2>{words.title}</h2>
          </div>
          <Loaded query={wallets} height={140}>
            {({ items }) =>
              items.length === 0 ? (
                <Empty title={words.none}>{words.noneLong}</Empty>
              ) : (
                <WalletList wallets={items} />
              )
            }
          </Loaded>
        </section>
      </div>
    </SettingsFrame>
  );
}

function WalletList({ wallets }: { readonly wallets: readonly Wallet[] }) {
  const confirmed = useConfirmed();
  const readAgain = () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: queries.auth.pathKey() }),
      queryClient.invalidateQueries({ queryKey: queries.users.pathKey() }),
    ]);
  const setPrimary = useMutation({
    ...queries.auth.set_primary_wallet.mutationOptions(),
    onSuccess: readAgain,
  });
  const unlink = useMutation({
    mutationFn: (wallet_address: string) =>
      confirmed(() => obsqra.auth.unlink_wallet.mutate({ wallet_address })),
    onSuccess: readAgain,
  });
  return (
    <>
      <FormError error={setPrimary.error ?? unlink.error} />
      <ul className="rows">
        {wallets.map(({ wallet_address, is_primary, state, linked_at }) => (
          <li key={wallet_address}>
            <div className="row-head">
              <code className="hash">{wallet_address}</code>
              {is_primary ? (
                <span className="tag" data-tone="good">
                  {words.primary}
                </span>
              ) : null}
            </div>
            <p className="muted small">
              {words.states[state]} · {words.linked(moment(linked_at))}
            </p>
            <div className="actions">
              {is_primary ? null : (
                <button
                  type="button"
                  className="button"
                  data-size="small"
                  onClick={() => setPrimary.mutate({ wallet_address })}
                >
                  {words.makePrimary}
                </button>
              )}
              <ConfirmButton
                label={words.unlink}
                title={words.unlinkTitle}
                lead={words.unlinkLong}
                isBusy={unlink.isPending}
                onConfirm={() => unlink.mutate(wallet_address)}
              />
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
