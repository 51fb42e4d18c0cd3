import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { forgetResponses } from "../../api/client.ts";
import { PageTitle } from "../../components/page-head.tsx";
import { texts } from "../../texts/index.ts";
import { ProviderButtons } from "./provider-buttons.tsx";
import { SignInForm } from "./sign-in-form.tsx";

const { signIn: words } = texts.account;
const route = getRouteApi("/sign-in");

/** Signs in, and goes on to where that was asked for. */
export function SignInPage() {
  const navigate = useNavigate();
  const { next } = route.useSearch();
  const goOn = async () => {
    forgetResponses();
    await navigate({ href: next ?? "/allocation", reloadDocument: false });
  };
  return (
    <div className="card form-card">
      <PageTitle title={words.title} />
      <h1>{words.title}</h1>
      <SignInForm onSignedIn={goOn} />
      <ProviderButtons purpose="login" next={next ?? "/allocation"} lead={texts.identities.or} />
      <p className="muted">
        {words.noAccount} <Link to="/sign-up">{texts.shell.signUp}</Link>
      </p>
      <p className="muted">
        <Link to="/forgot-password">{words.forgot}</Link>
      </p>
    </div>
  );
}
