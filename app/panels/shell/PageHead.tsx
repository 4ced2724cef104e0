import { useRouteLoaderData } from "@remix-run/react";
import { rangeWords } from "../../format/range-words.ts";
import type { Range } from "../../format/view.ts";
import type { loader } from "../../routes/team.tsx";
import { useNow, useZone } from "../../ui/clock.tsx";
import { DemoMark, EnvironmentMark } from "./Marks.tsx";

type Props = {
	title: string;
	range: Range;
	/** Whether the page sets its figures beside those of the time before. */
	isCompared?: boolean;
};

/** A page's name and what its figures speak of. On phones also the marks. */
export function PageHead({ title, range, isCompared = false }: Props) {
	const facts = useRouteLoaderData<typeof loader>("routes/team");
	const { words, before } = rangeWords(range, { now: useNow(), zone: useZone() });
	return (
		<div className="flex min-h-6 items-center gap-2">
			<h1 className="text-sec font-semibold text-t2">{title}</h1>
			<p className="truncate text-sec text-t3">
				{facts && <span className="sm:hidden">{facts.team.name} · </span>}
				{words}
				{isCompared && <span className="max-sm:hidden"> against {before}</span>}
			</p>
			{facts && (
				<div className="ml-auto flex shrink-0 items-center gap-2 xl:hidden">
					<EnvironmentMark environment={facts.environment} />
					{facts.hasDemo && <DemoMark />}
				</div>
			)}
		</div>
	);
}
