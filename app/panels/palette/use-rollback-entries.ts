import { useEffect, useState } from "react";
import type { z } from "zod";
import type { EnvironmentListBody } from "#worker/wire/deployment-api";
import type { AskedRollback } from "../rollback/rollback-book.ts";

/** What can be rolled back, as the palette lists it. */
export type RollbackEntry = AskedRollback & { words: string; isFailing: boolean };

/** The components of the team's environments, asked for once with each opening; nothing where that fails, as pages have the same buttons. */
export function useRollbackEntries(team: string, isOpen: boolean): readonly RollbackEntry[] {
	const [entries, setEntries] = useState<readonly RollbackEntry[]>([]);
	useEffect(() => {
		if (!isOpen) return;
		const asking = new AbortController();
		fetch(`/api/environments?${new URLSearchParams({ team })}`, { headers: { Accept: "application/json" }, signal: asking.signal })
			.then(async (answer) => {
				if (!answer.ok) return;
				const { environments } = (await answer.json()) as z.infer<typeof EnvironmentListBody>;
				setEntries(
					environments.flatMap(({ id, name, components }) =>
						components.map(({ component, health }) => ({
							...{ environmentId: id, component, isFailing: health === "failing" },
							words: `Roll back ${component} in ${name}…`,
						})),
					),
				);
			})
			.catch(() => {
				// Closed meanwhile, or no connection: the palette offers the rest.
			});
		return () => asking.abort();
	}, [team, isOpen]);
	return entries;
}
