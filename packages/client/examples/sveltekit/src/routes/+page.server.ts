import { isObsqraError } from "@obsqra/client";
import { fail } from "@sveltejs/kit";
import type { Actions, PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ locals: { obsqra } }) => {
  const { items } = await obsqra.predictions.yield_forecast.query({ limit: 5 });
  return { forecasts: items, me: await obsqra.auth.me.query().catch(() => undefined) };
};

export const actions: Actions = {
  signIn: async ({ request, locals: { obsqra } }) => {
    const form = await request.formData();
    const login = { email: String(form.get("email")), password: String(form.get("password")) };
    return obsqra.auth.login.mutate(login).then(
      () => ({}),
      (error: unknown) => fail(400, { problem: isObsqraError(error) ? error.message : "Try again later." }),
    );
  },
};
