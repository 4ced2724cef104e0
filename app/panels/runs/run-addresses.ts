import { useLocation, useParams } from "@remix-run/react";
import { carriedSearch, searchWith } from "../../format/view.ts";

/** Where a run's page is, and where it opens beside the page that one is on. */
export type RunAddresses = { pageOf: (id: string) => string; panelOf: (id: string) => string; closed: string; openId: string | null };

/** The addresses of runs as seen from this page: filters follow. */
export function useRunAddresses(): RunAddresses {
	const { pathname, search } = useLocation();
	const { team } = useParams();
	const asked = new URLSearchParams(search);
	const carried = carriedSearch(asked);
	return {
		pageOf: (id) => `/t/${team}/runs/${encodeURIComponent(id)}${carried}`,
		panelOf: (id) => `${pathname}${searchWith(asked, { panel: `run:${id}` })}`,
		closed: `${pathname}${searchWith(asked, { panel: null })}`,
		openId: asked.get("panel")?.replace(/^run:/, "") ?? null,
	};
}
