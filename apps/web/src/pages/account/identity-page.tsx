import { type IdentitySignIn, signInWithIdentity } from "@obsqra/client";
import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { forgetResponses, obsqra, queries, queryClient } from "../../api/client.ts";
import { devices } from "../../api/devices.ts";
import { type Arrival, takeArrival } from "../../api/identity-attempt.ts";
import { FormError } from "../../components/form.tsx";
import { PageTitle } from "../../components/page-head.tsx";
import { texts } from "../../texts/index.ts";
import { ConfirmPassword, useConfirmed } from "../settings/confirm-password.tsx";
import { CodeForm } from "./code-form.tsx";

const { arrival: words } = texts.identities;

/** Where a provider sends the browser back to: goes on with what was begun in this tab. */
export function IdentityPage() {
  const [arrival] = useState(takeArrival);
  return (
    <div className="card form-card">
      <PageTitle title={words.title} />
      <h1>{words.title}</h1>
      {arrival === undefined ? (
        <>
          <p role="status">{words.unknown}</p>
          <BackToSignIn />
        </>
      ) : arrival.begun.purpose === "login" ? (
        <Login arrival={arrival} />
      ) : (
        <ConfirmPassword>
          <Linking arrival={arrival} />
        </ConfirmPassword>
      )}
    </div>
  );
}

function Login({ arrival }: { readonly arrival: Arrival }) {
  const { begun, answer } = arrival;
  const navigate = useNavigate();
  const [step, setStep] = useState<IdentitySignIn>();
  const goOn = async (next: IdentitySignIn) => {
    setStep(next);
    if (next.state !== "signed_in") return;
    forgetResponses();
    await navigate({ href: begun.next, replace: true });
  };
  const finish = useMutation({
    mutationFn: () => {
      const { attempt, provider } = begun;
      return signInWithIdentity(obsqra, { attempt, answer, provider }, { devices });
    },
    onSuccess: goOn,
  });
  useOnce(finish.mutate);
  if (step?.state === "code_needed") {
    return <CodeForm step={step} onStep={goOn} onLeave={() => void navigate({ to: "/sign-in" })} />;
  }
  if (step?.state === "link_needed") {
    return (
      <div role="alert">
        <h2>{words.linkNeeded}</h2>
        <p>{words.linkNeededLead}</p>
        <Link to="/sign-in" search={{ next: "/settings/security" }} className="button" data-kind="main">
          {texts.shell.signIn}
        </Link>
      </div>
    );
  }
  if (step?.state === "refused" || step?.state === "over") {
    return (
      <>
        <FormError error={step.refused} />
        <BackToSignIn />
      </>
    );
  }
  return <Waiting error={finish.error} retry={() => finish.mutate()} />;
}

function Linking({ arrival }: { readonly arrival: Arrival }) {
  const { begun, answer } = arrival;
  const navigate = useNavigate();
  const confirmed = useConfirmed();
  const link = useMutation({
    mutationFn: () => confirmed(() => obsqra.auth.link_identity.mutate({ attempt: begun.attempt, answer })),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: queries.auth.pathKey() });
      await navigate({ href: begun.next, replace: true });
    },
  });
  useOnce(link.mutate);
  return (
    <>
      <Waiting error={link.error} />
      {link.error === null ? null : (
        <Link to="/settings/security" className="button">
          {words.backToSettings}
        </Link>
      )}
    </>
  );
}

interface WaitingProps {
  readonly error: Error | null;
  readonly retry?: () => void;
}

/** What is shown until the service has answered. */
function Waiting({ error, retry }: WaitingProps) {
  if (error === null) return <p role="status">{words.wait}</p>;
  return (
    <>
      <FormError error={error} />
      {retry === undefined ? null : (
        <div className="actions">
          <button type="button" className="button" data-kind="main" onClick={retry}>
            {words.retry}
          </button>
          <BackToSignIn />
        </div>
      )}
    </>
  );
}

function BackToSignIn() {
  return (
    <Link to="/sign-in" className="button">
      {words.back}
    </Link>
  );
}

/** An answer works once, so that it is sent once, however often React tries an effect. */
function useOnce(work: () => void): void {
  const isDone = useRef(false);
  useEffect(() => {
    if (isDone.current) return;
    isDone.current = true;
    work();
  }, [work]);
}
