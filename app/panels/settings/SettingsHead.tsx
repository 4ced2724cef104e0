import { useRouteLoaderData } from "@remix-run/react";
import type { ReactNode } from "react";
import type { loader } from "../../routes/team.tsx";
import { DemoMark, EnvironmentMark } from "../shell/Marks.tsx";

/** The name of a settings page and what it is for; on narrow windows also the marks that the bar has no room for. */
export function SettingsHead({ title, about, aside }: { title: string; about: string; aside?: ReactNode }) {
	const facts = useRouteLoaderData<typeof loader>("routes/team");
	return (
		<div className="mb-3.5 flex flex-wrap items-start gap-x-3 gap-y-2">
			<div className="min-w-0 flex-1 basis-56">
				<h1 className="text-verdict font-semibold">{title}</h1>
				<p className="text-body text-t2">{about}</p>
			</div>
			{facts && (
				<div className="flex shrink-0 items-center gap-2 xl:hidden">
					<EnvironmentMark environment={facts.environment} />
					{facts.hasDemo && <DemoMark />}
				</div>
			)}
			{aside}
		</div>
	);
}
