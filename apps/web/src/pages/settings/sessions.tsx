import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { leave, obsqra, queries, queryClient } from "../../api/client.ts";
import { FormError } from "../../components/form.tsx";
import { ScrollTable } from "../../components/scroll-table.tsx";
import { Failure, Skeleton } from "../../components/states.tsx";
import { moment, unknown } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";
import { useConfirmed } from "./confirm-password.tsx";

const { sessions: words } = texts.settings;

/** Where somebody is signed in. */
export function Sessions() {
  const { data, error, refetch } = useQuery(queries.auth.sessions.queryOptions({ limit: 100 }));
  const confirmed = useConfirmed();
  const navigate = useNavigate();
  const end = useMutation({
    mutationFn: (session_id: string) => confirmed(() => obsqra.auth.revoke_session.mutate({ session_id })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.auth.sessions.pathKey() }),
  });
  const endAll = useMutation({
    mutationFn: () => confirmed(() => obsqra.auth.logout_everywhere.mutate()),
    onSuccess: async () => {
      leave();
      await navigate({ to: "/sign-in" });
    },
  });
  return (
    <section className="card">
      <div className="card-head">
        <h2>{words.title}</h2>
        <button type="button" className="button" data-size="small" onClick={() => endAll.mutate()}>
          {words.everywhere}
        </button>
      </div>
      <FormError error={end.error ?? endAll.error} />
      {data === undefined ? (
        error === null ? (
          <Skeleton height={120} />
        ) : (
          <Failure error={error} retry={() => void refetch()} />
        )
      ) : (
        <ScrollTable>
          <thead>
            <tr>
              <th scope="col">{words.columns.device}</th>
              <th scope="col">{words.columns.from}</th>
              <th scope="col">{words.columns.used}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {data.items.map(({ id, user_agent, ip, last_used_at, is_current }) => (
              <tr key={id}>
                <th scope="row" className="device">
                  {user_agent ?? words.unknownDevice}
                </th>
                <td>{ip ?? unknown}</td>
                <td>{moment(last_used_at)}</td>
                <td className="number">
                  {is_current ? (
                    <span className="tag" data-tone="good">
                      {words.current}
                    </span>
                  ) : (
                    <button type="button" className="button" data-size="small" onClick={() => end.mutate(id)}>
                      {words.end}
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      )}
    </section>
  );
}
