/** For a form that takes the place of another: the next thing to do is to type. */
export function focusFirst(form: HTMLFormElement | null): void {
  form?.querySelector("input")?.focus();
}
