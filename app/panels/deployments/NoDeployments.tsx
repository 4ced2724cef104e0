import { Link, useLocation, useParams } from "@remix-run/react";
import { searchWith } from "../../format/view.ts";
import { buttonClass } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { CopyField } from "../../ui/CopyField.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { DashedRingIcon, FilterIcon } from "../../ui/icons.tsx";
import { PlusIcon } from "../../ui/icons-more.tsx";
import type { HistoryFilters } from "./deployments-page.ts";

/** A team that nothing has ever been deployed for, as far as anyone told. Turns into the board by itself. */
export function NoDeployments({ origin }: { origin: string }) {
	const { team } = useParams();
	return (
		<Card title="Deployments">
			<Empty title="No deployments yet">
				<p>
					Tell of one at the end of your pipeline, or connect the agent of a cluster: what runs there appears here, with the way back.
					Deployments that GitHub, GitLab or Argo CD know of come by their webhook.
				</p>
				<div className="w-full max-w-3xl">
					<CopyField label="At the end of a pipeline" value={snippetOf(origin)} />
				</div>
				<div className="flex flex-wrap items-center gap-3">
					<Link to={`/t/${team}/settings/agents`} className={buttonClass({ tone: "primary" })}>
						<PlusIcon />
						Connect a cluster
					</Link>
					<Link to={`/t/${team}/settings/tokens`} className={buttonClass()}>
						Create a token
					</Link>
					<p className="needs-script inline-flex items-center gap-2 text-sec text-t3">
						<DashedRingIcon className="size-4 text-idle" />
						Waiting for the first deployment…
					</p>
				</div>
			</Empty>
		</Card>
	);
}

/** The call that records a deployment. The token is the reader's own to fill in. */
export function snippetOf(origin: string): string {
	const body = { environment: "prod", component: "checkout", version: "1.4.2", status: "success" };
	return [
		`curl -X POST ${origin}/api/deployments \\`,
		`  -H "Authorization: Bearer $OPSSIGHT_TOKEN" -H "Content-Type: application/json" \\`,
		`  -d '${JSON.stringify(body)}'`,
	].join("\n");
}

/** Deployments there are, but none that the address asks for. */
export function NoneFound({ filters: { environment, component, statuses } }: { filters: HistoryFilters }) {
	const asked = new URLSearchParams(useLocation().search);
	const what = [component, statuses.join(" or ")].filter(Boolean).join(", ");
	return (
		<Empty title={`No deployments${what === "" ? "" : ` (${what})`}${environment === null ? "" : ` in ${environment}`}`} Icon={FilterIcon}>
			<div className="flex flex-wrap gap-2">
				<Link
					to={{ search: searchWith(asked, { env: null, component: null, status: null }) }}
					preventScrollReset
					className={buttonClass({ size: "sm" })}
				>
					Clear filters
				</Link>
			</div>
		</Empty>
	);
}
