import { useRouteLoaderData } from "@remix-run/react";
import type { ReactNode } from "react";
import type { loader } from "../../routes/team.tsx";
import { DemoMark, EnvironmentMark } from "./Marks.tsx";

/** The name of a page that is about now and not about a range; on narrow windows also the marks that the bar has no room for. */
export function PlainHead({ title, note, aside }: { title: ReactNode; note?: ReactNode; aside?: ReactNode }) {
	const facts = useRouteLoaderData<typeof loader>("routes/team");
	return (
		<div className="flex min-h-8 flex-wrap items-center gap-x-2 gap-y-1">
			<h1 className="text-sec font-semibold text-t2">{title}</h1>
			{note !== undefined && <p className="min-w-0 truncate text-sec text-t3">{note}</p>}
			{facts && (
				<div className="flex shrink-0 items-center gap-2 xl:hidden">
					<EnvironmentMark environment={facts.environment} />
					{facts.hasDemo && <DemoMark />}
				</div>
			)}
			<div className="ml-auto flex shrink-0 items-center gap-2">{aside}</div>
		</div>
	);
}
