import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useSyncExternalStore } from "react";
import { queries, queryClient } from "../../api/client.ts";
import { dropLinkToken, onLinkToken, readLinkToken } from "../../api/link-token.ts";
import { FormError, SubmitButton } from "../../components/form.tsx";
import { PageTitle } from "../../components/page-head.tsx";
import { texts } from "../../texts/index.ts";

interface EmailLinkPageProps {
  readonly words: { readonly title: string; readonly lead: string; readonly submit: string };
  /** Uses the token, and gives what to say then. */
  readonly send: (token: string, data: FormData) => Promise<string>;
  /** What the form asks for besides. */
  readonly children?: ReactNode;
  /** Whether whoever is done signs in next. */
  readonly leadsToSignIn?: boolean;
}

/** What a mailed link opens. Nothing is sent before the button is pressed: programs that open each link of a mail use nothing up. */
export function EmailLinkPage({ words, send, children, leadsToSignIn = false }: EmailLinkPageProps) {
  const token = useSyncExternalStore(onLinkToken, readLinkToken);
  const use = useMutation({
    mutationFn: ({ given, data }: { given: string; data: FormData }) => send(given, data),
    onSuccess: () => {
      dropLinkToken();
      return queryClient.invalidateQueries({ queryKey: queries.users.pathKey() });
    },
  });
  return (
    <div className="card form-card">
      <PageTitle title={words.title} />
      <h1>{words.title}</h1>
      {token !== undefined ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            use.mutate({ given: token, data: new FormData(event.currentTarget) });
          }}
        >
          <p>{words.lead}</p>
          {children}
          <FormError error={use.error} />
          <SubmitButton isSending={use.isPending}>{words.submit}</SubmitButton>
        </form>
      ) : use.isSuccess ? (
        <>
          <Done>{use.data}</Done>
          {leadsToSignIn ? (
            <Link to="/sign-in" className="button" data-kind="main">
              {texts.shell.signIn}
            </Link>
          ) : (
            <Link to="/">{texts.shell.backToMarkets}</Link>
          )}
        </>
      ) : (
        <p role="status">{texts.account.incompleteLink}</p>
      )}
    </div>
  );
}

/** Takes the focus, which was in the form that is gone. */
function Done({ children }: { readonly children: string }) {
  const place = useRef<HTMLParagraphElement>(null);
  useEffect(() => place.current?.focus(), []);
  return (
    <p ref={place} id="result" role="status" tabIndex={-1}>
      {children}
    </p>
  );
}
