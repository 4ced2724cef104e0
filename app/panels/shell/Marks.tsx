import { useRouteLoaderData } from "@remix-run/react";
import { roleRefusal } from "#worker/domains/auth/model";
import type { loader } from "../../routes/team.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { DemoRemover } from "../settings/DemoRemover.tsx";

/** Says that this is not the production installation; nothing there. Goes with the amber bar on top of everything. */
export function EnvironmentMark({ environment }: { environment: string }) {
	if (environment === "production") return null;
	const word = environment === "development" ? "dev" : environment;
	return (
		<span className="badge inline-flex h-5 items-center rounded-badge bg-warn-bg px-1.5 text-sec font-medium whitespace-nowrap text-warn">
			{word} instance
		</span>
	);
}

/** Says that what is shown is made up, and lets an admin be rid of it. */
export function DemoMark() {
	const facts = useRouteLoaderData<typeof loader>("routes/team");
	return (
		<Menu
			opener="Demo data"
			openerClass="badge relative flex h-5 items-center after:absolute after:-inset-x-1 after:-inset-y-3 rounded-badge border border-dashed border-ctl px-1.5 text-sec font-medium whitespace-nowrap text-t2 hover:text-t1"
			panelClass="top-full mt-2 w-72 max-xl:right-0 xl:left-0"
		>
			<div className="flex flex-col gap-2 px-2.5 py-2">
				<p className="text-sec text-t2">
					Some of what this team sees is made up, to show the product. Real runs stay when it goes, and it does not come back by itself.
				</p>
				{facts && <DemoRemover team={facts.team.slug} refusal={roleRefusal(facts.team.role, "demo:remove")} />}
			</div>
		</Menu>
	);
}
