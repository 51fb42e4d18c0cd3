import { isObsqraError } from "@obsqra/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { obsqra, queries, queryClient } from "../../../api/client.ts";
import { FormError } from "../../../components/form.tsx";
import { texts } from "../../../texts/index.ts";
import { askForAddress, type BrowserWallet, findWallets, signChallenge } from "./browser-wallets.ts";

const { wallets: words } = texts.settings;

/** Links a wallet of this browser by having it sign a challenge. No transaction is sent, and nothing is paid. */
export function LinkWallet() {
  const found = useQuery({
    queryKey: ["wallets of this browser"],
    queryFn: () => findWallets(window),
    // Extensions announce themselves some time after the page has loaded.
    refetchInterval: 2_000,
    staleTime: 0,
  });
  const link = useMutation({
    mutationFn: linkWallet,
    onSuccess: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: queries.auth.pathKey() }),
        queryClient.invalidateQueries({ queryKey: queries.users.pathKey() }),
      ]),
  });
  const wallets = found.data ?? [];
  return (
    <section className="card">
      <div className="card-body form-grid">
        <h2>{words.link}</h2>
        <p className="muted small">{words.linkLong}</p>
        {wallets.length === 0 ? <p role="status">{words.noWallet}</p> : null}
        {wallets.map((wallet) => (
          <button
            key={wallet.id}
            type="button"
            className="button"
            disabled={link.isPending}
            onClick={() => link.mutate(wallet)}
          >
            {words.linkWith(wallet.name)}
          </button>
        ))}
        {link.isPending ? (
          <p role="status" className="muted small">
            {words.waiting}
          </p>
        ) : null}
        {link.error === null ? null : isObsqraError(link.error) ? (
          <FormError error={link.error} />
        ) : (
          // What the wallet said, such as that its owner has refused.
          <p role="alert" className="form-error">
            {words.refused(link.error.message)}
          </p>
        )}
        {link.isSuccess ? <p role="status">{words.done}</p> : null}
      </div>
    </section>
  );
}

async function linkWallet(wallet: BrowserWallet): Promise<void> {
  const wallet_address = await askForAddress(wallet);
  const { challenge_id, typed_data } = await obsqra.auth.wallet_challenge.mutate({ wallet_address });
  const { signature, deployment } = await signChallenge(wallet, typed_data);
  await obsqra.auth.connect_wallet.mutate({ challenge_id, wallet_address, signature, deployment });
}
